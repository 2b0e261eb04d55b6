"""Items that expire: from that moment they do not exist, whether or not they were removed yet."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ....conditions import attr
from ....errors import Conflict, NotFound
from ....invocation import now
from ....resources.transaction import transaction
from ...story import World, story
from .stock import Session, Ticket, sessions, tickets

PAST, FUTURE = timedelta(hours=-1), timedelta(hours=1)


async def some_sessions() -> None:
    await sessions.put(Session("past", "ann", now() + PAST, 1))
    await sessions.put(Session("future", "ann", now() + FUTURE, 2))
    await sessions.put(Session("forever", "ann", None, 3))


class ExpiryContract:
    @story(sessions)
    async def test_an_expired_item_is_not_read(self, world: World) -> None:
        await some_sessions()
        assert await sessions.get("past") is None
        with pytest.raises(NotFound):
            await sessions.require("past")
        found = await sessions.get_many([("past",), ("future",), ("forever",)])
        assert [one is None for one in found] == [True, False, False]
        assert {one.id async for one in sessions.scan()} == {"future", "forever"}
        assert [one async for one in sessions.query("past")] == []
        assert (await sessions.page("past")).items == []
        await world.settle()
        by_user = [one.id async for one in sessions.query("ann", index="by_user")]
        assert by_user == ["future", "forever"]
        assert [one.id async for one in sessions.query("ann", index="by_user", limit=1)] == [
            "future"
        ]

    @story(sessions)
    async def test_an_expired_item_does_not_exist_for_writes(self, world: World) -> None:
        await some_sessions()
        with pytest.raises(NotFound):
            await sessions.update("past", set={"hits": 5})
        with pytest.raises(Conflict):
            await sessions.put(Session("past", "bob"), if_=attr("user") == "ann")
        with pytest.raises(Conflict):
            await sessions.delete("past", if_=attr("id").present())
        assert await sessions.delete("past", if_=attr("user").missing()) is None
        with pytest.raises(Conflict):
            await sessions.create(Session("future", "bob"))
        await sessions.create(Session("past", "bob"))
        assert await sessions.get("past") == Session("past", "bob")

    @story(sessions)
    async def test_an_expired_item_does_not_exist_in_a_transaction(self, world: World) -> None:
        await some_sessions()
        with pytest.raises(NotFound):
            async with transaction() as tx:
                await sessions.update("past", set={"hits": 5}, tx=tx)
        async with transaction() as tx:
            await sessions.check("past", if_=attr("user").missing(), tx=tx)
            await sessions.check("future", if_=attr("user") == "ann", tx=tx)
        async with transaction() as tx:
            await sessions.create(Session("past", "bob"), tx=tx)
        assert await sessions.get("past") == Session("past", "bob")

    @story(sessions)
    async def test_an_update_can_let_an_item_expire_or_stay(self, world: World) -> None:
        await some_sessions()
        await sessions.update("forever", set={"ends": now() + PAST})
        assert await sessions.get("forever") is None
        await sessions.update("future", remove=["ends"])
        assert await sessions.get("future") == Session("future", "ann", None, 2)

    @story(tickets)
    async def test_expiry_may_be_seconds_since_1970(self, world: World) -> None:
        at = int(now().timestamp())
        await tickets.put(Ticket("past", at - 100))
        await tickets.put(Ticket("future", at + 100))
        await tickets.put(Ticket("never", 10**30))
        assert [one.id async for one in tickets.scan()] == ["future", "never"]
