"""Indexes lag until the world settles or time passes; tables never do."""

from __future__ import annotations

import pytest

from skylift import App
from skylift.testing import running
from tests.testing import jobs
from tests.testing.jobs import Account, Job, accounts, seen

app = App("jobs", jobs)


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    seen.clear()


async def owned_by(owner: str) -> list[str]:
    return [one.id async for one in accounts.query(owner, index="by_owner")]


async def test_an_index_shows_the_state_of_the_last_settling() -> None:
    async with running(app) as world:
        await accounts.put(Account("a", "ada"))
        assert await owned_by("ada") == []
        assert (await world.http.get("/accounts", query={"owner": "ada"})).json == []
        assert await accounts.get("a") is not None
        await world.settle()
        assert await owned_by("ada") == ["a"]
        await accounts.update("a", set={"owner": "bob"})
        assert (await owned_by("ada"), await owned_by("bob")) == (["a"], [])
        await world.settle()
        assert (await owned_by("ada"), await owned_by("bob")) == ([], ["a"])


async def test_time_that_passes_is_time_to_catch_up() -> None:
    async with running(app) as world:
        await accounts.put(Account("a", "ada"))
        await world.clock.advance(seconds=1)
        assert await owned_by("ada") == ["a"]


async def test_a_page_goes_on_where_it_was_when_the_index_has_caught_up() -> None:
    async with running(app) as world:
        await accounts.put_many([Account(name, "ada") for name in "abd"])
        await world.settle()
        page = await accounts.page("ada", index="by_owner", limit=2)
        await accounts.put(Account("c", "ada"))
        await world.settle()
        rest = await accounts.page("ada", index="by_owner", cursor=page.cursor)
        assert [one.id for one in (*page.items, *rest.items)] == ["a", "b", "c", "d"]


async def test_who_reads_his_own_write_through_an_index_finds_it_on_his_next_attempt() -> None:
    async with running(app) as world:
        await accounts.put(Account("a", "ada"))
        await jobs.looking.send(Job("ada"))
        await world.settle()
        assert seen == [(1, []), (2, ["a"])]
