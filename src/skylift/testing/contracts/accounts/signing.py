"""How one is signed in: what tokens say, how long they last, and who is signed out when one of them
is used twice.
"""

from __future__ import annotations

from typing import Any

from ....errors import Invalid, TooManyRequests, Unauthorized
from ....resources.users import REPEAT_S
from ....user import Caller
from ...story import story
from .stock import (
    ANN,
    BOB,
    NOBODY,
    OTHER,
    RIGHT,
    caller,
    joined,
    members,
    refused,
    signed_in,
    strangers,
)


class SigningContract:
    @story(members)
    async def test_an_access_token_says_who_calls(self, world: Any) -> None:
        id, tokens = await signed_in(world)
        assert (tokens.id, tokens.expires_in) == (id, 900)
        assert await caller(world, tokens.access) == Caller(id, ANN)
        for other in (tokens.refresh, tokens.access[:-8], f"{tokens.access}x", ""):
            await refused(Unauthorized, lambda other=other: caller(world, other))

    @story(members)
    async def test_nobody_is_told_what_was_wrong(self, world: Any) -> None:
        await joined(world)
        await members.register(BOB, RIGHT)
        told = {
            await refused(Unauthorized, lambda: members.login(ANN, OTHER)),
            await refused(Unauthorized, lambda: members.login(NOBODY, RIGHT)),
            await refused(Unauthorized, lambda: members.login(BOB, RIGHT)),
            await refused(Unauthorized, lambda: members.login(ANN, "")),
        }
        assert len(told) == 1

    @story(members)
    async def test_who_is_unknown_waits_like_anybody_after_failures(self, world: Any) -> None:
        await joined(world)
        for email in (ANN, NOBODY):
            for _ in range(5):
                await refused(Unauthorized, lambda email=email: members.login(email, OTHER))
            await refused(TooManyRequests, lambda email=email: members.login(email, OTHER))
        await refused(TooManyRequests, lambda: members.login(ANN, RIGHT))
        world.clock.advance(seconds=2)
        assert await members.login(ANN, RIGHT)
        for _ in range(5):  # it begins anew
            await refused(Unauthorized, lambda: members.login(ANN, OTHER))

    @story(members)
    async def test_the_next_tokens_are_had_once(self, world: Any) -> None:
        id, first = await signed_in(world)
        second = await members.refresh(first.refresh)
        assert second.refresh != first.refresh
        assert await caller(world, second.access) == Caller(id, ANN)
        third = await members.refresh(second.refresh)
        assert third.id == id

    @story(members)
    async def test_a_refresh_whose_answer_was_lost_is_repeated(self, world: Any) -> None:
        id, first = await signed_in(world)
        await members.refresh(first.refresh)
        world.clock.advance(seconds=REPEAT_S - 5)
        second = await members.refresh(first.refresh)
        assert await caller(world, second.access) == Caller(id, ANN)
        world.clock.advance(seconds=600)
        assert (await members.refresh(second.refresh)).id == id

    @story(members)
    async def test_either_answer_of_a_repeated_refresh_is_good(self, world: Any) -> None:
        id, first = await signed_in(world)
        early = await members.refresh(first.refresh)
        late = await members.refresh(first.refresh)
        assert await caller(world, late.access) == await caller(world, early.access)
        world.clock.advance(seconds=600)
        assert (await members.refresh(early.refresh)).id == id

    @story(members)
    async def test_a_refresh_token_that_is_used_twice_signs_its_user_out(self, world: Any) -> None:
        _, stolen = await signed_in(world)
        elsewhere = await members.login(ANN, RIGHT)
        bob, bobs = await signed_in(world, BOB)
        current = await members.refresh(stolen.refresh)
        await members.refresh(stolen.refresh)  # which does not make the moment longer
        world.clock.advance(seconds=REPEAT_S + 1)
        for token in (stolen, current, elsewhere):
            await refused(Unauthorized, lambda one=token: members.refresh(one.refresh))
        assert (await members.refresh(bobs.refresh)).id == bob
        assert await members.login(ANN, RIGHT)

    @story(members)
    async def test_sessions_go_on_beside_each_other_and_end_alone(self, world: Any) -> None:
        _, here = await signed_in(world)
        there = await members.login(ANN, RIGHT)
        await members.logout(here.refresh)
        await members.logout(here.refresh)
        await members.logout("nonsense")
        await refused(Unauthorized, lambda: members.refresh(here.refresh))
        assert await members.refresh(there.refresh)

    @story(members)
    async def test_what_is_no_refresh_token_is_refused(self, world: Any) -> None:
        _, tokens = await signed_in(world)
        for wrong in ("", "x", tokens.access, tokens.refresh[:-1], "é" * 64, "A" * 64):
            await refused(Unauthorized, lambda wrong=wrong: members.refresh(wrong))
        await refused(Invalid, lambda: members.refresh("x" * 10_000))
        assert await members.refresh(tokens.refresh)

    @story(members, strangers)
    async def test_users_do_not_take_each_others_tokens(self, world: Any) -> None:
        _, tokens = await signed_in(world)
        await refused(Unauthorized, lambda: strangers.refresh(tokens.refresh))
        await refused(Unauthorized, lambda: caller(world, tokens.access, strangers))
        await refused(Unauthorized, lambda: strangers.login(ANN, RIGHT))
