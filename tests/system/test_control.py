"""The socket that commands ask: who may, what it takes, and that starts, stops and kills in between
are survived.
"""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import apsw
import pytest

from skylift.local.backend import LocalBackend
from skylift.local.control import (
    Control,
    ListQueues,
    PeekQueue,
    QueueContent,
    QueueCounts,
    Refused,
)
from skylift.local.control_client import asked as asked_of
from skylift.local.control_server import ControlServer
from skylift.local.control_socket import NotListening
from skylift.system import SystemClock, SystemEntropy
from skylift.testing.stand import Failures
from tests.served import SKYLIFT
from tests.system.commands import LETTERS, ROOT, Shell, ask, bury, listening, until
from tests.system.conftest import LOOPS
from tests.unit.written_app import loaded, written

LETTERS_MANY = 10_000


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where processes of this test put what is temporary."""
    with TemporaryDirectory() as folder:
        monkeypatch.setenv("TMPDIR", folder)
        yield Path(folder)


def asked(path: Path, line: bytes) -> dict[str, object]:
    with socket.socket(socket.AF_UNIX) as found:
        found.settimeout(10)
        found.connect(str(path))
        found.sendall(line)
        return json.loads(found.makefile("rb").readline())


def test_it_is_for_its_user_alone_and_nowhere_on_the_network(shell: Shell) -> None:
    with shell.served() as served:
        path = shell.state / "letters" / "control"
        mode = path.lstat().st_mode
        assert stat.S_ISSOCK(mode)
        assert stat.S_IMODE(mode) == 0o600
        assert listening(served.process.pid) == 1  # the Api
        assert served.terminate() == 0
    assert not path.exists()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"GET / HTTP/1.1\n", "cannot be read"),
        (b'{"type": "queue burn"}\n', "cannot be read"),
        (b'{"type": "queue peek"}\n', "cannot be read"),
        (b"\xff\n", "cannot be read"),
        (b'{"type": "invoke", "function": "jobs.wrk", "event": ""}\n', "no function"),
    ],
)
def test_what_it_does_not_understand_is_answered(shell: Shell, line: bytes, told: str) -> None:
    with shell.served():
        answer = asked(shell.state / "letters" / "control", line)
        assert told in str(answer["error"])
        assert answer["hint"]
        assert shell.counts("jobs")["dead"] == 0


def test_who_asks_nothing_or_leaves_early_stands_in_nobodys_way(shell: Shell) -> None:
    with ExitStack() as pool, shell.served() as served:
        path = str(shell.state / "letters" / "control")
        silent = [pool.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(10)]
        for one in silent:
            one.connect(path)
            one.sendall(b'{"type": ')
        with socket.socket(socket.AF_UNIX) as early:
            early.connect(path)
            early.sendall(b'{"type": "queue ls"}\n')
        assert shell.counts("jobs")["dead"] == 0
        assert served.terminate() == 0
        assert served.told() == ""


@pytest.mark.parametrize("loop", LOOPS)
def test_either_event_loop_serves_it(loop: str, tmp_path: Path) -> None:
    async def test() -> None:
        backend = LocalBackend(None, SystemClock(), SystemEntropy(), Failures(), claims=False)
        with loaded(written(tmp_path, APP)) as graph:
            control = Control(backend, graph, backend.ports(graph))
            bugs: list[BaseException] = []
            server = ControlServer(control, bugs.append)
            await server.start(tmp_path)
            ask_it = partial(asked_of, tmp_path)
            answers = (asyncio.to_thread(ask_it, ListQueues(), list[QueueCounts]) for _ in range(9))
            for found in await asyncio.gather(*answers):
                assert found == [QueueCounts("errands", 0, 0, 0, 0)]
            with pytest.raises(Refused, match="no queue 'errand'"):
                await asyncio.to_thread(ask_it, PeekQueue("errand", 1), QueueContent)
            with pytest.raises(Refused, match="at most 16,777,216 bytes"):
                await asyncio.to_thread(flood, tmp_path / "control")
            await server.stop(1)
            assert bugs == []
            with pytest.raises(NotListening):
                ask_it(ListQueues(), list[QueueCounts])
        await backend.close()

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(test())


def flood(path: Path) -> None:
    """A request without an end."""
    with socket.socket(socket.AF_UNIX) as found:
        found.settimeout(10)
        found.connect(str(path))
        with suppress(OSError):
            for _ in range(40):
                found.sendall(b"x" * 1_000_000)
        answer = json.loads(found.makefile("rb").readline())
    raise Refused(answer["error"])


def test_a_killed_app_leaves_nothing_that_is_in_the_way(shell: Shell) -> None:
    for _ in range(2):
        with shell.served() as served:
            served.kill()
        assert (shell.state / "letters" / "control").exists()
        assert shell.counts("jobs")["ready"] == 0
    with shell.served():
        assert shell.counts("jobs")["ready"] == 0


def test_a_path_too_long_for_a_socket_is_replaced(tmp_path: Path, temporary: Path) -> None:
    shell = Shell(tmp_path / ("long " + "x" * 100) / "state")
    for end in ("kill", "terminate"):
        with shell.served() as served:
            ask(served.port, "POST", "/later/a")
            assert shell.counts("jobs")["delayed"] >= 1
            (private,) = temporary.iterdir()  # and what the killed one left is gone
            assert stat.S_IMODE(private.stat().st_mode) == 0o700
            assert private.name.startswith("skylift-")
            getattr(served, end)()
    assert list(temporary.iterdir()) == []
    assert not (shell.state / "letters" / "control.path").exists()
    assert shell.counts("jobs")["delayed"] == 2


def test_apps_of_one_process_are_asked_each_for_itself(tmp_path: Path) -> None:
    other = written(tmp_path, APP, app='App("other", things)')
    state = tmp_path / "state"
    said = ["dev", str(LETTERS), str(other), "--port=0", f"--state={state}"]
    with subprocess.Popen([SKYLIFT, *said], stdout=subprocess.DEVNULL) as process:
        try:
            for name in ("letters", "other"):
                until((state / name / "control").exists, lambda: "it does not start")
            assert {one["queue"] for one in Shell(state, other).json("queue ls")} == {"errands"}
            assert Shell(state).counts("jobs")["ready"] == 0
        finally:
            process.terminate()


APP = """
from skylift import Api, Queue, Struct


class Errand(Struct):
    name: str


api = Api("api")
errands = Queue("errands", Errand)


@errands.consumer
async def run(errand: Errand) -> str:
    return "before"
"""


def test_after_a_reload_the_new_code_is_asked(tmp_path: Path) -> None:
    home = written(tmp_path, APP, app='App("written", things)')
    shell, event = Shell(tmp_path / "state", home), '{"name": "a"}'
    with shell.served(command="dev"):
        invoked = ("invoke", "things.run", "--event=-")
        assert shell.json(*invoked, input=event)["result"] == "before"
        (home / "things.py").write_text(APP.replace('"before"', '"after"'))
        until(
            lambda: shell.json(*invoked, input=event)["result"] == "after",
            lambda: "the code from before is still asked",
        )


def test_an_app_whose_code_is_broken_meanwhile_is_still_asked(tmp_path: Path) -> None:
    home = written(tmp_path, APP, app='App("broken", things)')
    home = home.rename(tmp_path / "broken")
    shell = Shell(tmp_path / "state", home)
    with shell.served():
        (home / "things.py").write_text("this is no Python")
        assert shell.json("queue ls")[0]["queue"] == "errands"
    assert "invalid syntax" in shell.refused("queue ls")


# -- rows that somebody put in by hand

BY_HAND = "INSERT INTO \"queue:jobs\" VALUES (1, '', 9000000000000000, 0, 0, x'ff')"


def table_by_hand(state: Path) -> None:
    """The queue's table as an older skylift made it, which took any value."""
    connection = apsw.Connection(str(state / "letters" / "state.db"))
    made = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'queue:jobs'").get
    connection.execute('DROP TABLE "queue:jobs"')
    connection.execute(made.removesuffix(" STRICT"))
    connection.execute(BY_HAND)
    connection.close()


def test_a_bug_of_our_own_is_answered_at_once_and_told_in_the_log(shell: Shell) -> None:
    with shell.served() as served:
        assert served.terminate() == 0
    table_by_hand(shell.state)
    with shell.served() as served:
        done = shell("queue peek", "jobs")
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.startswith("skylift: a bug of skylift itself: ")
        assert "Traceback" not in done.stderr
        assert served.terminate() == 0
        assert "skylift failed: " in served.told()
        assert "control.py" in served.told()
    logged = shell.said("logs")
    assert done.stderr.splitlines()[0].rpartition(": ")[2] in logged


def test_a_row_that_no_message_could_have_made_is_refused_by_the_state(shell: Shell) -> None:
    with shell.served() as served:
        assert served.terminate() == 0
    connection = apsw.Connection(str(shell.state / "letters" / "state.db"))
    with pytest.raises(apsw.ConstraintError):
        connection.execute(BY_HAND)
    kept = "SELECT name FROM pragma_table_list WHERE NOT strict AND name NOT LIKE 'sqlite%'"
    assert {name for (name,) in connection.execute(kept)} == {"meta", "tables"}
    connection.close()


# -- starts and stops in between


def test_commands_survive_starts_and_stops(shell: Shell) -> None:
    with ThreadPoolExecutor(2) as pool:
        for end in ("terminate", "kill", "terminate"):
            lists = [pool.submit(shell, "queue ls", "--json") for _ in range(3)]
            with shell.served() as served:
                lists.append(pool.submit(shell, "queue ls", "--json"))
                getattr(served, end)()
            for one in lists:
                done = one.result()
                assert (done.returncode, done.stderr) == (0, "")
                assert len(json.loads(done.stdout)) == 4


def test_an_app_waits_for_a_command_that_has_its_state(shell: Shell) -> None:
    with ThreadPoolExecutor(1) as pool:
        shell.said("invoke", "jobs.be", "--event=-", input='{"path": {"says": "done"}}')
        nap = pool.submit(shell, "invoke", "jobs.nap", "--json")
        owner = shell.state / "letters" / "owner"
        until(lambda: "skylift invoke" in owner.read_text(), lambda: "nobody naps")
        with shell.served():
            assert json.loads(nap.result().stdout)["body"] == 1
            assert shell.counts("jobs")["ready"] == 0


def test_a_stop_lets_what_was_asked_finish(shell: Shell) -> None:
    with ThreadPoolExecutor(1) as pool, shell.served() as served:
        nap = pool.submit(shell, "invoke", "jobs.nap", "--json")
        until(lambda: ask(served.port, "GET", "/naps") == 1, lambda: "nobody naps")
        assert served.terminate() == 0
        assert json.loads(nap.result().stdout)["body"] == 1


def test_two_commands_at_once_wait_for_each_other(shell: Shell) -> None:
    bury(shell, 500)
    with ThreadPoolExecutor(4) as pool:
        moves = [pool.submit(shell.json, "queue redrive", "batches") for _ in range(4)]
        assert sum(move.result()["redriven"] for move in moves) == 500
    assert shell.counts("batches")["ready"] == 500


def test_an_owner_that_does_not_answer_is_told(shell: Shell) -> None:
    with shell.served():
        (shell.state / "letters" / "control").unlink()
        told = shell.refused("queue ls")
    assert "belongs to letters at http://127.0.0.1:" in told
    assert "which does not answer" in told


@pytest.mark.parametrize("said", [("queue ls",), ("queue redrive", "batches")])
def test_an_owner_that_is_halted_is_told_and_was_asked_for_nothing(
    shell: Shell, said: tuple[str, ...]
) -> None:
    bury(shell, 1)
    with shell.served() as served:
        served.process.send_signal(signal.SIGSTOP)
        try:
            told = shell.refused(*said)
        finally:
            served.process.send_signal(signal.SIGCONT)
        assert "which does not answer" in told
        assert shell.counts("batches")["dead"] == 1


# -- kill -9 in the middle of a redrive


def moved(state: Path) -> int:
    connection = apsw.Connection(str(state / "letters" / "state.db"))
    try:
        return connection.execute('SELECT count(*) FROM "queue:batches"').get
    finally:
        connection.close()


def has_moved(state: Path, before: int) -> bool:
    return moved(state) > before


def found(state: Path) -> tuple[list[str], list[str]]:
    """The names of the jobs that are dead, and of those that are in their queue."""
    connection = apsw.Connection(str(state / "letters" / "state.db"))
    name = "json_extract(body, '$.body.name')"
    try:
        dead = connection.execute(f"SELECT {name} FROM dead WHERE source = 'batches'").fetchall()
        waiting = connection.execute(f'SELECT {name} FROM "queue:batches"').fetchall()
    finally:
        connection.close()
    return [row[0] for row in dead], [row[0] for row in waiting]


def check_nothing_lost(state: Path, expected: int) -> tuple[int, int]:
    dead, waiting = found(state)
    assert sorted(dead + waiting, key=int) == [str(no) for no in range(expected)]
    return len(dead), len(waiting)


def test_a_redrive_that_is_killed_loses_and_doubles_nothing(shell: Shell) -> None:
    """The command's own process, and then the app's, at several instants of it."""
    bury(shell, LETTERS_MANY)
    said = ["queue", "redrive", str(LETTERS), "batches", f"--state={shell.state}"]
    in_the_middle = 0
    for _ in range(3):
        before = moved(shell.state)
        with subprocess.Popen([SKYLIFT, *said], cwd=ROOT, stdout=subprocess.DEVNULL) as process:
            until(partial(has_moved, shell.state, before), lambda: "nothing moves", 0.001)
            process.kill()
        dead, _ = check_nothing_lost(shell.state, LETTERS_MANY)
        in_the_middle += 0 < dead < LETTERS_MANY
        if not dead:
            break
    print(f"{in_the_middle} kills in the middle of a redrive", file=sys.stderr)
    assert in_the_middle


def test_an_app_that_is_killed_in_a_redrive_loses_and_doubles_nothing(shell: Shell) -> None:
    bury(shell, LETTERS_MANY)
    shell.said("invoke", "jobs.be", "--event=-", input='{"path": {"says": "wait"}}')
    with shell.served() as served, ThreadPoolExecutor(1) as pool:
        redrive = pool.submit(shell, "queue redrive", "batches")
        until(partial(has_moved, shell.state, 0), lambda: "nothing moves", 0.001)
        served.kill()
        told = redrive.result()
    dead, waiting = check_nothing_lost(shell.state, LETTERS_MANY)
    print(f"killed with {dead:,} dead and {waiting:,} back", file=sys.stderr)
    if told.returncode:
        assert "the app stopped before it answered" in told.stderr
        assert "hint: look before you try again" in told.stderr
    assert shell.json("queue redrive", "batches")["redriven"] == dead
