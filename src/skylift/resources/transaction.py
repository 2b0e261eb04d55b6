"""A transaction is a list of writes sent when the block ends: all are applied, or none and the
error is raised.

Inside, verbs return None and reads see the state before. An exception in the block sends nothing.
"""

from __future__ import annotations

from types import TracebackType

from ..errors import Invalid
from ..invocation import Invocation, Once, check_alive, invocation
from ..ports import Action, Batch, Key, Outgoing

ACTIONS_MAX = 99  # of 100 on AWS; messages are one more, and so is a once record
MESSAGES_BYTES_MAX = 380_000  # one outbox item on AWS


class Transaction:
    __slots__ = (
        *("_actions", "_actions_max", "_is_once", "_messages", "_once", "_running", "_sent"),
        *("_size", "_state", "_touched"),
    )

    _running: Invocation  # whose block it is

    def __init__(self, *, once: bool = False) -> None:
        self._is_once, self._actions_max = once, ACTIONS_MAX - once
        self._once: Once | None = None
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
        running = invocation()
        if self._is_once:
            self._once = record_of(running)
        self._state, self._running = "open", running
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._state = "done"
        if kind is None and (self._actions or self._messages or self._once is not None):
            check_alive(self._running, "the end of a transaction")
            await self._commit(self._once)
            if self._sent:
                self._running.note_sent(self._sent)

    async def _commit(self, once: Once | None) -> None:
        store = self._running.ports.store
        if once is None or once.mark is None:
            return await store.commit(Batch(self._actions, self._messages))
        check_unfinished(self._running, once)
        once.is_finishing = True  # another block of this run may end meanwhile
        try:
            await store.commit(Batch(self._actions, self._messages, once.mark))
            once.is_finished = True
        finally:
            once.is_finishing = False
        return None

    def add(self, table: str, key: Key, action: Action) -> None:
        """Queue one write. Verbs call this; an author passes `tx=` to them."""
        self._check(table)
        if (table, key) in self._touched:
            raise Invalid(
                f"table {table!r}: item {key!r} is in this transaction already; each item once"
            )
        if len(self._actions) == self._actions_max:
            with_once = " with once=True" if self._is_once else ""
            raise Invalid(
                f"a transaction{with_once} takes at most {self._actions_max} table actions"
            )
        self._touched.add((table, key))
        self._actions.append((table, action))

    def send(self, queue: str, id: str, outgoing: Outgoing) -> None:
        """Queue one message, in the order of the calls; without an id it is an order to a resource,
        and no message. `send(…, tx=)` calls this.
        """
        self._check(queue)
        self._size += len(outgoing.body.encode()) + len(outgoing.group) + len(outgoing.dedup)
        if self._size > MESSAGES_BYTES_MAX:
            raise Invalid(
                f"the messages of a transaction have {self._size:,} bytes, "
                f"limit {MESSAGES_BYTES_MAX:,}. hint: put what is large in a table, send its key"
            )
        self._messages.append((queue, outgoing))
        if id:
            self._sent.append((queue, id))

    def _check(self, resource: str) -> None:
        if self._state != "open":
            raise RuntimeError(f"{resource}: tx= takes a transaction whose block is running")
        if invocation() is not self._running:
            raise RuntimeError(f"{resource}: tx= takes a transaction of this very invocation")


def record_of(running: Invocation) -> Once:
    """The once record of the running function; RuntimeError where there is none to finish."""
    said, once = f"{running.function}: transaction(once=True)", running.once
    if once is None:
        remedy = "say once=True (or once_by=) on its trigger, or leave it away here"
        raise RuntimeError(f"{said} in a function that does not run once. hint: {remedy}")
    if once.is_batch:
        remedy = "say batch=1, or write with transaction() and let each message be done by itself"
        raise RuntimeError(f"{said} in a batch, where each message has its own. hint: {remedy}")
    check_unfinished(running, once)
    return once


def check_unfinished(running: Invocation, once: Once) -> None:
    if once.is_finished or once.is_finishing:
        remedy = "put all its writes into one block, and end with it"
        said = f"{running.function}: a second transaction(once=True) in one run"
        raise RuntimeError(f"{said}: the first has finished it. hint: {remedy}")


def transaction(*, once: bool = False) -> Transaction:
    """All or nothing: `async with transaction() as tx:`, and `tx=tx` on each write and each message
    that belongs to it.

    At most 99 table actions, each item once, 4 MB; 380 KB of messages. A false condition or an
    existing key is Conflict, an absent item for `update` is NotFound; contention is retried with
    jitter and then Busy. Then nothing at all was written or sent.

    With `once=True`, in a function that runs once, the run is finished in the same commit, so that
    its effects happen exactly once: end the handler with it, for whatever fails afterwards is not
    tried again. It takes 98 actions. Expired when another run has taken over.
    """
    return Transaction(once=once)
