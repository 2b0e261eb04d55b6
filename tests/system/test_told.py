"""What people are told when many things go wrong, when queues go, and when an app stops."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from msgspec import json

from tests.served import SKYLIFT, Served
from tests.system.serving import Client, request
from tests.unit.written_app import written

WAIT_S_MAX = 10.0
MANY = 40


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def asked(state: Path, command: str, app: Path, *said: str) -> str:
    line = [SKYLIFT, command, str(app), *said, "--state", str(state)]
    return subprocess.run(line, capture_output=True, text=True, timeout=60).stdout


def post(served: Served, path: str, body: object = None) -> int:
    with closing(Client(served.port)) as client:
        raw = json.encode(body) if body is not None else b""
        return client.send(request("POST", path, body=raw)).answer().status


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S_MAX
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def jobs(*names: str) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


def tree_of(state: Path, app: Path, *said: str) -> str:
    (trace,) = json.decode(asked(state, "traces", app, "--json", *said))
    return asked(state, "traces", app, trace["trace"])


SENDING = """
import asyncio
import logging
import time
from skylift import Api, Backoff, Delivery, Queue, Struct

api = Api("api")


class Job(Struct):
    name: str


jobs = Queue("jobs", Job)


@api.post("/jobs")
async def send(many: list[Job]) -> None:
    await jobs.send_many(many)
"""
MARKING = """

@jobs.consumer(batch=10, attempts_max=2, backoff=Backoff(0.001, 0.001))
async def work(batch: list[Delivery[Job]]) -> None:
    for one in batch:
        if one.message.name == "bad":
            one.fail("this one is bad")
"""


def test_a_message_marked_as_failed_is_a_failure_of_its_trace_alone(
    tmp_path: Path, state: Path
) -> None:
    app = written(tmp_path, SENDING + MARKING)
    with Served(app, state) as served:
        assert post(served, "/jobs", jobs("good")) == 204
        assert post(served, "/jobs", jobs("bad")) == 204
        until(lambda: "is a dead letter, failed: this one is bad" in served.told())
        assert served.terminate() == 0
    tree = tree_of(state, app, "--failed")
    assert ", 3 spans, 2 failed" in tree
    assert tree.count("✗ message ") == 2
    last = tree[tree.index("attempt 2 of 2") :]
    assert re.search(r"WARNING  message [0-9a-f]{32} is a dead letter,", last)
    assert tree.count("is a dead letter") == 1


TAKING = """

@jobs.consumer
async def work(job: Job) -> None:
    pass
"""


def test_of_many_dead_letters_a_few_are_shown_and_the_others_counted(
    tmp_path: Path, state: Path
) -> None:
    with Served(written(tmp_path, SENDING), state) as served:
        assert post(served, "/jobs", jobs(*["one"] * MANY)) == 204
        assert served.terminate() == 0
    app = written(tmp_path, (SENDING + TAKING).replace("name: str", "name: int"))
    with Served(app, state) as served:
        until(lambda: served.told().count("is a dead letter, undecodable") == 5)
        until(lambda: asked(state, "logs", app).count("is a dead letter") == MANY)
        assert served.terminate() == 0
    assert served.told().count("is a dead letter") == 5
    assert served.told().count(f"and {MANY - 5} more like it: undecodable") == 1
    assert asked(state, "logs", app).count("is a dead letter, undecodable") == MANY
    tree = tree_of(state, app)
    assert "has not been handled yet" not in tree
    assert tree.count("WARNING  things.work  message") == MANY


LONG = """

@api.post("/long")
async def fail() -> None:
    raise ValueError("x" * 5_000_000)
"""


def test_what_an_error_says_is_cut(tmp_path: Path, state: Path) -> None:
    with Served(written(tmp_path, SENDING + LONG), state) as served:
        assert post(served, "/long") == 500
        assert served.terminate() == 0
    assert f"ValueError: {'x' * 2_000}… 4,998,000 more\n" in served.told()
    assert served.told().count("x" * 100) <= 20


GONE = """
from skylift import Api

api = Api("api")


@api.get("/")
async def read() -> None:
    pass
"""


def test_a_queue_taken_out_with_messages_in_it_is_told_of(tmp_path: Path, state: Path) -> None:
    app = written(tmp_path, SENDING + MARKING)
    with Served(app, state) as served:
        assert post(served, "/jobs", jobs("bad")) == 204
        until(lambda: "is a dead letter" in served.told())
        assert served.terminate() == 0
    with Served(written(tmp_path, SENDING), state) as served:
        assert post(served, "/jobs", jobs("one", "two")) == 204
        assert "not declared" not in served.told()
        assert served.terminate() == 0
    app = written(tmp_path, GONE)
    said = "queue 'jobs' is not declared any more and holds 2 messages, 1 dead letter"
    with Served(app, state) as served:
        assert served.told().count(f"skylift: {said}: they are kept") == 1
        assert said in asked(state, "doctor", app)
        assert served.terminate() == 0
    assert said in asked(state, "doctor", app)
    assert "not declared" not in asked(state, "doctor", written(tmp_path, SENDING))


HASTY = """
import runpy, sys
from skylift.cli import run
run.GRACE_S = 1.5
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
SLOW = """

@jobs.consumer(timeout_s=60)
async def work(job: Job) -> None:
    logging.getLogger(__name__).info("begun")
    await asyncio.sleep(60)
"""


def test_a_stop_says_what_it_waits_for_and_what_it_gives_back(tmp_path: Path, state: Path) -> None:
    app = written(tmp_path, SENDING + SLOW)
    with Served(app, state, wrapper=(sys.executable, "-c", HASTY)) as served:
        assert post(served, "/jobs", jobs("one", "two")) == 204
        until(lambda: asked(state, "logs", app).count("begun") == 2)
        served.process.send_signal(signal.SIGTERM)
        assert served.ended() == 0
    assert served.told().count("things.work (2)") == 1
    tree = tree_of(state, app)
    assert tree.count("given back: the app stopped") == 2
    assert "failed" not in tree
    assert "Cancelled" not in tree
    assert "no traces" in asked(state, "traces", app, "--failed")


LOGGING = """

@api.post("/log")
async def log() -> None:
    logging.getLogger(__name__).error("%d %d", "a")
"""


def test_a_wrong_logging_call_is_complained_of_once(tmp_path: Path, state: Path) -> None:
    app = written(tmp_path, SENDING + LOGGING)
    with Served(app, state) as served:
        assert post(served, "/log") == 204
        assert served.terminate() == 0
    assert served.told().count("--- Logging error ---") == 1
    assert "(cannot be shown) " in asked(state, "logs", app)


LATE = """

@api.post("/late", timeout_s=0.1)
async def wait() -> None:
    await asyncio.sleep(60)
"""


def test_a_timeout_is_told_with_the_authors_line_and_nothing_of_asyncio(
    tmp_path: Path, state: Path
) -> None:
    with Served(written(tmp_path, SENDING + LATE), state) as served:
        assert post(served, "/late") == 503
        assert served.terminate() == 0
    assert "did not finish within 0.1 s" in served.told()
    assert "await asyncio.sleep(60)" in served.told()
    assert "CancelledError" not in served.told()
    assert "/asyncio/" not in served.told()
