"""What AWS itself sends to a queue: what feeds it, and what a service could not hand to a function,
which goes to the function's dead letters. The queue's policy names exactly these.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .bus import EVENTS, rule_arn
from .names import logical
from .plan import Plan
from .reference import arn, of, ref

SNS = "sns.amazonaws.com"


def sending(queue: str, id: str, plan: Plan) -> list[dict[str, Any]]:
    """Statements for its policy. `queue` is a queue's name, or that of dead letters; `id` is what
    the template calls it.
    """
    found: dict[str, list[str]] = {}
    for service, source, target in _senders(plan):
        if target == queue:
            found.setdefault(service, []).append(source)
    return [
        {
            "Sid": f"From{service.partition('.')[0].capitalize()}",
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sqs:SendMessage",
            "Resource": of(arn(id)),
            "Condition": {"ArnEquals": {"aws:SourceArn": [of(one) for one in sources]}},
        }
        for service, sources in found.items()
    ]


def _senders(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Service, on behalf of what of ours, and to which queue."""
    for topic in plan.topics:
        for one in topic.subscriptions:
            source = ref(logical(topic.name, "Topic"))
            for target in filter(None, (one.queue, one.dead)):
                yield SNS, source, target
    for bus in plan.buses:
        for rule in bus.rules:
            for target in filter(None, (rule.queue, rule.dead)):
                yield EVENTS, rule_arn(bus, rule), target
