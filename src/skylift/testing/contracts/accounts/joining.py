"""How one becomes a user: nobody is told which addresses are known, and no address belongs to who
cannot read its mail.
"""

from __future__ import annotations

from typing import Any

import pytest

from ....errors import Conflict, Invalid, Unauthorized
from ....invocation import now
from ....user import User
from ...story import story
from .stock import ANN, BOB, OTHER, RIGHT, code_for, codes_for, joined, members, refused, wrong


class JoiningContract:
    @story(members)
    async def test_who_confirms_his_address_is_a_user(self, world: Any) -> None:
        id = await members.register("Ann@Example.com", RIGHT)
        assert await members.get(id) is None
        await refused(Unauthorized, lambda: members.login(ANN, RIGHT))
        await members.confirm(id, await code_for(world, ANN))
        found = await members.get(id)
        assert found == User(id, ANN, ANN, (), False, found.created_at if found else now())
        assert (await members.login("ANN@example.com", RIGHT)).id == id

    @story(members)
    async def test_a_wrong_code_confirms_nothing_and_a_right_one_only_once(
        self, world: Any
    ) -> None:
        id = await members.register(ANN, RIGHT)
        code = await code_for(world, ANN)
        told = await refused(Invalid, lambda: members.confirm(id, wrong(code)))
        assert await refused(Invalid, lambda: members.confirm("f" * 32, code)) == told
        assert await members.get(id) is None
        await members.confirm(id, code)
        await refused(Invalid, lambda: members.confirm(id, code))
        assert await members.get(id) is not None

    @story(members)
    async def test_what_is_no_code_is_a_wrong_one(self, world: Any) -> None:
        id = await members.register(ANN, RIGHT)
        for code in (
            "",
            "12345",
            "1234567",
            "abcdef",
            "\uff11\uff12\uff13\uff14\uff15\uff16",
            " 12345",
        ):
            await refused(Invalid, lambda code=code: members.confirm(id, code))

    @story(members)
    async def test_another_code_may_be_asked_for(self, world: Any) -> None:
        id = await members.register(ANN, RIGHT)
        await members.resend(id)
        assert len(await codes_for(world, ANN)) == 2
        await members.confirm(id, await code_for(world, ANN))
        assert await members.get(id) is not None

    @story(members)
    async def test_an_id_that_waits_for_no_code_gets_none(self, world: Any) -> None:
        id = await joined(world)
        await members.resend(id)
        await members.resend("0" * 32)
        assert len(await codes_for(world, ANN)) == 1

    @story(members)
    async def test_a_known_address_is_no_other_answer_and_stays_its_owners(
        self, world: Any
    ) -> None:
        id = await joined(world)
        other = await members.register(ANN, OTHER)
        assert other != id
        await members.resend(other)
        with pytest.raises((Invalid, Conflict)):
            await members.confirm(other, await code_for(world, ANN))
        assert await members.get(other) is None
        await refused(Unauthorized, lambda: members.login(ANN, OTHER))
        assert (await members.login(ANN, RIGHT)).id == id

    @story(members)
    async def test_of_two_that_want_an_address_it_is_whose_code_came_first(
        self, world: Any
    ) -> None:
        first = await members.register(ANN, RIGHT)
        code = await code_for(world, ANN)
        second = await members.register(ANN, OTHER)
        await members.confirm(second, await code_for(world, ANN))
        await refused(Conflict, lambda: members.confirm(first, code))
        assert (await members.login(ANN, OTHER)).id == second
        assert await members.get(first) is None

    @story(members)
    async def test_one_persons_code_is_not_anothers(self, world: Any) -> None:
        ann, bob = await members.register(ANN, RIGHT), await members.register(BOB, RIGHT)
        codes = await code_for(world, ANN), await code_for(world, BOB)
        if codes[0] != codes[1]:
            await refused(Invalid, lambda: members.confirm(bob, codes[0]))
        await members.confirm(bob, codes[1])
        await members.confirm(ann, codes[0])
        assert (await members.login(BOB, RIGHT)).id == bob

    @story(members)
    async def test_what_is_no_address_is_refused(self, world: Any) -> None:
        for email in (
            *("", "ann", "@example.com", "ann@", "ann@example", "a b@example.com", "a@b@c.de"),
            *(
                "ann@example..com",
                ".ann@example.com",
                "ann@-x.com",
                "é@example.com",
                "ann@ex.com\n",
            ),
            *(f"{'x' * 65}@example.com", f"ann@{'x.' * 130}com", "<ann@example.com>", "a,b@c.de"),
        ):
            await refused(Invalid, lambda email=email: members.register(email, RIGHT))
            await refused(Invalid, lambda email=email: members.forgot(email))
            await refused(Invalid, lambda email=email: members.login(email, RIGHT))

    @story(members)
    async def test_a_password_against_the_policy_is_refused(self, world: Any) -> None:
        for password in ("", "x" * 11, "x" * 257, " " * 12, " correct horse", "correct horse "):
            await refused(Invalid, lambda word=password: members.register(ANN, word))
        assert await world.mail(ANN) == []
        id = await members.register(ANN, "pässwörter 🔑 sind lang")
        await members.confirm(id, await code_for(world, ANN))
        assert (await members.login(ANN, "pässwörter 🔑 sind lang")).id == id
