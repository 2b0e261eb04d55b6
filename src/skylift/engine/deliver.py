"""Deliveries of one function: decode, invoke, and say what becomes of each message. The same on a
laptop and inside a function: whoever claims messages hands them in and carries out what comes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from ..codec import MessageCodec
from ..codec.envelope import Opened, Undecodable, opened
from ..errors import SkyliftError
from ..invocation import Cause, Once
from ..ports import OnceMark, Ports
from ..ports.delivery import Bury, Done, Held, Settled
from ..resources.queue import Delivery
from ..resources.waits import Delay
from ..signature import Signature
from .given import batch_way, given_way, scheduled_time
from .invoke import Failed, Target, invoke
from .retry import PutBack, again

if TYPE_CHECKING:
    from .once import OnceDeliveries

LOST = "the last attempt never came back: a crash, or no end before its deadline"
ERROR_LENGTH_MAX = 2_000  # of what a dead letter says about why

UNMARKED = OnceMark("", "")


class QueueFunction(Struct, frozen=True):
    """A function with what brings its messages."""

    target: Target
    source: str  # the queue's name, as people know it
    signature: Signature
    codec: MessageCodec
    batch: int
    attempts_max: int
    backoff: Delay
    fifo: bool = False
    once: bool = False
    once_by: str | None = None  # a field of the message; None: each delivery by its own id
    kind: str = "queue"  # of what brings them: a topic, a timer, …


class Read(Struct):
    """A delivery that could be read."""

    held: Held
    opened: Opened
    message: Any
    key: str = ""  # of its once record
    mark: OnceMark = UNMARKED  # the once record, as it is held

    @property
    def id(self) -> str:
        return self.opened.id or self.held.id


class QueueEngine:
    """Handles the deliveries of one queue."""

    def __init__(self, function: QueueFunction, ports: Ports) -> None:
        self._function, self._ports = function, ports
        self._way = given_way(function.signature)
        if function.batch > 1:
            self._way = batch_way(self._way)
        self._once: OnceDeliveries | None = None
        if function.once or function.once_by is not None:
            from .once import OnceDeliveries, once_way  # the others do without

            self._once = OnceDeliveries(function, ports)
            self._way = once_way(self._way)

    async def deliver(self, held: Sequence[Held]) -> list[Settled]:
        """What becomes of each message, in no order; nothing is raised."""
        settled: list[Settled] = []
        reads: list[Read] = []
        for one in held:
            read = self._read(one)
            if isinstance(read, Read):
                reads.append(read)
            else:
                settled.append(read)
        if self._once is not None and reads:
            reads, lost, known = await self._once.begin(reads)
            settled += [*known, *(self._lost(one.held) for one in lost)]
        if not reads:
            return settled
        if self._function.batch == 1:
            for read in reads:
                settled.append(await self._one(read))
            return settled
        return settled + await self._many(reads)

    def _read(self, held: Held) -> Read | Settled:
        if self._once is None and held.attempt > self._function.attempts_max:
            return self._lost(held)
        try:
            envelope = opened(held.body)
            read = Read(held, envelope, self._function.codec.decode(envelope))
            if self._once is not None:
                read.key = self._once.key(read.id, read.message)
        except Undecodable as error:
            return self._buried(held, "undecodable", str(error), held.attempt)
        return read

    def _lost(self, held: Held) -> Bury:
        return self._buried(held, "lost", LOST, self._function.attempts_max)

    def _buried(self, held: Held, reason: str, error: str, attempts: int) -> Bury:
        try:
            envelope = opened(held.body)
        except Undecodable:
            envelope = Opened(b"")
        id, trace = envelope.id or held.id, envelope.trace
        letter = Bury(held.receipt, id, reason, storable(error), attempts, trace)
        self._ports.report.buried(self._function.target.name, letter)
        return letter

    async def _one(self, read: Read) -> Settled:
        if self._once is None:
            error = await self._invoked(read.message, [read])
        else:
            once = Once(read.mark)
            ended = await self._invoked(read.message, [read], once)
            (error,) = await self._once.end(once, [read], [ended])
        return Done(read.held.receipt) if error is None else self._failed(read, error)

    async def _many(self, reads: list[Read]) -> list[Settled]:
        deliveries = [Delivery(one.message, one.id, one.held.attempt) for one in reads]
        if self._once is None:
            errors = self._each(await self._invoked(deliveries, reads), reads, deliveries)
        else:
            once = Once(is_batch=True)
            ended = await self._invoked(deliveries, reads, once)
            each = self._each(ended, reads, deliveries)
            errors = await self._once.end(once, reads, each)
        return [
            Done(read.held.receipt) if error is None else self._failed(read, error)
            for read, error in zip(reads, errors, strict=True)
        ]

    def _each(
        self, error: Exception | None, reads: list[Read], deliveries: list[Delivery[Any]]
    ) -> list[Exception | None]:
        """The outcome of each message of a batch."""
        if error is not None:
            return [error] * len(reads)
        errors: list[Exception | None] = []
        stopped = set[str]()  # groups in which something failed: the order must hold
        for read, delivery in zip(reads, deliveries, strict=True):
            if read.held.group in stopped:
                errors.append(PutBack(0))
            elif delivery.error is None:
                errors.append(None)
            else:
                errors.append(MarkedFailed(delivery.error))
                if self._function.fifo:
                    stopped.add(read.held.group)
        return errors

    async def _invoked(self, given: Any, reads: Sequence[Read], *once: Once) -> SkyliftError | None:
        function, first = self._function, reads[0]
        cause = Cause(
            *(function.kind, function.source, first.opened.trace, first.held.sent_at, first.id),
            *(first.held.attempt, function.attempts_max),
            others=tuple([(one.id, one.opened.trace) for one in reads[1:]]),
            scheduled_time=scheduled_time(function.kind, given, first.opened.due),
        )
        try:
            await invoke(function.target, self._ports, self._way, given, *once, cause=cause)
        except SkyliftError as error:  # it was told, and becomes an outcome
            return error
        return None

    def _failed(self, read: Read, error: Exception) -> Settled:
        held, function, why = read.held, self._function, described(error)
        retry = again(*(held, error, function.attempts_max, function.backoff, self._ports.entropy))
        if retry is None:
            return self._buried(held, "failed", why, held.attempt)
        return replace(retry, error=storable(why))


class MarkedFailed(Exception):
    """What a handler said of one message of its batch."""


def described(error: Exception) -> str:
    """`ValueError: no such note (notes.py:31 in count)`."""
    from .told import place_of, said  # what succeeds does not need it

    cause = error.__cause__ if isinstance(error, Failed) and error.__cause__ else error
    if isinstance(cause, MarkedFailed):
        return str(cause)[:ERROR_LENGTH_MAX]
    place = place_of(cause)
    at = f" ({place.file.rpartition('/')[2]}:{place.line} in {place.function})" if place else ""
    return f"{said(cause)[:ERROR_LENGTH_MAX]}{at}"


def storable(text: str) -> str:
    """Free of what no UTF-8 can say: an error may hold anything, and must not keep its message from
    the dead letters.
    """
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
