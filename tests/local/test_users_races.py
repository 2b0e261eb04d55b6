"""What many do at the same time with one code, one password or one refresh token is no more than
one after another could do.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from skylift.errors import Conflict, Invalid, TooManyRequests, Unauthorized, Unavailable
from skylift.local.direct import called
from skylift.local.password import WAITING_MAX
from skylift.testing import running
from skylift.testing.contracts.accounts.stock import (
    ANN,
    BOB,
    OTHER,
    RIGHT,
    code_for,
    joined,
    members,
    signed_in,
    wrong,
)
from skylift.testing.stand import Stand
from skylift.user import Tokens
from tests.apps.club.app import app


async def together(*calls: Any) -> list[Any]:
    return await asyncio.gather(*calls, return_exceptions=True)


def kinds(found: list[Any]) -> dict[str, int]:
    names = [type(one).__name__ for one in found]
    return {name: names.count(name) for name in names}


async def test_many_that_refresh_at_once_have_one_next_token() -> None:
    async with Stand(members) as world:
        _, tokens = await signed_in(world)
        found = await together(*(members.refresh(tokens.refresh) for _ in range(8)))
        assert kinds(found) == {"Tokens": 8}
        (after,) = {one.refresh for one in found}
        assert (await members.refresh(after)).id == tokens.id


async def test_a_thief_who_repeats_in_time_is_found_out_by_the_next_refresh() -> None:
    """He has the token that its owner has, and both need the next one."""
    async with Stand(members) as world:
        _, tokens = await signed_in(world)
        owner = await members.refresh(tokens.refresh)
        thief = await members.refresh(tokens.refresh)
        assert await members.refresh(thief.refresh)
        world.clock.advance(seconds=600)
        for token in (owner, thief):
            with pytest.raises(Unauthorized):
                await members.refresh(token.refresh)


async def test_who_has_used_the_next_token_has_no_use_for_the_one_before() -> None:
    async with Stand(members) as world:
        _, first = await signed_in(world)
        second = await members.refresh(first.refresh)
        third = await members.refresh(second.refresh)
        for token in (first, third):
            with pytest.raises(Unauthorized):
                await members.refresh(token.refresh)


async def test_a_repeat_opens_nothing_that_was_closed() -> None:
    async with Stand(members) as world:
        id, first = await signed_in(world)
        second = await members.refresh(first.refresh)
        await members.logout(second.refresh)
        with pytest.raises(Unauthorized):
            await members.refresh(first.refresh)
        first = await members.login(ANN, RIGHT)
        await members.refresh(first.refresh)
        await members.disable(id)
        with pytest.raises(Unauthorized):
            await members.refresh(first.refresh)


async def test_many_guesses_at_once_are_five_of_a_code() -> None:
    async with Stand(members) as world:
        id = await members.register(ANN, RIGHT)
        code = await code_for(world, ANN)
        guesses = [wrong(code)] * 5 + [code]
        found = await together(*(members.confirm(id, guess) for guess in guesses))
        assert kinds(found) == {"Invalid": 6}


async def test_one_code_makes_one_user() -> None:
    async with Stand(members) as world:
        id = await members.register(ANN, RIGHT)
        code = await code_for(world, ANN)
        found = await together(*(members.confirm(id, code) for _ in range(4)))
        assert kinds(found) == {"NoneType": 1, "Invalid": 3}


async def test_two_who_confirm_an_address_at_once_do_not_both_get_it() -> None:
    async with Stand(members) as world:
        first = await members.register(ANN, RIGHT)
        code = await code_for(world, ANN)
        second = await members.register(ANN, OTHER)
        other = await code_for(world, ANN)
        found = await together(members.confirm(first, code), members.confirm(second, other))
        assert kinds(found) == {"NoneType": 1, "Conflict": 1}


async def test_many_guesses_at_once_are_five_of_a_password() -> None:
    async with Stand(members) as world:
        await joined(world)
        found = await together(*(members.login(ANN, OTHER) for _ in range(20)))
        assert kinds(found) == {"Unauthorized": 5, "TooManyRequests": 15}
        with pytest.raises(TooManyRequests):
            await members.login(ANN, RIGHT)


async def test_a_password_that_is_changed_meanwhile_lets_nobody_in() -> None:
    async with Stand(members) as world:
        id = await joined(world)
        found = await together(
            members.change_password(id, RIGHT, OTHER),
            members.login(ANN, RIGHT),
            members.disable(id),
        )
        assert not any(isinstance(one, Tokens) for one in found) or found[1].id == id
        for word in (RIGHT, OTHER):
            with pytest.raises(Unauthorized):
                await members.login(ANN, word)


async def test_who_is_deleted_while_he_signs_in_is_not_signed_in() -> None:
    async with Stand(members) as world:
        id = await joined(world)
        found = await together(members.login(ANN, RIGHT), members.delete(id))
        if isinstance(found[0], Tokens):
            with pytest.raises(Unauthorized):
                await members.refresh(found[0].refresh)


async def test_a_crowd_that_signs_in_is_told_to_come_again_and_the_others_are_served() -> None:
    async with Stand(members):
        crowd = [members.login(f"{no}@example.com", RIGHT) for no in range(WAITING_MAX + 10)]
        assert kinds(await together(*crowd)) == {"Unauthorized": WAITING_MAX, "Busy": 10}


async def test_a_guest_who_upgrades_twice_has_the_address_he_confirmed() -> None:
    async with Stand(members) as world:
        guest = await members.guest("Ann")
        await members.upgrade(guest.id, ANN, RIGHT)
        old = await code_for(world, ANN)
        await members.upgrade(guest.id, BOB, RIGHT)
        with pytest.raises(Invalid):
            await members.confirm(guest.id, old)
        await members.confirm(guest.id, await code_for(world, BOB))
        found = await members.get(guest.id)
        assert found is not None
        assert found.email == BOB
        with pytest.raises(Conflict):
            await members.upgrade(guest.id, ANN, RIGHT)


async def test_what_is_over_is_removed() -> None:
    async with Stand(members) as world:
        _, tokens = await signed_in(world)
        await members.refresh(tokens.refresh)
        await members.forgot(BOB)
        await members.register(BOB, RIGHT)
        port = world.ports.adapters["members"]
        assert await port.sweep(world.clock.time()) == 0
        world.clock.advance(days=31)
        assert await port.sweep(world.clock.time()) > 4
        for table in ("codes", "sessions", "turns", "tries"):
            count = world.database.execute(f'SELECT count(*) FROM "{table}:members"').get
            assert count == 0, table
        assert world.database.execute('SELECT count(*) FROM "users:members"').get == 1
        assert world.database.execute("SELECT count(*) FROM mail").get == 0


async def test_a_key_that_others_could_read_is_shut_and_one_that_is_none_is_told(
    tmp_path: Path,
) -> None:
    async with Stand(members, path=tmp_path / "state.db") as world:
        _, tokens = await signed_in(world)
    key = tmp_path / "users-members.key"
    os.chmod(key, 0o644)
    async with Stand(members, path=tmp_path / "state.db") as world:
        port = world.ports.adapters["members"]
        assert (await port.verify(tokens.access)).id == tokens.id
        assert key.stat().st_mode & 0o777 == 0o600
    key.write_text("no key")
    async with Stand(members, path=tmp_path / "state.db") as world:
        with pytest.raises(Unavailable, match="is no key"):
            await world.ports.adapters["members"].verify(tokens.access)
    key.unlink()
    async with Stand(members, path=tmp_path / "state.db") as world:
        with pytest.raises(Unauthorized):
            await world.ports.adapters["members"].verify(tokens.access)
        assert (await members.refresh(tokens.refresh)).id == tokens.id


async def test_a_call_by_hand_says_who_calls() -> None:
    async with running(app) as world:
        parts = world._parts  # pyright: ignore[reportPrivateUsage]
        nodes = {node.name: node for node in parts.graph.functions}
        ports = parts.backend.ports(parts.graph)
        event = {"caller": {"id": "01", "username": ANN, "groups": ["staff"]}}
        call = await called(nodes["club.staff"], ports, json.dumps(event).encode())
        assert call.answer is not None
        assert call.answer.status == 200
        for name, wrong_event in (("club.staff", {}), ("club.opened", event)):
            with pytest.raises(Exception, match=r"who calls|asks for one"):
                await called(nodes[name], ports, json.dumps(wrong_event).encode())
