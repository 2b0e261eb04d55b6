"""What only the SQLite tables promise: state that outlives a process, declarations that change,
sweeps, and a loop that is never held up for long.
"""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import apsw
import pytest

from skylift import (
    BadRequest,
    Conflict,
    DeclarationError,
    SkyliftError,
    Struct,
    Table,
    Unavailable,
    attr,
)
from skylift.local.database import Database
from skylift.ports import Range
from skylift.testing.contracts.tables.stock import Seat, Session, seats, sessions
from skylift.testing.stand import Stand

MOMENT = datetime(2026, 11, 20, tzinfo=UTC)


class Old(Struct):
    id: str
    owner: str | None = None
    size: int = 0
    gone: str = "old"


class New(Struct):
    id: str
    owner: str | None
    size: Decimal
    labels: set[str]
    colour: str = "red"


class Strict(Struct, forbid_unknown_fields=True):
    id: str
    size: int = 0


Story = Callable[[Stand], Coroutine[Any, Any, None]]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def played(story: Story, *tables: Table[Any, *tuple[Any, ...]], path: Path | None = None) -> None:
    async def play() -> None:
        async with Stand(*tables, path=path) as stand:
            await story(stand)

    asyncio.run(play())


def table(item: type[Any], **options: Any) -> Table[Any, str]:
    return Table[Any, str]("things", item, **({"key": "id"} | options))


# -- restarts


def test_a_cursor_opens_after_a_restart(state: Path) -> None:
    cursors: list[str | None] = []
    where = attr("owner").one_of("ann", "bob") & (attr("price") != {Decimal(2), Decimal(1)})

    async def first(stand: Stand) -> None:
        for no in range(6):
            await seats.put(Seat("r", no, "ann"))
        cursors.append((await seats.page("r", limit=4, where=where)).cursor)

    async def second(stand: Stand) -> None:
        page = await seats.page("r", limit=4, where=where, cursor=cursors[0])
        assert ([seat.no for seat in page.items], page.cursor) == ([4, 5], None)

    played(first, seats, path=state)
    played(second, seats, path=state)


def test_a_reload_in_the_same_process_keeps_the_items(state: Path) -> None:
    async def story(stand: Stand) -> None:
        await seats.put(Seat("r", 1, "ann"))
        async with Stand(seats, path=state):
            assert await seats.get("r", 1) == Seat("r", 1, "ann")

    played(story, seats, path=state)


# -- declarations that change


def test_an_older_item_is_read_by_todays_declaration(state: Path) -> None:
    old, new = table(Old), table(New)

    async def write(stand: Stand) -> None:
        await old.put(Old("a", None, 7))

    async def read(stand: Stand) -> None:
        assert await new.get("a") == New("a", None, Decimal(7), set())
        changed = await new.update("a", set={"labels": {"x"}})
        assert changed == New("a", None, Decimal(7), {"x"})

    async def read_old(stand: Stand) -> None:
        assert await old.get("a") == Old("a", None, 7, "old")  # what New does not know stays

    played(write, old, path=state)
    played(read, new, path=state)
    played(read_old, old, path=state)


def test_a_type_that_forbids_unknown_fields_ignores_stored_ones(state: Path) -> None:
    old, strict = table(Old), table(Strict)

    async def write(stand: Stand) -> None:
        await old.put(Old("a", "ann", 7))

    async def read(stand: Stand) -> None:
        assert await strict.get("a") == Strict("a", 7)

    played(write, old, path=state)
    played(read, strict, path=state)


def test_an_item_that_fits_no_more_is_an_error_that_says_so(state: Path) -> None:
    class Other(Struct):
        id: str
        owner: int

    old, other = table(Old), table(Other)

    async def write(stand: Stand) -> None:
        await old.put(Old("a", "ann"))
        await old.put(Old("b", None))

    async def read(stand: Stand) -> None:
        for id in ("a", "b"):
            with pytest.raises(SkyliftError, match=r"cannot be read as Other.*owner") as raised:
                await other.get(id)
            assert raised.value.status == 500
        await other.put(Other("a", 5))
        assert await other.get("a") == Other("a", 5)

    played(write, old, path=state)
    played(read, other, path=state)


def test_an_index_declared_later_holds_what_is_stored_already(state: Path) -> None:
    plain = table(Old)
    by_owner = table(Old, indexes={"by_owner": ("owner", "size")})

    async def write(stand: Stand) -> None:
        for number in range(2500):  # more than one step of filling
            owner = None if number % 3 == 0 else f"o{number % 2}"
            await plain.put(Old(f"{number}", owner, -number))

    async def read(stand: Stand) -> None:
        found = [thing.size async for thing in by_owner.query("o1", index="by_owner")]
        assert found == sorted(-number for number in range(1, 2500, 2) if number % 3)
        await by_owner.put(Old("new", "o1", 5))
        page = await by_owner.page("o1", index="by_owner", reverse=True, limit=1)
        assert page.items == [Old("new", "o1", 5)]

    async def without(stand: Stand) -> None:
        with pytest.raises(DeclarationError, match="no index 'by_owner'"):
            await plain.page("o1", index="by_owner")
        await plain.put(Old("later", "o1", 6))

    played(write, plain, path=state)
    played(read, by_owner, path=state)
    played(without, plain, path=state)
    columns = sqlite3.connect(state).execute("SELECT sql FROM sqlite_schema").fetchall()
    assert not [sql for (sql,) in columns if "owner" in (sql or "")]

    async def read_again(stand: Stand) -> None:
        page = await by_owner.page("o1", index="by_owner", reverse=True, limit=2)
        assert page.items == [Old("later", "o1", 6), Old("new", "o1", 5)]

    played(read_again, by_owner, path=state)


def test_an_index_whose_field_changes_its_kind_is_made_anew(state: Path) -> None:
    class Renamed(Struct):
        id: str
        size: str = ""

    first = table(Old, indexes={"by_size": "size"})
    second = table(Renamed, indexes={"by_size": "size"})

    async def write(stand: Stand) -> None:
        await first.put(Old("a", None, 7))

    async def read(stand: Stand) -> None:
        assert [one async for one in second.query("7", index="by_size")] == []
        await second.put(Renamed("b", "7"))
        assert [one.id async for one in second.query("7", index="by_size")] == ["b"]

    played(write, first, path=state)
    played(read, second, path=state)


def test_an_item_that_a_later_index_could_not_hold_is_left_out_of_it(state: Path) -> None:
    plain, by_owner = table(Old), table(Old, indexes={"by_owner": "owner"})

    async def write(stand: Stand) -> None:
        await plain.put(Old("empty", ""))
        await plain.put(Old("long", "o" * 3000))
        await plain.put(Old("good", "ann"))

    async def read(stand: Stand) -> None:
        assert [one.id async for one in by_owner.query("ann", index="by_owner")] == ["good"]
        assert len([one async for one in by_owner.scan()]) == 3

    played(write, plain, path=state)
    played(read, by_owner, path=state)


def test_a_ttl_declared_later_holds_for_what_is_stored_already(state: Path) -> None:
    plain = Table("sessions", Session, key="id")

    async def write(stand: Stand) -> None:
        await plain.put(Session("past", "ann", stand.clock.now() - timedelta(hours=1)))
        await plain.put(Session("future", "ann", stand.clock.now() + timedelta(hours=1)))

    async def read(stand: Stand) -> None:
        assert [one.id async for one in sessions.scan()] == ["future"]

    async def read_all(stand: Stand) -> None:
        assert [one.id async for one in plain.scan()] == ["future", "past"]

    played(write, plain, path=state)
    played(read, sessions, path=state)
    played(read_all, plain, path=state)


@pytest.mark.parametrize("key", [("id", "size"), "owner", ("id", "owner")])
def test_a_stored_table_keeps_its_key(state: Path, key: Any) -> None:
    async def write(stand: Stand) -> None:
        await first.put(Old("a"))

    async def nothing(stand: Stand) -> None: ...

    class Keyed(Struct):
        id: str
        owner: str = "o"
        size: int = 0

    first, other = table(Keyed), table(Keyed, key=key)
    played(nothing, first, path=state)
    with pytest.raises(DeclarationError, match=r"(?s)stored with the key id \(text\), declared is"):
        played(nothing, other, path=state)
    played(nothing, first, path=state)


def test_tables_whose_names_differ_by_case_only_are_refused() -> None:
    async def nothing(stand: Stand) -> None: ...

    with pytest.raises(DeclarationError, match="the same but for case"):
        played(nothing, Table("notes", Old, key="id"), Table("Notes", Old, key="id"))


def test_fields_named_as_our_own_columns_are_kept_apart() -> None:
    class Odd(Struct):
        value: str
        expires: int
        value_: str
        Order: str | None = None

    odd = Table[Odd, str, int](
        "odd", Odd, key=("value", "expires"), indexes={"one": ("value_", "Order")}
    )

    async def story(stand: Stand) -> None:
        kept = Odd("v", 1, "w", "x")
        await odd.put(kept)
        assert await odd.get("v", 1) == kept
        assert [one async for one in odd.query("w", index="one")] == [kept]

    played(story, odd)


def test_the_sqlite_shell_reads_a_table_as_declared(state: Path) -> None:
    async def story(stand: Stand) -> None:
        await seats.put(Seat("r", 7, "ann", MOMENT, Decimal("1.50")))

    played(story, seats, path=state)
    query = "SELECT room, owner, value ->> '$.no', value -> '$.price' FROM \"table:seats\""
    assert sqlite3.connect(state).execute(query).fetchall() == [("r", "ann", 7, "1.5")]


# -- expiry


def test_a_sweep_removes_expired_items_some_at_a_time() -> None:
    async def story(stand: Stand) -> None:
        adapter = stand.ports.adapters["sessions"]
        for number in range(25):
            ends = stand.clock.now() + timedelta(minutes=number)
            await sessions.put(Session(f"{number}", "ann", ends))
        await sessions.put(Session("forever", "ann"))
        assert await adapter.sweep(stand.clock.time(), 10) == 1  # it ends at this very moment
        stand.clock.advance(minutes=14.5)
        swept = [await adapter.sweep(stand.clock.time(), 10) for _ in range(3)]
        assert swept == [10, 4, 0]
        count = 'SELECT count(*) FROM "table:sessions"'
        assert stand.database.execute(count).get == 11
        assert len([one async for one in sessions.scan()]) == 11

    played(story, sessions)


def test_an_item_expires_while_time_passes() -> None:
    async def story(stand: Stand) -> None:
        await sessions.create(Session("a", "ann", stand.clock.now() + timedelta(seconds=1)))
        stand.clock.advance(seconds=0.999999)
        with pytest.raises(Conflict):
            await sessions.create(Session("a", "bob"))
        assert [one.id async for one in sessions.scan()] == ["a"]
        stand.clock.advance(seconds=0.000001)
        assert [one.id async for one in sessions.scan()] == []
        await sessions.create(Session("a", "bob"))

    played(story, sessions)


def test_a_table_without_ttl_has_nothing_to_sweep() -> None:
    async def story(stand: Stand) -> None:
        await seats.put(Seat("r", 1))
        assert await stand.ports.adapters["seats"].sweep(stand.clock.time() + 1e9, 10) == 0

    played(story, seats)


class Lapsing(Struct):
    id: str
    owner: str = ""
    colour: str = "red"
    until: datetime | None = None


def test_an_item_that_fits_no_place_in_one_new_index_is_in_the_others_and_expires(
    state: Path,
) -> None:
    plain = Table("lapsing", Lapsing, key="id")
    indexed = Table(
        "lapsing",
        Lapsing,
        key="id",
        indexes={"by_owner": "owner", "by_colour": "colour"},
        ttl="until",
    )

    async def run() -> None:
        async with Stand(plain, path=state) as stand:
            await plain.put(Lapsing("a", owner=""))  # an empty text is no key
            await plain.put(Lapsing("b", until=stand.clock.now()))
        async with Stand(indexed, path=state):
            assert (await indexed.page("red", index="by_colour")).items == [Lapsing("a")]
            assert await indexed.get("b") is None

    asyncio.run(run())


class Counted(Struct):
    id: str
    owner: str | None = None
    size: datetime | None = None


def test_what_does_not_fit_any_more_is_not_the_fault_of_who_updates_it(state: Path) -> None:
    before = Table("old", Old, key="id")
    after = Table("old", Counted, key="id")

    async def run() -> None:
        async with Stand(before, path=state):
            await before.put(Old("a", size=5))
        async with Stand(after, path=state):
            with pytest.raises(SkyliftError, match="a stored item cannot be read") as caught:
                await after.update("a", set={"owner": "b"})
            assert caught.value.status == 500
            mended = await after.update("a", set={"size": MOMENT})
            assert mended.size == MOMENT

    asyncio.run(run())


# -- walks


async def listed_all() -> None:
    assert len([seat async for seat in seats.query("r")]) == 3000


async def passed_none() -> None:
    assert [seat async for seat in seats.query("r", where=attr("owner") == "x")] == []


async def got_all() -> None:
    assert None not in await seats.get_many([("r", no) for no in range(3000)])


@pytest.mark.parametrize("reading", [listed_all, passed_none, got_all])
def test_a_long_read_lets_others_run(reading: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def story(stand: Stand) -> None:
        await seats.put_many([Seat("r", no) for no in range(3000)])
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.ensure_future(others())
        await reading()
        task.cancel()
        assert turns >= 10

    played(story, seats)


DEEP: list[dict[str, Any]] = [
    {"partition": "r", "where": attr("no") >= 0},
    {"partition": "r", "where": attr("no").between(0, 1000), "reverse": True},
    {"partition": "ann", "index": "by_owner", "where": attr("since") == MOMENT},
    {"partition": "ann", "index": "by_owner", "where": attr("since") <= MOMENT, "reverse": True},
    {"partition": "ann", "index": "owned", "where": attr("price") != Decimal("0.5")},
    {"partition": "r", "index": "by_price", "where": attr("price") < 5, "reverse": True},
]


@pytest.mark.parametrize("listing", DEEP)
def test_a_page_deep_in_a_listing_costs_what_the_first_does(listing: dict[str, Any]) -> None:
    async def story(stand: Stand) -> None:
        await seats.put_many([Seat("r", no, "ann", MOMENT, Decimal(no % 2)) for no in range(400)])
        steps: list[int] = []
        stand.database.connection.trace_v2(
            apsw.SQLITE_TRACE_PROFILE,
            lambda event: steps.append(event["stmt_status"]["SQLITE_STMTSTATUS_VM_STEP"]),
        )
        cursor, costs = None, list[int]()
        while not costs or cursor:
            page = await seats.page(limit=40, cursor=cursor, **listing)
            cursor = page.cursor
            costs.append(sum(steps))
            steps.clear()
        assert len(costs) == 10
        assert max(costs) < costs[0] * 2

    played(story, seats)


@pytest.mark.parametrize(
    "position",
    [
        b"",
        b"\x90",
        b"\xc1",
        b"\x92\xa1r\x01",
        b"\x91\xc4\x01x",
        b"\x91\xa1x",
        b"\xff" * 9,
        b"\x91" * 9,
    ],
)
def test_a_position_of_another_listing_is_a_bad_request(position: bytes) -> None:
    async def story(stand: Stand) -> None:
        adapter = stand.ports.adapters["seats"]
        with pytest.raises(BadRequest):
            await adapter.read(Range(after=position))

    played(story, seats)


def test_after_one_failed_sync_no_write_is_said_to_be_safe(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        database = Database(state, full=True)
        database.execute("CREATE TABLE numbers (n)")
        insert = partial(database.execute, "INSERT INTO numbers VALUES (1)")
        await database.write(insert)
        with monkeypatch.context() as failing:
            failing.setattr(os, "fdatasync", refused)
            with pytest.raises(Unavailable, match="could not be synced") as caught:
                await database.write(insert)
            assert caught.value.unknown
        with pytest.raises(Unavailable):  # the disk says all is well, having dropped a page
            await database.write(insert)
        await database.close()

    def refused(_file: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    asyncio.run(run())


def test_an_index_that_went_meanwhile_is_a_failure_of_the_store() -> None:
    indexed = Table("old", Old, key="id", indexes={"by_owner": ("owner", "id")})

    async def run() -> None:
        async with Stand(indexed) as stand:
            stand.database.execute('DROP INDEX "index:old:by_owner"')
            with pytest.raises(Unavailable):
                await indexed.page("a", index="by_owner")

    asyncio.run(run())
