"""How often a function was called for one event. Lambda calls again and does not say so; the ledger
counts by the id of the request, which stays the same.
"""

from __future__ import annotations

from typing import Any

from ...ports import Clock
from .client import Client
from .failure import Failure
from .wait import deadline

KEPT_S = 86_400  # Lambda gives up an event after six hours
MARK = "attempt "  # before the request's id


class Attempts:
    """In the ledger `table`."""

    def __init__(self, client: Client, table: str, clock: Clock) -> None:
        self._client, self._table, self._clock = client, table, clock

    async def counted(self, request_id: str) -> tuple[int, str]:
        """The number of this attempt, the first being 1; where it cannot be told it is taken for
        the first, and the reason is returned for people.
        """
        ends = int(self._clock.time()) + KEPT_S
        asked: dict[str, Any] = {
            "TableName": self._table,
            "Key": {"id": {"S": f"{MARK}{request_id}"}},
            "UpdateExpression": "ADD times :one SET ends = :ends",
            "ExpressionAttributeValues": {":one": {"N": "1"}, ":ends": {"N": str(ends)}},
            "ReturnValues": "UPDATED_NEW",
        }
        until = deadline(self._clock)
        try:
            answer = await self._client.call("UpdateItem", asked, dict[str, Any], deadline=until)
        except Failure as failure:
            return 1, f"its attempts cannot be counted: {failure}"
        return int(answer["Attributes"]["times"]["N"]), ""
