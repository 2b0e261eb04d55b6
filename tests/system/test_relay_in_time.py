"""The relay when there is more to send than its time allows: what was sent is off the ledger,
Lambda is told where to go on, and in the end each message was sent once.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from skylift.aws.runtime.lambda_relay import RelayLambda
from skylift.aws.runtime.lambda_unit import Surroundings
from skylift.aws.runtime.outbox import outbox_item
from skylift.ports import Outgoing
from skylift.system import SystemEntropy
from tests.system.aws_stage import ENVIRONMENT, Stage, Talk, answer
from tests.unit.lambda_events import Context, Said

TIME_S = 60.0
SQS_S = 0.05  # it is slow today
ITEMS, MESSAGES = 40, 60  # of one group: SQS is asked 2,400 times, which is two minutes


class Clock:
    """Goes on when SQS is asked, and then only."""

    def __init__(self) -> None:
        self.at = 2_000_000_000.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    def time(self) -> float:
        return self.at

    monotonic = time


class Aws:
    """SQS and DynamoDB, as far as the relay asks them."""

    def __init__(self, clock: Clock, items: list[dict[str, Any]]) -> None:
        self._clock, self.sent = clock, Counter[str]()
        self.left = {item["id"]["S"]: item for item in items}

    def act(self, talk: Talk) -> None:
        while True:
            asked = talk.asked()
            operation = asked.header("x-amz-target").rpartition(".")[2]
            said = getattr(self, operation)(json.loads(asked.body))
            talk.send(answer(json.dumps(said).encode(), 200, "Connection: close"))

    def SendMessageBatch(self, asked: dict[str, Any]) -> dict[str, Any]:
        self._clock.at += SQS_S
        self.sent.update(one["MessageDeduplicationId"] for one in asked["Entries"])
        return {"Successful": [{"Id": one["Id"]} for one in asked["Entries"]]}

    def BatchWriteItem(self, asked: dict[str, Any]) -> dict[str, Any]:
        for one in asked["RequestItems"]["ledger"]:
            del self.left[one["DeleteRequest"]["Key"]["id"]["S"]]
        return {}

    def BatchGetItem(self, asked: dict[str, Any]) -> dict[str, Any]:
        ids = [key["id"]["S"] for key in asked["RequestItems"]["ledger"]["Keys"]]
        return {"Responses": {"ledger": [{"id": {"S": id}} for id in ids if id in self.left]}}


def records(clock: Clock) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for at in range(ITEMS):
        messages = [("steps", Outgoing("{}", "group"))] * MESSAGES
        item = outbox_item(messages, f"{at:032}", clock.at)
        change = {
            "ApproximateCreationDateTime": clock.at,
            "Keys": {"id": item["id"]},
            "NewImage": item,
            "SequenceNumber": str(at),
        }
        found.append({"eventName": "INSERT", "dynamodb": change})
    return found


def test_what_takes_longer_than_the_relay_has_is_relayed_piece_by_piece() -> None:
    clock, said = Clock(), Said()
    stream = records(clock)
    aws = Aws(clock, [one["dynamodb"]["NewImage"] for one in stream])
    with Stage(aws.act) as stage:
        places = {"steps": f"{stage.url}/1/steps.fifo"}
        environment = {
            **ENVIRONMENT,
            "AWS_ENDPOINT_URL": stage.url,
            "SKYLIFT_LEDGER": "ledger",
            "SKYLIFT_RESOURCES": json.dumps(places),
        }
        world = Surroundings(clock, SystemEntropy(), environment, lambda _: None, said)
        relay = RelayLambda("hello", {"steps": "queue"}, world)
        calls = 0
        while stream:
            before = len(aws.left)
            answered = relay.handle({"Records": stream}, Context(TIME_S))
            assert len(aws.left) < before, "nothing came off the ledger: it is all sent again"
            numbers = [one["itemIdentifier"] for one in answered["batchItemFailures"]]
            stream = stream[int(numbers[0]) - ITEMS :] if numbers else []
            calls += 1
    assert (calls > 1, aws.left) == (True, {})
    assert len(aws.sent) == ITEMS * MESSAGES
    assert set(aws.sent.values()) == {1}
    assert said.logs == []
