"""Tables and queues on MiniStack, made as a template of ours makes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from skylift.codec import BYTES_MAX, ItemCodec, KeyField
from skylift.function import Function
from skylift.resources.queue import Consumption, Queue
from skylift.resources.table import Table

Call = Callable[[str, str, Mapping[str, Any]], dict[str, Any]]

KINDS = {"text": "S", "number": "N", "bytes": "B"}
LEASE_S, RECEIVES_MAX = 60, 15  # of a queue whose consumer a test does not say
DEAD_RETENTION_S = 14 * 86_400


def make_table(
    call: Call, name: str, table: Table[Any, Any], stream: Mapping[str, Any] | None = None
) -> str:
    codec = ItemCodec(table.item, f"table {table.name!r}")
    kinds: dict[str, str] = {}

    def schema(fields: tuple[str, ...]) -> list[dict[str, str]]:
        keys: list[dict[str, str]] = []
        for field, role in zip(fields, ("HASH", "RANGE"), strict=False):
            names, shapes = codec.find(field)
            kinds[names[0]] = KINDS[KeyField(field, shapes[-1], codec.place, BYTES_MAX[0]).kind]
            keys.append({"AttributeName": names[0], "KeyType": role})
        return keys

    asked: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": schema(table.key),
    }
    indexes = [
        {"IndexName": index, "KeySchema": schema(fields), "Projection": {"ProjectionType": "ALL"}}
        for index, fields in table.indexes.items()
    ]
    if indexes:
        asked["GlobalSecondaryIndexes"] = indexes
    asked["AttributeDefinitions"] = [
        {"AttributeName": stored, "AttributeType": kind} for stored, kind in kinds.items()
    ]
    if stream is not None:
        asked["StreamSpecification"] = stream
    call("dynamodb", "CreateTable", asked)
    return name


def make_ledger(call: Call, name: str) -> str:
    asked = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    }
    call("dynamodb", "CreateTable", asked)
    return name


def make_queue(
    call: Call, name: str, queue: Queue[Any], consumer: Function[..., Any] | None
) -> tuple[str, str]:
    """The URLs of the queue and of its dead letters."""
    fifo = {"FifoQueue": "true"} if queue.fifo else {}
    suffix = ".fifo" if queue.fifo else ""
    dead = {**fifo, "MessageRetentionPeriod": str(DEAD_RETENTION_S)}
    dead_url = _made(call, f"{name}-dead{suffix}", dead)
    asked = {"QueueUrl": dead_url, "AttributeNames": ["QueueArn"]}
    arn = call("sqs", "GetQueueAttributes", asked)["Attributes"]["QueueArn"]
    policy = {"deadLetterTargetArn": arn, "maxReceiveCount": received_at_most(consumer)}
    attributes = {
        **fifo,
        "VisibilityTimeout": str(int(queue.lease_s or LEASE_S)),
        "MessageRetentionPeriod": str(int(queue.retention_s)),
        "RedrivePolicy": json.dumps(policy),
    }
    return _made(call, f"{name}{suffix}", attributes), dead_url


def received_at_most(consumer: Function[..., Any] | None) -> int:
    if consumer is None:
        return RECEIVES_MAX
    assert isinstance(consumer.trigger, Consumption)
    return consumer.trigger.receives_max


def _made(call: Call, name: str, attributes: Mapping[str, str]) -> str:
    made = call("sqs", "CreateQueue", {"QueueName": name, "Attributes": attributes})
    return str(made["QueueUrl"])
