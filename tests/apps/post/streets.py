"""Whatever no other route takes, but for what is the Api's own."""

from __future__ import annotations

from .letters import api


@api.get("/{street}/{house}")
async def find(street: str, house: str) -> list[str]:
    return [street, house]


@api.delete("/{street+}")
async def tear_down(street: str) -> str:
    return street
