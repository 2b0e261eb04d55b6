"""Changes as they travel: whatever a table may hold comes back as it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypedDict

import pytest
from msgspec import Struct
from pydantic import BaseModel

from skylift.codec import ItemCodec
from skylift.codec.envelope import Undecodable, opened
from skylift.errors import Invalid
from skylift.resources.change import Change, ChangeCodec, enclosed, told
from skylift.testing.contracts.tables.stock import Holding, holding

SENT_AT = datetime(2061, 7, 28, 12, tzinfo=UTC)


@dataclass
class Seat:
    id: str
    prices: set[Decimal]
    raw: bytes = b""


class Vote(TypedDict):
    id: str
    at: datetime


class Model(BaseModel):
    id: str
    tags: set[str] = set()
    raw: bytes = b""
    price: Decimal = Decimal(0)


class Seen(Struct):
    id: str


class Two(Struct):
    """Two fields in its own order."""

    low: int
    high: int

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise LookupError("turned round")


def carried(kind: Any, item: type[Any], before: Any, after: Any) -> Change[Any]:
    """What is read of such a change."""
    items = ItemCodec(item, "table")
    texts = [None if one is None else items.encode(one) for one in (before, after)]
    text = enclosed(told(kind, *texts), "id", SENT_AT, "trace")
    envelope = opened(text)
    assert (envelope.id, envelope.type, envelope.trace) == ("id", "Change", "trace")
    return ChangeCodec(item, "a change").decode(envelope)


@pytest.mark.parametrize(
    ("item", "one", "other"),
    [
        (Holding, Holding("h"), holding()),
        (Seat, Seat("a", {Decimal("1.50"), Decimal(2)}), Seat("a", set(), b"\xff")),
        (Vote, Vote(id="a", at=SENT_AT), Vote(id="b", at=SENT_AT)),
        (Model, Model(id="a"), Model(id="a", tags={"x"}, raw=b"\x00", price=Decimal("0.1"))),
    ],
)
def test_a_change_holds_every_kind_of_item(item: type[Any], one: Any, other: Any) -> None:
    assert carried("created", item, None, one) == Change("created", None, one)
    assert carried("updated", item, one, other) == Change("updated", one, other)
    assert carried("deleted", item, other, None) == Change("deleted", other, None)
    assert carried("expired", item, one, None) == Change("expired", one, None)


def test_what_a_queue_takes_as_escapes_only_is_written_so() -> None:
    text = enclosed(told("created", None, '{"id":"\ufffe\uffff\ufffd"}'), "id", SENT_AT, "")
    assert "\\ufffe\\uffff\ufffd" in text
    found = ChangeCodec(Seen, "a change").decode(opened(text))
    assert found.after == Seen("\ufffe\uffff\ufffd")


def test_a_function_may_be_started_with_a_change() -> None:
    codec = ChangeCodec(Seat, "a change")
    change = Change("updated", Seat("a", {Decimal(1)}), Seat("a", set(), b"x"))
    text = codec.enclosed(codec.content(change), "id", SENT_AT, "")
    assert codec.decode(opened(text)) == change
    for wrong in (Seat("a", set()), Change[Any]("made", None, None)):  # type: ignore[arg-type]
        with pytest.raises(Invalid, match="expected a Change of created, updated"):
            codec.content(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        '{"kind":"created"}',
        '{"kind":"made","before":null,"after":null}',
        '{"kind":"created","before":null,"after":{"low":"x","high":1}}',
        '{"kind":"created","before":null,"after":{"low":2,"high":1}}',
        "[]",
    ],
)
def test_what_is_no_change_is_undecodable(text: str) -> None:
    with pytest.raises(Undecodable, match="a change"):
        ChangeCodec(Two, "a change").decode(opened(text))
