"""What may be done to one request, as AWS says it. Each fault is given the request, a way on to
the emulator, and chance; it returns the answer, or None when the connection just ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from msgspec import json

SQS = {
    *("SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"),
    *("ReceiveMessage", "GetQueueAttributes"),
}
READS = {"GetItem", "BatchGetItem", "Query", "Scan", "GetQueueAttributes"}
WRITES = {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"}
# A second time they do what they have done already.
REPEATABLE = {
    *READS,
    *("BatchWriteItem", "TransactWriteItems"),
    *("DeleteMessageBatch", "ChangeMessageVisibilityBatch"),
    *("CreateSchedule", "UpdateSchedule", "DeleteSchedule"),
}


@dataclass(frozen=True)
class Asked:
    operation: str
    said: dict[str, Any]

    @property
    def is_repeatable(self) -> bool:
        said = self.said
        if self.operation in ("SendMessageBatch", "PublishBatch"):
            return is_fifo(self)
        if self.operation in ("PutItem", "DeleteItem"):
            return "ConditionExpression" not in said and "ReturnValues" not in said
        return self.operation in REPEATABLE


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


On: TypeAlias = Callable[[Mapping[str, Any]], Answer]
Some: TypeAlias = Callable[[int], list[int]]


@dataclass(frozen=True)
class Fault:
    name: str
    fits: Callable[[Asked], bool]
    done: Callable[[Asked, On, Some], Answer | None]


def possible(asked: Asked) -> list[Fault]:
    return [one for one in FAULTS if one.fits(asked)]


def named(name: str) -> Fault:
    return next(one for one in FAULTS if one.name == name)


# -- what they do


def throttled(asked: Asked, on: On, some: Some) -> Answer:
    code = "ThrottlingException"
    if asked.operation in WRITES and asked.operation != "TransactWriteItems":
        code = "ProvisionedThroughputExceededException"
    return refusal(400, code, "Rate exceeded")


def conflict(asked: Asked, on: On, some: Some) -> Answer:
    """Another transaction is at one of the items."""
    if asked.operation != "TransactWriteItems":
        return refusal(400, "TransactionConflictException", "Transaction is ongoing for the item")
    count = len(asked.said["TransactItems"])
    hit = set(some(count))
    reasons = [
        {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}
        if at in hit
        else {"Code": "None"}
        for at in range(count)
    ]
    message = f"Transaction cancelled, {count} reasons"
    more = {"CancellationReasons": reasons}
    return refusal(400, "TransactionCanceledException", message, more)


def failed(asked: Asked, on: On, some: Some) -> Answer:
    """It was not carried out, but nobody is told that."""
    return refusal(500, "InternalServerError", "Internal server error")


def closed(asked: Asked, on: On, some: Some) -> None:
    """The same, without a word."""


def lost(asked: Asked, on: On, some: Some) -> None:
    """It was carried out."""
    on(asked.said)


def unprocessed(asked: Asked, on: On, some: Some) -> Answer:
    """Some of the items or keys are left for another time."""
    key = "UnprocessedKeys" if asked.operation == "BatchGetItem" else "UnprocessedItems"
    tables: dict[str, Any] = asked.said["RequestItems"]
    left, going = dict[str, Any](), dict[str, Any]()
    for table, given in tables.items():
        each: list[Any] = given["Keys"] if key == "UnprocessedKeys" else given
        hit = set(some(len(each)))
        for part, into in ((True, left), (False, going)):
            chosen = [one for at, one in enumerate(each) if (at in hit) is part]
            if chosen:
                into[table] = given | {"Keys": chosen} if key == "UnprocessedKeys" else chosen
    if not going:
        empty = {"Responses": {}} if key == "UnprocessedKeys" else {}
        return accepted({**empty, key: left})
    answer = on({**asked.said, "RequestItems": going})
    if answer.status != 200:
        return answer
    said = json.decode(answer.body, type=dict[str, Any])
    return accepted({**said, key: {**said.get(key, {}), **left}})


def entries(asked: Asked, on: On, some: Some) -> Answer:
    """Some entries of a batch fail, for no fault of the sender's."""
    each: list[Any] = asked.said["Entries"]
    hit = set(some(len(each)))
    refused = [
        {"Id": one["Id"], "Code": "InternalError", "Message": "try again", "SenderFault": False}
        for at, one in enumerate(each)
        if at in hit
    ]
    going = [one for at, one in enumerate(each) if at not in hit]
    if not going:
        return accepted({"Successful": [], "Failed": refused})
    answer = on({**asked.said, "Entries": going})
    if answer.status != 200:
        return answer
    said = json.decode(answer.body, type=dict[str, Any])
    return accepted({**said, "Failed": [*said.get("Failed", []), *refused]})


def is_apart(asked: Asked) -> bool:
    """Entries that may fail each on its own. Where one of a FIFO group fails before another that
    succeeds, nobody can put it in its place any more: that is said, and no trouble to get over.
    """
    if not asked.operation.endswith(("MessageBatch", "VisibilityBatch", "PublishBatch")):
        return False
    groups = [one["MessageGroupId"] for one in asked.said["Entries"] if "MessageGroupId" in one]
    return not is_fifo(asked) or len(set(groups)) == len(groups)


def is_fifo(asked: Asked) -> bool:
    place = asked.said.get("QueueUrl") or asked.said["TopicArn"]
    return str(place).endswith(".fifo")


def may_be_repeated(asked: Asked) -> bool:
    """Whoever receives in vain finds the messages again when their lease ends."""
    return asked.is_repeatable or asked.operation == "ReceiveMessage"


FAULTS = [
    Fault("throttled", lambda asked: True, throttled),
    Fault("conflict", lambda asked: asked.operation in WRITES, conflict),
    Fault("failed", may_be_repeated, failed),
    Fault("closed", may_be_repeated, closed),
    Fault("lost", lambda asked: asked.is_repeatable, lost),
    Fault(
        "unprocessed",
        lambda asked: asked.operation in ("BatchGetItem", "BatchWriteItem"),
        unprocessed,
    ),
    Fault("entries", is_apart, entries),
]


def refusal(status: int, code: str, message: str, more: Mapping[str, Any] | None = None) -> Answer:
    said = {"__type": code, "message": message, **(more or {})}
    return Answer(status, json.encode(said), {"content-type": "application/x-amz-json-1.0"})


def accepted(said: Mapping[str, Any]) -> Answer:
    return Answer(200, json.encode(said), {"content-type": "application/x-amz-json-1.0"})
