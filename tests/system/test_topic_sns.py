"""Publishing over sockets: what became of each message, whatever SNS says or does not say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

import pytest

from skylift.aws.runtime.client import Client, World
from skylift.aws.runtime.topic_sns import BYTES_MAX, SnsTopic
from skylift.aws.runtime.wait import drive
from skylift.errors import AccessDenied, Busy, Invalid, Unavailable
from skylift.ports import Outgoing
from skylift.system import SystemClock, SystemEntropy
from tests.system.aws_stage import (
    ENVIRONMENT,
    Act,
    Spent,
    Stage,
    Talk,
    answer,
    answers,
    resets,
)

ARN = "arn:aws:sns:eu-west-1:123456789012:news"


@contextmanager
def topic(*acts: Act, arn: str = ARN) -> Iterator[tuple[Stage, SnsTopic]]:
    with Stage(*acts) as stage:
        environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL_SNS": stage.url}
        spent = Spent()
        client = Client("sns", environment, World(SystemClock(), spent, spent.sleep))
        try:
            yield stage, SnsTopic(client, arn, SystemClock(), SystemEntropy())
        finally:
            client.close()


def published(form: dict[str, list[str]]) -> list[dict[str, str]]:
    """The entries of a request, in order."""
    found: list[dict[str, str]] = []
    start = "PublishBatchRequestEntries.member."
    for name, (text,) in form.items():
        if name.startswith(start):
            number, _, key = name.removeprefix(start).partition(".")
            found += [{} for _ in range(int(number) - len(found))]
            found[int(number) - 1][key] = text
    return found


def told(talk_body: bytes, refused: dict[str, tuple[str, bool]], silent: Sequence[str]) -> bytes:
    """As SNS answers; messages in `refused` fail with a code, of the `silent` nothing is said."""
    done = failed = ""
    for entry in published(parse_qs(talk_body.decode())):
        id, message = entry["Id"], entry["Message"]
        if message in refused:
            code, is_sender = refused[message]
            failed += f"<member><Id>{id}</Id><Code>{code}</Code><Message>no</Message>"
            failed += f"<SenderFault>{'true' if is_sender else 'false'}</SenderFault></member>"
        elif message not in silent:
            done += f"<member><Id>{id}</Id><MessageId>m</MessageId></member>"
    result = f"<Successful>{done}</Successful><Failed>{failed}</Failed>"
    return answer(
        f"<PublishBatchResponse><PublishBatchResult>{result}</PublishBatchResult>"
        "</PublishBatchResponse>".encode(),
        crc=False,
    )


def serving(
    refused: dict[str, tuple[str, bool]] | None = None,
    silent: Sequence[str] = (),
    *,
    first: Sequence[bytes] = (),
) -> Act:
    """Answers `first`, then as a topic does; what was refused once with no fault is not again."""
    left, refusals = [*first], refused or {}

    def act(talk: Talk) -> None:
        while True:
            asked = talk.asked()
            talk.send(left.pop(0) if left else told(asked.body, refusals, silent))
            for message in [one for one, (_, is_sender) in refusals.items() if not is_sender]:
                del refusals[message]

    return act


def sent(one: SnsTopic, *bodies: str, group: str = "", in_order: bool = False) -> list[Any]:
    messages = [Outgoing(body, group) for body in bodies]
    return drive((one.send_in_order if in_order else one.send)(messages))


def bodies(stage: Stage) -> list[list[str]]:
    return [
        [entry["Message"] for entry in published(parse_qs(asked.body.decode()))]
        for asked in stage.asked
    ]


def refusal(code: str, status: int) -> bytes:
    body = f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
    return answer(body.encode(), status, crc=False)


def test_a_message_is_published_as_it_is() -> None:
    with topic(serving()) as (stage, one):
        assert sent(one, '{"a":"é & =+"}') == [None]
        (asked,) = stage.asked
    form = parse_qs(asked.body.decode(), strict_parsing=True)
    assert published(form) == [{"Id": "0", "Message": '{"a":"é & =+"}'}]
    assert (form["Action"], form["TopicArn"]) == (["PublishBatch"], [ARN])
    assert asked.header("content-type").startswith("application/x-www-form-urlencoded")
    assert "/sns/aws4_request" in asked.header("authorization")


def test_ten_go_together_and_no_more_than_their_limit_in_bytes() -> None:
    with topic(serving()) as (stage, one):
        assert sent(one, *map(str, range(23))) == [None] * 23
        half = "x" * (BYTES_MAX // 2)
        assert sent(one, half, half, "y") == [None] * 3
    assert [len(batch) for batch in bodies(stage)] == [10, 10, 3, 2, 1]


def test_of_a_batch_done_in_part_the_rest_is_sent_again_or_its_error_is_said() -> None:
    refused = {"late": ("InternalError", False), "bad": ("InvalidParameter", True)}
    with topic(serving(refused)) as (stage, one):
        found = sent(one, "a", "late", "bad")
    assert found[:2] == [None, None]
    assert type(found[2]) is Invalid
    assert bodies(stage) == [["a", "late", "bad"], ["late"]]


@pytest.mark.parametrize("fifo", [True, False])
def test_what_nobody_knows_the_end_of_is_sent_again_only_where_that_makes_no_second_message(
    fifo: bool,
) -> None:
    with topic(serving(silent=["b"]), arn=ARN + ".fifo" * fifo) as (stage, one):
        none, error = sent(one, "a", "b", group="g" * fifo)
    assert none is None
    assert isinstance(error, Unavailable)
    assert error.unknown
    assert len(bodies(stage)) == (4 if fifo else 1)
    entries = [published(parse_qs(asked.body.decode()))[-1] for asked in stage.asked]
    assert len({entry.get("MessageDeduplicationId") for entry in entries}) == 1


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (refusal("AuthorizationError", 403), AccessDenied),
        (refusal("NotFound", 404), Unavailable),
        (refusal("Throttled", 429), Busy),
        (refusal("KMSThrottling", 400), Busy),
        (refusal("InvalidParameter", 400), Invalid),
    ],
)
def test_a_refusal_becomes_the_error_of_each(said: bytes, error: type[Exception]) -> None:
    with topic(answers(said)) as (_, one):
        found = sent(one, "a", "b")
    assert [type(each) for each in found] == [error, error]
    assert not any(getattr(each, "unknown", False) for each in found)


def test_a_throttle_that_passes_costs_a_pause() -> None:
    with topic(serving(first=[refusal("Throttled", 429)])) as (stage, one):
        assert sent(one, "a") == [None]
    assert len(stage.asked) == 2


def test_in_order_nothing_of_a_group_goes_before_what_failed() -> None:
    refused = {"2": ("InvalidParameter", True)}
    with topic(serving(refused), arn=f"{ARN}.fifo") as (stage, one):
        found = sent(one, "1", "2", "3", group="g", in_order=True)
    assert [type(each) for each in found] == [type(None), Invalid, Invalid]
    assert bodies(stage) == [["1"], ["2"]]


def test_in_order_groups_go_beside_each_other_with_the_ids_they_were_given() -> None:
    messages = [Outgoing(str(at), f"g{at % 2}", f"d{at}") for at in range(4)]
    with topic(serving(), arn=f"{ARN}.fifo") as (stage, one):
        assert drive(one.send_in_order(messages)) == [None] * 4
    assert bodies(stage) == [["0", "1"], ["2", "3"]]
    first = published(parse_qs(stage.asked[0].body.decode()))[1]
    assert first | {"Id": ""} == {
        "Id": "",
        "Message": "1",
        "MessageGroupId": "g1",
        "MessageDeduplicationId": "d1",
    }


def test_a_topic_that_does_not_answer_may_have_the_message() -> None:
    with topic(resets()) as (stage, one):
        (error,) = sent(one, "a")
    assert isinstance(error, Unavailable)
    assert error.unknown
    assert len(stage.asked) == 1
