"""The ledger in DynamoDB: once records, and the key that seals cursors. A record is one item; who
holds it is said by its token, and every change of it is one conditional update.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...counted import Counted
from ...ports import Clock, Entropy, Found, OnceMark
from .client import Client
from .failure import Failure
from .value_dynamodb import base64
from .wait import deadline

if TYPE_CHECKING:
    from .retry import Effect

KEPT_S = 24 * 3600
REFUSED = "ConditionalCheckFailedException"
MARK = "once "  # before the record's key
SEAL, SEAL_BYTES = "seal", 32
ANSWER = dict[str, Any]

# A run that has ended without a word counts for nothing, nor does what finished a day ago.
FREE = (
    "attribute_not_exists(id) OR expires <= :now "
    "OR (attribute_not_exists(expires) AND (#until <= :now OR #token = :token))"
)
BEGIN = (
    "SET #token = :token, #until = :until, fingerprint = :fingerprint, ends = :ends "
    "REMOVE expires, #result"
)
SETTLE = "SET expires = :expires, ends = :ends"
TOKEN = {"#token": "token"}  # reserved words stand behind a #
UNTIL = {**TOKEN, "#until": "until"}


class DynamoLedger:
    """In the ledger `table`."""

    def __init__(self, client: Client, table: str, clock: Clock, entropy: Entropy) -> None:
        self._client, self.table, self._clock = client, table, clock
        self._entropy, self._seal_key = entropy, b""

    # -- the port

    async def begin(
        self, marks: Sequence[OnceMark], until: float, fingerprint: str = ""
    ) -> list[Found]:
        return [await self._begin(mark, until, fingerprint) for mark in marks]

    async def finish(self, marks: Sequence[OnceMark], result: bytes | None = None) -> list[bool]:
        return [await self._finished(mark, result) for mark in marks]

    async def abandon(self, marks: Sequence[OnceMark]) -> None:
        for mark in marks:
            asked = {
                **self._at(mark),
                "ConditionExpression": "#token = :token AND attribute_not_exists(expires)",
                "ExpressionAttributeNames": TOKEN,
                "ExpressionAttributeValues": {":token": {"S": mark.token}},
            }
            await self._done("DeleteItem", asked)

    async def count(self, key: str, n: int, per_s: float) -> Counted:
        from .count_dynamodb import DynamoCounts  # the others do without

        counts = DynamoCounts(self, self._clock, self._entropy)
        return await counts.count(key, n, per_s)

    async def seal_key(self) -> bytes:
        """Made by whoever needs it first; a warm function asks once."""
        if not self._seal_key:
            asked = {
                "TableName": self.table,
                "Key": {"id": {"S": SEAL}},
                "UpdateExpression": "SET #key = if_not_exists(#key, :fresh)",
                "ExpressionAttributeNames": {"#key": "key"},
                "ExpressionAttributeValues": {
                    ":fresh": {"B": base64(self._entropy.token_bytes(SEAL_BYTES))}
                },
                "ReturnValues": "ALL_NEW",
            }
            try:
                found = await self.call("UpdateItem", asked, "repeatable")
            except Failure as failure:
                raise _translated(failure) from failure
            self._seal_key = bytes_of(found["Attributes"]["key"]["B"])
        return self._seal_key

    # -- for the store

    def finishing(self, mark: OnceMark) -> dict[str, Any]:
        """The record's update in a transaction: refused unless this run holds it unfinished. Its
        result may come until the run has to end.
        """
        expires = self._clock.time() + KEPT_S
        return {
            **self._at(mark),
            "UpdateExpression": SETTLE,
            "ConditionExpression": "#token = :token AND attribute_not_exists(expires)",
            "ExpressionAttributeNames": TOKEN,
            "ExpressionAttributeValues": {
                ":token": {"S": mark.token},
                ":expires": number(expires),
                ":ends": whole(expires),
            },
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    # -- one record

    async def _begin(self, mark: OnceMark, until: float, fingerprint: str) -> Found:
        now = self._clock.time()
        asked = {
            **self._at(mark),
            "UpdateExpression": BEGIN,
            "ConditionExpression": FREE,
            "ExpressionAttributeNames": {**UNTIL, "#result": "result"},
            "ExpressionAttributeValues": {
                ":token": {"S": mark.token},
                ":until": number(until),
                ":fingerprint": {"S": fingerprint},
                ":ends": whole(until + KEPT_S),
                ":now": number(now),
            },
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        item = await self._done("UpdateItem", asked)
        return Found("begun") if item is None else found_in(item, fingerprint)

    async def _finished(self, mark: OnceMark, result: bytes | None) -> bool:
        expires = self._clock.time() + KEPT_S
        names = dict(UNTIL)
        values = {
            ":token": {"S": mark.token},
            ":expires": number(expires),
            ":ends": whole(expires),
            ":until": {"N": "0"},
        }
        update = f"{SETTLE}, #until = :until"
        if result is not None:
            update += ", #result = :result"
            names["#result"], values[":result"] = "result", {"B": base64(result)}
        asked = {
            **self._at(mark),
            "UpdateExpression": update,
            "ConditionExpression": "#token = :token",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }
        return await self._done("UpdateItem", asked) is None

    def _at(self, mark: OnceMark) -> dict[str, Any]:
        return {"TableName": self.table, "Key": {"id": {"S": MARK + mark.key}}}

    async def _done(self, operation: str, asked: dict[str, Any]) -> dict[str, Any] | None:
        """None when it was done; the item that was there when its condition was false. Done again
        it does the same: it goes by the run's own token.
        """
        try:
            await self.call(operation, asked, "repeatable")
        except Failure as failure:
            if failure.code == REFUSED:
                return dict(failure.said.get("Item") or {})
            raise _translated(failure) from failure
        return None

    async def call(self, operation: str, asked: dict[str, Any], effect: Effect) -> dict[str, Any]:
        until = deadline(self._clock)
        return await self._client.call(operation, asked, ANSWER, deadline=until, effect=effect)


def found_in(item: dict[str, Any], fingerprint: str) -> Found:
    """A record that is another's, or finished."""
    until = float(item["until"]["N"])
    is_other = item["fingerprint"]["S"] != fingerprint
    if "expires" not in item:
        return Found("other" if is_other else "running", until=until)
    if is_other:
        return Found("other")
    result = item.get("result")
    return Found("finished", bytes_of(result["B"]) if result else None, until)


def _translated(failure: Failure) -> Exception:
    from .errors import translated

    return translated(failure)


def bytes_of(text: str) -> bytes:
    from binascii import a2b_base64

    return a2b_base64(text)


def number(seconds: float) -> dict[str, str]:
    return {"N": f"{seconds:.6f}"}


def whole(seconds: float) -> dict[str, str]:
    """Never early: DynamoDB removes what has ended by it."""
    return {"N": str(int(seconds) + 1)}
