"""A transaction is a list of writes sent when the block ends: all are applied, or none and the
error is raised.

Inside, verbs return None and reads see the state before. An exception in the block sends nothing.
"""

from __future__ import annotations

from types import TracebackType

from ..errors import Invalid
from ..invocation import Invocation, check_alive, invocation
from ..ports import Action, Batch, Key, Outgoing

ACTIONS_MAX = 99
MESSAGES_BYTES_MAX = 380_000  # one outbox item on AWS


class Transaction:
    __slots__ = ("_actions", "_messages", "_running", "_sent", "_size", "_state", "_touched")

    _running: Invocation  # whose block it is

    def __init__(self) -> None:
        self._actions: list[tuple[str, Action]] = []
        self._touched: set[tuple[str, Key]] = set()
        self._messages: list[tuple[str, Outgoing]] = []
        self._sent: list[tuple[str, str]] = []  # queue and message id
        self._size = 0
        self._state = "new"

    async def __aenter__(self) -> Transaction:
        if self._state != "new":
            raise RuntimeError(
                "a transaction is entered once: write `async with transaction() as tx`"
            )
        self._state, self._running = "open", invocation()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._state = "done"
        if kind is None and (self._actions or self._messages):
            check_alive(self._running, "the end of a transaction")
            await self._running.ports.store.commit(Batch(self._actions, self._messages))
            if self._sent:
                self._running.note_sent(self._sent)

    def add(self, table: str, key: Key, action: Action) -> None:
        """Queue one write. Verbs call this; an author passes `tx=` to them."""
        self._check(table)
        if (table, key) in self._touched:
            raise Invalid(
                f"table {table!r}: item {key!r} is in this transaction already; each item once"
            )
        if len(self._actions) == ACTIONS_MAX:
            raise Invalid(f"a transaction takes at most {ACTIONS_MAX} table actions")
        self._touched.add((table, key))
        self._actions.append((table, action))

    def send(self, queue: str, id: str, outgoing: Outgoing) -> None:
        """Queue one message, in the order of the calls. `send(…, tx=)` calls this."""
        self._check(queue)
        self._size += len(outgoing.body.encode())
        if self._size > MESSAGES_BYTES_MAX:
            raise Invalid(
                f"the messages of a transaction have {self._size:,} bytes, "
                f"limit {MESSAGES_BYTES_MAX:,}. hint: put what is large in a table, send its key"
            )
        self._messages.append((queue, outgoing))
        self._sent.append((queue, id))

    def _check(self, resource: str) -> None:
        if self._state != "open":
            raise RuntimeError(f"{resource}: tx= takes a transaction whose block is running")
        if invocation() is not self._running:
            raise RuntimeError(f"{resource}: tx= takes a transaction of this very invocation")


def transaction() -> Transaction:
    """All or nothing: `async with transaction() as tx:`, and `tx=tx` on each write and each message
    that belongs to it.

    At most 99 table actions, each item once, 4 MB; 380 KB of messages. A false condition or an
    existing key is Conflict, an absent item for `update` is NotFound; contention is retried with
    jitter and then Busy. Then nothing at all was written or sent.
    """
    return Transaction()
