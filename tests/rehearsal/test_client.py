"""The client against MiniStack: nobody of ours wrote what answers here."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import boto3
import pytest

from skylift.aws.runtime.batch import entries_failed, left_undone, next_page
from skylift.aws.runtime.client import Client, World
from skylift.aws.runtime.errors import translated
from skylift.aws.runtime.failure import Failure
from skylift.aws.runtime.retry import reasons_of
from skylift.aws.runtime.wait import drive
from skylift.errors import Conflict, Invalid, Unavailable
from skylift.system import SystemClock, SystemEntropy
from tests.rehearsal.ministack import REGION, Ministack

Call = Callable[..., dict[str, Any]]


def calling(one: Client) -> Call:
    def call(operation: str, asked: dict[str, Any], *, effect: str = "single") -> dict[str, Any]:
        return drive(
            one.call(operation, asked, dict[str, Any], deadline=time.time() + 10, effect=effect)
        )

    return call


def client(service: str, stack: Ministack, clock: Any = None, **more: str) -> Client:
    world = World(clock or SystemClock(), SystemEntropy(), time.sleep)
    return Client(service, {**stack.environment, **more}, world)


@pytest.fixture
def dynamodb(ministack: Ministack) -> Iterator[Call]:
    one = client("dynamodb", ministack)
    yield calling(one)
    one.close()


@pytest.fixture
def sqs(ministack: Ministack) -> Iterator[Call]:
    one = client("sqs", ministack)
    yield calling(one)
    one.close()


@pytest.fixture
def table(dynamodb: Call) -> str:
    name = f"notes-{uuid.uuid4().hex}"
    kinds = {"room": "S", "no": "N"}
    dynamodb(
        "CreateTable",
        {
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                {"AttributeName": name, "AttributeType": kind} for name, kind in kinds.items()
            ],
            "KeySchema": [
                {"AttributeName": "room", "KeyType": "HASH"},
                {"AttributeName": "no", "KeyType": "RANGE"},
            ],
        },
    )
    return name


def item(number: int, text: str = "") -> dict[str, Any]:
    return {"room": {"S": "é/日本"}, "no": {"N": str(number)}, "text": {"S": text}}


def key(number: int) -> dict[str, Any]:
    return {name: value for name, value in item(number).items() if name != "text"}


def test_ministack_starts_within_a_moment(ministack: Ministack) -> None:
    print(f"MiniStack took {ministack.started_s:.2f} s to start")
    assert ministack.started_s < 10


def test_what_was_put_is_got(dynamodb: Call, table: str) -> None:
    put = {"TableName": table, "Item": item(1, "hello")}
    dynamodb("PutItem", put, effect="repeatable")
    asked = {"TableName": table, "Key": key(1), "ConsistentRead": True}
    assert dynamodb("GetItem", asked, effect="none")["Item"] == item(1, "hello")
    asked["Key"] = key(2)
    assert "Item" not in dynamodb("GetItem", asked, effect="none")


def test_a_false_condition_is_a_conflict_that_shows_the_item(dynamodb: Call, table: str) -> None:
    put = {
        "TableName": table,
        "Item": item(1, "new"),
        "ConditionExpression": "attribute_not_exists(room)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    dynamodb("PutItem", put)
    with pytest.raises(Failure) as raised:
        dynamodb("PutItem", put)
    assert raised.value.code == "ConditionalCheckFailedException"
    assert raised.value.said["Item"] == item(1, "new")
    assert isinstance(translated(raised.value), Conflict)


def test_a_cancelled_transaction_says_which_action_was_why(dynamodb: Call, table: str) -> None:
    dynamodb("PutItem", {"TableName": table, "Item": item(1)})
    actions = [
        {"Put": {"TableName": table, "Item": item(2)}},
        {
            "Put": {
                "TableName": table,
                "Item": item(1),
                "ConditionExpression": "attribute_not_exists(room)",
            }
        },
    ]
    with pytest.raises(Failure) as raised:
        dynamodb("TransactWriteItems", {"TransactItems": actions, "ClientRequestToken": "a" * 36})
    codes = [reason["Code"] for reason in reasons_of(raised.value)]
    assert codes == ["None", "ConditionalCheckFailed"]
    assert isinstance(translated(raised.value), Conflict)
    found = dynamodb("GetItem", {"TableName": table, "Key": key(2)}, effect="none")
    assert "Item" not in found


def test_pages_lead_to_every_item_in_order(dynamodb: Call, table: str) -> None:
    for start in range(0, 100, 25):
        puts = [{"PutRequest": {"Item": item(n, "x")}} for n in range(start, start + 25)]
        asked: dict[str, Any] | None = {"RequestItems": {table: puts}}
        while asked is not None:
            asked = left_undone(asked, dynamodb("BatchWriteItem", asked, effect="repeatable"))
    numbers: list[int] = []
    page: dict[str, Any] | None = {
        "TableName": table,
        "KeyConditionExpression": "#room = :room",
        "ExpressionAttributeNames": {"#room": "room"},
        "ExpressionAttributeValues": {":room": item(0)["room"]},
        "Limit": 7,
    }
    while page is not None:
        found = dynamodb("Query", page, effect="none")
        numbers += [int(row["no"]["N"]) for row in found["Items"]]
        page = next_page(page, found)
    assert numbers == list(range(100))


def test_a_table_that_is_not_there_is_nobodys_404(dynamodb: Call) -> None:
    with pytest.raises(Failure) as raised:
        dynamodb("GetItem", {"TableName": "nowhere", "Key": key(1)}, effect="none")
    assert raised.value.code == "ResourceNotFoundException"
    assert isinstance(translated(raised.value), Unavailable)


def test_a_key_of_the_wrong_type_is_invalid(dynamodb: Call, table: str) -> None:
    with pytest.raises(Failure) as raised:
        dynamodb("GetItem", {"TableName": table, "Key": {"room": {"N": "1"}}}, effect="none")
    assert isinstance(translated(raised.value), Invalid)


def test_what_was_sent_is_received_and_deleted(sqs: Call) -> None:
    url = sqs("CreateQueue", {"QueueName": f"q-{uuid.uuid4().hex}"})["QueueUrl"]
    body = '{"text":"é 日本 \\u0007"}'
    sent = sqs("SendMessage", {"QueueUrl": url, "MessageBody": body})
    asked = {"QueueUrl": url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1}
    (found,) = sqs("ReceiveMessage", asked)["Messages"]
    assert (found["Body"], found["MessageId"]) == (body, sent["MessageId"])
    receipt = {"QueueUrl": url, "ReceiptHandle": found["ReceiptHandle"]}
    # Its answer has no body at all.
    assert sqs("ChangeMessageVisibility", {**receipt, "VisibilityTimeout": 0}) == {}
    (again,) = sqs("ReceiveMessage", asked)["Messages"]
    assert again["MessageId"] == sent["MessageId"]
    assert sqs("DeleteMessage", {**receipt, "ReceiptHandle": again["ReceiptHandle"]}) == {}
    assert not sqs("ReceiveMessage", asked | {"WaitTimeSeconds": 0}).get("Messages")


def test_entries_of_a_batch_fail_on_their_own(sqs: Call) -> None:
    url = sqs("CreateQueue", {"QueueName": f"q-{uuid.uuid4().hex}"})["QueueUrl"]
    sqs("SendMessage", {"QueueUrl": url, "MessageBody": "m"})
    (held,) = sqs("ReceiveMessage", {"QueueUrl": url})["Messages"]
    entries = [
        {"Id": "good", "ReceiptHandle": held["ReceiptHandle"]},
        {"Id": "bad", "ReceiptHandle": "none of theirs"},
    ]
    found = sqs("DeleteMessageBatch", {"QueueUrl": url, "Entries": entries})
    failed = entries_failed(["good", "bad"], found)
    assert list(failed) == ["bad"]
    assert not failed["bad"].unknown


def test_a_queue_that_is_not_there_is_unavailable(sqs: Call, ministack: Ministack) -> None:
    url = f"{ministack.url}/000000000000/nowhere"
    with pytest.raises(Failure) as raised:
        sqs("SendMessage", {"QueueUrl": url, "MessageBody": "m"})
    assert raised.value.code == "QueueDoesNotExist"
    assert isinstance(translated(raised.value), Unavailable)


@pytest.fixture
def user(guarded: Ministack) -> dict[str, str]:
    """The credentials of somebody who may list tables."""
    iam: Any = boto3.client(
        "iam",
        region_name=REGION,
        endpoint_url=guarded.url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    name = f"user-{uuid.uuid4().hex}"
    iam.create_user(UserName=name)
    policy = (
        '{"Version":"2012-10-17","Statement":'
        '[{"Effect":"Allow","Action":"dynamodb:ListTables","Resource":"*"}]}'
    )
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    iam.close()
    return {
        "AWS_ACCESS_KEY_ID": made["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"],
    }


def test_a_signature_is_checked_and_right(guarded: Ministack, user: dict[str, str]) -> None:
    one = client("dynamodb", guarded, **user)
    assert calling(one)("ListTables", {}, effect="none") == {"TableNames": []}
    one.close()


def test_a_wrong_secret_is_refused(guarded: Ministack, user: dict[str, str]) -> None:
    one = client("dynamodb", guarded, **user | {"AWS_SECRET_ACCESS_KEY": "wrong"})
    with pytest.raises(Failure) as raised:
        calling(one)("ListTables", {}, effect="none")
    assert raised.value.code == "InvalidSignatureException"
    assert isinstance(translated(raised.value), Unavailable)
    one.close()


def test_what_is_not_allowed_is_denied(guarded: Ministack, user: dict[str, str]) -> None:
    one = client("dynamodb", guarded, **user)
    with pytest.raises(Failure) as raised:
        calling(one)("GetItem", {"TableName": "t", "Key": key(1)}, effect="none")
    assert raised.value.code == "AccessDeniedException"
    assert "dynamodb:GetItem" in translated(raised.value).detail  # for the log
    one.close()


class Wrong:
    """A clock that is wrong by an hour."""

    def __init__(self, ahead_s: float) -> None:
        self._ahead_s = ahead_s

    def now(self) -> datetime:
        raise NotImplementedError

    def time(self) -> float:
        return time.time() + self._ahead_s

    def monotonic(self) -> float:
        return time.monotonic()


@pytest.mark.parametrize("ahead_s", [3600, -3600])
def test_a_wrong_clock_is_put_right(
    ahead_s: float, guarded: Ministack, user: dict[str, str]
) -> None:
    clock = Wrong(ahead_s)
    one = client("dynamodb", guarded, clock, **user)
    for _ in range(2):
        found = drive(one.call("ListTables", {}, dict[str, Any], deadline=clock.time() + 10))
        assert found == {"TableNames": []}
    one.close()
