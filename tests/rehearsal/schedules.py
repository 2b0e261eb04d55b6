"""Schedules on MiniStack, made as a template of ours makes them; they lead into the queue at the
place of their function.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from skylift.aws.deploy.schedule import FILLED_IN, RETRIES
from skylift.aws.runtime.client_rest import Rest, body_of, path_of
from skylift.aws.runtime.failure import Failure
from skylift.graph.schedule import times
from skylift.resources.schedule import Schedule, run_text
from tests.rehearsal.timers import ROLE, asked

if TYPE_CHECKING:
    from tests.rehearsal.stand import AwsStand

WAIT_S_MAX, LOOK_S = 30.0, 0.02
OFF = {"Mode": "OFF"}
NOWHERE = "arn:aws:nowhere:eu-west-1:000000000000:nothing"  # MiniStack warns, and goes on


def make_schedule(stand: AwsStand, schedule: Schedule) -> None:
    (function,) = [one for one in stand.functions if one.trigger.resource is schedule]
    created(
        stand,
        f"{stand.name}-{schedule.name}",
        ScheduleExpression=times(schedule).expression,
        ScheduleExpressionTimezone=schedule.timezone,
        Target={
            "Arn": stand.arn(function.name),
            "RoleArn": ROLE,
            "Input": run_text(schedule.name, FILLED_IN),
            "RetryPolicy": RETRIES,
            "DeadLetterConfig": {"Arn": stand.arn(f"{function.name} dead")},
        },
    )
    looked(stand)  # MiniStack counts from when it first looks


def open_schedule(stand: AwsStand, schedule: Schedule) -> Any:
    """It has no verbs."""


def created(stand: AwsStand, name: str, **said: Any) -> None:
    body = body_of({"FlexibleTimeWindow": OFF, **said})
    asked(
        stand.direct("scheduler"), Rest("CreateSchedule", "POST", path_of("schedules", name), body)
    )


def looked(stand: AwsStand) -> None:
    """Wait until Scheduler has looked at all there is: it does so in order, and what is due at once
    and has come last is no more when it was looked at.
    """
    name, until = f"{stand.name}-{uuid4().hex[:8]}", time.monotonic() + WAIT_S_MAX
    now = datetime.fromtimestamp(stand.clock.time() - 1, UTC)
    created(
        stand,
        name,
        ScheduleExpression=f"at({now:%Y-%m-%dT%H:%M:%S})",
        ActionAfterCompletion="DELETE",
        Target={"Arn": NOWHERE, "RoleArn": ROLE, "Input": "{}"},
    )
    path = path_of("schedules", name)
    while True:
        try:
            asked(stand.direct("scheduler"), Rest("GetSchedule", "GET", path))
        except Failure:
            return
        assert time.monotonic() < until, "MiniStack's Scheduler does not tick"
        time.sleep(LOOK_S)
