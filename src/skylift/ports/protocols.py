"""Every contract a backend fulfils. A verb is here only when a backend, a contract test and an app
need it. Adapters raise the errors of `errors.py` and nothing else.

All of it is for type checkers: nothing imports it at run time.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Any, Protocol

from ..counted import Counted
from ..user import Caller, Tokens, User
from . import Action, Batch, Delete, Found, Key, OnceMark, Outgoing, Put, Range, Rows
from .delivery import Bury, Counts, Held, Letter, Settled


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


class DeadPort(Protocol):
    async def peek(self, limit: int) -> list[Letter]: ...  # the oldest first; nothing is taken
    async def redrive(
        self, limit: int | None
    ) -> int: ...  # back into the queue, as if never attempted
    async def purge(self) -> int: ...


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
