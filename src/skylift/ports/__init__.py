"""What the core and its adapters say to each other: items, keys as tuples, conditions as trees. How
a value is stored is the adapter's affair. The contracts themselves are in `protocols.py`; whoever
annotates finds their names here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from ..conditions import Condition
    from .protocols import ChannelPort as ChannelPort
    from .protocols import Clock as Clock
    from .protocols import DeadPort as DeadPort
    from .protocols import Entropy as Entropy
    from .protocols import LedgerPort as LedgerPort
    from .protocols import QueuePort as QueuePort
    from .protocols import Report as Report
    from .protocols import Running as Running
    from .protocols import SecretPort as SecretPort
    from .protocols import SendPort as SendPort
    from .protocols import SettingPort as SettingPort
    from .protocols import StorePort as StorePort
    from .protocols import TablePort as TablePort
    from .protocols import TimerPort as TimerPort
    from .protocols import UsersPort as UsersPort
    from .protocols import Workers as Workers
else:  # nobody asks what they are at run time, and a cold start would pay for each
    Clock = DeadPort = Entropy = LedgerPort = QueuePort = Report = Running = object
    SendPort = StorePort = TablePort = TimerPort = Workers = object

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


class Outgoing(Struct, frozen=True):
    """A message ready to be stored; its body is an envelope or a foreign sender's text."""

    body: str
    group: str = ""
    dedup: str = ""  # FIFO: the second within 5 minutes is accepted and dropped; "" is no double
    delay_s: float = 0


class OnceMark(Struct, frozen=True):
    """A once record, as a run holds it: what another has taken over, this one cannot finish."""

    key: str
    token: str


class Found(Struct, frozen=True):
    """What there was under a key. "begun": nothing that counts, the record is ours now. "running":
    a run that ends at `until` at the latest. "finished": with what was stored; where nothing is,
    it may still come before `until`. "other": either, of a request with another fingerprint.
    """

    state: Literal["begun", "running", "finished", "other"]
    result: bytes | None = None
    until: float = 0


class Batch(Struct, frozen=True):
    """What one transaction does: writes, messages for queues by name, and the once record it
    finishes.
    """

    actions: Sequence[tuple[str, Action]]
    messages: Sequence[tuple[str, Outgoing]] = ()
    once: OnceMark | None = None


class Ports(Struct, frozen=True):
    """What one app runs on: its adapters by resource name, and the world."""

    adapters: Mapping[str, Any]
    store: StorePort
    ledger: LedgerPort
    clock: Clock
    entropy: Entropy
    workers: Workers
    report: Report
