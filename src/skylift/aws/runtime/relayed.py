"""What an earlier call has done of a batch of the ledger's stream that could not be done in one go.
Lambda asks again from the first transaction that failed, and does not say so: without this, what
one receiver refuses would be sent again and again to all the others.
"""

from __future__ import annotations

from msgspec import Struct, json

from ...ports import Clock
from .failure import Failure
from .outbox import Outbox, Sent

MARK = "relayed "  # before the sequence number that Lambda is to ask again from
KEPT_S = 25 * 3600  # a stream keeps its records for a day


class Tried(Struct):
    """Which messages were sent of the items that are left."""

    sent: Sent = {}
    is_again: bool = False


class Relayed:
    """In the ledger of this outbox."""

    def __init__(self, outbox: Outbox, clock: Clock) -> None:
        self._outbox, self._clock = outbox, clock

    async def of(self, sequence: str) -> Tried:
        """Of the batch that begins there. Failure when nobody can tell."""
        asked = {"Keys": [{"id": {"S": f"{MARK}{sequence}"}}], "ConsistentRead": True}
        for answer in await self._outbox.whole("BatchGetItem", asked, "none"):
            for one in answer["Responses"].get(self._outbox.table, ()):
                return Tried(json.decode(one["sent"]["S"], type=Sent), is_again=True)
        return Tried()

    async def note(self, sequence: str, tried: Tried) -> str:
        """For when it is asked for again from there on; why it was not noted, for people."""
        item = {
            "id": {"S": f"{MARK}{sequence}"},
            "sent": {"S": json.encode(tried.sent).decode()},
            "ends": {"N": str(int(self._clock.time()) + KEPT_S)},
        }
        try:
            put = [{"PutRequest": {"Item": item}}]
            await self._outbox.whole("BatchWriteItem", put, "repeatable")
        except Failure as failure:
            return f"what was relayed may be sent again: {failure}"
        return ""
