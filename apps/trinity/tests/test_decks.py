"""Decks: what a room is opened with, how each of its members has it, and how it grows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from skylift.testing import World, running
from trinity.catalogue.seed import seeded
from trinity.dealing import SHUFFLED, dealt, ordered
from trinity.decks import Deck, Title, decks, titles_of
from trinity.judging import tallies
from trinity.model import Room, Rules
from trinity.rooms import rooms

from .accounts import registered
from .scene import Scene, app, laid

RULES = Rules(order="own")


async def opened(world: World, **more: object) -> dict[str, Any]:
    """A room of films, as its host sees it, with what he needs to call again."""
    host = await registered(world, "ann@example.com", "Ann")
    http = world.http.as_(host["access"])
    answer = await http.post("/rooms", json={"name": "Friday"} | more)
    assert answer.status == 201, answer.json
    return answer.json | {"http": http}


async def deck_of(scene: Scene, who: str) -> list[dict[str, Any]]:
    answer = await scene.get(who, "deck")
    assert answer.status == 200, answer.json
    return answer.json["titles"]


async def ids_of(scene: Scene, who: str) -> list[str]:
    return [one["id"] for one in await deck_of(scene, who)]


# -- what a room is opened with


async def test_a_room_has_the_titles_that_were_wanted_of_the_catalogue_and_stores_them():
    """A13.16. Where others stand in for them, the room says so: S9."""
    async with running(app) as world:
        room = await opened(world, genres=["comedy", "crime"], titles=30)
        stored = await titles_of(room["id"])
        told = (await room["http"].get(f"/rooms/{room['id']}/deck")).json["titles"]
        counted = {one.title_id async for one in tallies.query(room["id"])}
    ours = {one.title.id: one.title for one in seeded("movie")}
    assert len(stored) == room["size"] == 30
    assert room["note"] == ""
    for title in stored:
        assert replace(title, tier=1) == ours[title.id]
    assert [one.tier for one in stored] == sorted(one.tier for one in stored)
    assert stored[0].tier == 1
    assert {"comedy", "crime"} <= {*stored[0].genres}
    assert counted == {one.id for one in stored} == {one["id"] for one in told}
    keys = {"id", "name", "line", "line_es", "year", "minutes", "genres", "tier"}
    assert all(keys <= one.keys() and one["mine"] is None for one in told)


async def test_two_rooms_of_the_same_wishes_have_different_decks():
    async with running(app) as world:
        one = await opened(world)
        again = await one["http"].post("/rooms", json={"name": "Saturday"})
        first, second = await titles_of(one["id"]), await titles_of(again.json["id"])
    assert {title.id for title in first} != {title.id for title in second}


async def test_who_is_not_in_a_room_does_not_get_its_deck():
    async with running(app) as world:
        scene = await laid(world, size=2)
        answer = await scene.get("somebody", "deck")
    assert (answer.status, answer.json["code"]) == (404, "NO_ROOM")


# -- how each has it


@given(st.integers(0, 60), st.integers(1, 3), st.text(min_size=1, max_size=8))
def test_everybody_has_every_title_once_and_always_in_the_same_order(
    titles: int, parts: int, who: str
):
    room, deck = a_room(RULES), a_deck(titles, parts)
    ids = [one.id for one in ordered(room, deck, who)]
    assert ids == [one.id for one in ordered(room, deck, who)]
    assert sorted(ids) == sorted(one.id for part in deck for one in part.titles)


@given(st.integers(1, 60), st.text(min_size=1, max_size=8))
def test_what_one_meets_among_the_first_titles_all_meet_among_them(titles: int, who: str):
    room, deck = a_room(RULES), a_deck(titles)
    ids = [one.id for one in ordered(room, deck, who)]
    laid_out = [one.id for one in deck[0].titles]
    for start in range(0, titles, SHUFFLED):
        few = slice(start, start + SHUFFLED)
        assert {*ids[few]} == {*laid_out[few]}


def test_members_have_orders_of_their_own():
    deck = a_deck(50)
    orders = {tuple(one.id for one in ordered(a_room(RULES), deck, f"m{n}")) for n in range(20)}
    assert len(orders) == 20


def test_all_have_the_same_order_when_the_rules_say_so():
    deck = a_deck(50)
    orders = [ordered(a_room(Rules(order="same")), deck, f"m{n}") for n in range(5)]
    assert all(order == deck[0].titles for order in orders)


def test_reading_a_deck_leaves_it_as_it_is():
    deck = a_deck(50)
    before = [*deck[0].titles]
    ordered(a_room(RULES), deck, "ann")
    assert deck[0].titles == before


def test_a_title_nobody_has_voted_on_has_no_choice():
    assert [(one.mine, one.is_final) for one in dealt(a_deck(2)[0].titles, {})] == [
        (None, False),
        (None, False),
    ]


async def test_what_was_said_stands_at_its_title_and_what_was_put_off_comes_last():
    async with running(app) as world:
        scene = await laid(world, size=2, titles=8)
        ann, ben = scene.members
        order = await ids_of(scene, ann)
        await scene.vote(ann, order[0], "skip")
        await scene.vote(ann, order[1], "like")
        await scene.vote(ann, order[2], "nope")
        deck = await deck_of(scene, ann)
        assert [one["id"] for one in deck] == [*order[1:], order[0]]
        assert [one["mine"] for one in deck] == ["like", "nope", *[None] * 5, "skip"]
        assert not deck[-1]["is_final"]

        await scene.vote(ann, order[0], "skip", again=True)  # for good, so it is where it was
        deck = await deck_of(scene, ann)
        assert [one["id"] for one in deck] == order
        assert (deck[0]["mine"], deck[0]["is_final"]) == ("skip", True)

        assert {one["mine"] for one in await deck_of(scene, ben)} == {None}


# -- how it grows


async def stuck_room(world: World) -> tuple[Scene, dict[str, Any]]:
    """A room in which a host and a member have found nothing."""
    room = await opened(world, titles=10)
    members = [room["host"], "ben"]
    scene = Scene(world, room["id"], members, [one.id for one in await titles_of(room["id"])])
    held = await rooms.require(scene.id)
    await rooms.put(
        replace(
            held,
            roster=members,
            voters={*members},
            status="no_consensus",
            finished={*members},
        )
    )
    return scene, room


async def test_a_room_without_a_match_gets_titles_it_did_not_have():
    async with running(app) as world:
        scene, _ = await stuck_room(world)
        answer = await scene.post(scene.members[0], "extend", {"count": 15})
        assert answer.status == 200, answer.json
        assert (answer.json["status"], answer.json["size"]) == ("voting", 25)
        everything = await ids_of(scene, "ben")
        assert {*everything[:10]} == {*scene.titles}
        assert len({*everything}) == len(everything) == 25
        assert {one.title_id async for one in tallies.query(scene.id)} == {*everything}
        assert [one.kind for one in await scene.told("extended")] == ["extended"]
        assert not (await scene.room()).finished


async def test_one_extension_is_one_however_often_it_is_asked_for():
    async with running(app) as world:
        scene, room = await stuck_room(world)
        assert (await room["http"].post(f"/rooms/{scene.id}/extend")).json["size"] == 30
        again = await scene.post(scene.members[0], "extend", {})
        assert (again.status, again.json["code"]) == (409, "ROOM_VOTING")
        assert len([one async for one in decks.query(scene.id)]) == 2


async def test_the_host_alone_extends():
    async with running(app) as world:
        scene, _ = await stuck_room(world)
        answer = await scene.post("ben", "extend", {})
    assert (answer.status, answer.json["code"]) == (403, "NOT_HOST")


async def test_a_deck_is_not_replaced_while_others_vote_on_it():
    """A13.12."""
    async with running(app) as world:
        scene = await laid(world, size=2, titles=4)
        before = await titles_of(scene.id)
        answer = await scene.post(scene.members[0], "extend", {})
        assert (answer.status, answer.json["code"]) == (409, "ROOM_VOTING")
        assert await titles_of(scene.id) == before


async def test_the_likes_of_the_old_deck_count_after_it_has_grown():
    async with running(app) as world:
        scene = await laid(world, size=2, titles=4)
        ann, ben = scene.members
        for title in scene.titles:
            await scene.vote(ann, title, "like" if title == scene.titles[0] else "nope")
            await scene.vote(ben, title, "nope")
        await world.settle()
        assert (await scene.room()).status == "no_consensus"
        assert (await scene.post(ann, "extend", {"count": 10})).status == 200
        assert (await scene.tally(scene.titles[0])).likers == {ann}
        new = [id for id in await ids_of(scene, ann) if id not in scene.titles]
        assert len(new) == 10
        await scene.vote(ann, new[0])
        matched = await scene.vote(ben, new[0])
    assert matched.json["response_type"] == "MATCH_FOUND"


async def test_a_list_grows_by_options_that_are_not_in_it_yet():
    async with running(app) as world:
        host = await opened(world, kind="list", options=["Pizza", "Sushi"])
        held = await rooms.require(host["id"])
        await rooms.put(replace(held, status="no_consensus"))
        path = f"/rooms/{host['id']}/extend"
        none = await host["http"].post(path, json={"options": ["pizza"]})
        assert (none.status, none.json["code"]) == (422, "NO_OPTIONS")
        some = await host["http"].post(path, json={"options": ["pizza", "Tacos"]})
        assert (some.status, some.json["size"]) == (200, 3)
        named = [(one.id, one.name) for one in await titles_of(host["id"])]
    assert named == [("o1", "Pizza"), ("o2", "Sushi"), ("o3", "Tacos")]


def a_room(rules: Rules) -> Room:
    noon = datetime(2061, 7, 28, 12, tzinfo=UTC)
    return Room(
        id="r1", name="Friday", host="ann", code="ABC234", epoch="e1", created_at=noon,
        touched_at=noon, rules=rules,
    )  # fmt: skip


def a_deck(titles: int, parts: int = 1) -> list[Deck]:
    return [
        Deck(
            room_id="r1",
            part=part,
            titles=[Title(id=f"{part}-{n}", name=f"Title {n}") for n in range(titles)],
        )
        for part in range(1, parts + 1)
    ]
