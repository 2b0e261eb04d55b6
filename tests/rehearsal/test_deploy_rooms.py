"""Rooms on AWS: each closes at its time and not before, by the minute of EventBridge Scheduler and
by the second of its function's entry; who puts it off or calls it off is heard.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.deployment import Deployment, Reply
from tests.rehearsal.ministack import Ministack

ROOMS = Path(__file__).parents[1] / "apps" / "rooms"
HOUR_S = 3_600
EARLY_S = 5


@pytest.fixture(scope="module")
def rooms(ministack: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    one = Deployment(ministack, ROOMS, tmp_path_factory.mktemp("rooms"))
    one.deployed()
    yield one
    assert one.skylift("destroy", "--yes").code == 0


def opened(rooms: Deployment, id: str, for_s: float) -> None:
    assert rooms.ask("POST", "/rooms", {"id": id, "for_s": for_s}).status == 201


def closed(rooms: Deployment, id: str) -> Any:
    return rooms.until(f"/rooms/{id}", has_closed).json


def has_closed(reply: Reply) -> bool:
    return "closed_at" in reply.json and reply.json["closed_at"] is not None


def late_s(room: Any) -> float:
    due, done = (datetime.fromisoformat(room[name]) for name in ("closes_at", "closed_at"))
    return (done - due).total_seconds()


def schedules(rooms: Deployment) -> dict[str, Any]:
    """Of its group, by name."""
    client, group = rooms.client("scheduler"), group_of(rooms)
    return {name: client.get_schedule(GroupName=group, Name=name) for name in names(rooms)}


def names(rooms: Deployment) -> list[str]:
    """Of its group's schedules, of which one may be gone when it is read."""
    group = group_of(rooms)
    listed = rooms.client("scheduler").list_schedules(GroupName=group)["Schedules"]
    return [one["Name"] for one in listed if one["GroupName"] == group]


def group_of(rooms: Deployment) -> str:
    return f"rooms-{rooms.stage}-closing"


def scheduled(rooms: Deployment, id: str, *, there: bool) -> None:
    """The relay takes a moment."""
    until = time.monotonic() + 20
    while (id in names(rooms)) is not there:
        assert time.monotonic() < until, names(rooms)
        time.sleep(0.1)


def test_what_is_minutes_away_is_a_schedule_of_the_timers_group(rooms: Deployment) -> None:
    opened(rooms, "far", HOUR_S)
    scheduled(rooms, "far", there=True)
    far = schedules(rooms)["far"]
    at = datetime.fromisoformat(far["ScheduleExpression"][3:-1]).replace(tzinfo=UTC)
    due = datetime.fromisoformat(rooms.ask("GET", "/rooms/far").json["closes_at"])
    assert 0 <= (due - at).total_seconds() < 60
    assert (at.second, far["FlexibleTimeWindow"]) == (0, {"Mode": "OFF"})
    assert far["ActionAfterCompletion"] == "DELETE"
    target = far["Target"]
    assert target["Arn"].endswith(":rooms-dev-closing")
    assert target["DeadLetterConfig"]["Arn"].endswith(":rooms-dev-rooms-close-dead")
    told = datetime.fromisoformat(json.loads(target["Input"])["due"])
    assert abs(told - due) < timedelta(seconds=1)


def test_what_is_due_at_once_or_in_seconds_goes_to_the_queue_by_itself(rooms: Deployment) -> None:
    opened(rooms, "soon", 3)
    opened(rooms, "now", -5)
    assert "soon" not in schedules(rooms)
    found = closed(rooms, "soon")
    assert 0 <= late_s(found) < 15
    assert (found["attempt"], found["times"]) == (1, 1)
    assert closed(rooms, "now")["times"] == 1


def test_what_is_put_off_closes_later_and_what_is_hurried_sooner(rooms: Deployment) -> None:
    opened(rooms, "hurried", HOUR_S)
    scheduled(rooms, "hurried", there=True)
    before = schedules(rooms)["hurried"]["ScheduleExpression"]
    assert rooms.ask("PUT", "/rooms/hurried/length", {"for_s": 2 * HOUR_S}).status == 204
    assert schedules(rooms)["hurried"]["ScheduleExpression"] > before
    assert rooms.ask("PUT", "/rooms/hurried/length", {"for_s": 1}).status == 204
    assert "hurried" not in schedules(rooms)
    found = closed(rooms, "hurried")
    assert (late_s(found) >= 0, found["times"]) == (True, 1)


def test_what_is_called_off_is_no_schedule_any_more(rooms: Deployment) -> None:
    opened(rooms, "stays", HOUR_S)
    opened(rooms, "kept", HOUR_S)
    scheduled(rooms, "stays", there=True)
    scheduled(rooms, "kept", there=True)
    assert rooms.ask("DELETE", "/rooms/stays/length").status == 204
    assert "stays" not in schedules(rooms)
    assert rooms.ask("DELETE", "/rooms/stays/length").status == 204  # nothing is fine
    assert rooms.ask("POST", "/rooms/kept/stay").status == 204
    scheduled(rooms, "kept", there=False)


def test_what_fails_is_tried_again_given_up_and_goes_through_once_redriven(
    rooms: Deployment,
) -> None:
    opened(rooms, "stuck", HOUR_S)
    assert rooms.ask("PUT", "/rooms/stuck/door?is_stuck=true").status == 204
    assert rooms.ask("PUT", "/rooms/stuck/length", {"for_s": 0}).status == 204
    (letter,) = rooms.until("/lost", lambda reply: bool(reply.json)).json
    assert letter == {"room": "stuck", "reason": "failed", "attempts": 2}
    assert rooms.ask("PUT", "/rooms/stuck/door?is_stuck=false").status == 204
    assert rooms.ask("POST", "/lost/redrive").json == 1
    assert closed(rooms, "stuck")["times"] == 1


def test_what_comes_before_its_time_is_put_back_until_then(rooms: Deployment) -> None:
    """As Scheduler sends it: some time of the minute before."""
    opened(rooms, "early", HOUR_S)
    scheduled(rooms, "early", there=True)
    due = datetime.now(UTC) + timedelta(seconds=EARLY_S)
    hurry(rooms, "early", due)
    scheduled(rooms, "early", there=False)
    assert datetime.now(UTC) < due  # it has been sent
    found = closed(rooms, "early")
    assert 0 <= (datetime.fromisoformat(found["closed_at"]) - due).total_seconds() < 15
    assert (found["attempt"], found["times"]) == (1, 1)


def hurry(rooms: Deployment, id: str, due: datetime) -> None:
    """Scheduler sends it now, and it is due soon."""
    found = schedules(rooms)[id]
    input = json.loads(found["Target"]["Input"]) | {"due": due.isoformat()}
    taken = ("Name", "GroupName", "FlexibleTimeWindow", "ActionAfterCompletion")
    rooms.client("scheduler").update_schedule(
        **{name: found[name] for name in taken},
        ScheduleExpression=f"at({datetime.now(UTC):%Y-%m-%dT%H:%M:%S})",
        Target={**found["Target"], "Input": json.dumps(input)},
    )


def test_production_keeps_what_waits_until_it_is_given_up(
    ministack: Ministack, tmp_path: Path
) -> None:
    one = Deployment(ministack, ROOMS, tmp_path, "production")
    one.deployed("--yes")
    opened(one, "kept", HOUR_S)
    scheduled(one, "kept", there=True)
    kept = one.skylift("destroy", "--yes", "--json").json["kept"]
    names = {"closing", "ledger", "rooms", "rooms.close.dead"}
    assert {name.split()[0] for name in kept} == names
    assert schedules(one).keys() == {"kept"}
    one.deployed("--yes")
    assert one.ask("DELETE", "/rooms/kept/length").status == 204
    assert schedules(one) == {}
    gone = one.skylift("destroy", "--yes", "--json", "--allow-destroy", *sorted(names))
    assert gone.json["kept"] == []
    groups = one.client("scheduler").list_schedule_groups()["ScheduleGroups"]
    assert "rooms-production-closing" not in [group["Name"] for group in groups]
