"""A table of items with one or two key fields, declared indexes, and verbs that mean the same on
every backend.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import (
    TYPE_CHECKING,
    Any,
    Generic,
    Protocol,
    TypeAlias,
    TypeVar,
    TypeVarTuple,
    cast,
    overload,
)

from msgspec.structs import replace

from ..errors import Invalid, NotFound, PartlyDone
from ..invocation import granted, invocation, reach
from ..ports import Action, Check, Create, Delete, Key, Put, Range, TablePort, Update
from .resource import Resource
from .transaction import Transaction

T = TypeVar("T")
Item = TypeVar("Item")
K = TypeVarTuple("K")
Fields: TypeAlias = str | tuple[str, str]
Indexes: TypeAlias = Mapping[str, Fields]

if TYPE_CHECKING:
    from typing import Unpack

    from ..conditions import Condition
    from ..function import Ends, Limits
    from ..invocation import Context
    from .backoff import Backoff
    from .change import Change
    from .consumer import Consumer, OfOne
    from .page import Page

    class Plain(Protocol[*K]):
        """A str, where K was not written out as anything but str: a str joins no other keys. (mypy
        looks at arguments alone to choose an overload; pyright would see it from `self`.)
        """

        def join(self, keys: tuple[*K], /) -> str: ...


READ_AHEAD = 100  # items a query or scan asks its store for at a time
PAGE_MAX = 1000


class Table(Resource, Generic[T, *K]):
    """`Table("notes", Note, key="id")`; with a sort key and an index:
    `Table("seats", Seat, key=("room", "row"), indexes={"by_owner": ("owner", "at")})`.

    Keys that are not str are written out: `Table[Seat, str, int]("seats", Seat, ...)`.
    With `ttl` an item whose field lies in the past does not exist for any verb or condition.
    """

    kind = "table"
    verbs = frozenset(
        [
            "get",
            "require",
            "put",
            "create",
            "update",
            "delete",
            "check",
            "query",
            "scan",
            "page",
            "get_many",
            "put_many",
            "delete_many",
        ]
    )

    @overload
    def __init__(
        self: Table[Item, str],
        name: Plain[*K],
        item: type[Item],
        *,
        key: str,
        indexes: Indexes = ...,
        ttl: str | None = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: Table[Item, str, str],
        name: Plain[*K],
        item: type[Item],
        *,
        key: tuple[str, str],
        indexes: Indexes = ...,
        ttl: str | None = ...,
    ) -> None: ...
    @overload
    def __init__(
        self,
        name: str,
        item: type[T],
        *,
        key: Fields,
        indexes: Indexes = ...,
        ttl: str | None = ...,
    ) -> None: ...
    def __init__(
        self,
        name: Any,
        item: type[Any],
        *,
        key: Fields,
        indexes: Indexes | None = None,
        ttl: str | None = None,
    ) -> None:
        self._declare(name)
        self.item = item
        self.key: tuple[str, ...] = fields(key)
        self.indexes = {index: fields(parts) for index, parts in (indexes or {}).items()}
        self.ttl = ttl

    # -- one item

    async def get(self, *key: *K) -> T | None:
        """The item, or None. Sees every write that was answered before."""
        return await self._reach("get").get(self._key(key))

    async def require(self, *key: *K) -> T:
        """The item; NotFound when there is none."""
        item = await self._reach("require").get(self._key(key))
        if item is None:
            raise NotFound(f"{self.name}: there is no {shown(key)}")
        return item

    async def put(
        self, item: T, *, if_: Condition | None = None, tx: Transaction | None = None
    ) -> None:
        """Write the whole item, whatever was there; with `if_`, Conflict when what is there does
        not meet it.
        """
        await self._write("put", self.key_of(item), Put(item, if_), tx)

    async def create(self, item: T, *, tx: Transaction | None = None) -> None:
        """Write a new item; Conflict when the key exists."""
        await self._write("create", self.key_of(item), Create(item), tx)

    @overload
    async def update(
        self,
        *key: *K,
        set: Mapping[str, object] = ...,
        add: Mapping[str, object] = ...,
        remove: Sequence[str] = ...,
        if_: Condition | None = ...,
    ) -> T: ...
    @overload
    async def update(
        self,
        *key: *K,
        set: Mapping[str, object] = ...,
        add: Mapping[str, object] = ...,
        remove: Sequence[str] = ...,
        if_: Condition | None = ...,
        tx: Transaction,
    ) -> None: ...
    async def update(
        self,
        *key: *K,
        set: Mapping[str, object] | None = None,
        add: Mapping[str, object] | None = None,
        remove: Sequence[str] = (),
        if_: Condition | None = None,
        tx: Transaction | None = None,
    ) -> T | None:
        """Change attributes of an existing item and return it; NotFound when absent, Conflict when
        `if_` is false.

        `set` and `remove` take dotted paths. `add` adds to a number (absent counts as 0) or unites
        with a set, and is counted once whatever the network does. Inside a transaction the result
        is None.
        """
        at = self._key(key)
        return cast(
            "T | None",
            await self._write(
                "update", at, Update(at, set or {}, add or {}, tuple(remove), if_), tx
            ),
        )

    async def delete(
        self, *key: *K, if_: Condition | None = None, tx: Transaction | None = None
    ) -> T | None:
        """Remove the item and return what it was, or None when there was none (a repeat does no
        harm).
        """
        at = self._key(key)
        return cast("T | None", await self._write("delete", at, Delete(at, if_), tx))

    async def check(self, *key: *K, if_: Condition, tx: Transaction) -> None:
        """Make the transaction depend on an item it does not write: Conflict unless `if_` holds."""
        at = self._key(key)
        await self._write("check", at, Check(at, if_), tx)

    # -- many items

    def query(
        self,
        partition: object,
        *,
        index: str | None = None,
        where: Condition | None = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> AsyncIterator[T]:
        """The items of one partition in the order of the sort key; `limit` counts items yielded.

        A condition on the sort key bounds what is read, any other only filters it. An index may lag
        behind.
        """
        rows = Range(self._partition(partition), index, where, reverse)
        return self._walk("query", rows, limit)

    def scan(self, *, limit: int | None = None) -> AsyncIterator[T]:
        """Every item, in no order one may rely on."""
        return self._walk("scan", Range(), limit)

    async def page(
        self,
        partition: object,
        *,
        index: str | None = None,
        where: Condition | None = None,
        reverse: bool = False,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[T]:
        """At most `limit` (1 to 1000) items and a cursor for those after them. The cursor is
        opaque, signed and bound to this table, partition, index, direction and condition; any other
        is BadRequest.
        """
        from .cursor import opened, sealed  # most functions hand out no pages
        from .page import Page

        port = self._reach("page")
        if not 1 <= limit <= PAGE_MAX:
            raise Invalid(
                f"table {self.name!r}: page limit is {limit}, allowed are 1 to {PAGE_MAX}"
            )
        ledger = invocation().ports.ledger
        bound = f"{self.name}|{partition!r}|{index}|{reverse}|{where!r}"
        after = opened(cursor, bound, await ledger.seal_key()) if cursor is not None else None
        rows = Range(self._partition(partition), index, where, reverse, limit, after)
        found = await port.read(rows)
        items = cast("list[T]", found.items)
        if found.position is None:
            return Page(items)
        return Page(items, sealed(found.position, bound, await ledger.seal_key()))

    async def get_many(self, keys: Sequence[tuple[*K]]) -> list[T | None]:
        """The items in the order asked, None where there is none."""
        return await self._reach("get_many").get_many([self._key(key) for key in keys])

    async def put_many(self, items: Sequence[T]) -> None:
        """Put each; not atomic. What was not processed is retried, then PartlyDone says which."""
        await self._many("put_many", items, [Put(item) for item in items])

    async def delete_many(self, keys: Sequence[tuple[*K]]) -> None:
        """Delete each; not atomic. What was not processed is retried, then PartlyDone says
        which.
        """
        await self._many("delete_many", keys, [Delete(self._key(key)) for key in keys])

    # -- trigger

    @overload
    def on_change(
        self, handler: Callable[[Change[T]], Ends], /
    ) -> Consumer[[Change[T]], Ends, Change[T]]: ...
    @overload
    def on_change(
        self, handler: Callable[[Change[T], Context], Ends], /
    ) -> Consumer[[Change[T], Context], Ends, Change[T]]: ...
    @overload
    def on_change(
        self, handler: Callable[[Context, Change[T]], Ends], /
    ) -> Consumer[[Context, Change[T]], Ends, Change[T]]: ...
    @overload
    def on_change(
        self,
        *,
        attempts_max: int = ...,
        backoff: Backoff = ...,
        once: bool = ...,
        **limits: Unpack[Limits],
    ) -> OfOne[Change[T]]: ...
    def on_change(
        self,
        handler: Any = None,
        *,
        attempts_max: int = 5,
        backoff: Backoff | None = None,
        once: bool = False,
        **limits: Unpack[Limits],
    ) -> Any:
        """The function that is given each change: of one item in order, at least once and at most
        `attempts_max` times; then it is among the dead letters, and the item's next one comes. A
        write that changes nothing is no change, and no write waits for it. Two a table at most.

        With `once=True` a change that was handled is not handled again within 24 hours.
        """
        from .change import following  # most functions follow no table

        said = {"attempts_max": attempts_max, "once": once}
        declare = following(self, said | ({} if backoff is None else {"backoff": backoff}), limits)
        return declare if handler is None else declare(handler)

    # -- what the verbs share

    def key_of(self, item: Any) -> Key:
        """The key fields of an item, in order."""
        if isinstance(item, dict):
            held = cast("dict[str, object]", item)
            return tuple(held.get(field) for field in self.key)
        return tuple(getattr(item, field, None) for field in self.key)

    def _reach(self, verb: str) -> TablePort:
        return cast(TablePort, reach(self.name, verb))

    def _key(self, key: tuple[Any, ...]) -> Key:
        if len(key) != len(self.key):
            raise TypeError(
                f"table {self.name!r} has the key {', '.join(self.key)}: got {len(key)} value(s)"
            )
        return key

    def _partition(self, partition: object) -> object:
        """Never None: a range without a partition would be the whole table."""
        if partition is None:
            raise Invalid(f"table {self.name!r}: a query needs a partition, got None")
        return partition

    async def _write(self, verb: str, key: Key, action: Action, tx: Transaction | None) -> object:
        running = granted(self.name, verb)
        if tx is None:
            port: TablePort = running.ports.adapters[self.name]
            return await port.write(action)
        tx.add(self.name, key, action)
        return None

    async def _many(
        self, verb: str, subjects: Sequence[object], actions: Sequence[Put | Delete]
    ) -> None:
        outcome = await self._reach(verb).write_many(actions)
        failed = [
            (subject, error)
            for subject, error in zip(subjects, outcome, strict=True)
            if error is not None
        ]
        if failed:
            done = [
                subject for subject, error in zip(subjects, outcome, strict=True) if error is None
            ]
            raise PartlyDone(done, failed)

    def _walk(self, verb: str, rows: Range, limit: int | None) -> AsyncIterator[T]:
        self._reach(verb)  # at the call, so that a refusal points at it

        async def walk() -> AsyncIterator[T]:
            left = limit if limit is not None else sys.maxsize
            after = None
            while left > 0:
                port = self._reach(verb)  # each time: the invocation may be over meanwhile
                found = await port.read(replace(rows, limit=min(left, READ_AHEAD), after=after))
                for item in found.items:
                    yield item
                left -= len(found.items)
                after = found.position
                if after is None:
                    return

        return walk()


def fields(key: Fields) -> tuple[str, ...]:
    return (key,) if isinstance(key, str) else tuple(key)


def shown(key: Key) -> str:
    return ", ".join(repr(part) if isinstance(part, str) else str(part) for part in key)
