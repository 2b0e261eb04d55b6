"""REST over sockets: what is sent is what botocore sends, and what is refused says its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import botocore.serialize
import botocore.session
import pytest
from msgspec import json

from skylift.aws.runtime.client import Client, World
from skylift.aws.runtime.client_rest import Rest, body_of, called, path_of
from skylift.aws.runtime.errors import translated
from skylift.aws.runtime.failure import Failure
from skylift.aws.runtime.retry import Effect
from skylift.aws.runtime.wait import drive
from skylift.errors import Busy, Unavailable
from skylift.system import SystemClock
from tests.system.aws_stage import ENVIRONMENT, Act, Spent, Stage, answer, answers, resets, soon

SESSION: Any = botocore.session.get_session()
TARGET = {
    "Arn": "arn:aws:sqs:eu-west-1:1:q",
    "RoleArn": "arn:aws:iam::1:role/r",
    "Input": '{"é":1}',
}
SCHEDULE = {
    "ScheduleExpression": "at(2026-12-01T00:00:00)",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": TARGET,
    "GroupName": "a-b",
}
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:hello-é"
OPERATIONS: list[tuple[str, dict[str, Any], Rest]] = [
    (
        "scheduler",
        {"Name": "a.b-c_d", **SCHEDULE},
        Rest("CreateSchedule", "POST", path_of("schedules", "a.b-c_d"), body_of(SCHEDULE)),
    ),
    (
        "scheduler",
        {"Name": "a b/c", "GroupName": "g+&= é", "ClientToken": "t"},
        Rest(
            "DeleteSchedule",
            "DELETE",
            path_of("schedules", "a b/c"),
            query={"groupName": "g+&= é", "clientToken": "t"},
        ),
    ),
    (
        "lambda",
        {"FunctionName": FUNCTION, "InvocationType": "Event", "Payload": b'{"a":1}'},
        Rest(
            "Invoke",
            "POST",
            path_of("2015-03-31", "functions", FUNCTION, "invocations"),
            b'{"a":1}',
            headers={"x-amz-invocation-type": "Event"},
        ),
    ),
]


def talked(
    *acts: Act, rest: Rest, service: str = "scheduler", effect: Effect = "single"
) -> tuple[Any, Stage]:
    with Stage(*acts) as stage:
        spent = Spent()
        environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL": stage.url}
        one = Client(service, environment, World(SystemClock(), spent, spent.sleep))
        try:
            return drive(called(one, rest, dict[str, Any], deadline=soon(), effect=effect)), stage
        except Failure as failure:
            return failure, stage
        finally:
            one.close()


def theirs(service: str, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    model = SESSION.get_service_model(service)
    writer = botocore.serialize.create_serializer(model.metadata["protocol"])
    return writer.serialize_to_request(asked, model.operation_model(operation))


@pytest.mark.parametrize(("service", "asked", "rest"), OPERATIONS)
def test_what_is_sent_is_what_botocore_sends(
    service: str, asked: dict[str, Any], rest: Rest
) -> None:
    _, stage = talked(answers(answer(b"{}", crc=False)), rest=rest, service=service)
    (sent,) = stage.asked
    expected = theirs(service, rest.operation, asked)
    method, target, _ = sent.head.split("\r\n")[0].split(" ")
    path, _, query = target.partition("?")
    assert (method, path) == (expected["method"], expected["url_path"])
    pairs = dict(pair.split("=") for pair in query.split("&") if query)
    assert pairs.keys() == expected["query_string"].keys()
    body = expected["body"]
    assert (json.decode(sent.body) if sent.body else None) == (json.decode(body) if body else None)
    for name, text in expected["headers"].items():
        if name.lower() != "content-type":
            assert sent.header(name.lower()) == text
    assert f"/eu-west-1/{service}/aws4_request" in sent.header("authorization")
    assert not sent.header("x-amz-target")


def test_an_endpoint_may_stand_below_a_path() -> None:
    with Stage(answers(answer())) as stage:
        environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL_LAMBDA": stage.url + "/below/"}
        one = Client("lambda", environment, World(SystemClock(), Spent(), Spent().sleep))
        drive(called(one, Rest("Get", "GET", path_of("a")), dict[str, Any], deadline=soon()))
        one.close()
    assert stage.asked[0].head.startswith("GET /below/a HTTP/1.1\r\n")


def test_an_empty_answer_is_an_empty_object() -> None:
    found, _ = talked(answers(answer(b"", 202, crc=False)), rest=OPERATIONS[2][2])
    assert found == {}


REFUSED = b'{"Type":"User","Message":"no such function"}'


@pytest.mark.parametrize(
    ("status", "header", "body", "code", "message"),
    [
        (
            404,
            "ResourceNotFoundException",
            REFUSED,
            "ResourceNotFoundException",
            "no such function",
        ),
        (409, "ConflictException:http://internal/", b'{"Message":"x"}', "ConflictException", "x"),
        (400, "", b'{"message":"x","code":"ValidationException"}', "ValidationException", "x"),
        (403, "", b"<html>", "Http403", "no message"),
    ],
)
def test_a_refusal_says_its_name(
    status: int, header: str, body: bytes, code: str, message: str
) -> None:
    headers = [f"x-amzn-ErrorType: {header}"] if header else []
    found, stage = talked(answers(answer(body, status, *headers, crc=False)), rest=OPERATIONS[0][2])
    assert (found.code, found.message, found.status) == (code, message, status)
    assert found.operation == "scheduler.CreateSchedule"
    assert len(stage.asked) == 1


def test_a_throttled_call_is_made_again_and_is_busy_in_the_end() -> None:
    no = answer(b"{}", 429, "x-amzn-errortype: TooManyRequestsException", crc=False)
    found, stage = talked(answers(no), rest=OPERATIONS[2][2])
    assert (len(stage.asked), type(translated(found))) == (3, Busy)


@pytest.mark.parametrize(("effect", "sent"), [("repeatable", 2), ("single", 1)])
def test_a_call_whose_answer_is_lost_is_repeated_where_that_is_safe(
    effect: Effect, sent: int
) -> None:
    rest = OPERATIONS[0][2]
    found, stage = talked(resets(), answers(answer(b"{}", crc=False)), rest=rest, effect=effect)
    assert len(stage.asked) == sent
    if effect == "repeatable":
        assert found == {}
    else:
        error = translated(found)
        assert isinstance(error, Unavailable)
        assert error.unknown
