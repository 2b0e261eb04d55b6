"""How often a message was put back without having cost an attempt. SQS counts what was received,
and nobody can change its count; the ledger says what of it does not count.

Only what was received more than once is asked for, in queues where this can happen at all: of
functions that run once, and of FIFO queues taken in batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from ...ports import Clock
from ...ports.delivery import Held
from .batch import left_undone
from .client import Client
from .failure import Failure
from .wait import deadline

KEPT_S = 14 * 86_400  # as long as any message
KEYS_MAX = 100
ROUNDS_MAX = 5
MARK = "back "  # before the message's id


class PutBacks:
    """In the ledger `table`."""

    def __init__(self, client: Client, table: str, clock: Clock) -> None:
        self._client, self._table, self._clock = client, table, clock

    async def note(self, ids: Sequence[str]) -> list[str]:
        """One more of each. What could not be noted has cost an attempt; the reasons are returned
        for people.
        """
        warnings: list[str] = []
        ends = int(self._clock.time()) + KEPT_S
        for id in ids:
            asked: dict[str, Any] = {
                "TableName": self._table,
                "Key": {"id": {"S": f"{MARK}{id}"}},
                "UpdateExpression": "ADD times :one SET ends = :ends",
                "ExpressionAttributeValues": {":one": {"N": "1"}, ":ends": {"N": str(ends)}},
            }
            try:
                await self._client.call(
                    "UpdateItem", asked, dict[str, Any], deadline=deadline(self._clock)
                )
            except Failure as failure:
                warnings.append(f"putting message {id} back has cost an attempt: {failure}")
        return warnings

    async def discounted(self, held: Sequence[Held]) -> list[Held]:
        """The same, with the attempts they have really had."""
        again = [one for one in held if one.attempt > 1]
        if not again:
            return list(held)
        times = await self._times([one.id for one in again])
        return [
            replace(one, attempt=max(1, one.attempt - times[one.id])) if one.id in times else one
            for one in held
        ]

    async def _times(self, ids: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for first in range(0, len(ids), KEYS_MAX):
            keys = [{"id": {"S": f"{MARK}{id}"}} for id in ids[first : first + KEYS_MAX]]
            asked: dict[str, Any] | None = {
                "RequestItems": {self._table: {"Keys": keys, "ConsistentRead": True}}
            }
            for item in await self._read(asked):
                found[item["id"]["S"].removeprefix(MARK)] = int(item["times"]["N"])
        return found

    async def _read(self, asked: dict[str, Any] | None) -> list[Any]:
        from .errors import translated

        until, items = deadline(self._clock), list[Any]()
        for rounds in range(1, ROUNDS_MAX + 1):
            try:
                answer = await self._client.call(
                    "BatchGetItem", asked, dict[str, Any], deadline=until, effect="none"
                )
            except Failure as failure:
                raise translated(failure) from failure
            items += answer["Responses"].get(self._table, [])
            asked = left_undone(asked or {}, answer)
            if asked is None:
                return items
            if not await self._client.paused(rounds, until):
                break
        raise translated(Failure("ThrottlingException", "keys were left unprocessed"))
