"""A stop that is asked for: what runs is answered, nobody new is taken, exit code 0."""

from __future__ import annotations

import asyncio
import signal
from contextlib import closing
from pathlib import Path

import pytest
from msgspec import json

from tests.crash.client import Client as LoadClient
from tests.crash.driver import loaded
from tests.crash.loads import Load, all_loads
from tests.served import Served
from tests.system.ledger import APP, entry, known, listed
from tests.system.serving import Client, request
from tests.unit.written_app import written

TRIES_MAX = 20_000
LOAD_S = 0.1


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_answers_what_is_in_flight(state: Path, name: signal.Signals) -> None:
    with Served(APP, state) as served:
        with closing(Client(served.port)) as slow:
            slow.send(request("POST", "/entries/slowly", body=json.encode(entry("slow"))))
            for _ in range(TRIES_MAX):
                if known(served, ["slow-begun"]):
                    break
            served.process.send_signal(name)
            answer = slow.answer()
        assert (answer.status, answer.json["id"]) == (201, "slow")
        assert served.ended() == 0
        assert "Traceback" not in served.told()
    with Served(APP, state) as served:
        assert listed(served) == {"slow-begun", "slow"}


def test_an_idle_connection_does_not_hold_up_a_stop(state: Path) -> None:
    with Served(APP, state) as served, closing(Client(served.port)) as idle:
        assert idle.get("/books/one").status == 200
        assert served.terminate() == 0
        assert idle.is_closed


def test_a_stop_under_load_keeps_every_acknowledged_effect(state: Path) -> None:
    loads = all_loads()
    with Served(APP, state) as served:
        asyncio.run(stopped_under_load(served, loads))
        assert served.ended() == 0
        assert "Traceback" not in served.told()
    assert all(load.acknowledged for load in loads)
    with Served(APP, state) as served:
        assert asyncio.run(told(served, loads)) == []


BLOCKED = """
import time
from skylift import Api

api = Api("api")


@api.get("/blocked", timeout_s=0.1)
def blocked() -> None:
    time.sleep(60)
"""


def test_a_thread_past_its_deadline_does_not_hold_up_a_stop(tmp_path: Path, state: Path) -> None:
    with Served(written(tmp_path, BLOCKED), state) as served:
        with closing(Client(served.port)) as client:
            assert client.get("/blocked").status == 503
        assert "did not finish within 0.1 s" in served.told()
        assert served.terminate() == 0  # which waits for no 60 seconds


STUBBORN = """
import asyncio
from skylift import Api

api = Api("api")
begun = []


@api.get("/begun")
async def count() -> int:
    return len(begun)


@api.get("/stubborn", timeout_s=0.1)
async def stubborn() -> None:
    begun.append("once")
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            pass
"""


def test_a_coroutine_that_cannot_be_cancelled_does_not_hold_up_a_stop(
    tmp_path: Path, state: Path
) -> None:
    with Served(written(tmp_path, STUBBORN), state) as served:
        with closing(Client(served.port)) as client, closing(Client(served.port)) as other:
            client.send(request("GET", "/stubborn"))
            assert any(other.get("/begun").json == 1 for _ in range(TRIES_MAX))
        assert served.terminate() == 0


def test_a_second_ctrl_c_ends_at_once_and_loses_nothing(state: Path) -> None:
    with Served(APP, state) as served, closing(Client(served.port)) as slow:
        slow.send(request("POST", "/entries/slowly", body=json.encode(entry("slow"))))
        for _ in range(TRIES_MAX):
            if known(served, ["slow-begun"]):
                break
        served.process.send_signal(signal.SIGINT)
        assert served.process.stdout is not None
        assert b"stopping" in served.process.stdout.readline()
        served.process.send_signal(signal.SIGINT)
        assert served.ended() == 130
        assert served.told() == ""
    with Served(APP, state) as served:
        assert "slow-begun" in listed(served)


async def stopped_under_load(served: Served, loads: list[Load]) -> None:
    async with LoadClient(served.port) as client:
        for load in loads:
            await load.begin(client, 0)
    later = asyncio.get_running_loop().call_later
    await loaded(served.port, loads, lambda: later(LOAD_S, served.process.terminate))


async def told(served: Served, loads: list[Load]) -> list[str]:
    async with LoadClient(served.port) as client:
        return [line for load in loads for line in await load.check(client)]
