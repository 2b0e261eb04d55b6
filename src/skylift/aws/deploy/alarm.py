"""One set of alarms for an app: requests that ended in an error of ours, messages given up,
messages that wait too long. Each looks at up to ten things at once; CloudWatch bills by the thing,
and the first ten of an account are free.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .api import gateway
from .bus import bus_name
from .names import ALARM_MAX, logical, physical
from .plan import (
    Metric,
    Plan,
    PlannedAlarm,
    PlannedApi,
    PlannedBus,
    PlannedDead,
    PlannedFunction,
    PlannedRule,
    PlannedTopic,
)
from .reference import Resources, of, ref

METRICS_MAX = 10  # of one alarm
PERIOD_S = 300
AGE_S = 900  # a message that waits longer is told
RELAY_AGE_MS = 300_000


def planned(plan: Plan) -> tuple[PlannedAlarm, ...]:
    """For what a plan holds otherwise."""
    relays = [one for one in plan.functions if one.kind == "relay"]
    followers = [one for one in plan.functions if one.kind == "change"]
    read = {one.feed.name for one in plan.functions if one.feed and one.feed.kind == "dead"}
    dead = [metric for one in plan.dead for metric in _dead(one, is_read=one.name in read)]
    return (
        *_alarms(plan, "errors", "requests that ended in a 5xx", 0, [*map(_errors, plan.apis)]),
        *_alarms(plan, "dead letters", "messages that were given up", 0, dead),
        *_alarms(
            *(plan, "waiting", "seconds of waiting for the oldest message", AGE_S),
            [
                *[_age(logical(one.name, "Queue")) for one in plan.queues if one.dead],
                *[_age(logical(one.name, "Due")) for one in plan.timers],
            ],
        ),
        *_alarms(
            *(plan, "undelivered", "messages that could not be delivered", 0),
            [
                *[_undelivered(one) for one in plan.topics if one.subscriptions],
                *[_lost(bus, rule) for bus in plan.buses for rule in bus.rules if not rule.dead],
            ],
        ),
        *_alarms(
            *(plan, "relay", "milliseconds of waiting for messages of transactions", RELAY_AGE_MS),
            [*map(_stream_age, relays)],
        ),
        *_alarms(
            *(plan, "changes", "milliseconds of waiting for a table's oldest change", AGE_S * 1000),
            [*map(_stream_age, followers)],
        ),
    )


def _alarms(
    plan: Plan, name: str, told: str, threshold: float, metrics: Sequence[Metric]
) -> Iterator[PlannedAlarm]:
    for start in range(0, len(metrics), METRICS_MAX):
        called = f"{name} {start // METRICS_MAX + 1}" if start else name
        some = tuple(metrics[start : start + METRICS_MAX])
        ids = ", ".join(f"m{at}" for at in range(len(some)))
        expression = f"{'MAX' if name in LONGEST else 'SUM'}([{ids}])"
        plain = physical(plan.app, plan.stage, called.replace(" ", "-"), ALARM_MAX)
        yield PlannedAlarm(called, plain, told, expression, threshold, some)


LONGEST = {"waiting", "relay", "changes"}
VISIBLE = "ApproximateNumberOfMessagesVisible"
HIDDEN = "ApproximateNumberOfMessagesNotVisible"


def _errors(api: PlannedApi) -> Metric:
    return Metric("AWS/ApiGateway", "5xx", ("ApiId", ref(gateway(api.name))), "Sum")


def _dead(dead: PlannedDead, *, is_read: bool) -> Iterator[Metric]:
    """A letter that its consumer gives up lies hidden: it is counted as if it were handled."""
    name = f"${{{logical(dead.name)}.QueueName}}"
    for counted in (VISIBLE, HIDDEN) if is_read else (VISIBLE,):
        yield Metric("AWS/SQS", counted, ("QueueName", name), "Maximum")


def _age(queue: str) -> Metric:
    """`queue` is its name in the template."""
    name = f"${{{queue}.QueueName}}"
    return Metric("AWS/SQS", "ApproximateAgeOfOldestMessage", ("QueueName", name), "Maximum")


def _undelivered(topic: PlannedTopic) -> Metric:
    name = f"${{{logical(topic.name, 'Topic')}.TopicName}}"
    return Metric("AWS/SNS", "NumberOfNotificationsFailed", ("TopicName", name), "Sum")


def _lost(bus: PlannedBus, rule: PlannedRule) -> Metric:
    """Of a rule that nobody keeps dead letters for."""
    name = ("EventBusName", bus_name(bus))
    return Metric("AWS/Events", "FailedInvocations", ("RuleName", rule.physical), "Sum", (name,))


def _stream_age(function: PlannedFunction) -> Metric:
    name = ref(logical(function.name, "Function"))
    return Metric("AWS/Lambda", "IteratorAge", ("FunctionName", name), "Maximum")


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
    found = (metric.dimension, *metric.beside)
    return [{"Name": name, "Value": of(value)} for name, value in sorted(found)]
