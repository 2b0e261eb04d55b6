"""What Lambda hands over and waits for nothing: told apart by its shape, and ended by an error when
it is to come back.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from skylift import Queue, Struct
from skylift.aws.runtime.event import arrived
from skylift.aws.runtime.lambda_event import EventLambda, Unfinished
from skylift.aws.runtime.lambda_queue import QueueLambda, queue_source
from skylift.errors import DeclarationError
from tests.unit.lambda_events import Context, Said, surroundings, unit

SENT = "2026-11-30T10:00:00.000000Z"
MARK: dict[str, Any] = {"version": 1, "id": "m1", "type": "Job", "sent_at": SENT, "trace": ""}
BODY: dict[str, Any] = {"no": 7}
ENVELOPE: dict[str, Any] = {
    "skylift": 1,
    "id": "m1",
    "type": "Job",
    "sent_at": SENT,
    "trace": "",
    "body": BODY,
}
MARKED: dict[str, Any] = {**BODY, "skylift": MARK}
NOTICE: dict[str, Any] = {
    "Type": "Notification",
    "MessageId": "n1",
    "TopicArn": "arn:aws:sns:eu-west-1:123456789012:news",
    "Message": json.dumps(MARKED, separators=(",", ":")),
    "Timestamp": "2026-11-30T10:00:00.123Z",
}
OF_TOPIC: dict[str, Any] = {
    "Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": NOTICE}]
}
OF_BUS: dict[str, Any] = {
    "version": "0",
    "id": "e1",
    "detail-type": "Job",
    "source": "asked",
    "account": "123456789012",
    "time": "2026-11-30T10:00:00Z",
    "region": "eu-west-1",
    "resources": [],
    "detail": MARKED,
}


class Job(Struct):
    no: int


jobs = Queue("jobs", Job)
ran: list[Any] = []


@jobs.consumer
async def note(job: Job) -> None:
    ran.append(job)


@jobs.consumer
async def fail(job: Job) -> None:
    raise ValueError(f"no {job.no}")


@jobs.consumer(attempts_max=1)
async def fail_at_once(job: Job) -> None:
    raise ValueError(f"no {job.no}")


def called(function: Any, event: Any, *, name: str = "jobs.note") -> Said:
    said = Said()
    world = surroundings(said, SKYLIFT_RESOURCES="{}")
    ran.clear()
    EventLambda(unit(function, name), world).handle(event, Context())
    return said


@pytest.mark.parametrize("event", [ENVELOPE, MARKED, OF_TOPIC, OF_BUS, BODY])
def test_a_message_is_found_in_what_brings_it(event: Any) -> None:
    said = called(note, event)
    assert ran == [Job(7)]
    assert [line["outcome"] for line in said.figures] == ["ok"]


@pytest.mark.parametrize(
    ("event", "id"),
    [
        (OF_TOPIC, "n1"),
        (OF_TOPIC["Records"][0]["Sns"], "n1"),
        (OF_BUS, "e1"),
        ({**OF_BUS, "replay-name": "again"}, "e1"),
        (ENVELOPE, ""),
        (BODY, ""),
    ],
)
def test_who_brings_it_gives_it_an_id(event: Any, id: str) -> None:
    assert arrived(event).id == id


@pytest.mark.parametrize(
    "event",
    [
        {"Records": [1, 2], "skylift": MARK},
        {"Records": [{"Sns": "no"}]},
        {"Records": []},
        {"detail": {}, "detail-type": "x"},
        {"detail": 1, "detail-type": "x", "source": "y"},
        [1],
        "text",
        None,
        7,
    ],
)
def test_what_only_looks_like_it_is_all_message(event: Any) -> None:
    found = arrived(event)
    assert json.loads(found.text) == event


def test_a_text_that_no_utf_8_can_say_is_shown_by_its_escapes() -> None:
    assert arrived({"no": "\ud800"}).text == '{"no": "\\ud800"}'
    assert arrived({"no": "\uffff"}).text == '{"no":"\\uffff"}'


def test_what_failed_comes_back_by_an_error_that_says_where() -> None:
    with pytest.raises(Unfinished) as raised:
        called(fail, ENVELOPE)
    assert str(raised.value).startswith("ValueError: no 7 (test_lambda_event.py:")
    assert str(raised.value).endswith(" in fail)")


def test_a_queues_function_may_be_started_too() -> None:
    said, places = Said(), {"jobs": "http://127.0.0.1:1/1/jobs", "jobs.note.dead": "http://x/y"}
    world = surroundings(said, SKYLIFT_RESOURCES=json.dumps(places))
    handle = QueueLambda(unit(note, "jobs.note"), world, queue_source).handle
    ran.clear()
    assert handle(ENVELOPE, Context()) is None
    assert ran == [Job(7)]
    with pytest.raises(DeclarationError):
        handle(BODY, Context())
