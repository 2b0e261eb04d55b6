"""Queries and pages against a model that sorts and filters a list."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skylift import Condition, attr
from skylift.engine.range import successor
from skylift.testing.contracts.tables.stock import Seat, seats
from skylift.testing.stand import Stand
from tests.trials import trials

MOMENT = datetime(2026, 11, 20, tzinfo=UTC)
NUMBERS = st.integers(-30, 30) | st.sampled_from([10**20, -(10**20), 2**63, 100])
TIMES = st.integers(0, 5).map(lambda minutes: MOMENT + timedelta(minutes=minutes))
PRICES = st.sampled_from([Decimal(text) for text in ["-1", "0", "0.5", "0.50", "1", "1E+3"]])
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["r", "s"]),
        NUMBERS,
        st.sampled_from(["ann", "bob", None]),
        st.none() | TIMES,
        PRICES,
    ),
    max_size=40,
)
SORTS: dict[str | None, tuple[str, str, st.SearchStrategy[Any]]] = {
    None: ("room", "no", NUMBERS),
    "by_owner": ("owner", "since", TIMES),
    "by_price": ("room", "price", PRICES),
    "owned": ("owner", "", st.nothing()),
}


@st.composite
def bounds(draw: st.DrawFn, name: str, values: st.SearchStrategy[Any]) -> tuple[Any, Any]:
    """A condition on the sort key, and the same as a function."""
    at: Any = attr(name)
    low, high = draw(values), draw(values)
    return draw(
        st.sampled_from(
            [
                (at == low, lambda value: value == low),
                (at < low, lambda value: value < low),
                (at <= low, lambda value: value <= low),
                (at > low, lambda value: value > low),
                (at >= low, lambda value: value >= low),
                (at.between(low, high), lambda value: low <= value <= high),
                ((at >= low) & (at <= high), lambda value: low <= value <= high),
            ]
        )
    )


@st.composite
def listings(draw: st.DrawFn) -> tuple[dict[str, Any], Any]:
    """The arguments of a query, and the model of its answer."""
    index = draw(st.sampled_from([*SORTS]))
    partition_name, sort, values = SORTS[index]
    partition = draw(st.sampled_from(["r", "s"] if partition_name == "room" else ["ann", "bob"]))
    where: Condition | None = None
    tests: list[Any] = []
    if sort and draw(st.booleans()):
        where, test = draw(bounds(sort, values))
        tests.append(lambda seat: test(getattr(seat, sort)))
    if draw(st.booleans()):
        other = "price" if sort != "price" else "no"
        least = draw(PRICES if other == "price" else NUMBERS)
        condition: Any = attr(other) >= least
        where = condition if where is None else where & condition
        tests.append(lambda seat: getattr(seat, other) >= least)
    reverse = draw(st.booleans())

    def modelled(held: list[Seat]) -> list[Seat]:
        order = [*filter(None, [partition_name, sort]), "room", "no"]
        found = [seat for seat in held if getattr(seat, partition_name) == partition]
        found = [seat for seat in found if not sort or getattr(seat, sort) is not None]
        found = [seat for seat in found if all(test(seat) for test in tests)]
        return sorted(
            found, key=lambda seat: [getattr(seat, name) for name in order], reverse=reverse
        )

    query = {"partition": partition, "index": index, "where": where, "reverse": reverse}
    return query, modelled


TEXT = st.text(st.sampled_from("a\x00\ud7ff\ue000\U0010fffe\U0010ffff"), max_size=3)
RAW = st.lists(st.sampled_from([0, 1, 254, 255]), max_size=3).map(bytes)


@trials(500)
@given(st.one_of(st.tuples(TEXT, TEXT), st.tuples(RAW, RAW)))
def test_what_begins_so_lies_between_a_prefix_and_its_successor(pair: Any) -> None:
    prefix, value = pair
    end = successor(prefix)
    assert value.startswith(prefix) == (prefix <= value and (end is None or value < end))
    if isinstance(end, str):
        end.encode()  # no surrogate: it must be storable itself


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        stand = Stand(seats)
        runner.run(stand.__aenter__())
        yield runner
        runner.run(stand.__aexit__(None, None, None))


async def stored(rows: list[Any]) -> list[Seat]:
    old = [(seat.room, seat.no) async for seat in seats.scan()]
    await seats.delete_many(old)
    held = {(row[0], row[1]): Seat(*row) for row in rows}
    await seats.put_many(list(held.values()))
    return list(held.values())


async def paged(query: dict[str, Any], limit: int) -> list[Seat]:
    found: list[Seat] = []
    cursor: str | None = None
    while True:
        page = await seats.page(**query, cursor=cursor, limit=limit)
        found += page.items
        cursor = page.cursor
        if cursor is None:
            return found
        assert len(page.items) == limit


async def queried(query: dict[str, Any], limit: int | None = None) -> list[Seat]:
    return [seat async for seat in seats.query(**query, limit=limit)]


@trials(400)
@given(ROWS, st.lists(st.tuples(listings(), st.integers(1, 12)), min_size=1, max_size=5))
def test_pages_and_queries_give_what_the_model_gives(
    runner: asyncio.Runner, rows: list[Any], asked: list[Any]
) -> None:
    held = runner.run(stored(rows))
    for (query, modelled), limit in asked:
        expected = modelled(held)
        assert runner.run(queried(query)) == expected, query
        assert runner.run(queried(query, limit)) == expected[:limit], query
        assert runner.run(paged(query, limit)) == expected, query


@trials(150)
@given(ROWS, ROWS, listings(), st.integers(1, 6), st.data())
def test_what_stays_is_seen_once_while_items_come_and_go(
    runner: asyncio.Runner, rows: list[Any], more: list[Any], listing: Any, limit: int, data: Any
) -> None:
    """Of the items that neither came nor went during a walk, each is given once, in order."""
    query, modelled = listing
    held = runner.run(stored(rows))
    gone = data.draw(st.sets(st.sampled_from(held))) if held else set()

    async def walk() -> list[Seat]:
        found: list[Seat] = []
        cursor: str | None = None
        while True:
            page = await seats.page(**query, cursor=cursor, limit=limit)
            if not found:
                for seat in gone:
                    await seats.delete(seat.room, seat.no)
                known = {(seat.room, seat.no) for seat in held}
                await seats.put_many([Seat(*row) for row in more if row[:2] not in known])
            found += page.items
            cursor = page.cursor
            if cursor is None:
                return found

    found = runner.run(walk())
    stayed = [seat for seat in modelled(held) if seat not in gone]
    assert [seat for seat in found if seat in stayed] == stayed
    assert len({(seat.room, seat.no) for seat in found}) == len(found)
