"""Counts in the ledger: an item for each key, with a number for each slot of time and their sum.
Who comes adds one to both where the sum allows it, in one conditional update: many at once hinder
nobody. Slots that are over are taken out by who meets them, and with them their part of the sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...counted import Counted
from ...engine.window import (
    SECOND,
    SLOTS_MAX,
    counted,
    expired_before,
    slot_of,
    slot_us,
)
from ...errors import Busy
from ...ports import Clock, Entropy
from .failure import Failure

if TYPE_CHECKING:
    from .ledger_dynamodb import DynamoLedger

REFUSED = "ConditionalCheckFailedException"
COUNT = "count "  # before the key
SLOT, TOTAL = "s", "total"
LATER_S = 3_600  # DynamoDB removes it after it, when nobody came any more
ROOM = (
    "(attribute_not_exists(#total) OR #total < :n) "
    "AND (attribute_not_exists(#last) OR #last <> :token)"
)
TAKEN_OUT_MAX = 50  # slots in one update
ROUNDS_MAX = 20  # each time somebody else was faster, or there was more to take out
ADDED = "ADD #slot :one, #total :one SET ends = :ends, #last = :token"
TOKEN_BYTES = 8

Item = dict[str, Any]


class DynamoCounts:
    """Of one ledger."""

    def __init__(self, ledger: DynamoLedger, clock: Clock, entropy: Entropy) -> None:
        self._ledger, self._clock, self._entropy = ledger, clock, entropy

    async def count(self, key: str, n: int, per_s: float) -> Counted:
        for _ in range(ROUNDS_MAX):
            now = int(self._clock.time() * SECOND)
            is_accepted, item = await self._added(key, n, per_s, now)
            slots = slots_of(item)
            over = [at for at in sorted(slots) if at <= expired_before(now, n, per_s)]
            if not over or (is_accepted and len(over) <= SLOTS_MAX):
                return counted(slots, now, n, per_s, is_accepted=is_accepted)
            await self._taken_out(key, {at: slots[at] for at in over[:TAKEN_OUT_MAX]})
            if is_accepted:
                return counted(slots, now, n, per_s, is_accepted=True)
        raise Busy("too many come at once to be counted")

    async def _added(self, key: str, n: int, per_s: float, now: int) -> tuple[bool, Item]:
        """The item afterwards, or as it is when there is no room. Whoever is not answered asks
        again, and knows his own token; where others came in between he counts twice: rather one
        too few than one too many.
        """
        token = self._entropy.token_bytes(TOKEN_BYTES).hex()
        asked = {
            **self._at(key),
            "UpdateExpression": ADDED,
            "ConditionExpression": ROOM,
            "ExpressionAttributeNames": {
                "#slot": f"{SLOT}{slot_of(now, slot_us(n, per_s))}",
                "#total": TOTAL,
                "#last": "last",
            },
            "ExpressionAttributeValues": {
                ":one": {"N": "1"},
                ":n": {"N": str(n)},
                ":token": {"S": token},
                ":ends": {"N": str(int(now / SECOND + per_s) + LATER_S)},
            },
            "ReturnValues": "ALL_NEW",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        try:
            found = await self._ledger.call("UpdateItem", asked, "repeatable")
        except Failure as failure:
            if failure.code != REFUSED:
                raise _translated(failure) from failure
            item = dict(failure.said.get("Item") or {})
            return item.get("last") == {"S": token}, item
        return True, found["Attributes"]

    async def _taken_out(self, key: str, over: dict[int, int]) -> None:
        """Nothing where somebody else was faster: then they are out, and the sum is right."""
        names = {f"#s{no}": f"{SLOT}{at}" for no, at in enumerate(over)}
        values = {f":s{no}": {"N": str(count)} for no, count in enumerate(over.values())}
        asked = {
            **self._at(key),
            "UpdateExpression": f"SET #total = #total - :gone REMOVE {', '.join(names)}",
            "ConditionExpression": " AND ".join(f"#s{no} = :s{no}" for no in range(len(over))),
            "ExpressionAttributeNames": {**names, "#total": TOTAL},
            "ExpressionAttributeValues": {**values, ":gone": {"N": str(sum(over.values()))}},
        }
        try:
            await self._ledger.call("UpdateItem", asked, "repeatable")
        except Failure as failure:
            if failure.code != REFUSED:
                raise _translated(failure) from failure

    def _at(self, key: str) -> dict[str, Any]:
        return {"TableName": self._ledger.table, "Key": {"id": {"S": COUNT + key}}}


def slots_of(item: Item) -> dict[int, int]:
    return {
        int(name[len(SLOT) :]): int(value["N"])
        for name, value in item.items()
        if name.startswith(SLOT) and name[len(SLOT) :].isdigit()
    }


def _translated(failure: Failure) -> Exception:
    from .errors import translated

    return translated(failure)
