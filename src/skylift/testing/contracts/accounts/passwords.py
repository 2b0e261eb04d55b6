"""Passwords that are forgotten or changed."""

from __future__ import annotations

from typing import Any

from ....errors import Invalid, Unauthorized
from ...story import story
from .stock import (
    ANN,
    NOBODY,
    OTHER,
    RIGHT,
    code_for,
    joined,
    members,
    refused,
    signed_in,
    wrong,
)


class PasswordsContract:
    @story(members)
    async def test_who_has_forgotten_his_password_sets_another(self, world: Any) -> None:
        id, tokens = await signed_in(world)
        await members.forgot(ANN)
        code = await code_for(world, ANN)
        await refused(Invalid, lambda: members.reset(ANN, wrong(code), OTHER))
        await refused(Invalid, lambda: members.reset(ANN, code, "short"))
        await members.reset(ANN, code, OTHER)
        await refused(Unauthorized, lambda: members.login(ANN, RIGHT))
        assert (await members.login(ANN, OTHER)).id == id
        await refused(Unauthorized, lambda: members.refresh(tokens.refresh))
        await refused(Invalid, lambda: members.reset(ANN, code, RIGHT))

    @story(members)
    async def test_who_is_unknown_is_answered_alike_and_gets_no_mail(self, world: Any) -> None:
        await joined(world)
        await members.forgot(ANN)
        code = await code_for(world, ANN)
        await members.forgot(NOBODY)
        told = await refused(Invalid, lambda: members.reset(ANN, wrong(code), OTHER))
        assert await refused(Invalid, lambda: members.reset(NOBODY, code, OTHER)) == told
        assert await world.mail(NOBODY) == []

    @story(members)
    async def test_who_has_not_confirmed_has_no_password_to_forget(self, world: Any) -> None:
        await members.register(ANN, RIGHT)
        before = await world.mail(ANN)
        await members.forgot(ANN)
        assert await world.mail(ANN) == before

    @story(members)
    async def test_a_password_is_changed_by_who_knows_it(self, world: Any) -> None:
        id, tokens = await signed_in(world)
        await refused(Unauthorized, lambda: members.change_password(id, OTHER, OTHER))
        await refused(Unauthorized, lambda: members.change_password("0" * 32, RIGHT, OTHER))
        await refused(Invalid, lambda: members.change_password(id, RIGHT, "short"))
        await members.change_password(id, RIGHT, OTHER)
        await refused(Unauthorized, lambda: members.login(ANN, RIGHT))
        await refused(Unauthorized, lambda: members.refresh(tokens.refresh))
        assert (await members.login(ANN, OTHER)).id == id
