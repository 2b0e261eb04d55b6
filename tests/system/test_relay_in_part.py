"""The relay when one receiver refuses what others have taken: Lambda asks again within a second,
and more than once; what was sent is not sent again with it.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from skylift.aws.runtime.lambda_relay import RelayLambda
from skylift.aws.runtime.lambda_unit import Surroundings
from skylift.aws.runtime.outbox import outbox_item
from skylift.ports import Outgoing
from skylift.system import SystemEntropy
from tests.system.aws_stage import ENVIRONMENT, Stage, Talk, answer
from tests.system.test_relay_in_time import Clock
from tests.unit.lambda_events import Context, Said

CALLS = 5


class Aws:
    """A ledger, a queue that takes everything, and one that is shut until it is opened."""

    def __init__(self) -> None:
        self.sent, self.is_open = Counter[str](), False
        self.held: dict[str, dict[str, Any]] = {}

    def act(self, talk: Talk) -> None:
        while True:
            asked = talk.asked()
            operation = asked.header("x-amz-target").rpartition(".")[2]
            said = getattr(self, operation)(json.loads(asked.body))
            talk.send(answer(json.dumps(said).encode(), 200, "Connection: close"))

    def SendMessageBatch(self, asked: dict[str, Any]) -> dict[str, Any]:
        entries = asked["Entries"]
        if "shut" in asked["QueueUrl"] and not self.is_open:
            refused = {"Code": "AccessDenied", "SenderFault": True}
            return {"Failed": [{"Id": one["Id"], **refused} for one in entries]}
        self.sent.update(one["MessageBody"] for one in entries)
        return {"Successful": [{"Id": one["Id"]} for one in entries]}

    def BatchWriteItem(self, asked: dict[str, Any]) -> dict[str, Any]:
        for one in asked["RequestItems"]["ledger"]:
            if "PutRequest" in one:
                item = one["PutRequest"]["Item"]
                self.held[item["id"]["S"]] = item
            else:
                self.held.pop(one["DeleteRequest"]["Key"]["id"]["S"], None)
        return {}

    def BatchGetItem(self, asked: dict[str, Any]) -> dict[str, Any]:
        ids = [key["id"]["S"] for key in asked["RequestItems"]["ledger"]["Keys"]]
        return {"Responses": {"ledger": [self.held[id] for id in ids if id in self.held]}}


def records(clock: Clock) -> list[dict[str, Any]]:
    """Two transactions: of the first one message can be sent and one cannot, of the second all."""
    sent = [[("jobs", "a"), ("shut", "b")], [("jobs", "c"), ("jobs", "d")]]
    found: list[dict[str, Any]] = []
    for at, messages in enumerate(sent):
        outgoing = [(queue, Outgoing(body)) for queue, body in messages]
        item = outbox_item(outgoing, f"{at:032}", clock.at)
        change = {
            "ApproximateCreationDateTime": clock.at,
            "Keys": {"id": item["id"]},
            "NewImage": item,
            "SequenceNumber": str(at),
        }
        found.append({"eventName": "INSERT", "dynamodb": change})
    return found


def test_what_was_sent_is_not_sent_again_with_what_could_not_be() -> None:
    clock, aws = Clock(), Aws()
    stream = records(clock)
    aws.held = {
        one["dynamodb"]["NewImage"]["id"]["S"]: one["dynamodb"]["NewImage"] for one in stream
    }
    with Stage(aws.act) as stage:
        environment = {
            **ENVIRONMENT,
            "AWS_ENDPOINT_URL": stage.url,
            "SKYLIFT_LEDGER": "ledger",
            "SKYLIFT_RESOURCES": json.dumps(
                {"jobs": f"{stage.url}/1/jobs", "shut": f"{stage.url}/1/shut"}
            ),
        }

        def handled() -> list[dict[str, str]]:
            # Lambda may ask another process each time: nothing is remembered but in the ledger.
            world = Surroundings(clock, SystemEntropy(), environment, lambda _: None, Said())
            relay = RelayLambda("hello", {"jobs": "queue", "shut": "queue"}, world)
            failed: list[dict[str, str]] = relay.handle({"Records": stream}, Context(60))[
                "batchItemFailures"
            ]
            return failed

        for _ in range(CALLS):
            assert handled() == [{"itemIdentifier": "0"}]
        assert aws.sent == {"a": 1, "c": 1, "d": 1}
        aws.is_open = True
        assert handled() == []
    assert aws.sent == {"a": 1, "b": 1, "c": 1, "d": 1}
    assert [id for id in aws.held if id.startswith("outbox")] == []
