"""What those who follow a table are told: each write that changed something, of one item in order.
Nothing is run; what would call the functions lies in their inboxes.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from ....codec.envelope import opened
from ....conditions import attr
from ....errors import Conflict
from ....function import Function
from ....invocation import invocation, now
from ....ports.delivery import Done, Held
from ....resources.change import Change
from ....resources.table import Table
from ....resources.transaction import transaction
from ...story import story
from .stock import Holding, Measure, Session, holding

ASKED_MAX = 20  # times in a row without a change
CLAIM_MAX = 10
PAST, FUTURE = timedelta(hours=-1), timedelta(hours=1)

votes = Table("votes", Session, key="id", indexes={"by_user": ("user", "hits")}, ttl="ends")
everything = Table("everything", Holding, key="id")
series = Table[Measure, Decimal, Decimal]("series", Measure, key=("series", "at"))


@votes.on_change
async def tally(change: Change[Session]) -> None:
    """Nothing runs in a contract."""


@votes.on_change
async def audit(change: Change[Session]) -> None:
    """The same."""


@everything.on_change
async def keep(change: Change[Holding]) -> None:
    """The same."""


@series.on_change
async def draw(change: Change[Measure]) -> None:
    """The same."""


async def told(world: Any, function: Function[..., Any]) -> list[Held]:
    """All there is to be told now, in order; it is done with."""
    inbox, found, asked = world.inbox(function), list[Held](), 0
    while asked < ASKED_MAX:
        held = await inbox.claim(CLAIM_MAX)
        await inbox.settle([Done(one.receipt) for one in held])
        found += held
        asked = 0 if held else asked + 1
        if not held:
            await world.settle()
    return found


async def changes(world: Any, function: Any) -> list[Any]:
    return [function.codec.decode(opened(one.body)) for one in await told(world, function)]


class ChangesContract:
    @story(votes, tally)
    async def test_a_change_tells_what_the_item_was_and_what_it_has_become(
        self, world: Any
    ) -> None:
        first, second = Session("a", "ann"), Session("a", "ann", None, 3)
        await votes.create(first)
        await votes.put(second)
        third = await votes.update("a", add={"hits": 2}, set={"user": "bob"})
        await votes.delete("a")
        assert await changes(world, tally) == [
            Change("created", None, first),
            Change("updated", first, second),
            Change("updated", second, third),
            Change("deleted", third, None),
        ]

    @story(votes, tally)
    async def test_a_write_that_changes_nothing_is_no_change(self, world: Any) -> None:
        first = Session("a", "ann", now() + FUTURE, 3)
        await votes.put(first)
        await votes.put(first)
        await votes.update("a", set={"user": "ann"}, add={"hits": 0})
        await votes.put_many([first])
        async with transaction() as tx:
            await votes.update("a", set={"hits": 3}, tx=tx)
        await votes.delete("b")
        assert await changes(world, tally) == [Change("created", None, first)]

    @story(votes, tally)
    async def test_a_write_that_was_refused_is_no_change(self, world: Any) -> None:
        first = Session("a", "ann")
        await votes.create(first)
        with pytest.raises(Conflict):
            await votes.create(Session("a", "bob"))
        with pytest.raises(Conflict):
            await votes.update("a", set={"hits": 5}, if_=attr("user") == "bob")

        async def together() -> None:
            async with transaction() as tx:
                await votes.put(Session("b", "bob"), tx=tx)
                await votes.check("a", if_=attr("hits") > 7, tx=tx)

        with pytest.raises(Conflict):
            await together()
        assert await changes(world, tally) == [Change("created", None, first)]

    @story(votes, tally)
    async def test_a_transaction_tells_each_of_its_writes(self, world: Any) -> None:
        ann, bob = Session("a", "ann"), Session("b", "bob")
        await votes.put(ann)
        await votes.put(bob)
        async with transaction() as tx:
            await votes.update("a", add={"hits": 1}, tx=tx)
            await votes.delete("b", tx=tx)
            await votes.create(Session("c", "cid"), tx=tx)
        found = {one.after.id if one.after else "b": one for one in await changes(world, tally)}
        assert found == {
            "a": Change("updated", ann, Session("a", "ann", None, 1)),
            "b": Change("deleted", bob, None),
            "c": Change("created", None, Session("c", "cid")),
        }

    @story(votes, tally)
    async def test_many_writes_tell_each_of_them(self, world: Any) -> None:
        some = [Session(f"{no}", "ann", None, no) for no in range(30)]
        await votes.put_many(some)
        await votes.delete_many([("3",), ("4",), ("none",)])
        found = await changes(world, tally)
        created = [one.after.id for one in found if one.kind == "created"]
        assert sorted(created) == sorted(one.id for one in some)
        assert [one.before.id for one in found if one.kind == "deleted"] == ["3", "4"]

    @story(votes, tally)
    async def test_the_changes_of_an_item_are_told_in_their_order(self, world: Any) -> None:
        for hits in range(12):
            await votes.put(Session("a", "ann", None, hits))
            await votes.put(Session("b", "bob", None, hits))
        found = await changes(world, tally)
        for id in ("a", "b"):
            own = [one for one in found if one.after.id == id]
            assert [one.after.hits for one in own] == [*range(12)]
            assert [one.before and one.before.hits for one in own] == [None, *range(11)]

    @story(votes, tally, audit)
    async def test_each_of_two_who_follow_is_told_of_all(self, world: Any) -> None:
        await votes.put(Session("a", "ann"))
        await votes.delete("a")
        kinds = ["created", "deleted"]
        assert [one.kind for one in await changes(world, tally)] == kinds
        assert [one.kind for one in await changes(world, audit)] == kinds

    @story(votes, tally)
    async def test_an_item_written_over_after_it_has_expired_has_expired_first(
        self, world: Any
    ) -> None:
        over = Session("a", "ann", now() + PAST)
        await votes.put(over)
        await votes.put(Session("a", "bob"))
        await votes.put(over)
        await votes.create(Session("a", "cid"))
        assert await changes(world, tally) == [
            Change("created", None, over),
            Change("expired", over, None),
            Change("created", None, Session("a", "bob")),
            Change("updated", Session("a", "bob"), over),
            Change("expired", over, None),
            Change("created", None, Session("a", "cid")),
        ]

    @story(votes, tally)
    async def test_deleting_what_has_expired_tells_that_it_has(self, world: Any) -> None:
        over = Session("a", "ann", now() + PAST)
        await votes.put(over)
        assert await votes.delete("a") is None
        assert await changes(world, tally) == [
            Change("created", None, over),
            Change("expired", over, None),
        ]

    @story(everything, keep)
    async def test_a_change_holds_every_kind_of_value(self, world: Any) -> None:
        await everything.put(holding())
        await everything.put(Holding("h"))
        assert await changes(world, keep) == [
            Change("created", None, holding()),
            Change("updated", holding(), Holding("h")),
        ]

    @story(series, draw)
    async def test_items_are_told_apart_by_the_whole_key(self, world: Any) -> None:
        some = [Measure(a, b) for a in map(Decimal, "12") for b in map(Decimal, ("1", "2.5"))]
        for one in some:
            await series.put(one)
        groups = {one.group for one in await told(world, draw)}
        assert len(groups) == len(some)

    @story(votes, tally)
    async def test_a_change_has_an_id_of_its_own_and_the_trace_of_its_writer(
        self, world: Any
    ) -> None:
        await votes.put(Session("a", "ann"))
        async with transaction() as tx:
            await votes.update("a", add={"hits": 1}, tx=tx)
        await votes.put_many([Session("a", "bob")])
        envelopes = [opened(one.body) for one in await told(world, tally)]
        assert len({one.id for one in envelopes}) == len(envelopes) == 3
        assert {one.trace for one in envelopes} == {invocation().trace}

    @story(votes, tally)
    async def test_what_goes_along_with_a_write_is_seen_by_no_reader(self, world: Any) -> None:
        one = Session("a", "ann")
        await votes.create(one)
        await votes.update("a", add={"hits": 1}, if_=attr("ends").missing())
        one.hits = 1
        assert await votes.get("a") == one
        assert await votes.get_many([("a",)]) == [one]
        await world.settle()
        assert [found async for found in votes.query("ann", index="by_user")] == [one]
        assert [found async for found in votes.scan()] == [one]
        assert await votes.delete("a") == one
