"""Into a room: by a code, as somebody known or with a name only, and never more than have seats."""

import asyncio
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from msgspec.structs import replace

from skylift import now
from skylift.testing import running
from skylift.testing.http import HttpAnswer
from trinity import codes, hosting, opening
from trinity.codes import LENGTH, LETTERS, WRONG_MAX, coded, invites, network, typed
from trinity.joining import guest_rooms
from trinity.model import Room
from trinity.people import people
from trinity.rooms import rooms, seats

from .party import app, caller, member, party, wanted

SEEDS = range(8)
NOON = datetime(2061, 7, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize("contention", [0.0, 0.2])
@pytest.mark.parametrize("seed", SEEDS)
async def test_s6_of_ten_who_join_a_room_for_two_at_once_exactly_one_gets_in(
    seed: int, contention: float
):
    """S6, A13.3."""
    async with running(app, seed=seed) as world:
        room = await party(world, "ann", capacity=2)
        names = [f"p{n}" for n in range(10)]
        for name in names:
            await member(world, name)
        world.contention = contention
        answers = await asyncio.gather(*(room.join(name) for name in names))
        world.contention = 0.0
        assert sorted(answer.status for answer in answers) == [200] + [409] * 9
        assert {answer.json.get("code") for answer in answers if answer.status == 409} == {
            "ROOM_FULL"
        }
        held = await rooms.require(room.id)
        assert len(held.roster) == 2
        assert [seat.id async for seat in seats.query(room.id)] == sorted(held.roster)
        assert [event.kind for event in await room.events()] == ["created", "joined"]


@pytest.mark.parametrize("seed", SEEDS)
async def test_guests_who_find_no_seat_leave_nothing_behind(seed: int):
    async with running(app, seed=seed, contention=0.1) as world:
        room = await party(world, "ann", capacity=3)
        answers = await asyncio.gather(*(room.guest(f"Guest {n}") for n in range(8)))
        assert sorted(answer.status for answer in answers) == [200] * 2 + [409] * 6
        got_in = {answer.json["session"]["id"] for answer in answers if answer.status == 200}
        assert {one.id async for one in people.scan() if one.is_guest} == got_in


async def test_a_guest_is_in_the_room_after_one_request_and_is_told_apart_by_his_token():
    async with running(app) as world:
        room = await party(world, "ann")
        answer = await room.guest("  Bob \n the   Builder ")
        assert answer.status == 200
        assert answer.json["session"]["is_guest"]
        names = [one["name"] for one in answer.json["room"]["members"]]
        assert names == ["Ann", "Bob the Builder"]
        bob = world.http.as_(answer.json["session"]["access"])
        assert (await bob.get(f"/rooms/{room.id}")).json["me"]["is_voter"]


async def test_a_guest_says_his_name():
    async with running(app) as world:
        room = await party(world, "ann")
        for said in ({"code": room.code}, {"code": room.code, "name": " \u200b "}):
            answer = await world.http.post("/rooms/join-by-code", json=said)
            assert (answer.status, answer.json["code"]) == (422, "NAME_WRONG")


async def test_a_guest_has_one_room_until_it_is_over():
    async with running(app) as world:
        first, second = await party(world, "ann"), await party(world, "cid")
        bob = world.http.as_((await first.guest("Bob")).json["session"]["access"])
        other = {"code": second.code}
        answer = await bob.post("/rooms/join-by-code", json=other)
        assert (answer.status, answer.json["code"]) == (409, "GUEST_HAS_A_ROOM")
        answer = await bob.post("/rooms", json=wanted())
        assert (answer.status, answer.json["code"]) == (409, "GUEST_HAS_A_ROOM")
        await first.post("ann", "cancel")
        assert (await bob.post("/rooms/join-by-code", json=other)).status == 200


@pytest.mark.parametrize("how", ["ban", "kick", "leave"])
async def test_a_guest_who_is_in_his_room_no_more_is_free_for_another_and_then_has_that(how: str):
    async with running(app) as world:
        first, second = await party(world, "ann"), await party(world, "cid")
        bob = (await first.guest("Bob")).json["session"]
        http = world.http.as_(bob["access"])
        if how == "leave":
            await http.delete(f"/rooms/{first.id}/leave")
        else:
            await first.post("ann", f"members/{bob['id']}/{how}")
        answer = await http.post("/rooms/join-by-code", json={"code": second.code})
        assert (answer.status, answer.json["room"]["id"]) == (200, second.id)
        answer = await http.post("/rooms/join-by-code", json={"code": first.code})
        assert answer.json["code"] == ("BANNED" if how == "ban" else "GUEST_HAS_A_ROOM")


@pytest.mark.parametrize("seed", range(12))
async def test_a_guest_who_comes_again_and_goes_elsewhere_at_once_is_in_one_room(seed: int):
    async with running(app, seed=seed, contention=0.3) as world:
        two = [await party(world, "ann"), await party(world, "cid")]
        bob = (await two[0].guest("Bob")).json["session"]
        http = world.http.as_(bob["access"])
        assert (await http.delete(f"/rooms/{two[0].id}/leave")).status == 204
        answers = await asyncio.gather(
            *(http.post("/rooms/join-by-code", json={"code": one.code}) for one in two)
        )
        assert sorted(answer.status for answer in answers) == [200, 409]
        in_it = [bob["id"] in (await rooms.require(one.id)).roster for one in two]
        assert in_it == [answer.status == 200 for answer in answers]


async def test_a_guest_of_before_his_row_was_numbered_moves_on_all_the_same():
    async with running(app) as world:
        first, second = await party(world, "ann"), await party(world, "cid")
        bob = (await first.guest("Bob")).json["session"]
        await guest_rooms.update(bob["id"], remove=["version"])
        http = world.http.as_(bob["access"])
        await http.delete(f"/rooms/{first.id}/leave")
        answer = await http.post("/rooms/join-by-code", json={"code": second.code})
        assert answer.status == 200
        assert (await guest_rooms.require(bob["id"])).version == 1


async def test_a_guest_follows_his_room_into_the_next_one_and_still_has_one():
    async with running(app) as world:
        first, second = await party(world, "ann"), await party(world, "cid")
        bob = world.http.as_((await first.guest("Bob")).json["session"]["access"])
        await first.post("ann", "cancel")
        next_id = (await first.post("ann", "restart")).json["id"]
        assert (await bob.get(f"/rooms/{next_id}")).status == 200
        answer = await bob.post("/rooms/join-by-code", json={"code": second.code})
        assert (answer.status, answer.json["code"]) == (409, "GUEST_HAS_A_ROOM")


async def test_a_guest_who_has_taken_another_room_stays_in_it():
    async with running(app) as world:
        first, second = await party(world, "ann"), await party(world, "cid")
        bob = (await first.guest("Bob")).json["session"]
        eve = (await first.guest("Eve")).json["session"]
        await first.post("ann", "cancel")
        http = world.http.as_(bob["access"])
        assert (await http.post("/rooms/join-by-code", json={"code": second.code})).status == 200
        new = (await first.post("ann", "restart")).json
        assert [one["id"] for one in new["members"]] == ["ann", eve["id"]]
        assert (await http.get(f"/rooms/{new['id']}")).status == 404
        answer = await http.post("/rooms/join-by-code", json={"code": new["code"]})
        assert (answer.status, answer.json["code"]) == (409, "GUEST_HAS_A_ROOM")
        assert (await http.get(f"/rooms/{second.id}")).status == 200


async def test_a_guest_whose_other_room_is_over_too_goes_along():
    async with running(app) as world:
        first, second = await party(world, "ann"), await party(world, "cid")
        bob = (await first.guest("Bob")).json["session"]
        await first.post("ann", "cancel")
        http = world.http.as_(bob["access"])
        await http.post("/rooms/join-by-code", json={"code": second.code})
        await second.post("cid", "cancel")
        new = (await first.post("ann", "restart")).json
        assert [one["id"] for one in new["members"]] == ["ann", bob["id"]]
        assert (await second.post("cid", "restart")).json["members"][1:] == []


async def test_who_has_signed_up_meanwhile_goes_on_in_both_rooms():
    async with running(app) as world:
        first, second = await party(world, "ann"), await party(world, "cid")
        bob = (await first.guest("Bob")).json["session"]
        await people.update(bob["id"], set={"is_guest": False})
        await first.post("ann", "cancel")
        http = world.http.as_(bob["access"])
        await http.post("/rooms/join-by-code", json={"code": second.code})
        new = (await first.post("ann", "restart")).json
        assert [one["id"] for one in new["members"]] == ["ann", bob["id"]]


async def test_a_guest_who_hosts_another_room_does_not_take_his_old_one_up():
    async with running(app) as world:
        first = await party(world, "ann")
        bob = (await first.guest("Bob")).json["session"]
        await first.post("ann", f"members/{bob['id']}/host")
        http = world.http.as_(bob["access"])
        assert (await http.post(f"/rooms/{first.id}/cancel")).status == 200
        assert (await http.post("/rooms", json=wanted())).status == 201
        answer = await http.post(f"/rooms/{first.id}/restart")
        assert (answer.status, answer.json["code"]) == (409, "GUEST_HAS_A_ROOM")
        assert (await rooms.require(first.id)).next is None


@pytest.mark.parametrize("seed", range(12))
async def test_a_guest_who_leaves_for_another_room_as_his_own_goes_on_has_one(seed: int):
    async with running(app, seed=seed, contention=0.3) as world:
        first, second = await party(world, "ann"), await party(world, "cid")
        bob = (await first.guest("Bob")).json["session"]
        await first.post("ann", "cancel")
        http = world.http.as_(bob["access"])
        restarted, joined = await asyncio.gather(
            first.post("ann", "restart"),
            http.post("/rooms/join-by-code", json={"code": second.code}),
        )
        assert restarted.status == 201
        goes_along = bob["id"] in (await rooms.require(restarted.json["id"])).roster
        assert goes_along == (joined.status == 409)
        assert (bob["id"] in (await rooms.require(second.id)).roster) == (joined.status == 200)


async def test_a_guest_joins_two_rooms_at_once_and_gets_one():
    async with running(app) as world:
        home = await party(world, "ann")
        two = [await party(world, "cid"), await party(world, "dan")]
        bob = world.http.as_((await home.guest("Bob")).json["session"]["access"])
        await home.post("ann", "cancel")
        answers = await asyncio.gather(
            *(bob.post("/rooms/join-by-code", json={"code": one.code}) for one in two)
        )
        assert sorted(answer.status for answer in answers) == [200, 409]


async def test_who_comes_again_finds_his_seat_as_it_was():
    async with running(app) as world:
        room = await party(world, "ann", "bob", rules={"late": True})
        await room.post("ann", "start")
        await room.like("bob")
        before = await seats.require(room.id, "bob")
        await room.leave("bob")
        assert not (await seats.require(room.id, "bob")).is_here
        await world.clock.advance(minutes=1)
        answer = await room.join("bob")
        assert answer.json["room"]["me"]["voted"] == 1
        after = await seats.require(room.id, "bob")
        assert (after.joined_at, after.voted, after.is_here) == (before.joined_at, 1, True)


async def test_to_join_twice_is_to_join_once():
    async with running(app) as world:
        room = await party(world, "ann", "bob", capacity=2)
        assert (await room.join("bob")).status == 200
        assert len(await room.events()) == 2


async def test_a_repeated_request_makes_no_second_guest():
    async with running(app) as world:
        room = await party(world, "ann")
        said, headers = {"code": room.code, "name": "Bob"}, {"idempotency-key": "k1"}
        first, second = [
            await world.http.post("/rooms/join-by-code", json=said, headers=headers)
            for _ in range(2)
        ]
        assert first.json["session"]["id"] == second.json["session"]["id"]
        assert len((await rooms.require(room.id)).roster) == 2


async def test_late_ones_join_where_the_rules_say_so():
    async with running(app) as world:
        for late, status in ((True, 200), (False, 409)):
            room = await party(world, "ann", "bob", rules={"late": late})
            await room.post("ann", "start")
            answer = await room.join("cid")
            assert answer.status == status
            if not late:
                assert answer.json["code"] == "ROOM_CLOSED"
                assert (await room.guest("Eve")).json["code"] == "ROOM_CLOSED"


# -- codes


async def test_a_code_is_read_as_people_type_it():
    async with running(app) as world:
        room = await party(world, "ann")
        code = room.code
        for text in (
            code.lower(),
            f" {code[:3]}-{code[3:]} ",
            f"{code[:3]} {code[3:]}",
            f"https://trinity.example/join/{code}",
            f"https://trinity.example/join/{code.lower()}/?from=mail#top",
            f"/join/{code}",
            code.replace("0", "O").replace("1", "l"),
        ):
            answer = await (await member(world, "bob")).post(
                "/rooms/join-by-code", json={"code": text}
            )
            assert answer.status == 200, text


def test_what_looks_alike_is_the_same():
    assert typed("oIl0") == "0110"
    assert not set("OILU") & set(LETTERS)
    assert len(LETTERS) == 32


def test_a_code_is_thirty_of_the_bits_of_an_id_that_nobody_can_guess(
    monkeypatch: pytest.MonkeyPatch,
):
    """A13.5. Nothing else goes into it: no clock, no room and no chance of another kind."""
    room = Room(id="r", name="R", host="h", code="", epoch="e", created_at=NOON, touched_at=NOON)
    chance = Random(5)
    for _ in range(100):
        secret = chance.getrandbits(80)
        monkeypatch.setattr(codes, "new_id", lambda: f"{'7' * 12}{secret:020x}")  # noqa: B023
        code = coded(room).code
        bits = sum(LETTERS.index(letter) << 5 * place for place, letter in enumerate(code))
        assert bits == secret % 2**30


async def test_the_bits_of_codes_are_the_worlds_entropy():
    """A13.5. The same entropy gives the same codes, whatever `random` does; another, others."""
    drawn: list[list[str]] = []
    for seed in (1, 1, 2):
        async with running(app, seed=seed) as world:
            drawn.append([(await party(world, f"p{n}")).code for n in range(3)])
    first, same, other = drawn
    assert first == same
    assert not {*first} & {*other}


async def test_codes_differ_and_use_all_letters():
    """A13.5."""
    async with running(app) as world:
        room = await rooms.require((await party(world, "ann")).id)
        drawn = [coded(room).code for _ in range(500)]
        assert len({*drawn}) == 500
        assert {len(code) for code in drawn} == {LENGTH}
        assert {*"".join(drawn)} == {*LETTERS}


async def test_a_code_that_another_room_has_is_not_given_again(monkeypatch: pytest.MonkeyPatch):
    """A13.5."""
    async with running(app) as world:
        first = await party(world, "ann")
        drawn = iter([first.code, first.code, "ABC234", first.code, "DEF567"])

        def next_code(room: Room) -> Room:
            return replace(room, code=next(drawn))

        for module in (opening, hosting):
            monkeypatch.setattr(module, "coded", next_code)
        second = await party(world, "bob")
        assert second.code == "ABC234"
        assert (await second.post("bob", "code")).json["code"] == "DEF567"
        assert (await invites.require(first.code)).room_id == first.id


async def test_s7_of_a_code_that_is_no_good_it_is_said_why_and_nothing_of_the_room():
    """S7."""
    async with running(app) as world:
        expired = await party(world, "ann", "bob", name="Secret plans")
        await world.clock.advance(timedelta(days=7))
        revoked = await party(world, "ann", "bob", name="Secret plans")
        await revoked.post("ann", "code")
        over = await party(world, "ann", "bob", name="Secret plans")
        await over.post("ann", "cancel")
        for code, status, word in (
            (expired.code, 410, "CODE_EXPIRED"),
            (revoked.code, 410, "CODE_REVOKED"),
            (over.code, 410, "CODE_REVOKED"),
            ("ZZZZZZ", 404, "INVITE_UNKNOWN"),
            ("", 404, "INVITE_UNKNOWN"),
            ("/", 404, "INVITE_UNKNOWN"),
        ):
            cid = await member(world, "cid")
            asked = [
                await world.http.post("/rooms/join-by-code", json={"code": code, "name": "Eve"}),
                await cid.post("/rooms/join-by-code", json={"code": code}),
                await cid.post(f"/rooms/{expired.id}/join", json={"code": code}),
            ]
            if code.isalnum():
                asked.append(await world.http.get(f"/invites/{code}"))
            for answer in asked:
                assert (answer.status, answer.json["code"]) == (status, word)
                assert "Secret" not in answer.text
                for room in (expired, revoked, over):
                    assert room.id not in answer.text


async def test_who_is_in_the_room_comes_back_with_any_code_it_ever_had():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        await room.post("ann", "code")
        assert (await room.join("bob")).status == 200
        await room.post("ann", "cancel")
        assert (await room.join("bob")).json["room"]["status"] == "cancelled"
        await room.leave("bob")
        assert (await room.join("bob")).status == 410


async def test_a_new_code_ends_the_old_one_at_once():
    """A13.14."""
    async with running(app) as world:
        room = await party(world, "ann")
        answer = await room.post("ann", "code")
        assert answer.json["link"] == f"/join/{answer.json['code']}"
        assert (await room.guest("Eve")).status == 410
        assert (await room.join("bob", code=answer.json["code"])).status == 200


async def test_a_code_of_another_room_opens_no_door():
    async with running(app) as world:
        mine, other = await party(world, "ann"), await party(world, "cid")
        bob = await member(world, "bob")
        answer = await bob.post(f"/rooms/{mine.id}/join", json={"code": other.code})
        assert (answer.status, answer.json["code"]) == (409, "CODE_WRONG")
        assert (await bob.get(f"/rooms/{other.id}")).status == 404
        answer = await bob.post(f"/rooms/{mine.id}/join", json={"code": mine.code})
        assert answer.status == 200


async def test_an_invitation_says_who_asks_and_how_full_it_is():
    async with running(app) as world:
        room = await party(world, "ann", "bob")
        answer = await world.http.get(f"/invites/{room.code.lower()}")
        assert answer.json == {
            "room_id": room.id,
            "name": "Friday",
            "host_name": "Ann",
            "members": 2,
            "capacity": 10,
            "status": "waiting",
        }


async def test_who_guesses_is_stopped_and_others_are_not():
    async with running(app) as world:
        room = await party(world, "ann")
        answers: list[HttpAnswer] = []
        for n in range(WRONG_MAX + 1):
            answers.append(await world.http.get(f"/invites/ZZZZ{n:02}"))
        assert [one.status for one in answers] == [404] * WRONG_MAX + [429]
        answer = await world.http.get(f"/invites/{room.code}")  # now a good one says nothing either
        assert (answer.status, answer.json["code"]) == (429, "TOO_MANY_GUESSES")
        await world.clock.advance(minutes=20)
        assert (await world.http.get(f"/invites/{room.code}")).status == 200


async def test_wrong_codes_that_come_at_once_all_count():
    async with running(app) as world:
        await asyncio.gather(*(world.http.get(f"/invites/ZZZZ{n:02}") for n in range(WRONG_MAX)))
        assert (await world.http.get("/invites/ZZZZZZ")).status == 429


def test_who_has_a_network_of_ipv6_is_one_guesser():
    assert network("2001:db8:1:2:3:4:5:6") == network("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert network("192.0.2.7") == "192.0.2.7"
    assert network("") == ""


async def test_an_invite_is_forgotten_in_the_end():
    async with running(app) as world:
        room = await party(world, "ann")
        invite = await invites.require(room.code)
        assert invite.expires_at > invite.ends_at > now()
        await world.clock.advance(timedelta(days=61))
        answer = await caller(world, "bob").get(f"/invites/{room.code}")
        assert answer.status == 404
