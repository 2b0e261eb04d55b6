"""Publishing events over sockets: what became of each, whatever EventBridge says of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from skylift.aws.runtime.bus_eventbridge import EventBridgeBus
from skylift.aws.runtime.client import Client, World
from skylift.aws.runtime.wait import drive
from skylift.errors import AccessDenied, Busy, Invalid, Unavailable
from skylift.ports import Outgoing
from skylift.system import SystemClock
from tests.system.aws_stage import (
    ENVIRONMENT,
    Act,
    Spent,
    Stage,
    Talk,
    answer,
    answers,
    error,
    resets,
)


@contextmanager
def bus(*acts: Act) -> Iterator[tuple[Stage, EventBridgeBus]]:
    with Stage(*acts) as stage:
        environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL_EVENTBRIDGE": stage.url}
        spent = Spent()
        client = Client("events", environment, World(SystemClock(), spent, spent.sleep))
        try:
            yield stage, EventBridgeBus(client, "hello-dev-events", SystemClock())
        finally:
            client.close()


def event(id: str, text: str = "") -> str:
    mark = '{"version":1,"id":"1","type":"RoomOpened","sent_at":"","trace":""}'
    return f'{{"id":"{id}","text":"{text}","skylift":{mark}}}'


def ids(body: bytes) -> list[str]:
    return [json.loads(one["Detail"])["id"] for one in json.loads(body)["Entries"]]


def told(body: bytes, refused: dict[str, str], silent: Sequence[str]) -> bytes:
    """As EventBridge answers: in order, and only so."""
    entries: list[dict[str, str]] = []
    for id in ids(body):
        if id in refused:
            entries.append({"ErrorCode": refused[id], "ErrorMessage": "no"})
        elif id not in silent:
            entries.append({"EventId": f"e{id}"})
    failed = sum("ErrorCode" in one for one in entries)
    return answer(json.dumps({"FailedEntryCount": failed, "Entries": entries}).encode())


def serving(
    refused: dict[str, str] | None = None,
    silent: Sequence[str] = (),
    *,
    first: Sequence[bytes] = (),
) -> Act:
    """Answers `first`, then as a bus does; what was refused once for a fault of its own is not
    again.
    """
    left, refusals = [*first], refused or {}

    def act(talk: Talk) -> None:
        while True:
            asked = talk.asked()
            talk.send(left.pop(0) if left else told(asked.body, refusals, silent))
            for id in [one for one, code in refusals.items() if code == "InternalFailure"]:
                del refusals[id]

    return act


def sent(one: EventBridgeBus, *names: str) -> list[Any]:
    return drive(one.send([Outgoing(event(name)) for name in names]))


def batches(stage: Stage) -> list[list[str]]:
    return [ids(asked.body) for asked in stage.asked]


def test_an_event_is_put_as_it_is_with_its_type_beside_it() -> None:
    with bus(serving()) as (stage, one):
        assert sent(one, "é & 🚀") == [None]
        (asked,) = stage.asked
    assert json.loads(asked.body) == {
        "Entries": [
            {
                "EventBusName": "hello-dev-events",
                "Source": "skylift",
                "DetailType": "RoomOpened",
                "Detail": event("é & 🚀"),
            }
        ]
    }
    assert asked.header("x-amz-target") == "AWSEvents.PutEvents"
    assert asked.header("content-type") == "application/x-amz-json-1.1"
    assert "/events/aws4_request" in asked.header("authorization")


def test_ten_go_together_and_no_more_than_a_request_takes() -> None:
    with bus(serving()) as (stage, one):
        assert sent(one, *map(str, range(23))) == [None] * 23
        large = [Outgoing(event(str(at), "x" * 500_000)) for at in range(3)]
        assert drive(one.send(large)) == [None] * 3
    assert [len(batch) for batch in batches(stage)] == [10, 10, 3, 2, 1]


def test_of_a_batch_done_in_part_the_rest_is_put_again_or_its_error_is_said() -> None:
    refused = {"late": "InternalFailure", "bad": "MalformedDetail"}
    with bus(serving(refused)) as (stage, one):
        found = sent(one, "a", "late", "bad", "b")
    assert [type(each) for each in found] == [type(None), type(None), Invalid, type(None)]
    assert batches(stage) == [["a", "late", "bad", "b"], ["late"]]


def test_what_nobody_knows_the_end_of_is_not_put_again() -> None:
    with bus(serving(silent=["b"])) as (stage, one):
        none, failed = sent(one, "a", "b")
    assert none is None
    assert isinstance(failed, Unavailable)
    assert failed.unknown
    assert len(batches(stage)) == 1


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccessDeniedException", AccessDenied),
        ("NotAuthorizedForSourceException", AccessDenied),
        ("InvalidArgument", Invalid),
        ("ThrottlingException", Busy),
    ],
)
def test_what_is_said_of_an_entry_is_its_error(code: str, kind: type[Exception]) -> None:
    with bus(serving({"b": code})) as (_, one):
        none, failed = sent(one, "a", "b")
    assert none is None
    assert type(failed) is kind
    assert not getattr(failed, "unknown", False)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (error("AccessDeniedException"), AccessDenied),
        (error("ResourceNotFoundException"), Unavailable),
        (error("ThrottlingException"), Busy),
        (error("ValidationException"), Invalid),
    ],
)
def test_a_refusal_becomes_the_error_of_each(said: bytes, kind: type[Exception]) -> None:
    with bus(answers(said)) as (_, one):
        found = sent(one, "a", "b")
    assert [type(each) for each in found] == [kind, kind]
    assert not any(getattr(each, "unknown", False) for each in found)


def test_a_throttle_that_passes_costs_a_pause() -> None:
    with bus(serving(first=[error("ThrottlingException")])) as (stage, one):
        assert sent(one, "a") == [None]
    assert len(stage.asked) == 2


def test_a_bus_that_does_not_answer_may_have_the_event() -> None:
    with bus(resets()) as (stage, one):
        (failed,) = sent(one, "a")
    assert isinstance(failed, Unavailable)
    assert failed.unknown
    assert len(stage.asked) == 1
