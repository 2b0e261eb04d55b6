"""Many items at once: batches as large as DynamoDB takes them, each answered for itself. What was
left undone is asked for again, after a pause, as long as there is time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Raw, json

from ...errors import Busy, SkyliftError
from ...ports import Delete, Key, Put
from .batch import left_undone
from .failure import Failure
from .value_dynamodb import Attributes
from .wait import deadline

if TYPE_CHECKING:
    from .table_dynamodb import DynamoTable

GET_KEYS_MAX = 100
WRITE_ITEMS_MAX = 25
WRITE_BYTES_MAX = 15_000_000  # of 16 MB as they travel: escapes in JSON count

At: TypeAlias = "frozenset[tuple[str, str, str]]"  # a key, as its attributes tell it apart
Batch: TypeAlias = "dict[At, tuple[int, Raw]]"  # by key: the action's place, and its request


async def got(table: DynamoTable, keys: Sequence[Key]) -> list[Any]:
    """In the order asked, None where there is none. A key may be asked for twice."""
    asked = [table.layout.key(key) for key in keys]
    distinct = {identity(key): key for key in asked}
    found: dict[At, Attributes] = {}
    wanted = [*distinct.values()]
    for start in range(0, len(wanted), GET_KEYS_MAX):
        for attributes in await _batch_got(table, wanted[start : start + GET_KEYS_MAX]):
            found[identity({name: attributes[name] for name in wanted[0]})] = attributes
    return [table.read_of(found.get(identity(key))) for key in asked]


async def _batch_got(table: DynamoTable, keys: list[Attributes]) -> list[Attributes]:
    request: dict[str, Any] | None = {
        "RequestItems": {table.place: {"Keys": keys, "ConsistentRead": True}}
    }
    found: list[Attributes] = []
    rounds = 0
    while request is not None:
        answer = await table.done("BatchGetItem", request, "none")
        found += answer.get("Responses", {}).get(table.place, ())
        request, rounds = left_undone(request, answer), rounds + 1
        if request is not None and not await _has_time(table, rounds):
            raise _too_busy(table)
    return found


async def written(table: DynamoTable, actions: Sequence[Put | Delete]) -> list[Exception | None]:
    """What became of each. Of two for one key the later one counts, as if each were by itself."""
    outcome: list[Exception | None] = [None] * len(actions)
    batch: Batch = {}
    size = 0
    for place, action in enumerate(actions):
        try:
            key, request = _request(table, action)
        except SkyliftError as error:
            outcome[place] = error
            continue
        size += len(bytes(request))
        if key in batch or len(batch) == WRITE_ITEMS_MAX or size > WRITE_BYTES_MAX:
            await _batch_written(table, batch, outcome)
            batch, size = {}, len(bytes(request))
        batch[key] = (place, request)
    if batch:
        await _batch_written(table, batch, outcome)
    return outcome


def _request(table: DynamoTable, action: Put | Delete) -> tuple[At, Raw]:
    assert action.if_ is None
    if isinstance(action, Delete):
        key = table.layout.key(action.key)
        return identity(key), Raw(json.encode({"DeleteRequest": {"Key": key}}))
    item = table.item(action.item)
    key = table.layout.key(table.declared.key_of(action.item))
    return identity(key), Raw(json.encode({"PutRequest": {"Item": item}}))


async def _batch_written(table: DynamoTable, batch: Batch, outcome: list[Exception | None]) -> None:
    left = dict(batch)
    rounds = 0
    while left:
        requests = [request for _, request in left.values()]
        try:
            asked = {"RequestItems": {table.place: requests}}
            answer = await table.call("BatchWriteItem", asked, "repeatable")
        except Failure as failure:
            error = table.translated(failure)
            error.__cause__ = failure
            return _failed(left, outcome, error)
        undone = answer.get("UnprocessedItems", {}).get(table.place, ())
        keys = {_key_of(request, next(iter(batch))) for request in undone}
        left, rounds = {key: left[key] for key in keys}, rounds + 1
        if left and not await _has_time(table, rounds):
            return _failed(left, outcome, _too_busy(table))
    return None


def _key_of(request: dict[str, Any], like: At) -> At:
    ((_, inner),) = request.items()
    attributes: Attributes = inner.get("Key") or inner["Item"]
    return identity({name: attributes[name] for name, _, _ in like})


def _failed(left: Batch, outcome: list[Exception | None], error: Exception) -> None:
    for place, _ in left.values():
        outcome[place] = error


def identity(key: Attributes) -> At:
    """Numbers come back as DynamoDB writes them."""
    return frozenset((name, *_told(value)) for name, value in key.items())


def _told(value: dict[str, str]) -> tuple[str, str]:
    ((kind, text),) = value.items()
    if kind == "N":
        from ...codec.number import decimal, trimmed
        from .value_dynamodb import number_of

        text = str(trimmed(decimal(number_of(text))))
    return kind, text


async def _has_time(table: DynamoTable, rounds: int) -> bool:
    return await table.client.paused(rounds, deadline(table.clock))


def _too_busy(table: DynamoTable) -> Busy:
    return Busy(f"{table.declared.name}: the table is too busy to do all of it")
