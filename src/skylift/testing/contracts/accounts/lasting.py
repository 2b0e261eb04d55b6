"""What ends by itself: codes, tokens, sessions, and the wait after too many tries."""

from __future__ import annotations

from typing import Any

from ....errors import Invalid, TooManyRequests, Unauthorized
from ...story import story
from .stock import (
    ANN,
    BOB,
    NOBODY,
    OTHER,
    RIGHT,
    caller,
    code_for,
    joined,
    members,
    refused,
    signed_in,
    wrong,
)


class LastingContract:
    @story(members)
    async def test_an_access_token_ends(self, world: Any) -> None:
        _, tokens = await signed_in(world)
        world.clock.advance(seconds=890)
        assert await caller(world, tokens.access)
        world.clock.advance(seconds=20)
        await refused(Unauthorized, lambda: caller(world, tokens.access))

    @story(members)
    async def test_a_session_ends_however_often_it_was_used(self, world: Any) -> None:
        _, tokens = await signed_in(world)
        world.clock.advance(days=20)
        tokens = await members.refresh(tokens.refresh)
        world.clock.advance(days=9)
        tokens = await members.refresh(tokens.refresh)
        world.clock.advance(days=2)
        await refused(Unauthorized, lambda: members.refresh(tokens.refresh))

    @story(members)
    async def test_a_code_ends(self, world: Any) -> None:
        id = await members.register(ANN, RIGHT)
        code = await code_for(world, ANN)
        world.clock.advance(minutes=11)
        await refused(Invalid, lambda: members.confirm(id, code))
        await members.resend(id)
        await members.confirm(id, await code_for(world, ANN))
        await members.forgot(ANN)
        code = await code_for(world, ANN)
        world.clock.advance(minutes=11)
        await refused(Invalid, lambda: members.reset(ANN, code, OTHER))

    @story(members)
    async def test_a_code_is_tried_five_times(self, world: Any) -> None:
        id = await members.register(ANN, RIGHT)
        code = await code_for(world, ANN)
        for _ in range(5):
            await refused(Invalid, lambda: members.confirm(id, wrong(code)))
        await refused(Invalid, lambda: members.confirm(id, code))

    @story(members)
    async def test_the_wait_grows_to_a_quarter_of_an_hour(self, world: Any) -> None:
        await joined(world)
        for failures in range(1, 20):
            await refused(Unauthorized, lambda: members.login(ANN, OTHER))
            if failures >= 5:
                wait_s = min(2 ** (failures - 5), 900)
                world.clock.advance(seconds=wait_s - 0.5)
                await refused(TooManyRequests, lambda: members.login(ANN, RIGHT))
                world.clock.advance(seconds=1)
        assert await members.login(ANN, RIGHT)

    @story(members)
    async def test_an_address_gets_five_mails_an_hour(self, world: Any) -> None:
        await joined(world, BOB)
        for _ in range(4):
            await members.forgot(BOB)
        for _ in range(5):
            await members.forgot(NOBODY)
        for email in (BOB, NOBODY):  # alike
            await refused(TooManyRequests, lambda email=email: members.forgot(email))
            await refused(TooManyRequests, lambda email=email: members.register(email, RIGHT))
        assert len(await world.mail(BOB)) == 5
        world.clock.advance(minutes=61)
        await members.forgot(BOB)
