"""A password now and then, hashed as a server hashes it but for nobody who waits: what of an
answer's time is the hash's own on this machine, at these moments.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from skylift.local.password import SALT_BYTES, Cost, hash_of

EVERY_S = 1.0  # it takes its time of the same cores


@asynccontextmanager
async def hashing() -> AsyncGenerator[list[float]]:
    """What each took, in seconds."""
    took: list[float] = []
    going_on = asyncio.ensure_future(_again_and_again(took))
    try:
        yield took
    finally:
        going_on.cancel()


async def _again_and_again(took: list[float]) -> None:
    while True:
        took.append(await asyncio.to_thread(_hashed))
        await asyncio.sleep(EVERY_S)


def _hashed() -> float:
    cost, salt = Cost(), bytes(SALT_BYTES)
    begun = time.monotonic()
    hash_of("a password", salt, cost)
    return time.monotonic() - begun
