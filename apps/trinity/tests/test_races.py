"""S1 with fifty at once: one match, nobody is refused, and every count is that of the votes, also
while some leave and some undo. S6 as often: a room never has more people than seats.
"""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from skylift import transaction
from skylift.testing import World, running
from skylift.testing.http import HttpAnswer
from trinity.codes import coded, invite_to
from trinity.model import Choice, Rules
from trinity.people import Person, people
from trinity.rooms import rooms, seats
from trinity.tests.scene import Scene, app, assert_counted, laid
from trinity.votes import Vote

FIFTY = 50
ROUNDS = 50  # of each seed
SEEDS = range(20)  # so there are a thousand
ROUNDS_IN_BRIEF = 12
THIRTY = [0, 1, 2, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(3, 30))]
CHOICES: tuple[Choice, ...] = ("like", "like", "like", "nope", "skip", "super", "veto")
REFUSALS = {"ALREADY_VOTED", "NO_SUPERS", "NO_VETOES", "NOTHING_TO_UNDO", "NO_ROOM"} | {
    "ROOM_NO_CONSENSUS"
}


async def test_fifty_who_like_the_same_at_once_have_one_match_between_them() -> None:
    await play_rounds(ROUNDS_IN_BRIEF, seed=0)


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
async def test_s1_a_thousand_rounds_of_fifty_at_once(seed: int) -> None:
    await play_rounds(ROUNDS, seed)


async def test_no_voter_is_told_that_it_is_busy_when_most_tries_meet_others() -> None:
    """One transaction of sixty is refused eight times then."""
    async with running(app) as world:
        scene = await laid(world, FIFTY, 4)
        world.contention = 0.6
        for title in scene.titles:
            voting = [scene.vote(who, title, "nope") for who in scene.members]
            assert {answer.status for answer in await asyncio.gather(*voting)} == {200}


async def test_of_sixty_who_come_at_once_as_many_get_in_as_there_are_seats() -> None:
    async with running(app, contention=0.2) as world:
        scene = await laid(world, 1, 1, status="waiting")
        await rooms.update(scene.id, set={"capacity": FIFTY})
        await come_at_once(scene, 60)


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
async def test_s6_a_thousand_rooms_for_two_to_each_of_which_ten_come_at_once(seed: int) -> None:
    async with running(app, contention=0.2, seed=seed) as world:
        for _ in range(ROUNDS):
            await come_at_once(await laid(world, 1, 1, status="waiting"), 10)
        assert given_up(world) == []


@pytest.mark.parametrize("seed", THIRTY)
async def test_while_some_leave_undo_and_vote_at_once_counts_are_the_votes(seed: int) -> None:
    """A13.1. Everybody does what he likes, in an order that the seed has."""
    chance = Random(seed)
    async with running(app, contention=0.2, seed=seed) as world:
        rules = chance.choice(
            [
                Rules(strategy="super_majority", vetoes=1),
                Rules(strategy="majority", wanted=2),
                Rules(strategy="share", share=90, supers=2, vetoes=1),
            ]
        )
        scene = await laid(world, 12, 4, rules=rules)
        deeds = [deeds_of(scene, who, chance) for who in scene.members]
        answers = [a for some in await asyncio.gather(*deeds) for a in some]
        await world.settle()
        assert {a.json["code"] for a in answers if a.status >= 400} <= REFUSALS
        assert [a for a in answers if a.status >= 500] == []
        await assert_one_ending(scene)
        await assert_counted(scene)
        assert given_up(world) == []


async def test_nothing_of_one_who_has_left_comes_after_him() -> None:
    async with running(app, contention=0.2) as world:
        for _ in range(40):
            scene = await laid(world, 3, 5)
            cem = scene.members[2]
            leaving = [left_with(scene, cem), *(scene.vote(cem, t) for t in scene.titles)]
            at_once = await asyncio.gather(*leaving)
            assert await scene.votes_of(cem) == at_once[0]
            await assert_counted(scene)


async def left_with(scene: Scene, who: str) -> list[Vote]:
    assert (await scene.leave(who)).status == 204
    return await scene.votes_of(who)


def given_up(world: World) -> list[object]:
    """Of what follows. Who is refused eight times by chance is called again: nothing is lost."""
    others = [one for one in world.failures if not one.text.startswith("Busy: ")]
    return [*others, *(one for one in world.logs if one.buried)]


async def play_rounds(rounds: int, seed: int) -> None:
    async with running(app, contention=0.2, seed=seed) as world:
        for _ in range(rounds):
            scene = await laid(world, FIFTY, 2)
            answers = await asyncio.gather(*(scene.vote(who, "t01") for who in scene.members))
            assert {answer.status for answer in answers} == {200}
            words = [answer.json["response_type"] for answer in answers]
            assert words.count("MATCH_FOUND") == 1
            assert {answer.json["match"] for answer in answers} <= {"t01", None}
            await world.settle()
            assert [event.title_id for event in await scene.told("match")] == ["t01"]
            assert (await scene.tally("t01")).likers == set(scene.members)
            await assert_counted(scene)
        assert given_up(world) == []


async def come_at_once(scene: Scene, count: int) -> None:
    """A13.3. Whoever finds no seat is told so; nobody is told that it is busy."""
    room = coded(await scene.room())
    names = [f"p{number}-{scene.id[-6:]}" for number in range(count)]
    await people.put_many([Person(id=name, name=name) for name in names])
    async with transaction() as tx:
        await rooms.update(room.id, set={"code": room.code}, tx=tx)
        await invite_to(room, tx)
    said = {"code": room.code}
    answers = await asyncio.gather(
        *(scene.as_(n).post(f"/rooms/{room.id}/join", json=said) for n in names)
    )
    free = room.capacity - 1
    assert sorted(answer.status for answer in answers) == [200] * free + [409] * (count - free)
    assert {a.json["code"] for a in answers if a.status == 409} == {"ROOM_FULL"}
    room = await scene.room()
    assert len(room.roster) == room.capacity
    assert [seat.id async for seat in seats.query(room.id)] == sorted(room.roster)
    assert [(e.seq, e.kind) for e in await scene.told()] == [
        (n, "joined") for n in range(1, free + 1)
    ]


async def deeds_of(scene: Scene, who: str, chance: Random) -> list[HttpAnswer]:
    """What one member does, one after another, while the others do theirs."""
    answers: list[HttpAnswer] = []
    for title in chance.sample(scene.titles, len(scene.titles)):
        deed = chance.random()
        if deed < 0.05 and who != scene.members[0]:
            return [*answers, await scene.leave(who)]
        answers.append(await scene.vote(who, title, chance.choice(CHOICES)))
        if deed > 0.8:
            answers.append(await scene.undo(who))
            answers.append(await scene.vote(who, title, chance.choice(CHOICES)))
        elif deed > 0.6:
            answers.append(await scene.vote(who, title, chance.choice(CHOICES), again=True))
    return answers


async def assert_one_ending(scene: Scene) -> None:
    room, told = await scene.room(), await scene.told()
    assert [event.seq for event in told] == [*range(1, room.seq + 1)]
    matches = [event.title_id for event in told if event.kind == "match"]
    assert matches == room.matches
    assert len(set(matches)) == len(matches) <= room.rules.wanted
    for title in matches:
        assert not (await scene.tally(title or "")).vetoers & room.voters
