"""Users as the stories declare them, and what all stories do with them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest

from ....errors import SkyliftError
from ....resources.users import Policy, Users
from ....user import Caller, Tokens

if TYPE_CHECKING:
    from ....ports import UsersPort

ANN, BOB, NOBODY = "ann@example.com", "bob@example.com", "nobody@example.com"
RIGHT, OTHER = "correct horse battery", "staple of another kind"

members = Users("members", password=Policy(length_min=12))
strangers = Users("strangers", access_s=300, refresh_days=1)


async def code_for(world: Any, address: str) -> str:
    """The last that was mailed there."""
    codes = await codes_for(world, address)
    assert codes, f"nothing was mailed to {address}"
    return codes[-1]


async def codes_for(world: Any, address: str) -> list[str]:
    found = [re.search(r"\b\d{6}\b", text) for text in await world.mail(address)]
    return [one[0] for one in found if one is not None]


def wrong(code: str) -> str:
    """Another one."""
    return f"{(int(code) + 1) % 1_000_000:06}"


async def joined(world: Any, email: str = ANN, password: str = RIGHT) -> str:
    """The id of somebody who has registered and confirmed."""
    id = await members.register(email, password)
    await members.confirm(id, await code_for(world, email))
    return id


async def signed_in(world: Any, email: str = ANN) -> tuple[str, Tokens]:
    id = await joined(world, email)
    return id, await members.login(email, RIGHT)


async def caller(world: Any, token: str, users: Users = members) -> Caller:
    """Whom a token speaks of."""
    port: UsersPort = world.ports.adapters[users.name]
    return await port.verify(token)


async def refused(kind: type[SkyliftError], call: Callable[[], Awaitable[Any]]) -> str:
    """Why it was."""
    with pytest.raises(kind) as error:
        await call()
    assert type(error.value) is kind
    return str(error.value)
