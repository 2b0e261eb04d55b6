"""All or nothing over tables, messages and a once record: one TransactWriteItems. Its token makes a
repeat the same transaction, so that an answer that was lost is asked for again without harm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...errors import Busy, Expired, Invalid
from ...ports import Action, Batch, Clock, Create, Entropy, Put
from .action_dynamodb import OPERATIONS, looked, refuse, seen_in, wanted
from .client import Client
from .condition_dynamodb import Seen, Unseen
from .deadline import deadline
from .failure import Failure

if TYPE_CHECKING:
    from .ledger_dynamodb import DynamoLedger
    from .table_dynamodb import DynamoTable

TRANSACTION_BYTES_MAX = 4 * 1024 * 1024
ROUNDS_MAX = 12
CANCELLED = "TransactionCanceledException"
ANSWER = dict[str, Any]


class DynamoStore:
    """The StorePort over the tables among `adapters` and the ledger."""

    def __init__(
        self,
        client: Client,
        adapters: Mapping[str, Any],
        ledger: DynamoLedger,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._client, self._adapters, self._ledger = client, adapters, ledger
        self._clock, self._entropy = clock, entropy

    async def commit(self, batch: Batch) -> None:
        actions = [(self._table(name), action) for name, action in batch.actions]
        check_distinct(actions)
        check_size(actions)
        further = self._further(batch)
        seen: list[Seen | None] = [None] * len(actions)
        for round in range(ROUNDS_MAX):
            if round and not self._client.paused(round, deadline(self._clock), "contended"):
                break
            members = [self._member(one, at, seen) for at, one in enumerate(actions)]
            try:
                self._send([*members, *further])
            except Failure as failure:
                if failure.code != CANCELLED:
                    raise translated(failure) from failure
                self._understand(failure, batch, actions, seen)
            else:
                return
        raise Busy("others were always faster with an item of this transaction")

    def _table(self, name: str) -> DynamoTable:
        table: DynamoTable = self._adapters[name]
        return table

    def _member(
        self, one: tuple[DynamoTable, Action], at: int, seen: list[Seen | None]
    ) -> dict[str, Any]:
        table, action = one
        _, member = OPERATIONS[type(action)]
        try:
            asked, _ = wanted(table, action, seen[at])
        except Unseen:
            seen[at] = found = looked(table, action)
            refuse(table, action, found)
            asked, _ = wanted(table, action, found)
        if member == "Update" and "UpdateExpression" not in asked:
            asked = with_no_change(asked)
        return {member: asked}

    def _further(self, batch: Batch) -> list[dict[str, Any]]:
        """What the ledger is to hold, in the same step."""
        members: list[dict[str, Any]] = []
        if batch.messages:
            from .outbox import outbox_item

            id = self._entropy.token_bytes(16).hex()
            item = outbox_item(batch.messages, id, self._clock.time())
            members.append({"Put": {"TableName": self._ledger.table, "Item": item}})
        if batch.once is not None:
            members.append({"Update": self._ledger.finishing(batch.once)})
        return members

    def _send(self, members: list[dict[str, Any]]) -> None:
        token = self._entropy.token_bytes(16).hex()
        asked = {"TransactItems": members, "ClientRequestToken": token}
        until = deadline(self._clock)
        self._client.call("TransactWriteItems", asked, ANSWER, deadline=until, effect="repeatable")

    def _understand(
        self,
        failure: Failure,
        batch: Batch,
        actions: Sequence[tuple[DynamoTable, Action]],
        seen: list[Seen | None],
    ) -> None:
        """Raise why it can never succeed: of the once record first, then of the first action that
        fails. Nothing when it may, by what was there or at another moment.
        """
        from .retry import is_contended, reasons_of

        if is_contended(failure):
            return
        reasons = reasons_of(failure)
        if batch.once is not None and reasons and reasons[-1].get("Code") == REFUSED:
            raise overtaken(reasons[-1], batch.once.token) from failure
        is_understood = False
        for at, ((table, action), reason) in enumerate(zip(actions, reasons, strict=False)):
            if reason.get("Code") == REFUSED:
                seen[at] = found = seen_in(reason)
            elif reason.get("Code") == "ValidationError":
                found = looked(table, action)
            else:
                continue
            refuse(table, action, found)
            is_understood = is_understood or seen[at] is not None
        if not is_understood:
            raise translated(failure) from failure


REFUSED = "ConditionalCheckFailed"


def check_distinct(actions: Sequence[tuple[DynamoTable, Action]]) -> None:
    """Invalid when an item is there twice, under names or numbers that mean the same."""
    from .many_dynamodb import identity

    touched = set[Any]()
    for table, action in actions:
        whole = isinstance(action, (Put, Create))
        key = table.declared.key_of(action.item) if whole else action.key
        at = (table.place, identity(table.layout.key(key)))
        if at in touched:
            name = table.declared.name
            raise Invalid(f"table {name!r}: an item is in this transaction twice")
        touched.add(at)


def check_size(actions: Sequence[tuple[DynamoTable, Action]]) -> None:
    """Of what is written whole. Only DynamoDB knows what an update leaves, and says so."""
    from ...codec.tree import decode_json, item_bytes

    texts = [
        (table, table.codec.encode(action.item))
        for table, action in actions
        if isinstance(action, (Put, Create))
    ]
    if sum(len(text) for _, text in texts) <= TRANSACTION_BYTES_MAX // 4:
        return
    size = sum(item_bytes(decode_json(text), table.codec.shape) for table, text in texts)
    if size > TRANSACTION_BYTES_MAX:
        limit = f"{TRANSACTION_BYTES_MAX:,}"
        raise Invalid(f"the transaction's items have {size:,} bytes, limit {limit}")


def with_no_change(asked: dict[str, Any]) -> dict[str, Any]:
    """A transaction takes no update without one: it removes what no item has."""
    names = {**asked.get("ExpressionAttributeNames", {}), "#nothing": "~nothing"}
    return {**asked, "UpdateExpression": "REMOVE #nothing", "ExpressionAttributeNames": names}


def overtaken(reason: Mapping[str, Any], token: str) -> Expired:
    item: dict[str, Any] = reason.get("Item") or {}
    if item.get("token", {}).get("S") == token:
        return Expired("the once record of this run is finished already")
    return Expired("another run has taken over the once record: this one is over")


def translated(failure: Failure) -> Exception:
    from .errors import translated

    return translated(failure)
