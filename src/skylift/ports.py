"""Every contract a backend fulfils. A verb is here only when a backend, a contract test and an app
need it.

A port speaks our domain: items, keys as tuples, conditions as trees. How a value is stored is the
adapter's affair. Adapters raise the errors of `errors.py` and nothing else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from msgspec import Struct

from .conditions import Condition

Key: TypeAlias = tuple[Any, ...]


class Put(Struct, frozen=True):
    """Write the whole item, whatever was there."""

    item: Any
    if_: Condition | None = None


class Create(Struct, frozen=True):
    """Write the whole item; Conflict when the key exists."""

    item: Any


class Update(Struct, frozen=True):
    """Change attributes of an existing item; NotFound when it is absent. Paths are dotted; a None
    in `set` removes.
    """

    key: Key
    set: Mapping[str, object]
    add: Mapping[str, object]
    remove: Sequence[str]
    if_: Condition | None = None


class Delete(Struct, frozen=True):
    """Remove the item; nothing happens when it is absent and no condition says otherwise."""

    key: Key
    if_: Condition | None = None


class Check(Struct, frozen=True):
    """Write nothing; Conflict unless the condition holds. Only inside a transaction."""

    key: Key
    if_: Condition


Action: TypeAlias = Put | Create | Update | Delete | Check


class Range(Struct, frozen=True):
    """Items of one partition (of the table or of an index), or of the whole table when `partition`
    is None.

    `where` may hold at the top level of `&` one condition on the sort key (or a >= and a <=
    together): it bounds the range. The rest filters what was read. `after` is a position an earlier
    answer gave.
    """

    partition: object = None
    index: str | None = None
    where: Condition | None = None
    reverse: bool = False
    limit: int = 100
    after: bytes | None = None


class Rows(Struct, frozen=True):
    """At most `limit` items in order, and the position after the last one; None at the end."""

    items: list[Any]
    position: bytes | None


class TablePort(Protocol):
    async def get(self, key: Key) -> Any: ...  # the item, or None; strongly consistent
    async def get_many(
        self, keys: Sequence[Key]
    ) -> list[Any]: ...  # in the order asked, None where absent
    async def write(
        self, action: Action
    ) -> Any: ...  # Update: the new item. Delete: the old one or None
    async def write_many(
        self, actions: Sequence[Put | Delete]
    ) -> list[Exception | None]: ...  # each on its own
    async def read(self, rows: Range) -> Rows: ...


class StorePort(Protocol):
    """All or nothing over several tables: no action is applied unless every condition holds."""

    async def commit(self, actions: Sequence[tuple[str, Action]]) -> None: ...


class Clock(Protocol):
    def now(self) -> datetime: ...  # aware, UTC
    def time(self) -> float: ...  # seconds since the epoch
    def monotonic(self) -> float: ...


class Entropy(Protocol):
    def token_bytes(self, count: int) -> bytes: ...


class Running(Protocol):
    """An invocation, as far as those who watch over it need to know."""

    function: str
    deadline: float  # seconds since the epoch

    def expire(self) -> None: ...


class Workers(Protocol):
    """Where concurrency comes from: an event loop and threads here, a small pool or nothing
    elsewhere.
    """

    def gather(self, verbs: Sequence[Awaitable[Any]]) -> Awaitable[list[Any]]: ...
    def run(self, call: Any, /, **arguments: Any) -> Awaitable[Any]: ...  # a def, off the loop
    def started(self, running: Running, concurrency_max: int | None) -> None: ...  # or Throttled
    def ended(self, running: Running) -> None: ...


class Report(Protocol):
    """Where failures are told to people: never to the client."""

    def failed(self, running: Running, error: BaseException) -> None: ...


class Ports(Struct, frozen=True):
    """What one app runs on: its adapters by resource name, and the world."""

    adapters: Mapping[str, Any]
    store: StorePort
    clock: Clock
    entropy: Entropy
    workers: Workers
    report: Report
    seal_key: bytes  # signs cursors; the same after a restart
