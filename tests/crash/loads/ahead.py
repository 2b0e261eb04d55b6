"""What the app's clock shows: the driver may have set it ahead of everybody's."""

from __future__ import annotations

import time

from tests.crash.client import Client, expect

LOOKS = 5


async def ahead_s(client: Client) -> float:
    """By how much, give or take the time that the fastest of a few answers took."""
    found: list[float] = []
    for _ in range(LOOKS):
        status, body = await client.ask("GET", "/clock")
        expect(status, 200, body=body)
        found.append(body["now"] - time.time())
    return max(found)
