"""A Schedule on AWS: a schedule of EventBridge Scheduler, in the app's group of them, that invokes
the schedule's function with the message of the run. Its role may do that and nothing else, but put
what Lambda did not take into the function's dead letters.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from ...graph.model import Graph
from ...graph.schedule import runs_between, times
from ...resources.schedule import Schedule, run_text
from .names import logical, physical
from .plan import Plan, PlannedFunction, PlannedSchedule
from .policy import SCHEDULER, allow, assumed_by, policy
from .reference import Resources, arn, of, ref

NAME_MAX = 64
GROUP_ID = "ScheduleGroup"
FILLED_IN = "<aws.scheduler.scheduled-time>"  # by Scheduler, with the time of the run
# So many are between two days of one date and weekday, whatever years leap.
YEARS, MONTHS = (date(2001, 1, 1), date(2029, 1, 1)), 28 * 12
RETRIES = {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}  # Scheduler's most


def planned(schedule: Schedule, graph: Graph, stage: str) -> PlannedSchedule:
    node = next(graph.triggered_by(schedule))
    return PlannedSchedule(
        schedule.name,
        physical(graph.app, stage, schedule.name, NAME_MAX),
        physical(graph.app, stage, "skylift.schedules", NAME_MAX),
        times(schedule).expression,
        schedule.timezone,
        node.name,
        f"{node.name}.dead",
        round(runs_between(times(schedule), *YEARS) / MONTHS, 3),
    )


# -- as a template says it


def group(plan: Plan) -> Resources:
    """Of all schedules of an app: what their roles trust."""
    if not plan.schedules:
        return {}
    properties = {"Name": plan.schedules[0].group}
    return {GROUP_ID: {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": properties}}


def of_function(function: PlannedFunction, plan: Plan) -> Resources:
    """Beside the function: a schedule is there when what it calls is."""
    found: Resources = {}
    for one in plan.schedules:
        if one.function == function.name:
            found |= {role_id(one): role(one), logical(one.name, "Schedule"): resource(one)}
    return found


def role_id(schedule: PlannedSchedule) -> str:
    return logical(schedule.name, "ScheduleRole")


def resource(schedule: PlannedSchedule) -> dict[str, Any]:
    return {
        "Type": "AWS::Scheduler::Schedule",
        # A rate runs at once: who tries again, and where it ends, has to be settled by then.
        "DependsOn": logical(schedule.function, "Invoked"),
        "Properties": {
            "Name": schedule.physical,
            "GroupName": of(ref(GROUP_ID)),
            "Description": f"{schedule.function} by {schedule.name}",
            "ScheduleExpression": schedule.expression,
            "ScheduleExpressionTimezone": schedule.timezone,
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "State": "ENABLED",
            "Target": {
                "Arn": of(arn(logical(schedule.function, "Function"))),
                "RoleArn": of(arn(role_id(schedule))),
                "Input": run_text(schedule.name, FILLED_IN),
                "RetryPolicy": RETRIES,
                "DeadLetterConfig": {"Arn": of(arn(logical(schedule.dead)))},
            },
        },
    }


def role(schedule: PlannedSchedule) -> dict[str, Any]:
    trust = assumed_by(SCHEDULER)
    trust["Statement"][0]["Condition"] = {
        "StringEquals": {
            "aws:SourceAccount": of("${AWS::AccountId}"),
            "aws:SourceArn": of(arn(GROUP_ID)),
        }
    }
    call = allow(
        ["lambda:InvokeFunction"], {"Resource": of(arn(logical(schedule.function, "Function")))}
    )
    bury = allow(["sqs:SendMessage"], {"Resource": of(arn(logical(schedule.dead)))})
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": trust,
            "Policies": [policy([call, bury])],
        },
    }
