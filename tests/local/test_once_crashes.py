"""What is left of once when the process dies, at any instant; and that whatever comes together of
repeats, failures, delays and crashes, each key is carried out once.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.trials import trials

from .answering import Answered
from .paying import TICKS, Paying, keyed
from .payments import runs

pytestmark = pytest.mark.long  # left out of `make check`

BODY = {"account": "ann", "amount": 3}
NOTHING = (0, 0, 0, 0)
Test = Callable[[Paying], Awaitable[Paying]]


def dying(test: Test, *, looks: bool = True) -> None:
    """Run a test in a world on the disk; it returns the last of its processes."""

    async def play(folder: Path) -> None:
        runs.forget()
        state = folder / "state"
        state.mkdir()
        await (await test(Paying(state, looks=looks))).close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder)))


def test_what_a_dead_process_was_handling_is_handled_at_once() -> None:
    async def test(world: Paying) -> Paying:
        runs.holds.add("asked a")
        await world.send("asked", "a")
        world = await world.killed()
        runs.holds.clear()
        await world.rest()
        assert runs.begun == ["asked a"] * 2
        assert await world.counts("asked") == NOTHING
        return world

    dying(test)


def test_a_request_to_a_dead_process_is_carried_out_by_the_next() -> None:
    async def test(world: Paying) -> Paying:
        runs.holds.add("pay")
        first = asyncio.ensure_future(keyed(world, "k")("POST", "/pay/ann", BODY))
        await world.rest()
        before, world = world, await world.killed(first)
        runs.holds.clear()
        assert (await keyed(world, "k")("POST", "/pay/ann", BODY)).status == 201
        assert before.failures.told == []
        return world

    dying(test)


def test_what_has_finished_stays_finished() -> None:
    async def test(world: Paying) -> Paying:
        first = await keyed(world, "k")("POST", "/pay/ann", BODY)
        await world.send("asked", "a")
        world = await world.killed()
        again = await keyed(world, "k")("POST", "/pay/ann", BODY)
        assert (again.status, again.body) == (first.status, first.body)
        await world.send("asked", "a")
        assert runs.begun == ["pay", "asked a"]
        return world

    dying(test)


def forgetful(world: Paying, queue: str) -> None:
    """From now on the process dies before it has written that a message of this queue is done."""
    world.backend.queues[queue].settle_later = lambda settled: None  # type: ignore[method-assign]


def test_a_crash_before_the_message_is_done_does_not_run_it_again() -> None:
    async def test(world: Paying) -> Paying:
        forgetful(world, "plain")
        await world.send("plain", "a")
        assert await world.counts("plain") == (0, 1, 0, 0)
        world = await world.killed()
        await world.rest()
        assert await world.counts("plain") == NOTHING
        assert runs.begun == ["plain a"]
        return world

    dying(test)


def test_what_its_last_attempt_finished_is_not_lost() -> None:
    async def test(world: Paying) -> Paying:
        runs.fails += [("plain a", ValueError("no"))] * 4
        await world.send("plain", "a")
        while len(runs.begun) < 4:
            await world.advance(0.1)
        forgetful(world, "plain")
        await world.advance(2)
        assert runs.attempts == [1, 2, 3, 4, 5]
        world = await world.killed()
        await world.rest()
        assert await world.counts("plain") == NOTHING
        return world

    dying(test)


def test_what_its_last_attempt_did_not_finish_is_lost() -> None:
    async def test(world: Paying) -> Paying:
        runs.holds.add("plain a")
        await world.send("plain", "a")
        for _ in range(5):
            world = await world.killed()
            await world.rest()
        assert runs.attempts == [1, 2, 3, 4, 5]
        (letter,) = await world.backend.dead["plain"].peek(9)
        assert letter.reason == "lost"
        runs.holds.clear()
        await world.backend.dead["plain"].redrive(None)
        await world.rest()
        assert runs.attempts == [1, 2, 3, 4, 5, 1], "its record was given up with it"
        assert await world.counts("plain") == NOTHING
        return world

    dying(test)


def test_a_crash_between_a_transaction_and_the_answer_loses_the_answer_only() -> None:
    async def test(world: Paying) -> Paying:
        runs.holds.add("answer")
        first = asyncio.ensure_future(keyed(world, "k")("PUT", "/sure/ann"))
        await world.rest()
        await world.advance(0.01)
        world = await world.killed(first)
        again = await keyed(world, "k")("PUT", "/sure/ann")
        assert again.status == 409
        assert "was carried out, and its answer was lost" in again.json["detail"]
        assert await world.paid() == 1
        assert await world.counts("receipts") == (1, 0, 0, 0)
        return world

    dying(test)


def test_a_crash_between_a_transaction_and_its_message_being_done_is_no_second_run() -> None:
    async def test(world: Paying) -> Paying:
        forgetful(world, "sure")
        await world.send("sure", "a")
        world = await world.killed()
        await world.rest()
        assert (await world.paid(), runs.begun) == (1, ["sure a"])
        assert await world.counts("sure") == NOTHING
        return world

    dying(test)


# -- anything together

KEYS = some.sampled_from(["a", "b"])
STEPS = some.one_of(
    some.tuples(some.just("send"), KEYS),
    some.tuples(some.just("request"), KEYS),
    some.tuples(some.just("let"), some.sampled_from(["succeed", "fail", "fail late"])),
    some.tuples(some.just("advance"), some.sampled_from([0.3, 2.0, 4.0, 7.0, 33.0])),
    some.tuples(some.just("crash"), some.integers(0, 9)),
)
NAMES = ["sure a", "sure b", "sure", "answer"]


class Life:
    """Processes one after another, over one state; and what they were asked."""

    def __init__(self, world: Paying) -> None:
        self.world = world
        self.sent: set[str] = set()
        self.asked: set[str] = set()
        self.requests: list[asyncio.Task[Answered]] = []
        self.answers: dict[str, set[bytes]] = {}
        self.finished: dict[str, int] = {}  # how many runs there were by then
        runs.holds |= {*NAMES}
        world.on_tick = self.observe

    async def send(self, key: str) -> None:
        self.sent.add(key)
        await self.world.send("sure", key, account=f"sent-{key}")

    async def request(self, key: str) -> None:
        self.asked.add(key)
        self.requests.append(asyncio.ensure_future(self._request(key)))
        await self.world.rest()

    async def _request(self, key: str) -> Answered:
        answer: Answered = await keyed(self.world, key)("PUT", f"/sure/asked-{key}")
        if answer.status == 200:
            self.answers.setdefault(key, set()).add(answer.body)
        return answer

    async def let(self, how: str) -> None:
        """The oldest run goes on to where it waits next, or to its end."""
        waiting = [name for name, future in runs.held if not future.done()]
        if waiting:
            name = waiting[0]
            if how == "fail late":
                runs.fails_late.append((name, ValueError(how)))
            runs.let(name, ValueError(how) if how == "fail" else None)
        await self.world.rest()

    async def let_all_go(self, ticks: int) -> None:
        """And look on for some ticks of the loop."""
        for name in [name for name, future in runs.held if not future.done()]:
            runs.let(name)
        for _ in range(ticks):
            await asyncio.sleep(0)
            self.observe()

    async def advance(self, seconds: float) -> None:
        await self.world.advance(seconds)

    async def crash(self, ticks: int) -> None:
        """So soon after all runs were let go, or while they wait."""
        if ticks:
            await self.let_all_go(ticks)
        self.world = await self.world.killed(*self.requests)
        self.world.on_tick = self.observe
        self.requests.clear()
        await self.world.rest()

    def observe(self) -> None:
        """No message begins a run when one has finished."""
        select = "SELECT key FROM once WHERE key LIKE '%take_surely %'"
        for (key,) in self.world.backend.database.execute(select).fetchall():
            name = f"sure {key.rpartition(' ')[2]}"
            count = runs.begun.count(name)
            assert self.finished.setdefault(name, count) == count, name

    async def conclude(self) -> None:
        """From now on nothing fails, and everything is asked for once more."""
        runs.holds.clear()
        runs.fails_late.clear()
        await self.let_all_go(TICKS)
        for _ in range(6):
            await self.world.advance(40)
        for key in self.sent:
            await self.send(key)
        assert await self.world.counts("sure") == NOTHING
        for key in self.sent:
            assert f"sure {key}" in self.finished
            assert await self.world.paid(f"sent-{key}") == 1
        for key in self.asked:
            answer = await self._request(key)
            assert answer.status == 200 or "its answer was lost" in answer.json["detail"]
            assert await self.world.paid(f"asked-{key}") == 1
            assert len(self.answers.get(key, set())) <= 1


@trials(150)
@given(some.lists(STEPS, max_size=25), some.booleans())
def test_whatever_comes_together_each_key_is_carried_out_once(
    steps: list[tuple[str, Any]], looks: bool
) -> None:
    async def test(world: Paying) -> Paying:
        life = Life(world)
        for verb, how in steps:
            await getattr(life, verb)(how)
        await life.conclude()
        return life.world

    dying(test, looks=looks)
