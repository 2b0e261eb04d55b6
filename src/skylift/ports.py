"""Every contract a backend fulfils. A verb is here only when a backend, a contract test and an app
need it.

A port speaks our domain: items, keys as tuples, conditions as trees. How a value is stored is the
adapter's affair. Adapters raise the errors of `errors.py` and nothing else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from typing import Protocol

    from .conditions import Condition
    from .counted import Counted
    from .user import Caller, Tokens, User
else:
    Protocol = object  # nobody asks at run time, and a real one costs a cold start 0.1 ms

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


class Outgoing(Struct, frozen=True):
    """A message ready to be stored; its body is an envelope or a foreign sender's text."""

    body: str
    group: str = ""
    dedup: str = ""  # FIFO: the second within 5 minutes is accepted and dropped; "" is no double
    delay_s: float = 0


class Held(Struct, frozen=True):
    """A message claimed for one attempt: nobody else gets it until its lease ends."""

    receipt: Any
    id: str  # the queue's own; an envelope has one of its sender's
    body: str
    attempt: int  # the first is 1
    sent_at: float  # seconds since the epoch
    group: str = ""
    letter: Letter | None = None  # of a dead letter: what is known about it


class Done(Struct, frozen=True):
    """The attempt succeeded: the message goes."""

    receipt: Any


class Retry(Struct, frozen=True):
    """The message comes back after `after_s`, or when its lease ends; one put back without `counts`
    costs no attempt. `error` says why, for those who tell somebody else to try it again.
    """

    receipt: Any
    after_s: float | None
    counts: bool = True
    error: str = ""


class Bury(Struct, frozen=True):
    """The message goes to the dead letters of its function, in one step."""

    receipt: Any
    id: str
    reason: str
    error: str
    attempts: int
    trace: str = ""

    @property
    def told(self) -> str:
        return f"message {self.id} is a dead letter, {self.reason}: {self.error}"


Settled: TypeAlias = Done | Retry | Bury


class Counts(Struct, frozen=True):
    ready: int
    in_flight: int
    delayed: int  # sent with a delay, or waiting for its next attempt (on SQS that is in flight)
    dead: int


class SendPort(Protocol):
    """What messages are given to: a queue, and whatever hands them on."""

    async def send(
        self, messages: Sequence[Outgoing]
    ) -> list[Exception | None]: ...  # each on its own; durable when it returns


class QueuePort(SendPort, Protocol):
    async def claim(
        self, count: int
    ) -> list[Held]: ...  # FIFO: in order, and a group in flight gives no more
    async def settle(
        self, settled: Sequence[Settled]
    ) -> None: ...  # a receipt whose lease has ended is ignored
    async def counts(self) -> Counts: ...


class TimerPort(Protocol):
    async def set(
        self, id: str, at: float, body: str
    ) -> None: ...  # seconds since the epoch; instead of what the id waited for
    async def cancel(self, id: str) -> None: ...  # nothing happens when it waits for nothing


if TYPE_CHECKING:  # nobody is one at run time

    class ChannelPort(Protocol):
        async def publish(
            self, path: str, event: str
        ) -> None: ...  # to who is subscribed now, and perhaps not to all; nothing is kept

    class SettingPort(Protocol):
        async def value(self) -> Any: ...  # of the declared type

    class SecretPort(Protocol):
        async def reveal(self) -> str: ...  # DeclarationError when it was never set

    class UsersPort(Protocol):
        """Addresses come in lower case, passwords and names as the declaration allows them. Nothing
        that is answered, and no time it takes, tells whether an address is known.
        """

        async def register(self, id: str, email: str, password: str) -> None: ...
        async def confirm(self, id: str, code: str) -> None: ...  # what was registered, or upgraded
        async def resend(self, id: str) -> None: ...
        async def login(self, email: str, password: str) -> Tokens: ...
        async def refresh(self, refresh: str) -> Tokens: ...  # a reused one signs its user out
        async def logout(self, refresh: str) -> None: ...
        async def forgot(self, email: str) -> None: ...
        async def reset(self, email: str, code: str, password: str) -> None: ...
        async def change_password(self, id: str, old: str, new: str) -> None: ...
        async def get(self, id: str) -> User | None: ...
        async def disable(self, id: str) -> None: ...
        async def delete(self, id: str) -> None: ...
        async def groups(self, id: str, add: Sequence[str], remove: Sequence[str]) -> list[str]: ...
        async def guest(self, id: str, name: str) -> Tokens: ...
        async def upgrade(self, id: str, email: str, password: str) -> None: ...
        async def verify(self, token: str) -> Caller: ...  # Unauthorized when it is not to be taken


class Letter(Struct, frozen=True):
    """A dead letter as it is stored."""

    id: str
    body: str
    reason: str
    error: str
    attempts: int
    trace: str
    sent_at: float
    group: str = ""


class DeadPort(Protocol):
    async def peek(self, limit: int) -> list[Letter]: ...  # the oldest first; nothing is taken
    async def redrive(
        self, limit: int | None
    ) -> int: ...  # back into the queue, as if never attempted
    async def purge(self) -> int: ...


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


class LedgerPort(Protocol):
    """What an app remembers for itself: once records, counts, and the key of its cursors. A record
    that has finished is kept for 24 hours; one whose run did not finish by its `until`, or whose
    process is known to be dead, counts for nothing.
    """

    async def begin(
        self, marks: Sequence[OnceMark], until: float, fingerprint: str = ""
    ) -> list[Found]: ...  # each on its own; no key twice
    async def finish(
        self, marks: Sequence[OnceMark], result: bytes | None = None
    ) -> list[bool]: ...  # false when another run holds it; a second time adds the result
    async def abandon(
        self, marks: Sequence[OnceMark]
    ) -> None: ...  # the next one runs; nothing happens to what has finished or is another's
    async def count(
        self, key: str, n: int, per_s: float
    ) -> Counted: ...  # never more than n accepted in any window of per_s; none is waited for
    async def seal_key(self) -> bytes: ...  # signs cursors: one for all processes of the app, ever


class Batch(Struct, frozen=True):
    """What one transaction does: writes, messages for queues by name, and the once record it
    finishes.
    """

    actions: Sequence[tuple[str, Action]]
    messages: Sequence[tuple[str, Outgoing]] = ()
    once: OnceMark | None = None


class StorePort(Protocol):
    """All or nothing: nothing is written or sent unless every condition holds, and the once record
    is still held (Expired).
    """

    async def commit(self, batch: Batch) -> None: ...


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
    expired: bool
    tasks: dict[Any, str] | None  # what its handler began on an event loop, and whose code did

    def expire(self) -> None: ...


class Workers(Protocol):
    """Where concurrency comes from: an event loop and threads here, a small pool or nothing
    elsewhere.
    """

    def gather(self, verbs: Sequence[Awaitable[Any]]) -> Awaitable[list[Any]]: ...
    def ending(self, handler: Any) -> Awaitable[Any]: ...  # an async def's, even when it goes on
    def run(self, call: Any, /, **arguments: Any) -> Awaitable[Any]: ...  # a def, off the loop
    def isolated(
        self, call: Any, /, **arguments: Any
    ) -> Awaitable[Any]: ...  # the same where it can be killed
    def left(
        self, running: Running
    ) -> Exception | None: ...  # tasks its handler began and left running: an error, cancelled
    def started(self, running: Running, concurrency_max: int | None) -> None: ...  # or Throttled
    def ended(self, running: Running) -> None: ...


class Report(Protocol):
    """Where what happens is told to people: never to the client."""

    def failed(self, running: Running, error: BaseException) -> None: ...
    def warned(self, function: str, text: str) -> None: ...
    def buried(self, function: str, letter: Bury) -> None: ...  # a message it was to handle
    def ended(
        self, running: Running, error: BaseException | None
    ) -> None: ...  # every invocation, at its end


class Ports(Struct, frozen=True):
    """What one app runs on: its adapters by resource name, and the world."""

    adapters: Mapping[str, Any]
    store: StorePort
    ledger: LedgerPort
    clock: Clock
    entropy: Entropy
    workers: Workers
    report: Report
