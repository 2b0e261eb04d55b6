"""When the disk, the folder or the file is not well: a sentence instead of a stack trace, exit code
2 when nothing can start, and nothing lost that was accepted.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.served import NotServed, Served
from tests.system.commands import Shell, until
from tests.system.ledger import APP, TEXT, ask, create, known, listed, skylift
from tests.system.serving import Received
from tests.unit.written_app import written

PAGE_BYTES = 4096
ROOM_BYTES = 2 * 1024 * 1024  # of a disk that is soon full
TRIES_MAX = 20_000
PARCELS_ROOM_BYTES = 6 * 1024 * 1024
PARCEL = {"content": "p" * 300_000}
PARCELS = 60  # three times what the disk could hold at once
PARCELS_APP = """
from skylift import Api, Queue, Struct


class Parcel(Struct):
    content: str


api = Api("api")
parcels = Queue("parcels", Parcel)


@parcels.consumer
async def unpack(parcel: Parcel) -> None:
    pass


@api.post("/parcels")
async def send(parcel: Parcel) -> None:
    await parcels.send(parcel)
"""


def limited(bytes_max: int) -> list[str]:
    """Run with files that cannot grow beyond this: as full as a disk can be for anybody."""
    code = (
        "import os, resource, sys; "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({bytes_max}, {bytes_max})); "
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    return [sys.executable, "-c", code]


def powerless() -> list[str]:
    """Run without root's right to write whatever it likes (PR_CAPBSET_DROP, CAP_DAC_*)."""
    code = (
        "import ctypes, os, sys; "
        "[ctypes.CDLL(None).prctl(24, power, 0, 0, 0) for power in (1, 2)]; "
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    return [sys.executable, "-c", code]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    yield from disk_of(ROOM_BYTES, tmp_path / "disk")


@pytest.fixture
def parcels_disk(tmp_path: Path) -> Iterator[Path]:
    yield from disk_of(PARCELS_ROOM_BYTES, tmp_path / "disk")


def disk_of(size: int, disk: Path) -> Iterator[Path]:
    disk.mkdir()
    if not shutil.which("mount") or not mounted(disk, size):
        pytest.skip("no right to mount a small disk here: the limit on file sizes stands for it")
    yield disk
    subprocess.run(["umount", disk], check=True)


def mounted(disk: Path, size: int) -> bool:
    options = ["-t", "tmpfs", "-o", f"size={size}", "skylift-test", str(disk)]
    return subprocess.run(["mount", *options], capture_output=True).returncode == 0


# -- no room


def test_a_full_disk_refuses_writes_and_keeps_what_was_accepted(small_disk: Path) -> None:
    ballast, state = small_disk / "ballast", small_disk / "state"
    ballast.write_bytes(bytes(ROOM_BYTES // 4))
    with Served(APP, state) as served:
        accepted, refused = filled(served)
        assert "disk is full" in refused.json["detail"]
        assert known(served, accepted) == set(accepted)  # it still answers what it has
        served.kill()
    ballast.unlink()  # a start needs a little room, or says that it has none
    with Served(APP, state) as served:
        assert listed(served) == set(accepted)


def test_writes_go_on_when_a_full_disk_has_room_again(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(ROOM_BYTES // 2))
    with Served(APP, small_disk / "state") as served:
        accepted, _ = filled(served)
        ballast.unlink()
        after, _ = filled(served, name="after")
        assert after
        assert listed(served) == {*accepted, *after}
        assert served.terminate() == 0


def test_starting_on_a_full_disk_says_so(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(bytes(ROOM_BYTES - PAGE_BYTES))
    failure = refused_start(small_disk / "state")
    assert "No space left" in failure.told or "disk is full" in failure.told


def test_files_that_cannot_grow_refuse_writes_and_keep_what_was_accepted(state: Path) -> None:
    with Served(APP, state, wrapper=limited(ROOM_BYTES)) as served:
        accepted, _ = filled(served)
        assert known(served, accepted) == set(accepted)
        served.kill()
    with Served(APP, state) as served:
        assert set(accepted) <= listed(served)
        assert create(served, "after").status == 201


def test_a_wal_that_fills_the_disk_gives_back_its_room(parcels_disk: Path, tmp_path: Path) -> None:
    shell = Shell(parcels_disk / "state", written(tmp_path, PARCELS_APP))
    with shell.served() as served:
        send_parcels(shell, served)
        served.kill()  # in the middle of a full WAL, it may be
    with shell.served() as served:
        send_parcels(shell, served)


def test_a_wal_that_cannot_grow_starts_over(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "state", written(tmp_path, PARCELS_APP))
    limit = limited(PARCELS_ROOM_BYTES)
    with Served(shell.app, shell.state, wrapper=limit) as served:
        send_parcels(shell, served)


def test_a_start_folds_the_wal_that_a_kill_left(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "state", written(tmp_path, PARCELS_APP))
    wal = shell.state / "written" / "state.db-wal"
    with shell.served() as served:
        send_parcels(shell, served, 10)
        served.kill()
    assert wal.stat().st_size > 10 * len(PARCEL["content"])
    with shell.served() as served:
        assert wal.stat().st_size < len(PARCEL["content"])
        send_parcels(shell, served, 1)
        assert served.terminate() == 0
    assert not wal.exists()


def send_parcels(shell: Shell, served: Served, count: int = PARCELS) -> None:
    """One after another; each has been handled before the next is sent."""
    file = shell.state / "written" / "state.db"
    connection: Any = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        for number in range(count):
            answer = ask(served, "POST", "/parcels", PARCEL)
            assert answer.status < 300, (number, answer)
            until(
                lambda: connection.execute('SELECT count(*) FROM "queue:parcels"').get == 0,
                lambda: "a parcel stays",
                every_s=0.01,
            )
    finally:
        connection.close()


# -- a folder that cannot be written


def test_a_read_only_state_folder_is_refused_and_stays_as_it_is(state: Path) -> None:
    with Served(APP, state) as served:
        assert create(served, "kept").status == 201
        assert served.terminate() == 0
    folder = state / "ledger"
    modes = {path: path.stat().st_mode for path in [folder, *folder.iterdir()]}
    for path, mode in modes.items():
        path.chmod(mode & 0o555)
    failure = refused_start(state, wrapper=powerless())
    assert "cannot be written" in failure.told
    assert str(folder) in failure.told
    assert "--state" in failure.told
    for path, mode in modes.items():
        path.chmod(mode)
    with Served(APP, state) as served:
        assert listed(served) == {"kept"}


def test_a_file_where_the_state_folder_should_be_is_refused_and_left_alone(state: Path) -> None:
    state.write_text("mine")
    failure = refused_start(state)
    assert "cannot be written" in failure.told
    assert state.read_text() == "mine"


# -- a state this program cannot use


def test_a_state_of_a_newer_version_is_refused_and_left_alone(state: Path) -> None:
    with Served(APP, state) as served:
        assert create(served, "kept").status == 201
        served.terminate()
    file = state / "ledger" / "state.db"
    connection: Any = apsw.Connection(str(file))
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    connection.execute("PRAGMA user_version = 4000")
    connection.close()
    before = file.read_bytes()
    failure = refused_start(state)
    assert "version 4000" in failure.told
    assert file.read_bytes() == before
    connection = apsw.Connection(str(file))
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    with Served(APP, state) as served:
        assert listed(served) == {"kept"}


def test_a_damaged_header_is_refused_and_left_alone(state: Path) -> None:
    file = used_state(state)
    overwrite(file, 0, b"not a database")
    before = file.read_bytes()
    failure = refused_start(state)
    assert "damaged" in failure.told
    assert str(file) in failure.told
    assert file.read_bytes() == before
    assert "damaged" in doctors_findings(state)


def test_damaged_pages_are_told_as_such_and_the_others_still_answer(state: Path) -> None:
    file = used_state(state)
    for page in range(5, file.stat().st_size // PAGE_BYTES, 20):
        overwrite(file, page * PAGE_BYTES, b"\xff" * 64)
    with Served(APP, state) as served:
        answers = [ask(served, "POST", "/entries/known", {"ids": [id]}) for id in IDS]
        assert {one.status for one in answers} == {200, 503}
        assert all("damaged" in one.json["detail"] for one in answers if one.status == 503)
        assert sum(one.status == 200 for one in answers) > len(IDS) / 2
        assert "Traceback" not in served.told()
        served.terminate()
    assert "integrity" in doctors_findings(state)


# -- who owns a state


def test_a_second_process_on_one_state_is_refused_and_told_whose_it_is(state: Path) -> None:
    with Served(APP, state) as served:
        failure = refused_start(state)
        assert str(state / "ledger") in failure.told
        assert f":{served.port}" in failure.told  # where the other one answers
        assert create(served, "after").status == 201


@pytest.mark.parametrize("command", ["doctor", "graph", "routes"])
def test_reading_commands_work_beside_a_running_process(state: Path, command: str) -> None:
    with Served(APP, state) as served:
        said = skylift(command, str(APP), "--state", str(state))
        assert said.returncode == 0, said.stderr
        assert said.stdout
        assert create(served, "after").status == 201


def test_a_state_is_free_again_after_kill_9(state: Path) -> None:
    with Served(APP, state) as served:
        assert create(served, "kept").status == 201
        served.kill()
    with Served(APP, state) as served:
        assert listed(served) == {"kept"}


# -- what they share

IDS = [f"id-{number:04}" for number in range(1500)]


def used_state(state: Path) -> Path:
    """A state with many entries, stopped; its database file."""
    with Served(APP, state) as served:
        for id in IDS:
            assert create(served, id).status == 201
        assert served.terminate() == 0
    file = state / "ledger" / "state.db"
    assert file.stat().st_size > len(IDS) * len(TEXT)
    return file


def filled(served: Served, name: str = "entry") -> tuple[list[str], Received]:
    """Create until it is refused: the ids accepted, and the refusal."""
    accepted: list[str] = []
    for number in range(TRIES_MAX):
        answer = create(served, f"{name}-{number:05}")
        if answer.status != 201:
            assert answer.status == 503, answer
            assert accepted
            return accepted, answer
        accepted.append(f"{name}-{number:05}")
    raise AssertionError(f"{TRIES_MAX} writes and still room")


def doctors_findings(state: Path) -> str:
    """What `skylift doctor` says of a state that is not well."""
    said = skylift("doctor", str(APP), "--state", str(state))
    assert said.returncode == 2, said.stdout
    assert said.stderr == ""
    return "".join(
        line for line in said.stdout.splitlines(True) if line.lstrip().startswith("wrong")
    )


def refused_start(state: Path, wrapper: Sequence[str] = ()) -> NotServed:
    """It would not start: with exit code 2 and a sentence."""
    with pytest.raises(NotServed) as caught:
        Served(APP, state, wrapper=wrapper)
    failure = caught.value
    assert failure.code == 2, failure
    assert failure.told.startswith("skylift: ")
    assert "Traceback" not in failure.told
    return failure


def overwrite(file: Path, at: int, content: bytes) -> None:
    with file.open("r+b") as opened:
        opened.seek(at)
        opened.write(content)
