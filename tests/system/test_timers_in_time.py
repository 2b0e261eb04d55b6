"""Timers of a served app in real time: due to the second, over a clean stop and a `kill -9`."""

from __future__ import annotations

import subprocess
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import json

from tests.served import SKYLIFT, Served
from tests.system.serving import Client, request

ROOMS = Path(__file__).parents[1] / "apps" / "rooms"
WAIT_S_MAX = 10.0


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def asked(served: Served, method: str, path: str, body: object = None) -> Any:
    with closing(Client(served.port)) as client:
        raw = b"" if body is None else json.encode(body)
        answer = client.send(request(method, path, body=raw)).answer()
    assert answer.status < 300, answer
    return json.decode(answer.body) if answer.body else None


def opened(served: Served, id: str, for_s: float) -> None:
    asked(served, "POST", "/rooms", {"id": id, "for_s": for_s})


def closed(served: Served, id: str) -> Any:
    """Once it is; never before its time."""
    until = time.monotonic() + WAIT_S_MAX
    while (room := asked(served, "GET", f"/rooms/{id}")).get("closed_at") is None:
        assert time.monotonic() < until, room
        time.sleep(0.02)
    due, done = (datetime.fromisoformat(room[name]) for name in ("closes_at", "closed_at"))
    assert done >= due
    return room


def test_a_room_closes_at_its_time_and_one_that_was_put_off_later(state: Path) -> None:
    with Served(ROOMS, state) as served:
        opened(served, "a", 0.3)
        opened(served, "b", 0.1)
        asked(served, "PUT", "/rooms/b/length", {"for_s": 0.6})
        opened(served, "c", 0.2)
        asked(served, "DELETE", "/rooms/c/length")
        opened(served, "d", 0.2)
        asked(served, "POST", "/rooms/d/stay")
        assert [closed(served, id)["times"] for id in ("a", "b")] == [1, 1]
        for id in ("c", "d"):
            assert asked(served, "GET", f"/rooms/{id}")["times"] == 0
        assert served.terminate() == 0


@pytest.mark.parametrize("is_killed", [False, True])
def test_what_came_due_while_nothing_ran_closes_at_the_start(state: Path, is_killed: bool) -> None:
    with Served(ROOMS, state) as served:
        opened(served, "a", 0.4)
        opened(served, "b", 3_600)
        if is_killed:
            served.kill()
        else:
            assert served.terminate() == 0
    time.sleep(0.5)
    with Served(ROOMS, state) as served:
        assert closed(served, "a")["times"] == 1
        assert asked(served, "GET", "/rooms/b")["times"] == 0
        asked(served, "PUT", "/rooms/b/length", {"for_s": 0})
        assert closed(served, "b")["times"] == 1
        assert served.terminate() == 0


def test_doctor_says_how_many_wait_and_until_when(state: Path) -> None:
    with Served(ROOMS, state) as served:
        opened(served, "far", 7_200)
        opened(served, "near", 3_600)
        near = datetime.fromisoformat(asked(served, "GET", "/rooms/near")["closes_at"])
        command = [SKYLIFT, "doctor", str(ROOMS), "--state", str(state)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert f"2 of closing wait, the next until {near:%Y-%m-%d %H:%M:%S} UTC" in done.stdout
