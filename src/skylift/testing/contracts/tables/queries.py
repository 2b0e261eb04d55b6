"""Items found by partition, in order, bounded, filtered and page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import pytest

from ....conditions import Condition, attr
from ....errors import BadRequest, DeclarationError, Invalid
from ....resources.table import Table
from ...story import World, story
from .stock import (
    Event,
    Level,
    Measure,
    Note,
    Seat,
    events,
    measures,
    notes,
    seats,
)

T = TypeVar("T")
MOMENT = datetime(2026, 11, 20, tzinfo=UTC)


async def listed(found: AsyncIterator[T]) -> list[T]:
    return [one async for one in found]


async def numbers(partition: str = "r", **query: Any) -> list[int]:
    return [seat.no async for seat in seats.query(partition, **query)]


async def paged(limit: int, **query: Any) -> list[int]:
    """Every page after the other."""
    found: list[int] = []
    cursor: str | None = None
    while True:
        page = await seats.page("r", cursor=cursor, limit=limit, **query)
        assert len(page.items) <= limit
        found += [seat.no for seat in page.items]
        cursor = page.cursor
        if cursor is None:
            return found


async def fill(count: int = 20) -> None:
    """Every second seat is ann's, every third bob's; prices repeat."""
    for no in range(count):
        owner = "ann" if no % 2 == 0 else "bob" if no % 3 == 0 else None
        since = MOMENT + timedelta(days=no // 4) if no % 5 else None
        await seats.put(Seat("r", no, owner, since, Decimal(no % 3)))
        await seats.put(Seat("other", no, owner, since))


class QueriesContract:
    @story(seats)
    async def test_a_query_gives_one_partition_in_the_order_of_the_sort_key(
        self, world: World
    ) -> None:
        for no in (3, -20, 0, 10**20, 100, 20, -3, -(10**20)):
            await seats.put(Seat("r", no))
            await seats.put(Seat("r2", no))
        assert await numbers() == [-(10**20), -20, -3, 0, 3, 20, 100, 10**20]
        assert await numbers(reverse=True) == [10**20, 100, 20, 3, 0, -3, -20, -(10**20)]
        assert await numbers("nobody") == []

    @story(measures)
    async def test_decimal_keys_are_in_the_order_of_their_values(self, world: World) -> None:
        texts = ["-1E+125", "-1.5", "-1.45", "-1", "-1E-130", "0", "1E-130", "0.9", "0.95", "1"]
        texts += ["1.00000000000000000001", "9", "10", "1E+125"]
        ordered = [Decimal(text) for text in texts]
        for at in reversed(ordered):
            await measures.put(Measure(Decimal(1), at))
        assert [one.at async for one in measures.query(Decimal("1.0"))] == ordered

    @story(events)
    async def test_times_and_bytes_are_in_their_order(self, world: World) -> None:
        moments = [datetime.min.replace(tzinfo=UTC), MOMENT, MOMENT + timedelta(microseconds=1)]
        moments += [MOMENT + timedelta(seconds=1), datetime.max.replace(tzinfo=UTC)]
        for place, at in enumerate(reversed(moments)):
            raw = b"r" if place % 2 else None
            await events.put(Event(UUID(int=1), at, raw, Level.HIGH if place < 2 else Level.LOW))
        assert [one.at async for one in events.query(UUID(int=1))] == moments
        bounded = events.query(UUID(int=1), where=attr("at") > MOMENT)
        assert [one.at async for one in bounded] == moments[2:]
        november = events.query(UUID(int=1), where=attr("at").begins_with("2026-11"))
        assert [one.at async for one in november] == moments[1:4]
        await world.settle()
        raws = [one.level async for one in events.query(b"r", index="by_raw")]
        assert raws == [Level.LOW, Level.HIGH]

    @story(notes)
    async def test_text_keys_are_in_the_order_of_their_code_points(self, world: World) -> None:
        names = ["A", "B", "a", "aa", "b", "z", "é", "\uffff", "\U0001f680"]
        await notes.put_many([Note(name) for name in names])
        assert sorted([note.id async for note in notes.scan()]) == sorted(names)
        assert [note.id async for note in notes.query("aa")] == ["aa"]

    @story(seats)
    async def test_a_condition_on_the_sort_key_bounds_the_query(self, world: World) -> None:
        await fill()
        no = attr("no")
        bounds: list[tuple[Condition, list[int]]] = [
            (no == 5, [5]),
            (no < 3, [0, 1, 2]),
            (no <= 3, [0, 1, 2, 3]),
            (no > 17, [18, 19]),
            (no >= 17, [17, 18, 19]),
            (no.between(4, 6), [4, 5, 6]),
            ((no >= 4) & (no <= 6), [4, 5, 6]),
            ((no <= 6) & (attr("owner") == "ann") & (no >= 4), [4, 6]),
            (no.between(6, 4), []),
            (no == 99, []),
        ]
        for where, expected in bounds:
            assert await numbers(where=where) == expected, where
            assert await numbers(where=where, reverse=True) == expected[::-1], where
            assert await paged(1, where=where) == expected, where
            assert await paged(2, where=where, reverse=True) == expected[::-1], where

    @story(seats)
    async def test_other_conditions_filter_and_the_limit_counts_what_is_given(
        self, world: World
    ) -> None:
        await fill()
        assert await numbers(where=attr("owner") == "bob", limit=2) == [3, 9]
        assert await numbers(where=attr("owner").missing()) == [1, 5, 7, 11, 13, 17, 19]
        assert await numbers(where=attr("price") > 1, reverse=True, limit=3) == [17, 14, 11]
        assert await numbers(limit=4) == [0, 1, 2, 3]
        assert await numbers(limit=0) == []

    @story(seats)
    async def test_an_index_has_its_own_order_and_lacks_items_without_its_key(
        self, world: World
    ) -> None:
        await fill()
        await world.settle()
        bobs = await listed(seats.query("bob", index="by_owner"))
        assert [(seat.room, seat.no) for seat in bobs] == [
            *(("other", 3), ("r", 3)),  # the same time: in the order of the table's own key
            *(("other", 9), ("r", 9)),
        ]
        owned = await listed(seats.query("bob", index="owned"))
        assert [(seat.room, seat.no) for seat in owned] == [
            *(("other", no) for no in (3, 9, 15)),
            *(("r", no) for no in (3, 9, 15)),
        ]
        late = attr("since") > MOMENT + timedelta(days=1)
        assert [seat.no async for seat in seats.query("bob", index="by_owner", where=late)] == [
            *(9, 9)
        ]
        by_price = await numbers(index="by_price", where=attr("price") >= 1)
        assert by_price == [*range(1, 20, 3), *range(2, 20, 3)]
        assert await numbers(index="by_price", where=attr("price") == 2, reverse=True) == [
            *range(17, 0, -3)
        ]

    @story(seats)
    async def test_an_index_follows_puts_and_deletes(self, world: World) -> None:
        await seats.put(Seat("r", 1, "ann"))
        await seats.put(Seat("r", 2, "ann"))
        await seats.put(Seat("r", 1, "bob"))
        await seats.delete("r", 2)
        await world.settle()
        assert await listed(seats.query("ann", index="owned")) == []
        assert await listed(seats.query("bob", index="owned")) == [Seat("r", 1, "bob")]

    @story(seats)
    async def test_a_scan_gives_every_item_once(self, world: World) -> None:
        await fill(150)
        found = [(seat.room, seat.no) async for seat in seats.scan()]
        assert len(found) == len(set(found)) == 300
        assert len(await listed(seats.scan(limit=7))) == 7

    @story(seats)
    async def test_a_query_that_dynamodb_would_refuse_is_refused(self, world: World) -> None:
        no, owner = attr("no"), attr("owner")
        wrong: list[tuple[dict[str, Any], str]] = [
            ({"where": attr("room") == "r"}, "names the partition key 'room'"),
            ({"where": (attr("room") == "r") | (owner == "ann")}, "partition key"),
            ({"where": no != 5}, "sort key 'no'"),
            ({"where": no.one_of(1, 2)}, "sort key 'no'"),
            ({"where": ~(no == 5)}, "sort key 'no'"),
            ({"where": (no == 5) | (owner == "ann")}, "sort key 'no'"),
            ({"where": (no > 1) & (no < 5)}, "sort key 'no'"),
            ({"where": (no >= 1) & (no <= 5) & (no == 3)}, "sort key 'no'"),
            ({"where": no.present()}, "sort key 'no'"),
            ({"index": "by_owner", "where": owner == "ann"}, "partition key 'owner'"),
            ({"index": "by_owner", "where": attr("since").missing()}, "sort key 'since'"),
            ({"index": "by_ownr"}, r"(?s)no index 'by_ownr'.*did you mean 'by_owner'"),
        ]
        for query, said in wrong:
            with pytest.raises(DeclarationError, match=said):
                await numbers(**query)
            with pytest.raises(DeclarationError, match=said):
                await seats.page("r", **query)
        await world.settle()
        # The table's own keys are ordinary attributes of an index that does not use them.
        assert await numbers("ann", index="owned", where=no != 5) == []

    @story(seats, measures)
    async def test_a_key_in_a_query_is_held_to_its_type(self, world: World) -> None:
        wrong: list[dict[str, Any]] = [
            {"partition": 5},
            {"partition": ""},
            {"partition": None},
            {"partition": "r", "where": attr("no") == "5"},
            {"partition": "r", "where": attr("no") > 0.5},
            {"partition": "r", "where": attr("no").begins_with("5")},
            {"partition": "r", "where": attr("no").between(1, "2")},  # type: ignore[arg-type]
        ]
        for query in wrong:
            with pytest.raises(Invalid, match="table 'seats'"):
                await numbers(**query)

    # -- pages

    @story(seats)
    async def test_pages_follow_each_other_without_gap_or_repeat(self, world: World) -> None:
        await fill()
        for limit in (1, 3, 7, 19, 20, 21, 1000):
            assert await paged(limit) == [*range(20)]
            assert await paged(limit, reverse=True) == [*range(19, -1, -1)]
            assert await paged(limit, where=attr("owner") == "bob") == [3, 9, 15]
        await world.settle()
        in_order = await numbers(index="by_price")
        for limit in (1, 2, 7):  # pages end amid equal prices
            assert await paged(limit, index="by_price") == in_order
            assert await paged(limit, index="by_price", reverse=True) == in_order[::-1]

    @story(seats)
    async def test_the_last_page_has_no_cursor(self, world: World) -> None:
        await fill(4)
        first = await seats.page("r", limit=2)
        assert [seat.no for seat in first.items] == [0, 1]
        last = await seats.page("r", limit=2, cursor=first.cursor)
        assert ([seat.no for seat in last.items], last.cursor) == ([2, 3], None)
        empty = await seats.page("nobody")
        assert (empty.items, empty.cursor) == ([], None)

    @story(seats)
    async def test_a_page_continues_though_items_come_and_go(self, world: World) -> None:
        await fill(6)
        page = await seats.page("r", limit=3)
        await seats.delete("r", 2)  # the very item the cursor stands on
        await seats.delete("r", 3)
        await seats.put(Seat("r", 1))
        await seats.put(Seat("r", -1))
        await seats.put(Seat("r", 9))
        rest = await seats.page("r", limit=10, cursor=page.cursor)
        assert [seat.no for seat in rest.items] == [4, 5, 9]

    @story(seats, notes)
    async def test_a_cursor_opens_only_the_listing_it_came_from(self, world: World) -> None:
        await fill()
        where = attr("owner") == "ann"
        page = await seats.page("r", limit=2, where=where)
        cursor = page.cursor
        assert cursor is not None
        assert (await seats.page("r", limit=2, where=attr("owner") == "ann", cursor=cursor)).items
        others: list[tuple[Table[Any, *tuple[Any, ...]], dict[str, Any]]] = [
            (seats, {"partition": "other", "where": where}),
            (seats, {"partition": "r", "where": where, "reverse": True}),
            (seats, {"partition": "r", "where": where, "index": "by_price"}),
            (seats, {"partition": "r", "where": attr("owner") == "bob"}),
            (seats, {"partition": "r"}),
            (notes, {"partition": "r"}),
        ]
        for table, query in others:
            with pytest.raises(BadRequest, match="cursor"):
                await table.page(cursor=cursor, **query)

    @story(seats)
    async def test_a_forged_cursor_is_a_bad_request(self, world: World) -> None:
        await fill()
        cursor = (await seats.page("r", limit=2)).cursor
        assert cursor is not None
        turned = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
        for forged in ("", "x", turned, cursor + "A", cursor[1:], "é", "\ud800", "A" * 5000):
            with pytest.raises(BadRequest):
                await seats.page("r", limit=2, cursor=forged)

    @story(seats)
    async def test_a_page_has_1_to_1000_items(self, world: World) -> None:
        for limit in (0, -1, 1001):
            with pytest.raises(Invalid, match="allowed are 1 to 1000"):
                await seats.page("r", limit=limit)
