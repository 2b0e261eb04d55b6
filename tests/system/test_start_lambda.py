"""What a start asks of Lambda, and what becomes of it in trouble."""

from __future__ import annotations

import json

import pytest

from skylift.aws.runtime.client import Client, World
from skylift.aws.runtime.event import arrived
from skylift.aws.runtime.start_lambda import LambdaStarter
from skylift.aws.runtime.wait import drive
from skylift.errors import AccessDenied, Busy, Invalid, SkyliftError, Unavailable
from skylift.ports import Outgoing
from skylift.system import SystemClock
from tests.system.aws_stage import ENVIRONMENT, Act, Spent, Stage, answer, answers, error, resets

ACCEPTED = answer(b"", 202, crc=False)
THROTTLED = error("TooManyRequestsException", 429)


def started(*acts: Act, bodies: tuple[str, ...] = ('{"skylift":1}',)) -> tuple[list[object], Stage]:
    with Stage(*acts) as stage:
        spent = Spent()
        environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL": stage.url}
        client = Client("lambda", environment, World(SystemClock(), spent, spent.sleep))
        sender = LambdaStarter(client, "hello-dev-notes-count", SystemClock())
        try:
            return [*drive(sender.send_in_order([Outgoing(one) for one in bodies]))], stage
        finally:
            client.close()


def test_each_start_is_a_call_that_nobody_waits_for() -> None:
    errors, stage = started(answers(ACCEPTED, ACCEPTED), bodies=("{}", '{"no":"ü"}'))
    assert errors == [None, None]
    path = "/2015-03-31/functions/hello-dev-notes-count/invocations"
    for asked, body in zip(stage.asked, ("{}", '{"no":"ü"}'), strict=True):
        assert asked.head.startswith(f"POST {path} HTTP/1.1")
        assert asked.header("x-amz-invocation-type") == "Event"
        assert asked.body.decode() == body


def test_what_is_throttled_is_asked_again() -> None:
    errors, stage = started(answers(THROTTLED, THROTTLED, ACCEPTED))
    assert (errors, len(stage.asked)) == ([None], 3)


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (error("RequestTooLargeException", 413), Invalid),
        (error("InvalidRequestContentException"), Invalid),
        (error("AccessDeniedException", 403), AccessDenied),
        (error("ResourceNotFoundException", 404), Unavailable),
        (THROTTLED, Busy),
    ],
)
def test_what_is_refused_was_not_started(refusal: bytes, kind: type[SkyliftError]) -> None:
    (told,), _ = started(answers(*[refusal] * 3))
    assert isinstance(told, kind)
    assert not getattr(told, "unknown", False)


@pytest.mark.parametrize("act", [answers(error("ServiceException", 500)), resets()])
def test_what_nobody_knows_the_end_of_is_not_started_twice(act: Act) -> None:
    (told,), stage = started(act)
    assert isinstance(told, Unavailable)
    assert told.unknown
    assert len(stage.asked) == 1


def test_a_letter_that_is_no_json_is_redriven_as_the_text_it_is() -> None:
    refusal = error("InvalidRequestContentException")
    errors, stage = started(answers(refusal, ACCEPTED), bodies=("hello",))
    assert errors == [None]
    assert arrived(json.loads(stage.asked[1].body)).text == "hello"


def test_one_that_fails_stops_no_other() -> None:
    errors, _ = started(
        answers(error("InvalidRequestContentException"), ACCEPTED), bodies=("{}", "{}")
    )
    assert isinstance(errors[0], Invalid)
    assert errors[1] is None
