"""Who blocks the event loop is named with the place, and nobody else is."""

from __future__ import annotations

import http.client
import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.served import Served
from tests.system.serving import Client
from tests.unit.written_app import written

PATIENCE_S = 10.0
TRIES_MAX = 5  # what never lets go of Python may be missed on a busy machine
SOURCE = """\
import asyncio
import hashlib
import re
import time

from skylift import Api

api = Api("api")


@api.get("/sleeps")
async def sleeps(seconds: float) -> None:
    time.sleep(seconds)  # the first place


@api.get("/helps")
async def helps() -> None:
    help_out()


def help_out() -> None:
    time.sleep(0.3)  # in a helper


@api.get("/computes")
async def computes() -> int:
    return sum(range(60_000_000))  # without letting go of Python


@api.get("/reads")
async def reads() -> bool:
    text = "a" * 24
    return re.fullmatch("(a+)+b", text) is not None  # a pattern that explodes


@api.get("/in-a-task")
async def in_a_task() -> None:
    async def nap() -> None:
        time.sleep(0.3)  # of a task

    await asyncio.gather(nap(), asyncio.sleep(0))


@api.get("/waits")
async def waits() -> None:
    await asyncio.sleep(0.4)


@api.get("/thread")
def thread() -> None:
    time.sleep(0.4)


@api.get("/short")
async def short() -> None:
    time.sleep(0.05)


@api.get("/shouts")
async def shouts() -> str:
    return "x" * 5_000_000
"""
WARNING = re.compile(r"(\S+): blocked the event loop for ([\d.]+) s(?: so far)?, at (\S+):(\d+) ")


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return written(tmp_path, SOURCE)


@pytest.fixture
def served(app: Path, tmp_path: Path) -> Iterator[Served]:
    with Served(app, tmp_path / "state") as running:
        yield running


def get(served: Served, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def warnings(
    served: Served, count: int, *, patience_s: float = PATIENCE_S
) -> list[tuple[str, float, str]]:
    """Function, seconds, and what the source says beside the place; once there are as many."""
    until = time.monotonic() + patience_s
    while len(found := WARNING.findall(served.told())) < count and time.monotonic() < until:
        time.sleep(0.01)
    lines = SOURCE.splitlines()
    assert all(Path(file).name == "things.py" for _, _, file, _ in found)
    return [
        (function, float(took), lines[int(line) - 1].partition("# ")[2])
        for function, took, _, line in found
    ]


@pytest.mark.parametrize(
    ("path", "function", "at", "took_min"),
    [
        ("/sleeps?seconds=0.3", "things.sleeps", "the first place", 0.2),
        ("/sleeps?seconds=0.13", "things.sleeps", "the first place", 0.1),
        ("/helps", "things.helps", "in a helper", 0.2),
        ("/computes", "things.computes", "without letting go of Python", 0.2),
        ("/reads", "things.reads", "a pattern that explodes", 0.2),
        ("/in-a-task", "things.in_a_task", "of a task", 0.2),
    ],
)
def test_who_blocks_the_loop_is_named_with_place_and_time(
    served: Served, path: str, function: str, at: str, took_min: float
) -> None:
    for _ in range(TRIES_MAX):
        begun = time.monotonic()
        assert get(served, path) < 300
        took_max = time.monotonic() - begun
        if found := warnings(served, 1, patience_s=0.5):
            break
    ((named, took, where),) = found
    assert (named, where) == (function, at)
    assert took_min <= took <= took_max
    assert "hint: write the handler as a plain `def`" in served.told()


def test_a_place_is_named_once_a_minute_and_another_all_the_same(served: Served) -> None:
    for _ in range(3):
        get(served, "/sleeps?seconds=0.2")
    get(served, "/helps")
    assert [where for _, _, where in warnings(served, 2)] == ["the first place", "in a helper"]


def test_what_blocks_for_long_is_told_while_it_does(served: Served) -> None:
    with closing(Client(served.port)) as client:
        client.send(b"GET /sleeps?seconds=3 HTTP/1.1\r\nHost: x\r\n\r\n")
        begun = time.monotonic()
        ((_, took, where),) = warnings(served, 1)
        assert time.monotonic() - begun < 2.5
        assert (where, took < 2) == ("the first place", True)
        assert " so far, at " in served.told()


def test_what_does_not_block_is_not_named(served: Served) -> None:
    for path in ("/waits", "/thread", "/short", "/shouts"):
        assert get(served, path) < 300
    get(served, "/helps")  # so that all of them were looked at by then
    assert [where for _, _, where in warnings(served, 1)] == ["in a helper"]


def test_many_that_block_for_a_moment_are_not_named(served: Served) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(closing(Client(served.port))) for _ in range(20)]
        for client in clients:
            client.send(b"GET /short HTTP/1.1\r\nHost: x\r\n\r\n")
        assert {client.answer().status for client in clients} == {204}
    get(served, "/helps")
    assert [where for _, _, where in warnings(served, 1)] == ["in a helper"]


def test_a_process_that_stood_still_names_nobody(served: Served) -> None:
    with closing(Client(served.port)) as client:
        for _ in range(5):
            client.send(b"GET /waits HTTP/1.1\r\nHost: x\r\n\r\n")
            time.sleep(0.05)
            served.process.send_signal(signal.SIGSTOP)
            time.sleep(0.3)
            served.process.send_signal(signal.SIGCONT)
            assert client.answer().status == 204
    get(served, "/helps")
    assert [where for _, _, where in warnings(served, 1)] == ["in a helper"]


def test_a_slow_import_at_start_and_at_a_reload_is_nobodys_fault(app: Path, tmp_path: Path) -> None:
    file, over = app / "things.py", threading.Event()
    file.write_text(SOURCE + "\ntime.sleep(0.4)\n")
    with Served(app, tmp_path / "state", command="dev") as served:

        def keep_something_running() -> None:
            while not over.is_set():
                get(served, "/waits")

        running = threading.Thread(target=keep_something_running)
        running.start()
        file.write_text(SOURCE + "\ntime.sleep(0.5)\n")
        assert served.process.stdout is not None
        lines = iter(served.process.stdout.readline, b"")
        assert any(line.startswith(b"reloaded") for line in lines)
        over.set()
        running.join()
        get(served, "/helps")
        assert [where for _, _, where in warnings(served, 1)] == ["in a helper"]
