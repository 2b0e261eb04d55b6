"""What every load is: clients that write and remember, and a check of what they were told.

A client has one request under way at most. What it was told is an obligation; what was under way
at the kill may have happened or not, but never in part and never twice.
"""

from __future__ import annotations

from typing import Protocol

from tests.crash.client import Client


class Load(Protocol):
    workers: int
    acknowledged: int  # effects that a client was told of, over all rounds

    async def begin(self, client: Client, number: int) -> None:
        """A round starts on a running app."""
        ...

    async def work(self, client: Client, worker: int) -> None:
        """Write and remember, for ever; Lost ends it."""
        ...

    async def check(self, client: Client) -> list[str]:
        """After the kill and a restart: what the round was told and is not so. Settles what was
        under way.
        """
        ...

    async def check_all(self, client: Client) -> list[str]:
        """At the end: what any round was told and is not so."""
        ...
