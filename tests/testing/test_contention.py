"""`running(app, contention=…)`: writes meet others, as they do in a store many share."""

from __future__ import annotations

import asyncio

import pytest

from skylift import App, Busy, Caller, PartlyDone
from skylift.testing import running
from tests.apps.hall import app as hall
from tests.apps.hall.hall import Room, rooms, said
from tests.testing import jobs
from tests.testing.jobs import Account, accounts, seen

app = App("jobs", jobs)


async def test_fifty_writers_at_once_keep_the_sum() -> None:
    seen.clear()
    async with running(app, contention=0.3) as world:
        await accounts.put_many([Account("a", "ada", 100), Account("b", "bob", 100)])
        answers = await asyncio.gather(
            *[world.http.post("/moves") for _ in range(50)],
            *[world.http.post("/accounts/a/paid") for _ in range(50)],
        )
        await world.settle()
        assert [answer.status for answer in answers] == [204] * 50 + [200] * 50
        assert (await accounts.require("a")).amount == 100
        assert (await accounts.require("b")).amount == 150
        assert (await world.counts(jobs.working)).ready == 0
        assert len(seen) == 50  # a message of each transaction, and no more


async def test_a_write_that_always_meets_others_is_busy_and_nothing_was_written() -> None:
    async with running(app) as world:
        await accounts.put_many([Account("a", "ada"), Account("b", "bob")])
        world.contention = 1.0
        answer = await world.http.post("/moves")
        assert (answer.status, answer.json["title"]) == (503, "Service Unavailable")
        with pytest.raises(Busy, match="accounts: refused 8 times"):
            await accounts.put(Account("a", "eve"))
        with pytest.raises(PartlyDone) as caught:
            await accounts.put_many([Account("a", "eve"), Account("c", "cid")])
        assert len(caught.value.failed) == 2
        assert (await accounts.require("a")) == Account("a", "ada")  # reads are never refused
        world.contention = 0.0
        assert (await world.http.post("/moves")).status == 204


async def test_some_contention_is_met_by_trying_again() -> None:
    async with running(app, contention=0.2):
        await accounts.put_many([Account(f"{n}", "ada", n) for n in range(300)])
        assert sum([one.amount async for one in accounts.scan()]) == sum(range(300))


async def test_who_writes_first_depends_on_the_seed_and_on_nothing_else() -> None:
    async def order(seed: int) -> list[str]:
        done: list[str] = []

        async def write(name: str) -> None:
            await accounts.put(Account(name, "ada"))
            done.append(name)

        async with running(app, contention=0.5, seed=seed):
            await asyncio.gather(*map(write, "abcdefgh"))
        return done

    orders = [await order(seed) for seed in range(5)]
    assert await order(3) == orders[3]
    assert len({tuple(one) for one in orders}) > 1
    assert all(sorted(one) == list("abcdefgh") for one in orders)


async def test_who_signs_in_as_somebody_plays_the_same_story_too() -> None:
    """A token takes a millisecond to sign: in threads, whose turn it is would be the machine's."""

    async def story() -> list[str]:
        async with running(hall.app, contention=0.5, seed=3) as world:
            await rooms.create(Room("a", []))

            async def say(text: str) -> int:
                client = world.http.as_(Caller(text, text))
                return (await client.post("/rooms/a/said", json={"text": text})).status

            statuses = await asyncio.gather(*map(say, "abcdefghijklmnopqrst"))
            return [*map(str, statuses), *[one.text async for one in said.query("a")]]

    stories = {tuple(await story()) for _ in range(5)}
    assert len(stories) == 1


async def test_contention_is_a_share() -> None:
    with pytest.raises(ValueError, match="allowed are 0 to 1"):
        async with running(app, contention=1.5):
            pass
