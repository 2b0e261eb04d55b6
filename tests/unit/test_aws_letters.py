"""What goes into SQS with a dead letter, and how it is read back; whole seconds; waves."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skylift.aws.runtime.entries_sqs import BYTES_MAX
from skylift.aws.runtime.letter_sqs import Lost, attributes_of, letter_of
from skylift.aws.runtime.send_sqs import attributes_size, bytes_of, waves, whole_seconds
from skylift.aws.runtime.settle_sqs import held_of
from skylift.ports.delivery import Bury, Letter

LOST = Lost("nobody came back", 5)
SYSTEM = {"SentTimestamp": "1000500", "ApproximateReceiveCount": "3"}


def record(body: str) -> dict[str, Any]:
    return {"messageId": "m1", "receiptHandle": "h1", "body": body, "attributes": SYSTEM}


def bury(body: str, error: str = "ValueError: no") -> Bury:
    receipt = held_of(record(body)).receipt
    return Bury(receipt, "e1", "failed", error, 3, "00-trace")


def test_a_record_of_an_event_is_held() -> None:
    held = held_of(record("body"))
    assert (held.id, held.body, held.attempt, held.sent_at) == ("m1", "body", 3, 1000.5)


def test_a_letter_is_read_as_it_was_buried() -> None:
    letter = letter_of("m2", "body", SYSTEM, attributes_of(bury("body")), LOST)
    assert letter == Letter("e1", "body", "failed", "ValueError: no", 3, "00-trace", 1000.5)


def test_what_nobody_has_buried_is_lost() -> None:
    body = '{"skylift":1,"id":"e1","type":"T","sent_at":"","trace":"t","body":{}}'
    letter = letter_of("m2", body, SYSTEM, {}, LOST)
    assert letter == Letter("e1", body, "lost", LOST.error, 5, "t", 1000.5)


@pytest.mark.parametrize("body", ["no json", '{"skylift":9,"id":"x"}', '{"no":1}'])
def test_a_foreign_one_has_the_queues_id(body: str) -> None:
    letter = letter_of("m2", body, SYSTEM | {"MessageGroupId": "g"}, {"reason": "mine"}, LOST)
    assert (letter.id, letter.reason, letter.group) == ("m2", "lost", "g")


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"attempts": "many"},
        {"attempts": "9" * 5000},
        {"attempts": "1.5"},
        {"sent_at": "yesterday"},
        {"sent_at": "nan"},
        {"sent_at": ""},
    ],
)
def test_half_a_story_is_none_and_keeps_no_letter_from_being_read(said: dict[str, str]) -> None:
    """Whoever may send to the queue may have written it."""
    whole = {"reason": "failed", "attempts": "1", "sent_at": "1000.5"} if said else {"reason": "x"}
    given = {f"skylift.{name}": text for name, text in (whole | said).items()}
    letter = letter_of("m2", "body", SYSTEM, given, LOST)
    assert (letter.reason, letter.attempts, letter.sent_at) == ("lost", 5, 1000.5)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_whatever_is_said_becomes_what_sqs_takes(said: str) -> None:
    receipt = held_of(record("body")).receipt
    for text in attributes_of(Bury(receipt, said, "failed", said, 1, said)).values():
        assert text
        assert all(
            letter in "\t\n\r" or " " <= letter <= "\ufffd" or letter >= "\U00010000"
            for letter in text
        )


@pytest.mark.parametrize("room", [0, 10, 100, 170, 200, 3000])
def test_a_letter_is_never_too_large(room: int) -> None:
    body = "x" * (BYTES_MAX - room)
    said = attributes_of(bury(body, "é" * 2000))
    assert bytes_of(body) + attributes_size(said) <= BYTES_MAX
    assert bool(said) == (room >= 170)


@pytest.mark.parametrize(("seconds", "whole"), [(0, 0), (0.01, 1), (1, 1), (1.5, 2), (9e9, 900)])
def test_seconds_are_rounded_up(seconds: float, whole: int) -> None:
    assert whole_seconds(seconds, 900) == whole


@given(st.lists(st.sampled_from("abc")))
def test_a_wave_has_one_of_each_group_and_all_come_in_order(groups: list[str]) -> None:
    found = list(waves(groups))
    for wave in found:
        assert len({groups[at] for at in wave}) == len(wave)
    order = [at for wave in found for at in wave]
    assert sorted(order) == [*range(len(groups))]
    for group in set(groups):
        of_group = [at for at in order if groups[at] == group]
        assert of_group == sorted(of_group)
