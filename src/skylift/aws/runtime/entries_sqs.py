"""Entries of a batch of SQS, ten at a time, each with its own fate: what failed for a reason that
passes is asked again, what was refused is not, and of what nobody knows the end that is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from .batch import entries_failed, fitting
from .client import Client
from .failure import Failure

COUNT_MAX = 10
BYTES_MAX = 1_048_576  # of one batch, as of one message
ROUNDS_MAX = 4

Entry = dict[str, Any]
Failed = dict[int, Failure]


class Operation(Struct, frozen=True):
    """On one queue. `is_repeatable`: doing it twice is doing it once."""

    name: str
    url: str
    until: float
    is_repeatable: bool = True


class Entries:
    """Each with its size. With `groups` one that failed is asked again only while none that comes
    after it in its group has succeeded.
    """

    def __init__(
        self, entries: Sequence[Entry], *, sizes: Sequence[int] = (), groups: Sequence[str] = ()
    ) -> None:
        self._entries, self._groups = entries, groups
        self._sizes = sizes or [0] * len(entries)
        self._over = set[int]()  # the client has asked for them again in vain

    async def carried_out(self, client: Client, operation: Operation) -> Failed:
        """Those that failed, by their places."""
        failed: Failed = {}
        places = range(len(self._entries))
        for rounds in range(1, ROUNDS_MAX + 1):
            for at in places:
                failed.pop(at, None)
            failed |= await self._round(client, operation, places)
            places = [at for at in places if at in failed and self._passes(at, failed, operation)]
            if not places or rounds == ROUNDS_MAX:
                break
            if not await client.paused(rounds, operation.until):
                break
        return failed

    async def _round(self, client: Client, operation: Operation, places: Sequence[int]) -> Failed:
        failed: Failed = {}
        for batch in fitting([self._sizes[at] for at in places], COUNT_MAX, BYTES_MAX):
            failed |= await self._batch(client, operation, [places[one] for one in batch])
        return failed

    async def _batch(self, client: Client, operation: Operation, places: Sequence[int]) -> Failed:
        ids = [str(at) for at in places]
        told = [{"Id": id, **self._entries[at]} for id, at in zip(ids, places, strict=True)]
        asked = {"QueueUrl": operation.url, "Entries": told}
        effect: Any = "repeatable" if operation.is_repeatable else "single"
        try:
            answer: dict[str, Any] = await client.call(
                operation.name, asked, dict[str, Any], deadline=operation.until, effect=effect
            )
        except Failure as failure:
            self._over.update(places)
            return dict.fromkeys(places, failure)
        found = entries_failed(ids, answer)
        for failure in found.values():
            failure.operation = f"sqs.{operation.name}"
        return {int(id): failure for id, failure in found.items()}

    def _passes(self, at: int, failed: Failed, operation: Operation) -> bool:
        """Whether it may succeed at another moment, and may be asked again."""
        from .retry import kind_of

        if at in self._over or (failed[at].unknown and not operation.is_repeatable):
            return False
        group = self._groups[at] if self._groups else ""
        behind = range(at + 1, len(self._groups) if group else 0)
        is_last = all(one in failed for one in behind if self._groups[one] == group)
        return is_last and kind_of(failed[at]) != "final"
