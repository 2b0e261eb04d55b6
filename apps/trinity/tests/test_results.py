"""What is told of the votes, and when: who has finished, at once; of a title, nothing before the
end, in no answer and on no channel.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from skylift import Caller
from skylift.testing import World, running
from trinity.app import app
from trinity.live import live
from trinity.model import Choice, Rules
from trinity.results import tallies_of
from trinity.rooms import rooms
from trinity.tests.scene import Scene, laid

ASKED_WITH = {"id", "member", "poll", "code"}  # a route with another parameter is added here
NAMED = re.compile(r"\{(\w+)\}")
WORDS = ("likers", "nopes_by", "vetoers", "finders", "ballot")


async def test_progress_says_who_has_voted_how_often_and_who_is_finished() -> None:
    async with running(app) as world:
        scene = await laid(world, 2, 2)
        ann, bob = scene.members
        await scene.vote(ann, "t00")
        await scene.vote(ann, "t01", "nope")
        await scene.vote(bob, "t01")
        assert (await scene.get(bob, "progress")).json == {
            "size": 2,
            "percent": 75,
            "members": [
                {"id": ann, "name": ann, "voted": 2, "is_finished": True},
                {"id": bob, "name": bob, "voted": 1, "is_finished": False},
            ],
        }
        assert (await scene.get("stranger", "progress")).status == 404


async def test_results_are_progress_until_it_is_over() -> None:
    async with running(app) as world:
        scene = await laid(world, 3, 2)
        ann, bob, cem = scene.members
        await scene.vote(ann, "t00")
        await scene.vote(bob, "t00")
        early = (await scene.get(cem, "results")).json
        assert (early["status"], early["titles"], early["near_misses"]) == ("voting", [], [])
        assert early["progress"]["percent"] == 33
        assert (await scene.get("stranger", "results")).status == 404


async def test_results_count_each_title_when_it_is_over_and_the_best_come_first() -> None:
    async with running(app) as world:
        scene = await laid(world, 3, 3, rules=Rules(vetoes=1, supers=1))
        ann, bob, cem = scene.members
        said: dict[str, list[Choice]] = {
            ann: ["like", "super", "veto"],
            bob: ["like", "like", "like"],
            cem: ["nope", "skip", "like"],
        }
        for who, choices in said.items():
            for title, choice in zip(scene.titles, choices, strict=True):
                await scene.vote(who, title, choice)
                if choice == "skip":
                    await scene.vote(who, title, choice, again=True)
        results = (await scene.get(ann, "results")).json
        assert (results["status"], results["required"], results["voters"]) == ("no_consensus", 3, 3)
        assert results["near_misses"] == ["t01", "t00"]  # warmer first; what is vetoed is none
        names = ("likes", "supers", "nopes", "vetoes", "skips", "share")
        assert {one["title"]["id"]: [one[name] for name in names] for one in results["titles"]} == {
            "t01": [2, 1, 0, 0, 1, 66],
            "t00": [2, 0, 1, 0, 0, 66],
            "t02": [2, 0, 1, 1, 0, 66],
        }


async def test_a_shortlist_is_told_as_it_was_found_and_as_it_was_liked() -> None:
    async with running(app) as world:
        scene = await laid(world, 3, 3, rules=Rules(strategy="first", wanted=2))
        ann, bob, cem = scene.members
        for who, title in ((ann, "t00"), (bob, "t00"), (ann, "t01"), (cem, "t01")):
            await scene.vote(who, title)
        results = (await scene.get(ann, "results")).json
        assert (results["matches"], results["shortlist"]) == (["t00", "t01"], ["t00", "t01"])
        assert [one["is_match"] for one in results["titles"]] == [True, True, False]


THIRD: dict[str, tuple[Choice, Choice, Choice]] = {
    "no_consensus": ("like", "nope", "like"),
    "matched": ("like", "like", "like"),
}


@pytest.mark.parametrize("how", ["kick", "ban", "leave"])
@pytest.mark.parametrize("status", THIRD)
async def test_what_was_told_of_the_votes_stays_when_somebody_goes(status: str, how: str) -> None:
    """Or the difference would be his ballot."""
    async with running(app) as world:
        scene = await voted_to_the_end(world, THIRD[status])
        ann, _, gone = scene.members
        before = await told_of_votes(scene)
        assert (before[0], before[2]) == (status, 3)
        if how == "leave":
            await scene.leave(gone)
        else:
            await scene.post(ann, f"members/{gone}/{how}")
        assert gone not in (await scene.room()).voters
        after = await told_of_votes(scene)
        assert after == before


async def test_who_was_counted_is_still_when_more_titles_were_voted_on_without_him() -> None:
    async with running(app) as world:
        scene = await voted_to_the_end(world, THIRD["no_consensus"])
        ann, bob, gone = scene.members
        before = {one["title"]["id"]: one for one in (await told_of_votes(scene))[3]}
        await rooms.update(scene.id, set={"kind": "list"})
        await scene.post(ann, f"members/{gone}/kick")
        await scene.post(ann, "extend", {"options": ["one more"]})
        assert (await scene.room()).status == "voting"
        (new,) = {tally.title_id for tally in await tallies_of(scene.id)} - {*scene.titles}
        for who in (ann, bob):
            await scene.vote(who, new, "nope")
        after = {one["title"]["id"]: one for one in (await told_of_votes(scene))[3]}
        assert after.pop(new)["nopes"] == 2
        assert after == before


async def test_a_room_that_ended_before_this_was_kept_counts_who_is_there() -> None:
    async with running(app) as world:
        scene = await voted_to_the_end(world, THIRD["no_consensus"])
        await rooms.update(scene.id, remove=["counted"])
        assert (await told_of_votes(scene))[2] == 3
        await scene.leave(scene.members[2])
        assert (await told_of_votes(scene))[2] == 2


async def voted_to_the_end(world: World, third: tuple[Choice, Choice, Choice]) -> Scene:
    """Two differ on the first title, and nobody likes the second; the third decides."""
    scene = await laid(world, 3, 3)
    choices: list[tuple[Choice, ...]] = [("like", "nope", "skip"), ("nope", "nope", "nope"), third]
    for title, said in zip(scene.titles, choices, strict=True):
        for who, choice in zip(scene.members, said, strict=True):
            await scene.vote(who, title, choice)
            await scene.vote(who, title, choice, again=True)
    return scene


async def told_of_votes(scene: Scene) -> tuple[str, list[str], int, list[Any], list[Any], Any]:
    """Status, what is near, voters and what is counted."""
    results = (await scene.get(scene.members[0], "results")).json
    stats = (await scene.get(scene.members[0], "stats")).json
    near = results["near_misses"] + results["shortlist"]
    titles, counted = results["titles"], stats["titles"]
    return results["status"], near, results["voters"], titles, counted, stats["sums"]


@pytest.mark.parametrize("rules", [Rules(), Rules(strategy="majority", vetoes=1)])
async def test_no_route_and_no_event_tells_one_member_what_another_likes(rules: Rules) -> None:
    """Two rooms, in which only one differs in what he says of the titles, are the same to the
    others in every answer that they can have and in everything that they hear.
    """
    seen = [await seen_by_a_member(rules, "like"), await seen_by_a_member(rules, "nope")]
    assert len(seen[0]) > 10
    for path, answer in seen[0].items():
        assert seen[1][path] == answer, path
        assert not any(word in answer for word in WORDS), path


async def seen_by_a_member(rules: Rules, choice: Choice) -> dict[str, str]:
    async with running(app, seed=5) as world:
        scene = await laid(world, 4, 4, rules=rules)
        ann, bob, _, _ = scene.members
        room = await scene.room()
        watching = world.channel(live).subscribe(
            as_=Caller(bob, f"{bob}@example.com"), id=scene.id, epoch=room.epoch
        )
        async with watching as heard:
            for title in scene.titles[:3]:
                await scene.vote(ann, title, choice)
            await scene.vote(bob, "t03", "nope")
            await world.settle()
        answers = {path: await told(scene, bob, path) for path in await paths(world)}
        return answers | {"events": "".join(map(repr, heard))}


async def paths(world: World) -> list[str]:
    """All that a GET can be sent to."""
    document: Any = (await world.http.get("/_skylift/openapi.json")).json
    found = [path for path, methods in document["paths"].items() if "get" in methods]
    asked = {name for path in found for name in NAMED.findall(path)}
    assert asked <= ASKED_WITH, "say with what this route is asked"
    return found


async def told(scene: Scene, who: str, path: str) -> str:
    values = {"id": scene.id, "member": scene.members[0], "poll": "none", "code": "ABC234"}
    asked = NAMED.sub(lambda name: values[name[1]], path)
    answer = await scene.as_(who).get(asked)
    assert answer.status < 500
    return f"{answer.status} {json.dumps(answer.json, sort_keys=True)}"
