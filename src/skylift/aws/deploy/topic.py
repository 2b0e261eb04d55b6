"""A Topic on AWS: an SNS topic, encrypted, reached over TLS alone, with a subscription for each
function that it calls and each queue that it feeds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from msgspec import json

from ...graph.model import Graph
from ...patterns import filter_policy
from ...resources.queue import Queue
from ...resources.topic import Subscription, Topic
from .names import FIFO, TOPIC_MAX, logical, physical
from .plan import Plan, PlannedFunction, PlannedSubscription, PlannedTopic
from .reference import Resource, Resources, arn, of, ref
from .sender import SNS

KEY = "alias/aws/sns"  # AWS's own: whoever may publish may use it


def planned(topic: Topic[Any], graph: Graph, stage: str) -> PlannedTopic:
    name = physical(graph.app, stage, topic.name, TOPIC_MAX - len(FIFO)) + FIFO * topic.fifo
    told = sorted(_subscriptions(topic, graph), key=lambda one: (one.function, one.queue))
    return PlannedTopic(topic.name, name, topic.fifo, tuple(told))


def _subscriptions(topic: Topic[Any], graph: Graph) -> Iterator[PlannedSubscription]:
    for node in graph.triggered_by(topic):
        where = cast(Subscription, node.function.trigger).where
        yield PlannedSubscription(node.name, "", _written(where, topic), f"{node.name}.dead")
    for feed in topic.fed:
        dead = _letters(feed.queue, graph) if feed.queue.fifo == topic.fifo else ""
        yield PlannedSubscription("", feed.queue.name, _written(feed.where, topic), dead)


def _letters(queue: Queue[Any], graph: Graph) -> str:
    """Of the queue's consumer. SNS wants them to be FIFO where the topic is."""
    consumer = next(graph.triggered_by(queue), None)
    return f"{consumer.name}.dead" if consumer else ""


def _written(where: Any, topic: Topic[Any]) -> str:
    document = filter_policy(where, topic.message).document
    return json.encode(document).decode() if document else ""


# -- as a template says it


def resources(topic: PlannedTopic) -> Resources:
    name = logical(topic.name, "Topic")
    properties: dict[str, Any] = {"TopicName": topic.physical, "KmsMasterKeyId": KEY}
    if topic.fifo:
        # As SQS's own: the whole topic is looked through for doubles, and not a group alone.
        scope = {"ContentBasedDeduplication": False, "FifoThroughputScope": "Topic"}
        properties |= {"FifoTopic": True, **scope}
    found: Resources = {
        name: {"Type": "AWS::SNS::Topic", "Properties": properties},
        f"{name}Policy": tls_only(name),
    }
    for one in topic.subscriptions:
        if one.queue:
            found[feed_id(topic, one.queue)] = feed(topic, one)
    return found


def feed_id(topic: PlannedTopic, queue: str) -> str:
    return f"{logical(topic.name)}To{logical(queue)}"


def feed(topic: PlannedTopic, one: PlannedSubscription) -> Resource:
    """The queue gets the very text, once its policy and that of the dead letters let it in."""
    properties = subscription(topic, one) | {
        "Protocol": "sqs",
        "Endpoint": of(arn(logical(one.queue, "Queue"))),
        "RawMessageDelivery": True,
    }
    return {
        "Type": "AWS::SNS::Subscription",
        "DependsOn": sorted(_policies(one)),
        "Properties": properties,
    }


def _policies(one: PlannedSubscription) -> Iterator[str]:
    yield logical(one.queue, "QueuePolicy")
    if one.dead:
        yield f"{logical(one.dead)}Policy"


def of_function(function: PlannedFunction, plan: Plan) -> Resources:
    """How a topic calls it; where SNS cannot, its dead letters have the message."""
    found: Resources = {}
    for topic in plan.topics:
        for one in topic.subscriptions:
            if one.function == function.name:
                found |= _calling(topic, one)
    return found


def _calling(topic: PlannedTopic, one: PlannedSubscription) -> Resources:
    name = logical(one.function)
    properties = subscription(topic, one) | {
        "Protocol": "lambda",
        "Endpoint": of(arn(f"{name}Function")),
    }
    permission = {
        "FunctionName": of(ref(f"{name}Function")),
        "Action": "lambda:InvokeFunction",
        "Principal": SNS,
        "SourceArn": of(ref(logical(topic.name, "Topic"))),
    }
    return {
        f"{name}Told": {"Type": "AWS::Lambda::Permission", "Properties": permission},
        f"{name}Subscription": {
            "Type": "AWS::SNS::Subscription",
            "DependsOn": [f"{name}Invoked", f"{name}Told"],  # or what comes first is lost
            "Properties": properties,
        },
    }


def subscription(topic: PlannedTopic, one: PlannedSubscription) -> dict[str, Any]:
    said: dict[str, Any] = {"TopicArn": of(ref(logical(topic.name, "Topic")))}
    if one.where:
        said |= {"FilterPolicy": json.decode(one.where), "FilterPolicyScope": "MessageBody"}
    if one.dead:
        said["RedrivePolicy"] = {"deadLetterTargetArn": of(arn(logical(one.dead)))}
    return said


def tls_only(name: str) -> Resource:
    statement = {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": of(ref(name)),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {
        "Type": "AWS::SNS::TopicPolicy",
        "Properties": {
            "Topics": [of(ref(name))],
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        },
    }
