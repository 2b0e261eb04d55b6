"""Letters that Lambda wrote, or a service that could not hand something over: what happened, and
the message as it was sent.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from skylift.aws.runtime.letter_sqs import Lost, letter_of
from skylift.ports.delivery import Letter
from tests.unit.test_lambda_event import BODY, ENVELOPE, MARKED, NOTICE, OF_BUS, OF_TOPIC

LOST = Lost("nobody came back", 5)
SYSTEM = {"SentTimestamp": "1000500"}
SAID = "ValueError: no 7 (jobs.py:31 in fail)"
SENT = 1796032800.0


def record(payload: Any, response: Any, condition: str = "RetriesExhausted") -> str:
    """As Lambda sends it to a destination."""
    return json.dumps(
        {
            "version": "1.0",
            "timestamp": "2026-11-30T10:03:12.345Z",
            "requestContext": {
                "requestId": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
                "functionArn": "arn:aws:lambda:eu-west-1:123456789012:function:asked:$LATEST",
                "condition": condition,
                "approximateInvokeCount": 3,
            },
            "requestPayload": payload,
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
            "responsePayload": response,
        }
    )


def read(body: str, **given: str) -> Letter:
    return letter_of("m2", body, SYSTEM, given, LOST)


@pytest.mark.parametrize(
    ("payload", "message", "id"),
    [
        (ENVELOPE, ENVELOPE, "m1"),
        (MARKED, MARKED, "m1"),
        (OF_TOPIC, MARKED, "m1"),
        (OF_BUS, MARKED, "m1"),
        ({**OF_BUS, "detail": BODY}, BODY, "e1"),
        (BODY, BODY, "m2"),
    ],
)
def test_what_lambda_gave_up_is_the_message_that_was_sent(
    payload: Any, message: Any, id: str
) -> None:
    letter = read(record(payload, {"errorType": "Unfinished", "errorMessage": SAID}))
    assert (json.loads(letter.body), letter.id) == (message, id)
    assert (letter.reason, letter.error, letter.attempts) == ("failed", SAID, 3)


def test_it_was_sent_when_its_text_says_so() -> None:
    assert read(record(ENVELOPE, {})).sent_at == SENT
    assert read(record(OF_TOPIC, {})).sent_at == SENT + 0.123
    assert read(record(BODY, {})).sent_at == 1000.5


@pytest.mark.parametrize(
    ("response", "condition", "error"),
    [
        (
            {"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out after 3.00 seconds"},
            "RetriesExhausted",
            "Sandbox.Timedout: Task timed out after 3.00 seconds",
        ),
        (
            {"errorType": "Runtime.ExitError", "errorMessage": "exit status 3"},
            "RetriesExhausted",
            "Runtime.ExitError: exit status 3",
        ),
        (
            {"errorType": "Unfinished", "errorMessage": "TimedOut: it did not finish within 3 s"},
            "RetriesExhausted",
            "TimedOut: it did not finish within 3 s",
        ),
        (None, "EventAgeExceeded", "Lambda gave it up: EventAgeExceeded"),
        ({}, "RetriesExhausted", "Lambda gave it up: RetriesExhausted"),
    ],
)
def test_what_never_came_back_is_lost(response: Any, condition: str, error: str) -> None:
    letter = read(record(ENVELOPE, response, condition))
    assert (letter.reason, letter.error) == ("lost", error)


def test_an_error_that_is_none_of_ours_says_its_type() -> None:
    letter = read(record(ENVELOPE, {"errorType": "ImportError", "errorMessage": "no module"}))
    assert (letter.reason, letter.error) == ("failed", "ImportError: no module")


@pytest.mark.parametrize(
    ("event", "given"),
    [
        (NOTICE, {"ErrorCode": "AccessDenied", "ErrorMessage": "not allowed"}),
        (OF_BUS, {"ERROR_CODE": "AccessDenied", "ERROR_MESSAGE": "not allowed"}),
        (MARKED, {"ERROR_CODE": "AccessDenied", "ERROR_MESSAGE": "not allowed"}),
    ],
)
def test_what_could_not_be_handed_over_was_never_tried(event: Any, given: dict[str, str]) -> None:
    letter = read(json.dumps(event), **given)
    assert json.loads(letter.body) == MARKED
    error = "it could not be handed over: AccessDenied: not allowed"
    assert (letter.reason, letter.error, letter.attempts) == ("lost", error, 0)


@pytest.mark.parametrize("body", [json.dumps(NOTICE), json.dumps(OF_BUS), "[]", "no json", "7"])
def test_a_message_that_looks_like_an_event_stays_as_it_is(body: str) -> None:
    """SQS has moved it: its queue was fed by somebody who sends such things."""
    assert read(body) == Letter("m2", body, "lost", LOST.error, 5, "", 1000.5)
