"""What people are told of their rooms, wherever they are: a row each, and at once on their own
channel.
"""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from skylift import Caller, Change, Forbidden
from skylift.testing import World, running
from trinity.app import app
from trinity.events import feed
from trinity.live import me
from trinity.notices import notices, notify
from trinity.people import Person, people
from trinity.rooms import rooms

from .scene import Scene, laid


def caller(who: str) -> Caller:
    return Caller(who, f"{who}@example.com")


async def inbox(world: World, who: str) -> dict[str, Any]:
    await world.settle()
    answer = await world.http.as_(caller(who)).get("/notifications")
    assert answer.status == 200, answer.json
    return answer.json


async def kinds(world: World, who: str) -> list[str]:
    """Of his notices, the newest first."""
    return [one["kind"] for one in (await inbox(world, who))["items"]]


async def matched(world: World) -> Scene:
    scene = await laid(world)
    for who in scene.members:
        assert (await scene.vote(who, "t01")).status == 200
    return scene


async def test_a_match_is_kept_for_everybody_though_nobody_looks():
    """A13.10."""
    async with running(app) as world:
        scene = await matched(world)
        for who in scene.members:
            told = await inbox(world, who)
            assert told["unread"] == 1
            (notice,) = told["items"]
            assert (notice["kind"], notice["title_id"], notice["title"]) == ("match", "t01", "t01")
            assert (notice["room_id"], notice["room_name"]) == (scene.id, "Friday")
            assert notice["is_read"] is False


async def test_who_is_outside_the_room_is_told_at_once_on_his_own_channel():
    """A13.10."""
    async with running(app) as world:
        scene = await laid(world)
        who = scene.members[2]
        async with world.channel(me).subscribe(as_=caller(who), id=who) as heard:
            for one in scene.members:
                await scene.vote(one, "t01")
            await world.settle()
            told = [one for one in heard if one.kind == "notice"]
        assert [(one.about, one.room_id, one.title_id) for one in told] == [
            ("match", scene.id, "t01")
        ]
        assert told[0].id == (await inbox(world, who))["items"][0]["id"]


async def test_nobody_listens_to_the_channel_of_another():
    async with running(app) as world:
        with pytest.raises(Forbidden):
            async with world.channel(me).subscribe(as_=caller("eve"), id="ann"):
                pass


async def test_an_event_that_is_told_twice_is_one_notice_and_what_was_read_stays_read():
    async with running(app) as world:
        scene = await matched(world)
        who = scene.members[1]
        (notice,) = (await inbox(world, who))["items"]
        await world.http.as_(caller(who)).post("/notifications/read", json={"ids": [notice["id"]]})
        async for event in feed.query(scene.id):
            await notify(Change("created", None, event))
        told = await inbox(world, who)
        assert (told["unread"], [one["is_read"] for one in told["items"]]) == (0, [True])


async def test_who_leaves_right_after_the_match_is_told_of_it_too():
    async with running(app) as world:
        scene = await matched(world)  # and nothing has followed the feed yet
        who = scene.members[2]
        assert (await scene.leave(who)).status == 204
        assert await kinds(world, who) == ["match"]


async def test_who_did_it_is_not_told_and_the_others_hear_by_whom():
    async with running(app) as world:
        scene = await laid(world, status="waiting")
        host, other, _ = scene.members
        assert (await scene.post(host, "start")).status == 200
        assert await kinds(world, host) == []
        (notice,) = (await inbox(world, other))["items"]
        assert (notice["kind"], notice["name"]) == ("started", host)


async def polled(scene: Scene, who: str) -> str:
    new = {"question": "When?", "options": ["Friday", "Saturday"], "minutes": 5}
    asked = await scene.post(who, "polls", new)
    assert asked.status == 201, asked.json
    return asked.json["id"]


async def test_a_question_is_told_to_all_but_who_asks_it_and_its_end_to_nobody():
    async with running(app) as world:
        scene = await laid(world)
        host, asks, other = scene.members
        await rooms.update(scene.id, set={"screens": {"screen"}})
        poll = await polled(scene, asks)
        for who in (host, other):
            (notice,) = (await inbox(world, who))["items"]
            assert (notice["kind"], notice["question"], notice["name"]) == ("poll", "When?", asks)
            assert (notice["room_id"], notice["is_read"]) == (scene.id, False)
        assert (await scene.post(host, f"polls/{poll}/close")).status == 200
        assert await kinds(world, host) == await kinds(world, other) == ["poll"]
        assert await kinds(world, asks) == await kinds(world, "screen") == []


async def test_a_question_is_heard_outside_the_room_too():
    async with running(app) as world:
        scene = await laid(world)
        host, _, who = scene.members
        async with world.channel(me).subscribe(as_=caller(who), id=who) as heard:
            await polled(scene, host)
            await world.settle()
        (told,) = [one for one in heard if one.kind == "notice"]
        assert (told.about, told.room_id, told.text) == ("poll", scene.id, "When?")
        assert told.id == (await inbox(world, who))["items"][0]["id"]


async def test_a_question_that_is_told_twice_is_one_notice_and_who_wants_to_hear_nothing_has_none():
    async with running(app) as world:
        scene = await laid(world)
        host, deaf, who = scene.members
        await people.put(Person(id=deaf, name=deaf, notify=False))
        await polled(scene, host)
        (notice,) = (await inbox(world, who))["items"]
        await world.http.as_(caller(who)).post("/notifications/read", json={"ids": [notice["id"]]})
        async for event in feed.query(scene.id):
            await notify(Change("created", None, event))
        assert (await inbox(world, who))["items"] == [notice | {"is_read": True}]
        assert await kinds(world, deaf) == []


async def test_a_runoff_is_told_as_such_and_not_as_a_question_too():
    async with running(app) as world:
        scene = await laid(world, titles=2)
        await scene.refuse_all()
        assert (await scene.post(scene.members[0], "runoff", {})).status == 200
        assert await kinds(world, scene.members[1]) == ["runoff", "no_consensus"]


async def test_no_consensus_is_told_once_to_all():
    async with running(app) as world:
        scene = await laid(world, titles=2)
        await scene.refuse_all()
        for who in scene.members:
            assert await kinds(world, who) == ["no_consensus"]


async def test_who_is_turned_out_is_told_and_nobody_else_and_hears_nothing_after():
    async with running(app) as world:
        scene = await laid(world)
        host, kicked, stays = scene.members
        assert (await scene.post(host, f"members/{kicked}/kick")).status == 200
        await world.settle()
        assert (await scene.post(host, "cancel")).status == 200
        assert await kinds(world, kicked) == ["kicked"]
        assert await kinds(world, stays) == ["cancelled"]


async def test_who_leads_the_room_from_now_on_is_told():
    async with running(app) as world:
        scene = await laid(world, status="waiting")
        first, second, third = scene.members
        assert (await scene.post(first, f"members/{second}/host")).status == 200
        assert await kinds(world, second) == ["host"]
        assert (await scene.leave(second)).status == 204
        assert await kinds(world, first) == ["host"]
        assert (await scene.leave(third)).status == 204  # and who leads stays the same
        assert await kinds(world, first) == ["host"]
        assert await kinds(world, third) == []


async def test_who_wants_to_hear_nothing_is_told_nothing():
    async with running(app) as world:
        scene = await laid(world)
        who = scene.members[0]
        await people.put(Person(id=who, name=who, notify=False))
        for one in scene.members:
            await scene.vote(one, "t01")
        assert await kinds(world, who) == []
        assert await kinds(world, scene.members[1]) == ["match"]


async def test_all_are_read_at_once_and_pages_go_on_where_they_ended():
    async with running(app) as world:
        for _ in range(3):
            scene = await laid(world, size=2)
            await world.clock.advance(seconds=1)
            await scene.post(scene.members[0], "cancel")
            await world.settle()
            (row,) = [one async for one in notices.query(scene.members[1])]
            await notices.delete(row.who, row.id)
            await notices.put(replace(row, who="ann"))
        ann = world.http.as_(caller("ann"))
        first = (await ann.get("/notifications", query={"limit": "2"})).json
        rest = (
            await ann.get("/notifications", query={"limit": "2", "cursor": first["cursor"]})
        ).json
        times = [one["at"] for one in first["items"] + rest["items"]]
        assert (len(times), times) == (3, sorted(times, reverse=True))
        assert (await ann.post("/notifications/read", json={"all": True})).json == {"unread": 0}
        assert (await ann.get("/notifications")).json["unread"] == 0


async def test_what_is_anothers_is_neither_seen_nor_marked():
    async with running(app) as world:
        scene = await matched(world)
        ann, eve = scene.members[0], caller("eve")
        (notice,) = (await inbox(world, ann))["items"]
        assert (await inbox(world, "eve"))["items"] == []
        marked = await world.http.as_(eve).post("/notifications/read", json={"ids": [notice["id"]]})
        assert marked.json == {"unread": 0}
        assert (await inbox(world, ann))["unread"] == 1
        page = await world.http.as_(caller(ann)).get("/notifications", query={"limit": "1"})
        for cursor in ("rubbish", page.json["cursor"] or "x"):
            stolen = await world.http.as_(eve).get("/notifications", query={"cursor": cursor})
            assert stolen.status == 400


@pytest.mark.parametrize(
    "body", [{"ids": ["x"] * 51}, {"ids": [3]}, {"ids": "x"}, {"all": "yes"}, {"who": "ann"}, []]
)
async def test_rubbish_is_refused(body: object):
    async with running(app) as world:
        answer = await world.http.as_(caller("ann")).post("/notifications/read", json=body)
        assert answer.status == 422
