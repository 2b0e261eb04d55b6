"""Dead letters: what is known about each, sending them back, and deleting them."""

from __future__ import annotations

import asyncio

import pytest

from skylift import Invalid
from skylift.local.dead import REDRIVE_ROWS
from skylift.ports import Outgoing

from .dying import Dying, bury, dying
from .letters import Job, alone, jobs, many, script, step, steps, take, toil, work

DAY_S = 86_400


def test_a_letter_says_what_happened_and_where() -> None:
    async def test(world: Dying) -> None:
        sent = world.clock.now()
        await bury(world, "a")
        (letter,) = await toil.dead.peek()
        assert letter.message == Job("a")
        assert (letter.reason, letter.attempts) == ("failed", 1)
        assert letter.error.startswith("ValueError: a cannot be done (letters.py:")
        assert letter.error.endswith(" in play)")
        assert letter.first_sent == sent
        assert letter.trace.startswith("00-")
        assert letter.id in letter.body

    dying(test)


def test_peek_shows_the_oldest_and_takes_nothing() -> None:
    async def test(world: Dying) -> None:
        await bury(world, *"abcd")
        for _ in range(2):
            assert [one.message for one in await toil.dead.peek(3)] == [Job(n) for n in "abc"]
        assert (await world.counts("alone")).dead == 4

    dying(test)


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_peek_names_its_limits(limit: int) -> None:
    async def test(world: Dying) -> None:
        with pytest.raises(Invalid, match="allowed are 1 to 100"):
            await toil.dead.peek(limit)

    dying(test)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("no json", "no JSON"),
        ('{"title": "a"}', "name"),
        ('{"skylift":2,"id":"","type":"","sent_at":"","trace":"","body":{}}', "version 2"),
    ],
)
def test_a_letter_that_cannot_be_read_shows_what_was_sent(body: str, told: str) -> None:
    async def test(world: Dying) -> None:
        world.backend.database.write(world.backend.queues["alone"].insert, [Outgoing(body)])
        await world.rest()
        (letter,) = await toil.dead.peek()
        assert (letter.message, letter.body, letter.reason) == (None, body, "undecodable")
        assert told in letter.error
        assert (letter.attempts, script.given) == (1, [])
        assert await toil.dead.redrive() == 1  # and it comes back, the same
        await world.rest()
        assert [one.body for one in await toil.dead.peek()] == [body]

    dying(test)


def test_a_batch_says_why_it_marked_each() -> None:
    async def test(world: Dying) -> None:
        await many.send_many([Job("bread"), Job("milk")])
        await world.rest()
        errors = [one.error for one in await take.dead.peek()]
        assert sorted(errors) == ["no bread today", "no milk today"]

    dying(test)


def test_an_error_that_no_utf8_can_say_does_not_keep_a_message_alive() -> None:
    async def test(world: Dying) -> None:
        script.moods["toil"], script.error = "rage", ValueError("\ud800 " + "x" * 100_000)
        await alone.send(Job("a"))
        await world.rest()
        (letter,) = await toil.dead.peek()
        assert letter.error.startswith("ValueError: \\ud800 xx")
        assert len(letter.error) < 3_000

    dying(test)


def test_an_error_that_cannot_be_shown_is_named() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    async def test(world: Dying) -> None:
        script.moods["toil"], script.error = "rage", Mute()
        await alone.send(Job("a"))
        await world.rest()
        (letter,) = await toil.dead.peek()
        assert "Mute" in letter.error

    dying(test)


# -- redrive


def test_a_redriven_letter_has_its_id_and_all_attempts_before_it() -> None:
    async def test(world: Dying) -> None:
        script.moods["work"] = "fail"
        script.moods["mourn"] = "fail"
        await work_sent(world, "a")
        (letter,) = await work.dead.peek()
        assert script.names("work") == ["a", "a"]
        assert await work.dead.redrive() == 1
        await world.advance(3)
        assert script.names("work") == ["a"] * 4
        (again,) = await work.dead.peek()
        assert (again.id, again.attempts, again.trace) == (letter.id, 2, letter.trace)
        assert again.first_sent == letter.first_sent

    dying(test)


def test_a_redrive_moves_the_oldest_and_says_how_many() -> None:
    async def test(world: Dying) -> None:
        await bury(world, *"abcde")
        assert await toil.dead.redrive(2) == 2
        await world.rest()
        assert script.names("toil")[-2:] == ["a", "b"]
        assert [one.message for one in await toil.dead.peek()] == [Job(n) for n in "cde"]
        assert await toil.dead.redrive() == 3
        assert await toil.dead.redrive() == 0
        with pytest.raises(Invalid, match="1 and more"):
            await toil.dead.redrive(0)

    dying(test)


def test_a_redriven_letter_goes_to_the_end_of_its_group() -> None:
    async def test(world: Dying) -> None:
        script.moods["step"] = "fail"
        await steps.send(Job("1"), group="g")
        await world.rest()
        script.moods["step"] = "wait"
        for name in "23":
            await steps.send(Job(name), group="g")
        await world.rest()
        assert await step.dead.redrive() == 1
        script.over.set()
        await world.rest()
        assert script.names("step") == ["1", "2", "3", "1"]

    dying(test)


def test_a_letter_that_dies_again_is_not_redriven_twice() -> None:
    """However many steps it takes, and though it is back before the redrive has ended."""

    async def test(world: Dying) -> None:
        names = [str(no) for no in range(2 * REDRIVE_ROWS + 5)]
        await bury(world, *names)
        await until(world, "alone", dead=len(names))
        script.moods["toil"] = "fail"
        assert await toil.dead.redrive() == len(names)
        await until(world, "alone", dead=len(names))
        assert sorted(script.names("toil")) == sorted(names * 2)

    dying(test)


def test_others_are_served_while_many_letters_are_redriven() -> None:
    async def test(world: Dying) -> None:
        names = [str(no) for no in range(5 * REDRIVE_ROWS)]
        await bury(world, *names)
        await until(world, "alone", dead=len(names))
        task = asyncio.get_running_loop().create_task(toil.dead.redrive())
        turns = 0
        while not task.done():
            await asyncio.sleep(0)
            turns += 1
        assert turns >= 5
        assert task.result() == len(names)

    dying(test)


# -- purge and retention


def test_purge_deletes_all_and_says_how_many() -> None:
    async def test(world: Dying) -> None:
        names = [str(no) for no in range(REDRIVE_ROWS + 5)]
        await bury(world, *names)
        await until(world, "alone", dead=len(names))
        assert await toil.dead.purge() == len(names)
        assert await toil.dead.purge() == 0
        assert await toil.dead.peek() == []
        assert script.names("toil") == names  # and nobody is given one

    dying(test)


def test_letters_of_another_function_are_left_alone() -> None:
    async def test(world: Dying) -> None:
        await bury(world, "a")
        assert await take.dead.purge() == 0
        assert await take.dead.redrive() == 0
        assert (await world.counts("alone")).dead == 1

    dying(test)


def test_letters_are_kept_for_14_days() -> None:
    async def test(world: Dying) -> None:
        await bury(world, "a")
        await world.advance(DAY_S)
        await bury(world, "b")
        dead = world.backend.dead["alone"]
        await world.advance(13 * DAY_S - 1)
        assert await dead.sweep(world.clock.time()) == 0
        await world.advance(1)
        assert await dead.sweep(world.clock.time()) == 1
        assert [one.message for one in await toil.dead.peek()] == [Job("b")]

    dying(test)


# -- what the tests share


async def work_sent(world: Dying, name: str) -> None:
    """Until its last attempt is over."""
    await jobs.send(Job(name))
    await world.advance(2)


async def until(world: Dying, queue: str, *, dead: int) -> None:
    for _ in range(1_000):
        if (await world.counts(queue)).dead == dead:
            return
        await world.rest()
    raise AssertionError(await world.counts(queue))
