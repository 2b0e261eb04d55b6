"""`skylift bus replay` beside an app that runs and on what one has left, and a bus that two apps
share whose states lie side by side.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.served import Served
from tests.system.commands import ROOT, Shell, ask, until

LOBBY, KITCHEN = ROOT / "tests" / "apps" / "lobby", ROOT / "tests" / "apps" / "kitchen"
DAY = timedelta(days=1)


@pytest.fixture
def lobby(shell: Shell) -> Shell:
    return Shell(shell.state, LOBBY)


@pytest.fixture
def kitchen(shell: Shell) -> Shell:
    return Shell(shell.state, KITCHEN)


def at(moment: datetime) -> str:
    return moment.isoformat()


def times(since: timedelta = -DAY, until: timedelta = DAY) -> tuple[str, ...]:
    now = datetime.now(UTC)
    return ("--from", at(now + since), "--to", at(now + until))


def opened(served: Served, topic: str, size: int = 5) -> str:
    room: str = ask(served.port, "POST", "/rooms", {"topic": topic, "size": size})["id"]
    return room


def greeted(served: Served, room: str) -> int:
    count: int = ask(served.port, "GET", f"/rooms/{room}")["greeted"]
    return count


def until_greeted(served: Served, room: str) -> None:
    until(lambda: greeted(served, room) == 1, lambda: f"{room} was not greeted")


def dead(shell: Shell, function: str) -> int:
    count: int = shell.json("queue peek", function, "--dead")["counts"]["dead"]
    return count


# -- replay


def test_what_was_published_is_delivered_again_and_once_holds(lobby: Shell) -> None:
    with lobby.served() as served:
        room = opened(served, "broken")
        until_greeted(served, room)
        until(lambda: dead(lobby, "rooms.stumble") == 1, lambda: "nobody stumbled")
        assert lobby.said("bus replay", "events", *times()) == (
            "1 event of bus events delivered again\n"
        )
        until(lambda: dead(lobby, "rooms.stumble") == 2, lambda: "nobody stumbled again")
        assert greeted(served, room) == 1  # it has once=True


def test_one_function_alone_is_told_again(lobby: Shell) -> None:
    with lobby.served() as served:
        opened(served, "broken", size=1)
        ask(served.port, "DELETE", f"/rooms/{opened(served, 'chess')}")
        until(lambda: dead(lobby, "rooms.stumble") == 1, lambda: "nobody stumbled")
        document = lobby.json("bus replay", "events", *times(), "--rule", "rooms.stumble")
        assert document["replayed"] == 3
        assert document["bus"] == "events"
        until(lambda: dead(lobby, "rooms.stumble") == 2, lambda: "nobody stumbled again")


def test_a_replay_waits_for_an_app_that_does_not_run(lobby: Shell) -> None:
    with lobby.served() as served:
        opened(served, "broken")
        until(lambda: dead(lobby, "rooms.stumble") == 1, lambda: "nobody stumbled")
        served.terminate()
    assert lobby.json("bus replay", "events", *times())["replayed"] == 1
    with lobby.served():
        until(lambda: dead(lobby, "rooms.stumble") == 2, lambda: "nobody stumbled again")


def test_only_what_was_published_between_the_times_is_told(lobby: Shell) -> None:
    with lobby.served() as served:
        opened(served, "chess")
        before = times(-2 * DAY, -DAY)
        assert lobby.json("bus replay", "events", *before)["replayed"] == 0
        assert lobby.json("bus replay", "events", *times(-DAY, timedelta()))["replayed"] == 1


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (("evens", *times()), "lobby has no bus 'evens'\n    hint: did you mean 'events'?"),
        (("house", *times()), "its archive are of app 'bakery'"),
        (("events", *times(), "--rule", "rooms.wellcome"), "did you mean 'rooms.welcome'?"),
        (("events", *times(DAY, -DAY)), "--from is not before --to"),
        (("events", "--from", "yesterday", "--to", "2026-01-01"), "'yesterday' is no time"),
    ],
)
def test_what_cannot_be_replayed_is_told_with_what_to_do(
    lobby: Shell, said: tuple[str, ...], reason: str
) -> None:
    assert reason in lobby.refused("bus replay", *said)


def test_who_peeks_into_a_bus_is_told_where_its_events_lie(lobby: Shell) -> None:
    told = lobby.refused("queue peek", "events")
    assert "lobby has no queue 'events'" in told
    assert "hint: what 'events' brings lies with its functions: rooms." in told


# -- a shared bus


@contextmanager
def both(lobby: Shell, kitchen: Shell) -> Iterator[tuple[Served, Served]]:
    with lobby.served() as first, kitchen.served() as second:
        yield first, second


def heard(kitchen: Served) -> dict[str, int]:
    found: dict[str, int] = ask(kitchen.port, "GET", "/heard")
    return found


def has_heard(served: Served, room: str) -> bool:
    try:
        ask(served.port, "GET", f"/rooms/heard-{room}")
    except AssertionError:
        return False
    return True


def until_heard(served: Served, *rooms: str) -> None:
    wanted = dict.fromkeys(rooms, 1)
    found: dict[str, Any] = {}

    def hold() -> bool:
        found.update(heard(served))
        return wanted.items() <= found.items()

    until(hold, lambda: f"heard {found}, not {wanted}")


def closed(served: Served) -> str:
    room = opened(served, "chess")
    ask(served.port, "DELETE", f"/rooms/{room}")
    return room


def test_apps_side_by_side_hear_each_other(lobby: Shell, kitchen: Shell) -> None:
    with both(lobby, kitchen) as (first, second):
        ask(second.port, "POST", "/closings/larder")
        until(lambda: has_heard(first, "larder"), lambda: "the lobby did not hear it")
        until_heard(second, "larder")
        room = closed(first)
        until_heard(second, room)
        until(lambda: has_heard(first, room), lambda: "the lobby did not hear itself")


def test_who_is_stopped_hears_it_later_whatever_was_killed(lobby: Shell, kitchen: Shell) -> None:
    with both(lobby, kitchen) as (first, second):
        until_heard(second, (room := closed(first)))
        second.terminate()
        rooms = [closed(first) for _ in range(5)]
        until(lambda: all(has_heard(first, one) for one in rooms), lambda: "not all are told")
        first.kill()
    with kitchen.served() as second:
        assert heard(second) == {room: 1}
        with lobby.served():
            until_heard(second, room, *rooms)
        assert heard(second) == dict.fromkeys([room, *rooms], 1)


def test_the_owner_keeps_what_others_publish_and_tells_it_again(
    lobby: Shell, kitchen: Shell
) -> None:
    with both(lobby, kitchen) as (first, second):
        until_heard(second, closed(first))
        assert kitchen.json("bus replay", "house", *times())["replayed"] == 1
