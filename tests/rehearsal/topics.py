"""Topics on MiniStack, made as a template of ours makes them: each with its subscriptions, of what
it feeds and of the queues at the places of its functions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from skylift.aws.runtime.client_query import Query, called
from skylift.aws.runtime.topic_sns import VERSION
from skylift.aws.runtime.wait import drive
from skylift.patterns import filter_policy
from skylift.resources.topic import Topic

if TYPE_CHECKING:
    from skylift.aws.runtime.client import Client
    from tests.rehearsal.stand import AwsStand


def make_topic(stand: AwsStand, topic: Topic[Any]) -> None:
    client, fifo = stand.direct("sns"), ".fifo" * topic.fifo
    name = {"Name": f"{stand.name}-{topic.name}{fifo}"}
    attributes = attributed(FifoTopic="true", FifoThroughputScope="Topic") if fifo else {}
    arn = asked(client, "CreateTopic", name | attributes)["TopicArn"]
    stand.places[topic.name] = arn
    subscribers = [one for one in stand.functions if one.trigger.resource is topic]
    wanted = [(one.name, getattr(one.trigger, "where", None)) for one in subscribers]
    wanted += [(feed.queue.name, feed.where) for feed in topic.fed]
    for queue, where in wanted:
        to = {"TopicArn": arn, "Protocol": "sqs", "Endpoint": stand.arn(queue)}
        asked(client, "Subscribe", to | attributed(**subscription(where, topic)))


def subscription(where: Any, topic: Topic[Any]) -> dict[str, str]:
    document = filter_policy(where, topic.message).document
    said = {"RawMessageDelivery": "true"}
    if document:
        said |= {"FilterPolicy": json.dumps(document), "FilterPolicyScope": "MessageBody"}
    return said


def attributed(**said: str) -> dict[str, str]:
    """As the query protocol writes a map."""
    found: dict[str, str] = {}
    for number, (key, value) in enumerate(said.items(), 1):
        entry = f"Attributes.entry.{number}"
        found |= {f"{entry}.key": key, f"{entry}.value": value}
    return found


def open_topic(stand: AwsStand, topic: Topic[Any]) -> Any:
    from skylift.aws.runtime.topic_sns import SnsTopic

    arn = stand.places[topic.name]
    return SnsTopic(stand.asking("sns"), arn, stand.clock, stand.entropy)


def asked(client: Client, operation: str, said: Mapping[str, Any]) -> dict[str, Any]:
    query = Query(operation, VERSION, {**said})
    return drive(called(client, query, dict[str, Any], deadline=float("inf"), effect="none"))
