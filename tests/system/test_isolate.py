"""Processes of `isolate=True` and the app they belong to: they end with it, however that ends, and
go with the code they were started on.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.served import Served
from tests.system.serving import Client, Received, request
from tests.unit.written_app import written

PATIENCE_S = 10.0
SOURCE = """\
import os
import sys
import time
from pathlib import Path

from skylift import Api

api = Api("api")


@api.get("/process", isolate=True)
def process() -> int:
    return os.getpid()


@api.get("/endless", isolate=True)
def endless(note: str) -> None:
    note_in(note)
    while True:
        pass


@api.get("/waiting", isolate=True)
def wait(note: str, until: str) -> list[str | int]:
    note_in(note)
    while not Path(until).exists():
        time.sleep(0.005)
    return [version(), os.getpid()]


@api.get("/talkative", isolate=True)
def talk(until: str) -> None:
    print("on stdout")
    print("on stderr", file=sys.stderr)
    while not Path(until).exists():
        time.sleep(0.005)


@api.get("/version", isolate=True)
def versioned() -> list[str | int]:
    return [version(), os.getpid()]


def version() -> str:
    return "first"


def note_in(file: str) -> None:
    Path(f"{file}.new").write_text(str(os.getpid()))
    Path(f"{file}.new").rename(file)
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return written(tmp_path, SOURCE)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def eventually(holds: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


def is_gone(process: int) -> bool:
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"  # dead, and its new parent has not asked yet


def get(served: Served, path: str) -> Received:
    with closing(Client(served.port)) as client:
        return client.get(path)


def noted(file: Path) -> int:
    eventually(file.exists)
    return int(file.read_text())


@pytest.mark.parametrize("is_busy", [False, True], ids=["idle", "busy"])
def test_a_process_dies_with_its_app(app: Path, state: Path, tmp_path: Path, is_busy: bool) -> None:
    with Served(app, state) as served, closing(Client(served.port)) as client:
        if is_busy:
            client.send(request("GET", f"/endless?note={tmp_path / 'note'}"))
            process = noted(tmp_path / "note")
        else:
            process = client.get("/process").json
        assert not is_gone(process)
        served.kill()
        eventually(lambda: is_gone(process))


def test_a_stop_answers_the_call_that_runs_and_leaves_no_process(
    app: Path, state: Path, tmp_path: Path
) -> None:
    note, until = tmp_path / "note", tmp_path / "until"
    with Served(app, state) as served, closing(Client(served.port)) as client:
        client.send(request("GET", f"/waiting?note={note}&until={until}"))
        process = noted(note)
        os.kill(process, signal.SIGTERM)  # as a supervisor does with every process it started
        served.process.terminate()
        assert served.process.stdout is not None
        assert b"stopping" in served.process.stdout.readline()
        until.touch()
        assert client.answer().json == ["first", process]
        assert served.ended() == 0
        assert is_gone(process)
        assert served.told() == ""


def test_what_it_prints_is_the_apps_output_at_once(app: Path, state: Path, tmp_path: Path) -> None:
    with Served(app, state) as served, closing(Client(served.port)) as client:
        client.send(request("GET", f"/talkative?until={tmp_path / 'until'}"))
        assert served.process.stdout is not None
        assert served.process.stdout.readline() == b"on stdout\n"
        eventually(lambda: "on stderr" in served.told())
        (tmp_path / "until").touch()
        assert client.answer().status == 204


def test_after_an_edit_calls_get_a_process_with_the_new_code(
    app: Path, state: Path, tmp_path: Path
) -> None:
    note, until = tmp_path / "note", tmp_path / "until"
    with Served(app, state, command="dev") as served, closing(Client(served.port)) as slow:
        slow.send(request("GET", f"/waiting?note={note}&until={until}"))
        busy = noted(note)
        version, idle = get(served, "/version").json
        assert version == "first"
        file = app / "things.py"
        file.write_text(file.read_text().replace('"first"', '"other"'))
        eventually(lambda: get(served, "/version").json[0] == "other")
        assert is_gone(idle)
        assert not is_gone(busy)
        until.touch()
        assert slow.answer().json == ["first", busy]
        eventually(lambda: is_gone(busy))


def test_an_edit_that_does_not_load_changes_nothing_for_a_process_that_is_there(
    app: Path, state: Path
) -> None:
    with Served(app, state, command="dev") as served:
        before = get(served, "/version").json
        file = app / "things.py"
        file.write_text(file.read_text().replace('return "first"', 'return "first'))
        assert served.process.stdout is not None
        lines = iter(served.process.stdout.readline, b"")
        assert any(b"the code from before keeps running" in line for line in lines)
        assert get(served, "/version").json == before
