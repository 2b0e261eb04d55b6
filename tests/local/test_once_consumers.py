"""Messages that are handled once: by their own id, or by what their sender meant."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import UUID

import pytest

from skylift import Conflict

from . import sameness
from .answering import Asked, asking
from .paying import Paying, playing
from .payments import runs

DAY_S = 24 * 3600
NOTHING = (0, 0, 0, 0)


def redeliver(world: Paying, queue: str) -> None:
    """As the queue of AWS may: what is sent from now on is there twice, with the same envelope."""
    adapter = world.backend.queues[queue]
    insert = adapter.insert
    adapter.insert = lambda messages: insert([*messages, *messages])  # type: ignore[method-assign]


def test_a_message_that_comes_twice_is_handled_once() -> None:
    async def test(world: Paying) -> None:
        redeliver(world, "plain")
        await world.send("plain", "a")
        await world.advance(10)
        assert runs.begun == ["plain a"]
        assert await world.counts("plain") == NOTHING

    playing(test)


def test_two_messages_are_two_whatever_they_say() -> None:
    async def test(world: Paying) -> None:
        await world.send("plain", "a", "a")
        assert runs.begun == ["plain a", "plain a"]

    playing(test)


def test_once_by_a_field_messages_that_mean_the_same_are_one() -> None:
    async def test(world: Paying) -> None:
        await world.send("asked", "a", "b", "a")
        await world.send("asked", "b", "a", account="bob")
        await world.advance(10)
        assert sorted(runs.begun) == ["asked a", "asked b"]
        assert await world.counts("asked") == NOTHING

    playing(test)


def test_each_function_has_keys_of_its_own() -> None:
    async def test(world: Paying) -> None:
        await world.send("asked", "a")
        await world.send("sure", "a")
        assert runs.begun == ["asked a", "sure a"]

    playing(test)


def test_a_duplicate_during_the_run_is_put_back_and_costs_no_attempt() -> None:
    async def test(world: Paying) -> None:
        runs.holds.add("asked a")
        await world.send("asked", "a")
        await world.send("asked", "a")
        assert runs.begun == ["asked a"]
        assert await world.counts("asked") == (0, 1, 1, 0)
        await world.advance(4)
        assert await world.counts("asked") == (0, 1, 1, 0), "it waits for the run"
        runs.let("asked a")
        await world.advance(3)
        assert await world.counts("asked") == NOTHING
        assert runs.begun == ["asked a"]

    playing(test)


def test_a_duplicate_runs_when_the_run_before_it_failed() -> None:
    """And all its attempts are still before it: the first is its first."""

    async def test(world: Paying) -> None:
        runs.holds.add("asked a")
        await world.send("asked", "a")
        for _ in range(3):
            await world.send("asked", "a")
        await world.advance(4)
        runs.holds.clear()
        runs.let("asked a", ValueError("no"))
        await world.advance(20)
        assert runs.begun == ["asked a"] * 2
        assert runs.attempts[0] == 1
        assert await world.counts("asked") == NOTHING

    playing(test)


def test_put_back_many_times_a_message_keeps_its_attempts() -> None:
    async def test(world: Paying) -> None:
        runs.holds.add("asked a")
        await world.send("asked", "a")
        await world.send("asked", "a")
        for attempt in range(1, 6):  # at its own time the duplicate finds the next run every time
            await world.advance(4)
            assert runs.attempts == [*range(1, attempt + 1)]
            runs.let("asked a", ValueError("no"))
        runs.holds.clear()
        await world.advance(10)
        assert runs.attempts == [1, 2, 3, 4, 5, 1]
        assert await world.counts("asked") == (0, 0, 0, 1)

    playing(test)


def test_what_failed_runs_again_until_it_succeeds() -> None:
    async def test(world: Paying) -> None:
        runs.fails += [("plain a", ValueError("no")), ("plain a", Conflict("no"))]
        await world.send("plain", "a")
        await world.advance(10)
        assert runs.begun == ["plain a"] * 3
        assert runs.attempts == [1, 2, 3]
        assert await world.counts("plain") == NOTHING

    playing(test)


def test_what_fails_on_every_attempt_is_buried_and_runs_after_a_redrive() -> None:
    async def test(world: Paying) -> None:
        runs.fails += [("plain a", ValueError("no"))] * 5
        await world.send("plain", "a")
        await world.advance(20)
        assert await world.counts("plain") == (0, 0, 0, 1)
        await world.backend.dead["plain"].redrive(None)
        await world.advance(1)
        assert runs.begun == ["plain a"] * 6
        assert await world.counts("plain") == NOTHING

    playing(test)


def test_the_id_survives_a_redrive() -> None:
    """One of two deliveries of the same message was buried; it was handled by the other."""

    async def test(world: Paying) -> None:
        redeliver(world, "plain")
        runs.fails += [("plain a", ValueError("no"))] * 5
        await world.send("plain", "a")
        await world.advance(60)
        assert await world.counts("plain") in (NOTHING, (0, 0, 0, 1))
        begun = len(runs.begun)
        assert begun == 6
        await world.backend.dead["plain"].redrive(None)
        await world.advance(10)
        assert len(runs.begun) == begun
        assert await world.counts("plain") == NOTHING

    playing(test)


def test_a_day_later_it_runs_again() -> None:
    async def test(world: Paying) -> None:
        await world.send("asked", "a")
        await world.advance(DAY_S - 1)
        await world.send("asked", "a")
        assert runs.begun == ["asked a"]
        await world.advance(1)
        await world.send("asked", "a")
        assert runs.begun == ["asked a"] * 2

    playing(test)


def test_a_run_past_its_deadline_runs_again() -> None:
    async def test(world: Paying) -> None:
        runs.holds.add("asked a")
        await world.send("asked", "a")
        await world.advance(5.5)
        runs.holds.clear()
        await world.send("asked", "a")
        assert runs.begun == ["asked a"] * 2
        await world.advance(60)
        assert runs.begun == ["asked a"] * 2
        assert await world.counts("asked") == NOTHING

    playing(test)


def test_a_message_that_does_not_say_which_it_is_goes_to_the_dead_letters() -> None:
    async def test(world: Paying) -> None:
        await world.send("asked", "")
        (letter,) = await world.backend.dead["asked"].peek(9)
        assert (letter.reason, runs.begun) == ("undecodable", [])
        assert "request_id is empty" in letter.error

    playing(test)


def test_the_field_may_be_a_str_an_int_or_a_uuid_of_any_message() -> None:
    async def test(ask: Asked) -> None:
        sameness.seen.clear()
        await ask.post("/send")
        for _ in range(200):
            await asyncio.sleep(0)
        assert Counter(sameness.seen) == Counter(
            [1, 2, UUID(int=1), UUID(int=2), "a", "b", "a", "b"]
        )

    asking(sameness, test)


@pytest.mark.parametrize("length", [255, 256, 100_000])
def test_a_key_may_be_long(length: int) -> None:
    async def test(world: Paying) -> None:
        one, other = "x" * length, "x" * (length - 1) + "y"
        await world.send("asked", one, other)
        await world.send("asked", one)
        await world.advance(10)
        assert sorted(runs.begun) == [f"asked {one}", f"asked {other}"]
        keys = world.backend.database.execute("SELECT max(length(key)) FROM once").get
        assert keys < 300

    playing(test)


def test_a_ledger_that_fails_puts_messages_back() -> None:
    async def test(world: Paying) -> None:
        world.backend.database.execute("ALTER TABLE once RENAME TO gone")
        await world.send("asked", "a")
        await world.advance(20)
        assert runs.begun == []
        assert await world.counts("asked") == (0, 0, 1, 0)
        assert any("once records cannot be read" in text for text in world.failures.warnings)
        world.backend.database.execute("ALTER TABLE gone RENAME TO once")
        await world.advance(2)
        assert (runs.begun, runs.attempts) == (["asked a"], [1])

    playing(test)


# -- transaction(once=True)


def test_effects_happen_once_whatever_fails_after_them() -> None:
    async def test(world: Paying) -> None:
        runs.fails += [("sure a", ValueError("before"))]
        runs.fails_late += [("sure a", ValueError("after"))]
        await world.send("sure", "a")
        await world.send("sure", "a")
        await world.advance(20)
        assert await world.paid() == 1
        assert runs.begun == ["sure a"] * 2
        assert await world.counts("sure") == NOTHING
        assert [str(error) for error in world.failures.told] == ["before", "after"]

    playing(test)


def test_what_fails_after_its_transaction_is_done() -> None:
    """Not tried again, and no dead letter: all its effects are there."""

    async def test(world: Paying) -> None:
        runs.fails_late += [("sure a", ValueError("after"))]
        await world.send("sure", "a")
        assert await world.counts("sure") == NOTHING
        assert [str(error) for error in world.failures.told] == ["after"]

    playing(test)


# -- batches


def test_of_a_batch_only_what_is_new_reaches_the_handler() -> None:
    async def test(world: Paying) -> None:
        await world.send("many", "a", "b")
        await world.send("many", "b", "c", "a", "d")
        await world.advance(10)
        assert runs.begun == ["a b", "c d"]
        assert await world.counts("many") == NOTHING

    playing(test)


def test_a_batch_that_holds_a_message_twice_hands_it_over_once() -> None:
    async def test(world: Paying) -> None:
        await world.send("many", "a", "b", "a")
        assert runs.begun == ["a b"]
        assert await world.counts("many") == (0, 0, 1, 0)
        await world.advance(10)
        assert runs.begun == ["a b"]
        assert await world.counts("many") == NOTHING

    playing(test)


def test_of_a_batch_only_what_failed_runs_again() -> None:
    async def test(world: Paying) -> None:
        runs.fails_late.append(("b", ValueError("not b")))
        await world.send("many", "a", "b", "c")
        await world.send("many", "a", "b", "c")
        await world.advance(10)
        assert runs.begun[0] == "a b c"
        assert runs.begun[1:] == ["b"]
        assert await world.counts("many") == NOTHING

    playing(test)


def test_a_batch_that_raised_runs_again_as_a_whole() -> None:
    async def test(world: Paying) -> None:
        runs.fails.append(("a b", ValueError("all")))
        await world.send("many", "a", "b")
        await world.advance(10)
        assert runs.begun[0] == "a b"
        assert sorted(" ".join(runs.begun[1:]).split()) == ["a", "b"]
        assert await world.counts("many") == NOTHING

    playing(test)


def test_a_group_waits_behind_a_message_that_is_put_back() -> None:
    """In a FIFO queue the order holds, and waiting costs nobody an attempt."""

    async def test(world: Paying) -> None:
        await world.send("inturn", "a", "b", "a", "c")
        assert runs.begun == ["a b"]
        await world.advance(10)
        assert runs.begun == ["a b", "c"]
        assert runs.attempts == [1, 1, 1]
        assert await world.counts("inturn") == NOTHING

    playing(test)


def test_a_group_waits_behind_a_message_that_failed() -> None:
    async def test(world: Paying) -> None:
        runs.fails_late.append(("b", ValueError("not b")))
        await world.send("inturn", "a", "b", "c", "d")
        await world.advance(10)
        assert " ".join(runs.begun) == "a b c d b c d"
        assert runs.attempts == [1, 1, 1, 1, 2, 1, 1]
        assert await world.counts("inturn") == NOTHING

    playing(test)
