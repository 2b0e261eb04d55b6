"""One set of alarms for an app: requests that ended in an error of ours, messages given up,
messages that wait too long. Each looks at up to ten things at once; CloudWatch bills by the thing,
and the first ten of an account are free.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .api import gateway
from .names import ALARM_MAX, logical, physical
from .plan import Metric, Plan, PlannedAlarm, PlannedApi, PlannedDead, PlannedFunction, PlannedQueue
from .reference import Resources, of, ref

METRICS_MAX = 10  # of one alarm
PERIOD_S = 300
AGE_S = 900  # a message that waits longer is told
ERRORS_MAX = 0
RELAY_AGE_MS = 300_000


def planned(
    app: str,
    stage: str,
    apis: Sequence[PlannedApi],
    queues: Sequence[PlannedQueue],
    dead: Sequence[PlannedDead],
    relay: PlannedFunction | None,
) -> tuple[PlannedAlarm, ...]:
    found: list[PlannedAlarm] = []
    for name, told, threshold, metrics in (
        ("errors", "requests that ended in a 5xx", ERRORS_MAX, [_errors(one) for one in apis]),
        ("dead letters", "messages that were given up", 0, [_dead(one) for one in dead]),
        (
            *("waiting", "seconds the oldest message waits", AGE_S),
            [_age(one) for one in queues if one.dead],
        ),
        (
            *("relay", "milliseconds messages of transactions wait", RELAY_AGE_MS),
            [_relay_age(relay)] if relay else [],
        ),
    ):
        for part, some in enumerate(_parts(metrics), 1):
            called = name if part == 1 else f"{name} {part}"
            plain = physical(app, stage, called.replace(" ", "-"), ALARM_MAX)
            ids = ", ".join(f"m{at}" for at in range(len(some)))
            is_sum = some[0].statistic == "Sum" or some[0].name == VISIBLE
            expression = f"{'SUM' if is_sum else 'MAX'}([{ids}])"
            found.append(PlannedAlarm(called, plain, told, expression, threshold, tuple(some)))
    return tuple(found)


VISIBLE = "ApproximateNumberOfMessagesVisible"


def _errors(api: PlannedApi) -> Metric:
    return Metric("AWS/ApiGateway", "5xx", ("ApiId", ref(gateway(api.name))), "Sum")


def _dead(dead: PlannedDead) -> Metric:
    name = f"${{{logical(dead.name)}.QueueName}}"
    return Metric("AWS/SQS", VISIBLE, ("QueueName", name), "Maximum")


def _age(queue: PlannedQueue) -> Metric:
    name = f"${{{logical(queue.name, 'Queue')}.QueueName}}"
    return Metric("AWS/SQS", "ApproximateAgeOfOldestMessage", ("QueueName", name), "Maximum")


def _relay_age(relay: PlannedFunction) -> Metric:
    name = ref(logical(relay.name, "Function"))
    return Metric("AWS/Lambda", "IteratorAge", ("FunctionName", name), "Maximum")


def _parts(metrics: list[Metric]) -> Iterator[list[Metric]]:
    for start in range(0, len(metrics), METRICS_MAX):
        yield metrics[start : start + METRICS_MAX]


def resources(alarm: PlannedAlarm, plan: Plan) -> Resources:
    properties: dict[str, Any] = {
        "AlarmName": alarm.physical,
        "AlarmDescription": f"{plan.app}, {plan.stage}: {alarm.told}",
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": alarm.threshold,
        "EvaluationPeriods": 1,
        "TreatMissingData": "notBreaching",
    }
    if len(alarm.metrics) == 1:
        properties |= one_metric(alarm.metrics[0])
    else:
        queries = [
            {"Id": f"m{at}", "ReturnData": False, "MetricStat": metric_stat(metric)}
            for at, metric in enumerate(alarm.metrics)
        ]
        whole = {"Id": "all", "Expression": alarm.expression, "ReturnData": True}
        properties["Metrics"] = [*queries, whole]
    return {
        logical(alarm.name, "Alarm"): {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}
    }


def one_metric(metric: Metric) -> dict[str, Any]:
    return {
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": dimensions(metric),
        "Statistic": metric.statistic,
        "Period": PERIOD_S,
    }


def metric_stat(metric: Metric) -> dict[str, Any]:
    said = one_metric(metric)
    inner = {key: said[key] for key in ("Namespace", "MetricName", "Dimensions")}
    return {"Metric": inner, "Period": PERIOD_S, "Stat": metric.statistic}


def dimensions(metric: Metric) -> list[dict[str, Any]]:
    name, value = metric.dimension
    return [{"Name": name, "Value": of(value)}]
