"""Whatever people do in whatever room: it ends once, by the rule alone, and where it ends without a
match everything that the host may do leads to one.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from skylift import now
from skylift.testing import running
from trinity import endings
from trinity.decks import Title, lay
from trinity.model import Choice, Room, Rules
from trinity.rooms import Told, change
from trinity.stalemate import settle_runoff
from trinity.tests.scene import Scene, app, assert_counted, laid

STRATEGIES = ("unanimous", "majority", "super_majority", "share", "count", "first")
ENDINGS = ("matched", "no_consensus", "cancelled", "completed")
WAYS_OUT = ("runoff", "random", "decide", "lower")


@pytest.mark.parametrize("seed", range(40))
async def test_a_room_ends_once_by_its_rule_and_never_without_a_way_on(seed: int) -> None:
    chance = Random(seed)
    async with running(app, contention=0.2, seed=seed) as world:
        scene = await laid(world, chance.randint(2, 6), chance.randint(1, 4), rules=rules(chance))
        for _ in range(200):
            room = await scene.room()
            if room.status != "voting":
                break
            await something(scene, room, chance)
            await assert_by_the_rule(scene)
        await world.settle()
        room = await scene.room()
        assert room.status in ENDINGS
        ended = [event for event in await scene.told() if event.status in ENDINGS]
        assert {event.status for event in ended} <= {room.status}
        assert [event.kind for event in ended].count("no_consensus") <= 1
        await assert_counted(scene)
        if room.status == "no_consensus":
            await lead_on(scene, chance.choice(WAYS_OUT))
        assert world.failures == []


def rules(chance: Random) -> Rules:
    return Rules(
        strategy=chance.choice(STRATEGIES),
        share=chance.choice((40, 60, 80)),
        count=chance.choice((2, 3)),
        wanted=chance.choice((1, 1, 2)),
        vetoes=chance.choice((0, 1)),
    )


async def something(scene: Scene, room: Room, chance: Random) -> None:
    """One of those who still have something to say says it, thinks again, or goes."""
    busy = sorted(room.voters - room.finished)
    who = chance.choice(busy)
    deed = chance.random()
    if deed < 0.04:
        await scene.leave(who)
    elif deed < 0.12:
        await scene.undo(who)
    else:
        final = {vote.title_id for vote in await scene.votes_of(who) if vote.is_final}
        title = chance.choice(sorted(set(scene.titles) - final))
        likely: tuple[Choice, ...] = ("like", "nope", "nope", "skip", "super", "veto")
        await scene.vote(who, title, chance.choice(likely), again=True)


async def assert_by_the_rule(scene: Scene) -> None:
    """Counted anew from the votes: what meets the rule is a match, and nothing else was one when it
    was found.
    """
    room = await scene.room()
    said = {who: await scene.votes_of(who) for who in room.voters}
    for title in scene.titles:
        cast = [v.choice for votes in said.values() for v in votes if v.title_id == title]
        is_liked = cast.count("like") + cast.count("super") >= room.required
        is_open = room.status == "voting" and title not in room.matches
        assert not (is_open and is_liked and "veto" not in cast), title


async def lead_on(scene: Scene, way: str) -> None:
    """By the way named, and where that is less than a match, by the host's word."""
    room = await scene.room()
    host = room.host
    answer = await scene.post(host, way, asked(scene, way))
    assert answer.status in (200, 409), answer.json
    if way == "runoff" and answer.status == 200:
        await settle_runoff(scene.id, answer.json["poll"], scene.titles[0])
    if way == "lower" and answer.status == 409:
        assert answer.json["code"] == "NOT_LOWER"
    room = await scene.room()
    if room.status == "no_consensus":
        assert (await scene.post(host, "random")).status == 200
        room = await scene.room()
    assert room.status == "matched"
    assert room.match in scene.titles
    assert (await scene.post(host, "random")).status == 409  # once


def asked(scene: Scene, way: str) -> object:
    bodies: dict[str, object] = {
        "runoff": {},
        "decide": {"title_id": scene.titles[0]},
        "lower": {"strategy": "first"},
    }
    return bodies.get(way)


async def test_a_room_that_was_extended_ends_again_and_once_each_time() -> None:
    async with running(app) as world:
        scene = await laid(world, 2, 2)
        await scene.refuse_all()
        expires_at = now() + timedelta(days=1)
        await lay(scene.id, [Title(id="t99", name="One more")], expires_at, part=2)
        await change(
            scene.id, lambda room: endings.extended(room, room.host, 1, now()), Told("extended")
        )
        for who in scene.members:
            answer = await scene.vote(who, "t99", "nope")
            assert answer.json["progress"] == {"voted": 3, "size": 3, "is_finished": True}
        await world.settle()
        again = ["finished", "finished", "no_consensus"]
        assert [event.kind for event in await scene.told()] == [*again, "extended", *again]
