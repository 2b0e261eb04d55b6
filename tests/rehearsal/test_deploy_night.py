"""A night watch on AWS: Scheduler holds what was declared; a run is done for the time it is for,
and once where it says so; what cannot be done is given up, and done for that time once redriven.

Scheduler runs nothing within a minute, and MiniStack's fills in no time (docs/parity.md): here the
functions are invoked with what it was told to send, as it would have filled it in.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from skylift.aws.deploy.schedule import FILLED_IN
from tests.rehearsal.deployment import Deployment, Reply
from tests.rehearsal.ministack import Ministack

NIGHT = Path(__file__).parents[1] / "apps" / "night"
GROUP = "night-dev-skylift-schedules"
ACCEPTED = 202


@pytest.fixture(scope="module")
def night(ministack: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    one = Deployment(ministack, NIGHT, tmp_path_factory.mktemp("night"))
    one.deployed()
    yield one
    assert one.skylift("destroy", "--yes").code == 0
    left = one.client("scheduler").list_schedules(NamePrefix="night-")["Schedules"]
    assert left == []


def held(night: Deployment, schedule: str) -> Any:
    """What Scheduler has been told."""
    return night.client("scheduler").get_schedule(Name=f"night-dev-{schedule}", GroupName=GROUP)


def run(night: Deployment, schedule: str, time: str) -> None:
    """As Scheduler would, at this time."""
    target = held(night, schedule)["Target"]
    event = target["Input"].replace(FILLED_IN, time)
    done = night.client("lambda").invoke(
        FunctionName=target["Arn"], InvocationType="Event", Payload=event.encode()
    )
    assert done["StatusCode"] == ACCEPTED


def done(night: Deployment, schedule: str, count: int) -> list[dict[str, Any]]:
    """What was done by it, once so much has."""
    reply = night.until(
        f"/rounds/{schedule}", lambda reply: sum(one["done"] for one in reply.json) >= count
    )
    return reply.json


@pytest.mark.parametrize(
    ("schedule", "expression", "function"),
    [
        ("nightly", "cron(30 3 ? * 2-6 *)", "night-dev-watch-look_around"),
        ("beat", "rate(20 minutes)", "night-dev-watch-count"),
        ("doors", "cron(0 0/6 * * ? *)", "night-dev-watch-close_doors"),
    ],
)
def test_scheduler_is_told_what_was_declared(
    night: Deployment, schedule: str, expression: str, function: str
) -> None:
    found = held(night, schedule)
    assert found["ScheduleExpression"] == expression
    assert found["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert found["Target"]["Arn"].endswith(f":function:{function}")
    assert found["Target"]["DeadLetterConfig"]["Arn"].endswith(f":{function}-dead")


def test_a_run_is_for_its_time_whenever_it_comes(night: Deployment) -> None:
    for time in ("2026-11-30T02:30:00Z", "2026-12-01T02:30:00Z"):
        run(night, "nightly", time)
    assert done(night, "nightly", 2) == [
        {
            "schedule": "nightly",
            "time": f"2026-{day}T02:30:00+00:00",
            "id": f"nightly/2026-{day}T02:30:00Z",
            "done": 1,
        }
        for day in ("11-30", "12-01")
    ]


def test_a_run_that_scheduler_sends_twice_is_done_once_where_it_says_so(night: Deployment) -> None:
    for time in ("2026-11-30T03:00:00Z", "2026-11-30T03:00:00Z", "2026-11-30T03:01:00Z"):
        run(night, "beat", time)
    found = done(night, "beat", 2)
    assert {one["time"]: one["done"] for one in found if one["time"] < "2026-11-30T04"} == {
        "2026-11-30T03:00:00+00:00": 1,
        "2026-11-30T03:01:00+00:00": 1,
    }


def test_what_cannot_be_done_is_given_up_and_done_for_its_time_once_redriven(
    night: Deployment,
) -> None:
    time = "2026-11-30T06:00:00"
    run(night, "doors", f"{time}Z")

    def is_there(reply: Reply) -> bool:
        return bool(reply.json)

    (letter,) = night.until("/open-doors", is_there).json
    assert (letter["id"], letter["time"]) == (f"doors/{time}Z", f"{time}+00:00")
    assert (letter["reason"], letter["attempts"]) == ("failed", 1)
    assert "nobody has the keys" in letter["error"]
    assert night.ask("PUT", "/keys").status == 204
    assert night.ask("POST", "/open-doors/redrive").json == 1
    (closed,) = done(night, "doors", 1)
    assert closed["time"] == f"{time}+00:00"
    assert night.ask("GET", "/open-doors").json == []


def test_a_run_may_be_started_by_hand(night: Deployment) -> None:
    before = sum(one["done"] for one in night.ask("GET", "/rounds/nightly").json)
    assert night.ask("POST", "/rounds/now").status == 204
    done(night, "nightly", before + 1)
