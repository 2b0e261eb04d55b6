"""The function that is given each dead letter: at least once, with attempts and backoff of its own,
and what it fails on stays.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .answering import EACH_LOOP
from .dying import Dying, bury, dying
from .letters import Job, jobs, script, toil, work

TIMEOUT_S = 5.0
LEASE_S = 6 * TIMEOUT_S


async def lose(world: Dying, *names: str) -> None:
    """Jobs that nobody can do: their letters arrive after a second."""
    script.moods["work"] = "fail"
    for name in names:
        await jobs.send(Job(name))
    await world.advance(1)


@pytest.mark.parametrize("loop", EACH_LOOP)
def test_each_letter_is_given_to_its_consumer_as_it_arrives(loop: str) -> None:
    async def test(world: Dying) -> None:
        await lose(world, "a", "b")
        assert sorted(script.names("mourn")) == ["a", "b"]
        assert (await world.counts("jobs")).dead == 0
        letter = next(one for one in script.letters if one.message == Job("a"))
        assert (letter.reason, letter.attempts) == ("failed", 2)
        assert letter.error.startswith("ValueError: a cannot be done")

    dying(test, loop=loop)


def test_the_context_tells_the_delivery_of_a_letter() -> None:
    async def test(world: Dying) -> None:
        await lose(world, "a")
        (context,), (letter,) = script.contexts, script.letters
        assert context.function == "letters.mourn"
        assert (context.delivery_id, context.attempt, context.attempts_max) == (letter.id, 1, 3)
        assert context.trace[3:35] == letter.trace[3:35]

    dying(test)


def test_what_it_fails_on_comes_back_and_then_stays() -> None:
    async def test(world: Dying) -> None:
        script.moods["mourn"] = "fail"
        await lose(world, "a")
        await world.advance(8)
        assert script.names("mourn") == ["a"] * 3
        assert [one.attempt for one in script.contexts] == [1, 2, 3]
        await world.advance(1_000_000)
        assert script.names("mourn") == ["a"] * 3
        (letter,) = await work.dead.peek()
        assert letter.message == Job("a")  # as it was: the reason is that of its function
        assert (letter.reason, letter.attempts) == ("failed", 2)
        (warning,) = given_up(world)
        assert f"gave up dead letter {letter.id} after 3 attempts: ValueError" in warning

    dying(test)


def test_what_was_given_up_is_offered_again_when_it_was_redriven_and_died_again() -> None:
    async def test(world: Dying) -> None:
        script.moods["mourn"] = "fail"
        await lose(world, "a")
        await world.advance(100)
        script.moods["mourn"] = ""
        assert await work.dead.redrive() == 1
        await world.advance(1)
        assert script.names("mourn") == ["a"] * 4
        assert (await world.counts("jobs")).dead == 0

    dying(test)


def test_what_was_given_up_does_not_keep_others_from_the_consumer() -> None:
    async def test(world: Dying) -> None:
        script.moods["mourn"] = "fail"
        await lose(world, *map(str, range(20)))
        await world.advance(100)
        script.moods["mourn"] = ""
        await lose(world, "new")
        assert script.names("mourn")[-1] == "new"
        assert (await world.counts("jobs")).dead == 20

    dying(test)


def test_a_letter_that_cannot_be_read_is_given_with_its_body() -> None:
    async def test(world: Dying) -> None:
        from skylift.ports import Outgoing

        await world.backend.queues["jobs"].send([Outgoing("nonsense")])
        await world.rest()
        (letter,) = script.letters
        assert (letter.message, letter.body, letter.reason) == (None, "nonsense", "undecodable")

    dying(test)


def test_letters_from_before_it_had_a_consumer_are_given_to_it(tmp_path: Path) -> None:
    async def test(world: Dying) -> None:
        world.backend.database.execute("UPDATE dead SET source = 'jobs'")
        await bury(world, "a")
        world.backend.database.execute("UPDATE dead SET source = 'jobs'")
        later = await world.killed(tmp_path / "later")
        await later.rest()
        assert script.names("mourn") == ["a"]
        await later.close()

    dying(test, made(tmp_path))


def test_no_more_letters_run_at_a_time_than_it_says() -> None:
    async def test(world: Dying) -> None:
        script.moods["mourn"] = "wait"
        await lose(world, *"abcde")
        assert len(script.names("mourn")) == 2
        script.over.set()
        await world.rest()
        assert sorted(script.names("mourn")) == list("abcde")
        assert (await world.counts("jobs")).dead == 0

    dying(test)


# -- beside the verbs


def test_what_its_consumer_is_being_given_is_neither_redriven_nor_purged() -> None:
    async def test(world: Dying) -> None:
        script.moods["mourn"] = "wait"
        await lose(world, *"abc")
        assert (len(script.names("mourn")), (await world.counts("jobs")).dead) == (2, 3)
        assert await work.dead.redrive() == 1
        assert await work.dead.purge() == 0
        script.moods = {}
        script.over.set()
        await world.rest()
        assert (await world.counts("jobs")).dead == 0
        assert len(script.names("mourn")) == 2

    dying(test)


def test_a_letter_that_was_purged_while_it_waits_for_its_next_attempt_is_gone() -> None:
    async def test(world: Dying) -> None:
        script.moods["mourn"] = "fail"
        await lose(world, "a")
        given = script.names("mourn")
        assert await work.dead.purge() == 1
        await world.advance(100)
        assert script.names("mourn") == given

    dying(test)


# -- time-outs, and processes that die


def test_a_letter_whose_consumer_hangs_comes_back_when_its_lease_ends(tmp_path: Path) -> None:
    async def test(world: Dying) -> None:
        script.moods["mourn"] = "hang"
        await lose(world, "a")
        await expire(world)
        assert script.names("mourn") == ["a"]
        for _ in range(2):
            await world.advance(LEASE_S)
            await expire(world)
        assert script.names("mourn") == ["a"] * 3
        await world.advance(10 * LEASE_S)  # the last never came back
        assert script.names("mourn") == ["a"] * 3
        assert (await world.counts("jobs")).dead == 1
        assert len(given_up(world)) == 1

    dying(test)


def test_a_letter_that_kills_the_process_does_not_do_so_for_ever(tmp_path: Path) -> None:
    async def test(world: Dying) -> None:
        script.moods["mourn"] = "wait"
        await lose(world, "a")
        for no in range(2):
            world = await world.killed(tmp_path / str(no))
            await world.rest()
            assert script.names("mourn") == ["a"] * (no + 2)
        last = await world.killed(tmp_path / "last")
        await last.advance(1_000)
        assert script.names("mourn") == ["a"] * 3
        (letter,) = await work.dead.peek()
        assert letter.message == Job("a")
        await last.close()

    dying(test, made(tmp_path))


def test_a_letter_that_may_have_killed_the_process_runs_alone(tmp_path: Path) -> None:
    async def test(world: Dying) -> None:
        script.moods["mourn"] = "wait"
        await lose(world, *"abcd")
        assert len(script.names("mourn")) == 2
        killed = await world.killed(tmp_path / "killed")
        await killed.rest()
        assert len(script.names("mourn")) == 3  # one of the two, and nothing beside it
        script.over.set()
        await killed.rest()
        assert (await killed.counts("jobs")).dead == 0
        await killed.close()

    dying(test, made(tmp_path))


def test_letters_outlive_the_process(tmp_path: Path) -> None:
    async def test(world: Dying) -> None:
        await bury(world, "a", "b")
        killed = await world.killed(tmp_path / "killed")
        assert [one.message for one in await toil.dead.peek()] == [Job("a"), Job("b")]
        await killed.close()

    dying(test, made(tmp_path))


def test_a_graceful_stop_costs_no_attempt(tmp_path: Path) -> None:
    folder = made(tmp_path)

    async def first(world: Dying) -> None:
        script.moods["mourn"] = "wait"
        await lose(world, "a")

    async def second(world: Dying) -> None:
        world.clock.move(world.clock.time() + 100)
        await world.rest()
        assert [one.attempt for one in script.contexts] == [1]

    dying(first, folder)
    dying(second, folder)


# -- fast retries


def test_fast_retries_wait_for_nothing() -> None:
    async def test(world: Dying) -> None:
        script.moods |= {"work": "fail", "mourn": "fail"}
        await jobs.send(Job("a"))
        await world.advance(0.5)
        assert script.names("work") == ["a"] * 2
        assert script.names("mourn") == ["a"] * 3

    dying(test, retry_s_max=0.1)


def test_fast_retries_do_not_wait_for_a_lease() -> None:
    async def test(world: Dying) -> None:
        script.moods["work"] = "hang"
        await jobs.send(Job("a"))
        for _ in range(2):
            await world.rest()
            await expire(world)
            await world.advance(0.1)
        assert script.names("work") == ["a"] * 2
        (letter,) = script.letters
        assert letter.reason == "lost"

    dying(test, retry_s_max=0.1)


def given_up(world: Dying) -> list[str]:
    return [one for one in world.failures.warnings if "gave up dead letter" in one]


async def expire(world: Dying) -> None:
    """The deadline of what runs: a watch in real time looks for it."""
    import asyncio

    world.clock.move(world.clock.time() + TIMEOUT_S)
    await asyncio.sleep(0.1)
    await world.rest()


def made(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    return folder
