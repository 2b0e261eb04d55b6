"""Items written, read and removed one by one or in batches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from math import nextafter
from typing import Any
from uuid import UUID

import pytest

from ....conditions import attr
from ....errors import Conflict, Invalid, NotFound, PartlyDone, SkyliftError
from ....resources.gather import gather
from ...story import World, story
from .stock import (
    Holding,
    Measure,
    Note,
    Seat,
    holding,
    holdings,
    measures,
    notes,
    seats,
)


class WritesContract:
    @story(notes)
    async def test_what_was_put_can_be_got(self, world: World) -> None:
        assert await notes.get("a") is None
        await notes.put(Note("a", "first"))
        assert await notes.get("a") == Note("a", "first")
        assert await notes.require("a") == Note("a", "first")

    @story(notes)
    async def test_a_put_replaces_the_whole_item(self, world: World) -> None:
        await notes.put(Note("a", "first", words=1, tags={"old"}))
        await notes.put(Note("a", "second"))
        assert await notes.get("a") == Note("a", "second")

    @story(seats)
    async def test_an_absent_item_that_is_required_is_not_found(self, world: World) -> None:
        with pytest.raises(NotFound, match="seats: there is no 'r', 7"):
            await seats.require("r", 7)

    @story(seats)
    async def test_items_are_told_apart_by_their_whole_key(self, world: World) -> None:
        await seats.put(Seat("r", 1, "ann"))
        await seats.put(Seat("r", 2, "bob"))
        await seats.put(Seat("s", 1, "cid"))
        assert await seats.get("r", 1) == Seat("r", 1, "ann")
        assert await seats.get("s", 1) == Seat("s", 1, "cid")
        assert await seats.get("s", 2) is None

    @story(seats)
    async def test_creating_an_existing_key_is_a_conflict_and_changes_nothing(
        self, world: World
    ) -> None:
        await seats.create(Seat("r", 1, "ann"))
        with pytest.raises(Conflict, match="seats: there is 'r', 1 already"):
            await seats.create(Seat("r", 1, "bob"))
        assert await seats.get("r", 1) == Seat("r", 1, "ann")

    @story(notes)
    async def test_of_two_creates_at_once_one_wins(self, world: World) -> None:
        outcomes: list[str] = []

        async def create(text: str) -> None:
            try:
                await notes.create(Note("a", text))
                outcomes.append(text)
            except Conflict:
                outcomes.append("conflict")

        await gather(create("ann"), create("bob"))
        (winner,) = [one for one in outcomes if one != "conflict"]
        assert await notes.get("a") == Note("a", winner)

    @story(notes)
    async def test_one_of_many_writes_at_once_may_fail_without_the_others(
        self, world: World
    ) -> None:
        await notes.put(Note("taken"))

        async def create(id: str) -> bool:
            try:
                await notes.create(Note(id))
            except Conflict:
                return False
            return True

        names = ["a", "taken", "b", "taken", "c"]
        created = await gather(*(create(name) for name in names))
        assert list(created) == [True, False, True, False, True]
        assert None not in await notes.get_many([("a",), ("b",), ("c",)])

    @story(notes)
    async def test_a_delete_gives_what_was_there_and_a_repeat_gives_none(
        self, world: World
    ) -> None:
        await notes.put(Note("a", "text"))
        assert await notes.delete("a") == Note("a", "text")
        assert await notes.delete("a") is None
        assert await notes.get("a") is None

    @story(notes)
    async def test_a_put_whose_condition_is_false_changes_nothing(self, world: World) -> None:
        await notes.put(Note("a", "first", words=1))
        with pytest.raises(Conflict, match="notes: the condition does not hold for 'a'"):
            await notes.put(Note("a", "second"), if_=attr("words") > 1)
        assert await notes.get("a") == Note("a", "first", words=1)
        await notes.put(Note("a", "second"), if_=attr("words") == 1)
        assert await notes.get("a") == Note("a", "second")

    @story(notes)
    async def test_a_delete_whose_condition_is_false_changes_nothing(self, world: World) -> None:
        await notes.put(Note("a", words=1))
        with pytest.raises(Conflict):
            await notes.delete("a", if_=attr("words") > 1)
        assert await notes.delete("a", if_=attr("words") == 1) == Note("a", words=1)

    @story(notes)
    async def test_an_absent_item_meets_conditions_as_an_empty_one(self, world: World) -> None:
        with pytest.raises(Conflict):
            await notes.put(Note("a"), if_=attr("words") == 1)
        with pytest.raises(Conflict):
            await notes.delete("a", if_=attr("id").present())
        assert await notes.delete("a", if_=attr("words") != 1) is None
        await notes.put(Note("a"), if_=attr("id").missing() & ~(attr("words") == 1))
        assert await notes.get("a") == Note("a")

    @story(notes)
    async def test_many_items_come_in_the_order_asked(self, world: World) -> None:
        await notes.put_many([Note(name, name) for name in ("a", "b", "c")])
        found = await notes.get_many([("c",), ("x",), ("a",), ("c",)])
        assert found == [Note("c", "c"), None, Note("a", "a"), Note("c", "c")]
        assert await notes.get_many([]) == []

    @story(notes)
    async def test_a_large_batch_is_written_whole(self, world: World) -> None:
        await notes.put_many([Note(f"{number:03}") for number in range(230)])
        assert len([note async for note in notes.scan()]) == 230
        await notes.delete_many([(f"{number:03}",) for number in range(0, 230, 2)])
        assert len([note async for note in notes.scan()]) == 115

    @story(notes)
    async def test_a_batch_that_fails_in_part_says_which(self, world: World) -> None:
        good, bad, other = Note("a"), Note(""), Note("b")
        with pytest.raises(PartlyDone) as raised:
            await notes.put_many([good, bad, other])
        assert raised.value.done == [good, other]
        ((subject, error),) = raised.value.failed
        assert subject is bad
        assert isinstance(error, Invalid)
        assert await notes.get_many([("a",), ("b",)]) == [good, other]

    # -- keys

    @story(notes, seats)
    async def test_a_key_of_the_wrong_type_is_invalid_and_named(self, world: World) -> None:
        wrong: Any = 5
        with pytest.raises(Invalid, match="table 'notes': id: expected str, got int 5"):
            await notes.get(wrong)
        with pytest.raises(Invalid, match="table 'seats': no: expected int, got str"):
            await seats.delete("r", str(wrong))  # type: ignore[arg-type]
        with pytest.raises(Invalid, match="expected int, got bool True"):
            await seats.get("r", True)
        with pytest.raises(Invalid, match="expected str, got None"):
            await notes.get(None)  # type: ignore[arg-type]

    @story(notes)
    async def test_a_key_is_not_empty(self, world: World) -> None:
        for verb in (notes.get(""), notes.put(Note("")), notes.delete("")):
            with pytest.raises(Invalid, match="table 'notes': id: a key cannot be empty"):
                await verb

    @story(notes)
    async def test_a_partition_key_has_at_most_2048_bytes(self, world: World) -> None:
        longest = "é" * 1024
        await notes.put(Note(longest))
        assert await notes.get(longest) == Note(longest)
        with pytest.raises(Invalid, match="2,049 bytes, limit 2,048"):
            await notes.put(Note(longest + "x"))

    @story(seats)
    async def test_an_index_key_obeys_the_limits_of_keys(self, world: World) -> None:
        await seats.put(Seat("r", 1, "o" * 2048))
        with pytest.raises(Invalid, match=r"owner: the key has 2,049 bytes, limit 2,048"):
            await seats.put(Seat("r", 1, "o" * 2049))
        with pytest.raises(Invalid, match="owner: a key cannot be empty"):
            await seats.put(Seat("r", 1, ""))

    @story(measures)
    async def test_equal_numbers_are_one_key(self, world: World) -> None:
        await measures.put(Measure(Decimal("5.00"), Decimal("1E+2"), "x"))
        found = await measures.require(Decimal(5), Decimal("100.0"))
        assert found == Measure(Decimal(5), Decimal(100), "x")
        with pytest.raises(Conflict):
            await measures.create(Measure(Decimal("5"), Decimal(100)))

    # -- values

    @story(holdings)
    async def test_every_kind_of_value_comes_back_equal(self, world: World) -> None:
        for kept in (Holding("defaults"), holding("full")):
            await holdings.put(kept)
            assert await holdings.get(kept.id) == kept

    @story(holdings)
    async def test_the_ends_of_the_domain_come_back_equal(self, world: World) -> None:
        for number, values in enumerate(ENDS):
            kept = holding(str(number), **values)
            await holdings.put(kept)
            assert await holdings.get(kept.id) == kept, values

    @story(holdings)
    async def test_a_datetime_comes_back_in_utc(self, world: World) -> None:
        east = timezone(timedelta(hours=5, minutes=30))
        await holdings.put(holding(made_at=datetime(2026, 1, 1, 3, tzinfo=east)))
        made_at = (await holdings.require("h")).made_at
        assert made_at == datetime(2025, 12, 31, 21, 30, tzinfo=UTC)
        assert made_at.utcoffset() == timedelta(0)

    @story(holdings)
    async def test_a_value_outside_the_domain_is_invalid_and_nothing_is_written(
        self, world: World
    ) -> None:
        for values, said in OUTSIDE:
            with pytest.raises(Invalid, match=said):
                await holdings.put(holding(**values))
            with pytest.raises(Invalid, match=said):
                await holdings.create(holding(**values))
        assert await holdings.get("h") is None

    @story(notes)
    async def test_an_item_of_another_type_is_invalid(self, world: World) -> None:
        with pytest.raises(Invalid, match="expected Note, got Seat"):
            await notes.put(Seat("r", 1))  # type: ignore[arg-type]

    @story(notes)
    async def test_an_item_has_at_most_400_kb_names_counted(self, world: World) -> None:
        names = len("id" + "text" + "marks") + len("a") + 3  # an empty map has 3, None nothing
        most = 400 * 1024 - names
        await notes.put(Note("a", "x" * most))
        with pytest.raises(Invalid, match="limit 409,600"):
            await notes.put(Note("a", "x" * (most + 1)))
        with pytest.raises(Invalid, match="limit 409,600"):
            await notes.update("a", set={"text": "é" * (most // 2 + 1)})
        assert len((await notes.require("a")).text) == most

    @story(notes)
    async def test_errors_are_skylifts_own(self, world: World) -> None:
        for wrong in (Note("\ud800"), Note("a", "\ud800"), Note("a", tags={"\ud800"})):
            with pytest.raises(SkyliftError, match="surrogate"):
                await notes.put(wrong)


ENDS: list[dict[str, Any]] = [
    {"whole": 10**38 - 1},
    {"whole": -(10**38) + 1},
    {"whole": 10**125},
    {"whole": 2**63},
    {"exact": Decimal("9.9999999999999999999999999999999999999E+125")},
    {"exact": Decimal("1E-130")},
    {"exact": Decimal("-0.00000000000000000000000000000000000001")},
    {"exact": Decimal("5.00")},
    {"real": nextafter(1e126, 0)},
    {"real": 1e-130},
    {"real": 5e15 + 0.5},
    {"real": 0.1 + 0.2},
    {"real": -0.0},
    {"text": ""},
    {"text": "\x00 \x1f \u2028 \U0010ffff \" ' \\"},
    {"raw": b""},
    {"raw": bytes(range(256))},
    {"made_at": datetime.min.replace(tzinfo=UTC)},
    {"made_at": datetime.max.replace(tzinfo=UTC)},
    {"ident": UUID(int=2**128 - 1)},
    {"words": [], "sizes": {}, "cities": []},
    {"tags": set(), "numbers": set(), "raws": frozenset()},
    {"tags": {""}, "raws": frozenset({b""})},
    {"numbers": {Decimal(1), Decimal("1E+100"), Decimal("1E-100")}},
    {"box": None, "extra": None, "pet": None, "either": None},
    {"either": 2**70},
    {"sizes": {'"': Decimal(1), "\\": Decimal(2), "$": Decimal(3), "\x00": Decimal(4)}},
]

OUTSIDE: list[tuple[dict[str, Any], str]] = [
    ({"real": float("nan")}, "real: expected a number .* got nan"),
    ({"real": float("inf")}, "real: expected a number .* got inf"),
    ({"real": 1e126}, "real: expected a number"),
    ({"real": 1e-131}, "real: expected a number"),
    ({"whole": 10**38 + 1}, "whole: expected a number of at most 38 digits"),
    ({"whole": 10**126}, "whole: expected a number"),
    ({"exact": Decimal("NaN")}, "exact: expected a number"),
    ({"exact": Decimal("Infinity")}, "exact: expected a number"),
    ({"exact": Decimal("1E+126")}, "exact: expected a number"),
    ({"exact": Decimal("1E-131")}, "exact: expected a number"),
    ({"exact": Decimal("1." + "1" * 38)}, "exact: expected a number"),
    ({"exact": 1.5}, "exact: expected Decimal, got float"),
    ({"whole": True}, "whole: expected int, got bool"),
    ({"whole": None}, "whole: expected int, got None"),
    ({"text": b"bytes"}, "text: expected str, got bytes"),
    ({"raw": "text"}, "raw: expected bytes, got str"),
    ({"text": "\ud800"}, "text: a lone surrogate"),
    ({"made_at": datetime(2026, 1, 1)}, "made_at: expected an aware datetime, got a naive one"),
    ({"made_at": "2026-01-01"}, "made_at: expected datetime, got str"),
    ({"day": datetime(2026, 1, 1, tzinfo=UTC)}, "day: expected date, got datetime"),
    ({"colour": "red"}, "colour: expected Colour, got str"),
    ({"words": ["one", 2]}, r"words\[1\]: expected str, got int"),
    ({"words": ["one", None]}, r"words\[1\]: expected str, got None"),
    ({"words": ("one",)}, "words: expected .* got tuple"),
    ({"sizes": {"a": 1.5}}, "sizes.a: expected Decimal, got float"),
    ({"sizes": {"": Decimal(1)}}, "sizes.: expected a key of 1 to 65,535 bytes"),
    ({"extra": {"a": 1, "c": 2}}, "extra: expected the keys of Extra, got 'c'"),
    ({"extra": {"b": "b"}}, "extra: expected the key 'a'"),
    ({"tags": {"a", 1}}, "tags.*: expected str, got int"),
    ({"box": object()}, "box: expected .* got object"),
]
