"""How far a batch of changes has come that could not be done in one go. Lambda asks again from the
first that failed, and does not say that it has asked before: what stands in the ledger, under that
first one, tells how often each has failed, until when it waits, and what was done behind it.

A crash leaves no word. One record that comes alone and late is counted as it comes.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, json

from ...ports import Clock
from .client import Client
from .failure import Failure
from .wait import deadline

KEPT_S = 25 * 3600  # a stream keeps its records for a day
MARK = "changes "  # before the function and the id of the first change


class Tried(Struct, array_like=True):
    times: int
    due: float  # not again before, in seconds since the epoch


class State(Struct):
    failed: dict[str, Tried] = {}
    done: set[str] = set()


class Known(Struct, frozen=True):
    """`crashes`: how often it was begun with, and nobody came back. The warning is for people."""

    state: State
    crashes: int
    warning: str = ""


class Progress:
    """Of one function, in the ledger `table`."""

    def __init__(self, client: Client, table: str, function: str, clock: Clock) -> None:
        self._client, self._table, self._clock = client, table, clock
        self._mark = f"{MARK}{function} "

    async def of(self, first: str, *, is_late_alone: bool) -> Known:
        """Of the batch that begins with this event; where it cannot be read it counts as new."""
        at = {"TableName": self._table, "Key": {"id": {"S": f"{self._mark}{first}"}}}
        try:
            if is_late_alone:
                answer = await self._called("UpdateItem", at | self._counting())
            else:
                answer = await self._called("GetItem", at | {"ConsistentRead": True})
        except Failure as failure:
            return Known(State(), 0, f"it cannot be read how often changes have failed: {failure}")
        item: dict[str, Any] = answer.get("Attributes") or answer.get("Item") or {}
        state = READ(item["told"]["S"]) if "told" in item else State()
        return Known(state, int(item["begun"]["N"]) - 1 if is_late_alone else 0)

    def _counting(self) -> dict[str, Any]:
        """Whoever comes to an end and has failed writes the whole item, without this."""
        ends = {"N": str(int(self._clock.time()) + KEPT_S)}
        return {
            "UpdateExpression": "ADD begun :one SET ends = :ends",
            "ExpressionAttributeValues": {":one": {"N": "1"}, ":ends": ends},
            "ReturnValues": "ALL_NEW",
        }

    async def note(self, first: str, state: State) -> str:
        """For when it is asked for again from this event on; why it was not noted."""
        item = {
            "id": {"S": f"{self._mark}{first}"},
            "told": {"S": WRITTEN(state).decode()},
            "ends": {"N": str(int(self._clock.time()) + KEPT_S)},
        }
        try:
            await self._called("PutItem", {"TableName": self._table, "Item": item})
        except Failure as failure:
            return f"that changes have failed has cost them no attempt: {failure}"
        return ""

    async def _called(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        until = deadline(self._clock)
        return await self._client.call(
            *(operation, asked, dict[str, Any]), deadline=until, effect="repeatable"
        )


READ, WRITTEN = json.Decoder(State).decode, json.Encoder().encode
