"""All or nothing over tables, messages and a once record: one TransactWriteItems. Its token makes a
repeat the same transaction, so that an answer that was lost is asked for again without harm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ...errors import Busy, Expired, Invalid, SkyliftError
from ...ports import Action, Batch, Clock, Create, Entropy, Put
from .client import Client
from .failure import Failure
from .wait import deadline

if TYPE_CHECKING:
    from .condition_dynamodb import Seen
    from .ledger_dynamodb import DynamoLedger
    from .table_dynamodb import DynamoTable

TRANSACTION_BYTES_MAX = 4 * 1024 * 1024
ROUNDS_MAX = 12
CANCELLED = "TransactionCanceledException"
REFUSED, UNFIT = "ConditionalCheckFailed", "ValidationError"  # why: of one action
ANSWER = dict[str, Any]
Written: TypeAlias = "tuple[DynamoTable, Action]"


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
        if len(actions) > 1:
            check_distinct(actions)
            check_size(actions)
        further = self._further(batch)
        seen: list[Seen | None] = [None] * len(actions)
        for round in range(ROUNDS_MAX):
            if round and not await self._client.paused(round, deadline(self._clock), "contended"):
                break
            members = await members_of(actions, seen)
            try:
                await self._send([*members, *further])
            except Failure as failure:
                if failure.code != CANCELLED:
                    raise translated(failure) from failure
                await understand(failure, batch, actions, seen)
            else:
                return
        raise Busy("others were always faster with an item of this transaction")

    def _table(self, name: str) -> DynamoTable:
        table: DynamoTable = self._adapters[name]
        return table

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

    async def _send(self, members: list[dict[str, Any]]) -> None:
        token = self._entropy.token_bytes(16).hex()
        asked = {"TransactItems": members, "ClientRequestToken": token}
        until = deadline(self._clock)
        await self._client.call(
            "TransactWriteItems", asked, ANSWER, deadline=until, effect="repeatable"
        )


async def members_of(actions: Sequence[Written], seen: list[Seen | None]) -> list[dict[str, Any]]:
    """The actions of the transaction, each as far as need be for the item that was seen. What is
    wrong with any of them by itself comes first, then what is there.
    """
    members = [member(one, seen[at]) for at, one in enumerate(actions)]
    for at, one in enumerate(actions):
        if members[at] is None:
            await look(actions, at, seen)
            members[at] = member(one, seen[at])
    return [one for one in members if one is not None]


def member(one: Written, seen: Seen | None) -> dict[str, Any] | None:
    """None when the item is to be seen first."""
    table, action = one
    asked = table.asked(action)
    if asked is not None:
        return {"Put": asked}
    from .action_dynamodb import OPERATIONS, wanted
    from .condition_dynamodb import Unseen

    _, kind = OPERATIONS[type(action)]
    try:
        asked, _ = wanted(table, action, seen)
    except Unseen:
        return None
    if kind == "Update" and "UpdateExpression" not in asked:
        asked = with_no_change(asked)
    return {kind: asked}


async def look(actions: Sequence[Written], at: int, seen: list[Seen | None]) -> None:
    from .action_dynamodb import looked, refuse

    seen[at] = found = await looked(*actions[at])
    try:
        refuse(*actions[at], found)
    except SkyliftError:
        for earlier in actions[:at]:  # the first that fails decides
            refuse(*earlier, await looked(*earlier))
        raise


async def understand(
    failure: Failure, batch: Batch, actions: Sequence[Written], seen: list[Seen | None]
) -> None:
    """Raise why it can never succeed: of the once record first, then of the first action that
    fails. Nothing when it may, by what was there or at another moment.
    """
    from .action_dynamodb import looked, refuse, seen_in
    from .retry import is_contended, reasons_of

    if is_contended(failure):
        return
    reasons = reasons_of(failure)
    check_record(batch, reasons, failure)
    codes = [reason.get("Code") for reason in reasons]
    is_understood = False
    for at, ((table, action), reason) in enumerate(zip(actions, reasons, strict=False)):
        if codes[at] == REFUSED and isinstance(action, Create) and table.declared.ttl is None:
            raise table.taken(action) from failure
        if codes[at] == REFUSED:
            seen[at] = found = seen_in(reason)
            is_understood = True
        elif UNFIT in codes[at:]:  # then nobody may have asked for this one's condition
            found = await looked(table, action)
        else:
            continue
        refuse(table, action, found)
    if not is_understood:
        raise translated(failure) from failure


def check_record(batch: Batch, reasons: Sequence[Mapping[str, Any]], failure: Failure) -> None:
    if batch.once is None or not reasons or reasons[-1].get("Code") != REFUSED:
        return
    item: dict[str, Any] = reasons[-1].get("Item") or {}
    if item.get("token", {}).get("S") == batch.once.token:
        raise Expired("the once record of this run is finished already") from failure
    raise Expired("another run has taken over the once record: this one is over") from failure


def check_distinct(actions: Sequence[Written]) -> None:
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


def check_size(actions: Sequence[Written]) -> None:
    """Of what is written whole. Only DynamoDB knows what an update leaves, and says so."""
    from ...codec.item import ITEM_BYTES_MAX
    from ...codec.tree import decode_json, item_bytes

    whole = [(table, one.item) for table, one in actions if isinstance(one, (Put, Create))]
    if len(whole) <= TRANSACTION_BYTES_MAX // ITEM_BYTES_MAX:
        return
    texts = [(table.codec.encode(item), table.codec.shape) for table, item in whole]
    size = sum(item_bytes(decode_json(text), shape) for text, shape in texts)
    if size > TRANSACTION_BYTES_MAX:
        limit = f"{TRANSACTION_BYTES_MAX:,}"
        raise Invalid(f"the transaction's items have {size:,} bytes, limit {limit}")


def with_no_change(asked: dict[str, Any]) -> dict[str, Any]:
    """A transaction takes no update without one: it removes what no item has."""
    names = {**asked.get("ExpressionAttributeNames", {}), "#nothing": "~nothing"}
    return {**asked, "UpdateExpression": "REMOVE #nothing", "ExpressionAttributeNames": names}


def translated(failure: Failure) -> Exception:
    from .errors import translated

    return translated(failure)
