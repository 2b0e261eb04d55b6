"""What becomes of a schedule in a template: when it runs, what it invokes with which message, and
that its role may do nothing else.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from skylift import Scheduled
from skylift.aws.deploy.failure import DeployRefused
from skylift.aws.deploy.planning import planned
from skylift.aws.deploy.price import resting
from skylift.aws.deploy.schedule import FILLED_IN
from skylift.aws.deploy.thing import things
from skylift.codec import MessageCodec
from skylift.codec.envelope import opened
from skylift.resources.schedule import run_text, time_text
from tests.deploy.apps import TARGET, plan_of, templates_of
from tests.unit.written_app import loaded, written

TIME = "2026-11-30T03:00:00Z"


def resources(name: str = "night") -> dict[str, Any]:
    return json.loads(templates_of(plan_of(name)).root)["Resources"]


@pytest.mark.parametrize(
    ("schedule", "expression", "zone"),
    [
        ("Nightly", "cron(30 3 ? * 2-6 *)", "Europe/Madrid"),
        ("Beat", "rate(20 minutes)", "UTC"),
        ("Doors", "cron(0 0/6 * * ? *)", "UTC"),
    ],
)
def test_a_schedule_says_when_it_runs(schedule: str, expression: str, zone: str) -> None:
    said = resources()[f"{schedule}Schedule"]["Properties"]
    assert (said["ScheduleExpression"], said["ScheduleExpressionTimezone"]) == (expression, zone)
    assert said["FlexibleTimeWindow"] == {"Mode": "OFF"}


def test_what_scheduler_fills_in_is_the_message_that_a_run_has_here() -> None:
    target = resources()["NightlySchedule"]["Properties"]["Target"]
    text = target["Input"].replace(FILLED_IN, TIME)
    envelope = opened(text)
    run = MessageCodec(Scheduled, "nightly").decode(envelope)
    assert text == run_text("nightly", time_text(run.time))
    assert envelope.id == f"nightly/{TIME}"
    assert json.loads(text)  # as Lambda demands


def test_its_role_may_call_the_function_and_fill_its_dead_letters_and_nothing_else() -> None:
    found = resources()
    trust = found["NightlyScheduleRole"]["Properties"]["AssumeRolePolicyDocument"]
    (who,) = trust["Statement"]
    assert who["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert who["Condition"]["StringEquals"]["aws:SourceArn"] == {
        "Fn::GetAtt": ["ScheduleGroup", "Arn"]
    }
    (policy,) = found["NightlyScheduleRole"]["Properties"]["Policies"]
    said = [(one["Action"], one["Resource"]) for one in policy["PolicyDocument"]["Statement"]]
    assert said == [
        (["lambda:InvokeFunction"], {"Fn::GetAtt": ["WatchLookAroundFunction", "Arn"]}),
        (["sqs:SendMessage"], {"Fn::GetAtt": ["WatchLookAroundDead", "Arn"]}),
    ]


def test_what_it_calls_is_settled_before_it_may_run() -> None:
    found = resources()
    schedules = [one for one in found.values() if one["Type"] == "AWS::Scheduler::Schedule"]
    assert len(schedules) == 3
    for one in schedules:
        assert found[one["DependsOn"]]["Type"] == "AWS::Lambda::EventInvokeConfig"


MANY = """
from skylift import Schedule

def runner(number):
    schedule = Schedule(f"every{number}", rate="1 day")
    async def run() -> None: ...
    run.__qualname__ = run.__name__ = f"run{number}"
    globals()[f"every{number}"] = schedule
    globals()[f"run{number}"] = schedule.run(run)

for number in range(80):
    runner(number)
"""


def test_in_a_large_app_a_schedule_stands_beside_its_function(tmp_path: Path) -> None:
    with loaded(written(tmp_path, MANY)) as graph:
        made = templates_of(planned(graph, "dev", TARGET))
    stacks = [json.loads(text)["Resources"] for text in made.nested.values()]
    assert stacks
    for stack in stacks:
        for one in stack.values():
            if one["Type"] == "AWS::Scheduler::Schedule":
                assert one["Properties"]["Target"]["Arn"]["Fn::GetAtt"][0] in stack
                assert one["DependsOn"] in stack
    assert "ScheduleGroup" in json.loads(made.root)["Resources"]
    assert max(map(len, stacks)) <= 450


CLASHING = """
from skylift import Schedule

one = Schedule("a-b", rate="1 day")
two = Schedule("a_b", rate="1 day")

@one.run
async def run_one() -> None: ...

@two.run
async def run_two() -> None: ...
"""


def test_schedules_that_the_template_would_call_alike_are_refused(tmp_path: Path) -> None:
    with loaded(written(tmp_path, CLASHING)) as graph, pytest.raises(DeployRefused, match="'AB"):
        planned(graph, "dev", TARGET)


OFTEN = """
from skylift import Schedule

def runner(name, **said):
    schedule = Schedule(name, **said)
    async def run() -> None: ...
    run.__qualname__ = run.__name__ = f"run_{name}"
    globals().update({name: schedule, run.__name__: schedule.run(run)})

runner("minutely", rate="1 minute")
runner("workdays", cron="0 9,17 * * MON-FRI")
runner("leaping", cron="0 0 29 2 *")
"""


def test_what_runs_by_itself_is_said_to_cost_when_nothing_happens(tmp_path: Path) -> None:
    with loaded(written(tmp_path, OFTEN)) as graph:
        plan = planned(graph, "dev", TARGET)
    assert {one.name: round(one.runs_a_month, 2) for one in plan.schedules} == {
        "leaping": 0.02,
        "minutely": 43_830,
        "workdays": 43.48,
    }
    (dollars, reason) = next(resting(plan))
    assert reason == "schedules run 43,874 times"
    assert 0.05 < dollars < 0.15
    told = {one.name: one.facts for one in things(plan) if one.kind == "schedule"}
    assert told["leaping"]["which is"] == "0.25 times a year"
    assert told["minutely"]["which is"] == "43,830 times a month"
