"""People of tests, who come in by the door that everybody takes."""

from __future__ import annotations

import re
from typing import Any

from skylift.testing import World

PASSWORD = "Right-horse-7"


async def code_of(world: World, email: str) -> str:
    """The code of the newest mail there."""
    mail = (await world.mail(email))[-1]
    found = re.search(r"\b\d{6}\b", mail.body)
    assert found is not None, mail.body
    return found[0]


async def registered(world: World, email: str, name: str) -> dict[str, Any]:
    """The session of a new member."""
    new = {"email": email, "password": PASSWORD, "name": name}
    answer = await world.http.post("/auth/register", json=new)
    assert answer.status == 202, answer.json
    given = {"id": answer.json["id"], "code": await code_of(world, email)}
    assert (await world.http.post("/auth/confirm", json=given)).status == 204
    return await signed_in(world, email)


async def signed_in(world: World, email: str, password: str = PASSWORD) -> dict[str, Any]:
    answer = await world.http.post("/auth/login", json={"email": email, "password": password})
    assert answer.status == 200, answer.json
    return answer.json


async def room_of(world: World, host: dict[str, Any], **more: object) -> dict[str, Any]:
    """A room with ten options, of this host."""
    options = [f"Option {number}" for number in range(10)]
    wanted = {"name": "Friday", "kind": "list", "options": options} | more
    answer = await world.http.as_(host["access"]).post("/rooms", json=wanted)
    assert answer.status == 201, answer.json
    return answer.json


async def guest_in(world: World, code: str, name: str) -> dict[str, Any]:
    """The session of a guest who has joined by code."""
    answer = await world.http.post("/rooms/join-by-code", json={"code": code, "name": name})
    assert answer.status == 200, answer.json
    return answer.json["session"]
