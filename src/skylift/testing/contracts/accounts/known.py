"""What is known of users, and how they are shut out."""

from __future__ import annotations

from typing import Any

from ....errors import Conflict, Invalid, NotFound, Unauthorized
from ....user import Caller
from ...story import story
from .stock import (
    ANN,
    BOB,
    OTHER,
    RIGHT,
    caller,
    code_for,
    codes_for,
    joined,
    members,
    refused,
    signed_in,
)


class KnownContract:
    @story(members)
    async def test_who_is_disabled_is_signed_out_and_signs_in_no_more(self, world: Any) -> None:
        id, tokens = await signed_in(world)
        await members.disable(id)
        await members.disable(id)
        found = await members.get(id)
        assert found is not None
        assert found.is_disabled
        await refused(Unauthorized, lambda: members.refresh(tokens.refresh))
        await refused(Unauthorized, lambda: members.login(ANN, RIGHT))
        await members.forgot(ANN)
        assert len(await codes_for(world, ANN)) == 1
        assert await caller(world, tokens.access)  # until it expires, as at a gateway
        await refused(NotFound, lambda: members.disable("0" * 32))

    @story(members)
    async def test_who_is_deleted_is_nobody_and_his_address_is_free(self, world: Any) -> None:
        id, tokens = await signed_in(world)
        await members.delete(id)
        await members.delete(id)
        assert await members.get(id) is None
        await refused(Unauthorized, lambda: members.refresh(tokens.refresh))
        await refused(Unauthorized, lambda: members.login(ANN, RIGHT))
        again = await joined(world, ANN, OTHER)
        assert again != id
        assert (await members.login(ANN, OTHER)).id == again

    @story(members)
    async def test_groups_are_in_the_next_tokens(self, world: Any) -> None:
        id, tokens = await signed_in(world)
        assert await members.groups(id) == []
        assert await members.groups(id, add=["staff", "admin", "staff"]) == ["admin", "staff"]
        assert (await caller(world, tokens.access)).groups == ()
        tokens = await members.refresh(tokens.refresh)
        assert set((await caller(world, tokens.access)).groups) == {"admin", "staff"}
        assert await members.groups(id, add=["a.b-c_d"], remove=["admin", "never"]) == [
            *("a.b-c_d", "staff")
        ]
        found = await members.get(id)
        assert found is not None
        assert found.groups == ("a.b-c_d", "staff")
        await refused(NotFound, lambda: members.groups("0" * 32, add=["staff"]))

    @story(members)
    async def test_what_is_no_group_is_refused(self, world: Any) -> None:
        id = await joined(world)
        for group in ("", "a b", "é", "x" * 129, "guest"):
            await refused(Invalid, lambda group=group: members.groups(id, add=[group]))
        await refused(Invalid, lambda: members.groups(id, remove=["guest"]))
        await refused(Invalid, lambda: members.groups(id, add=["a"], remove=["a"]))
        assert await members.groups(id) == []

    @story(members)
    async def test_a_guest_has_a_name_and_tokens(self, world: Any) -> None:
        tokens = await members.guest("Bob")
        other = await members.guest("Bob")
        assert tokens.id != other.id
        assert await caller(world, tokens.access) == Caller(tokens.id, "Bob", ("guest",))
        found = await members.get(tokens.id)
        assert found is not None
        assert (found.username, found.email, found.groups) == ("Bob", None, ("guest",))
        assert (await members.refresh(tokens.refresh)).id == tokens.id
        for name in ("", "  ", "x" * 101, "a\nb"):
            await refused(Invalid, lambda name=name: members.guest(name))

    @story(members)
    async def test_a_guest_has_no_password_to_change(self, world: Any) -> None:
        id = (await members.guest("Bob")).id
        await refused(Unauthorized, lambda: members.change_password(id, "", RIGHT))

    @story(members)
    async def test_a_guest_becomes_a_user_with_his_id(self, world: Any) -> None:
        tokens = await members.guest("Bob")
        id = tokens.id
        await members.groups(id, add=["players"])
        await members.upgrade(id, BOB, RIGHT)
        await refused(Unauthorized, lambda: members.login(BOB, RIGHT))
        await members.confirm(id, await code_for(world, BOB))
        found = await members.get(id)
        assert found is not None
        assert (found.username, found.email, found.groups) == (BOB, BOB, ("players",))
        assert (await members.login(BOB, RIGHT)).id == id
        refreshed = await members.refresh(tokens.refresh)
        assert await caller(world, refreshed.access) == Caller(id, BOB, ("players",))
        await refused(Conflict, lambda: members.upgrade(id, ANN, RIGHT))
        await refused(NotFound, lambda: members.upgrade("0" * 32, ANN, RIGHT))

    @story(members)
    async def test_a_guest_does_not_get_an_address_that_is_known(self, world: Any) -> None:
        ann, guest = await joined(world), await members.guest("Ann")
        before = await codes_for(world, ANN)
        await members.upgrade(guest.id, ANN, OTHER)
        assert await codes_for(world, ANN) == before
        await refused(Invalid, lambda: members.confirm(guest.id, before[-1]))
        assert (await members.login(ANN, RIGHT)).id == ann
        found = await members.get(guest.id)
        assert found is not None
        assert found.email is None
        await members.upgrade(guest.id, BOB, RIGHT)
        await members.confirm(guest.id, await code_for(world, BOB))
        assert (await members.login(BOB, RIGHT)).id == guest.id
