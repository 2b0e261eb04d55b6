"""Messages of a world that are not handled yet: when the next comes back, and which they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from ..local.backend import LocalBackend
from ..local.pump import Deliver
from ..local.queue import SqliteQueue
from ..ports import Clock
from ..ports.delivery import Held, Retry, Settled

LINES_MAX = 20  # of one queue


class Due(NamedTuple):
    """When a message comes, and whether it comes back. One that was sent with a delay, or is a
    timer's, does not.
    """

    at: float
    is_back: bool


class Messages:
    def __init__(self, backend: LocalBackend, clock: Clock) -> None:
        self._backend, self._clock = backend, clock
        self._put_back = set[tuple[object, int]]()  # those that came back without an attempt
        for source, lane in backend.lanes.items():
            if lane.deliver is not None and isinstance(source, SqliteQueue):
                lane.deliver = self._noting(source, lane.deliver)

    def next(self) -> Iterator[Due]:
        """The next of each queue, and of each function's dead letters."""
        now = int(self._clock.time() * 1e6)
        for queue in (*self._backend.queues.values(), *self._backend.inboxes.values()):
            row = self._backend.database.execute(
                f"SELECT due, attempts, seq FROM {queue.table} WHERE due > 0 AND due > ? "
                "ORDER BY due, attempts LIMIT 1",
                (now,),
            ).fetchone()
            if row is not None:
                due, attempts, seq = row
                yield Due(due / 1e6, attempts > 0 or (queue, seq) in self._put_back)
        for timer in self._backend.timers:
            at = timer.next_at()
            if at is not None:
                yield Due(at, False)
        for dead in self._backend.dead.values():
            at = dead.next_at()
            if at is not None:
                yield Due(at, True)

    def told(self) -> Iterator[str]:
        """Those that somebody takes from their queue."""
        for queue in self._backend.lanes:
            if isinstance(queue, SqliteQueue):
                yield from (f"queue {queue.declared.name}: {line}" for line in _told(queue))

    def _noting(self, queue: SqliteQueue, deliver: Deliver) -> Deliver:
        async def noted(held: Sequence[Held]) -> list[Settled]:
            settled = await deliver(held)
            numbers = {one.receipt: int(one.id.rpartition("-")[2]) for one in held}
            for one in settled:
                if isinstance(one, Retry) and not one.counts:
                    self._put_back.add((queue, numbers[one.receipt]))
            return settled

        return noted


def _told(queue: SqliteQueue) -> Iterator[str]:
    for waiting in queue.peek(LINES_MAX):
        row = waiting.row
        sent = datetime.fromtimestamp(row.sent_at / 1e6, UTC)
        where = "in flight" if waiting.is_in_flight else "waits"
        yield f"message {waiting.id} {where}, attempts {row.attempts}, sent {sent:%H:%M:%S}"
