"""Deliveries of one function: decode, invoke, and say what becomes of each message. The same on a
laptop and inside a function: whoever claims messages hands them in and carries out what comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from ..codec import MessageCodec
from ..codec.envelope import Opened, Undecodable, opened
from ..errors import SkyliftError, Throttled
from ..invocation import Cause, context
from ..ports import Bury, Done, Held, Ports, Retry, Settled
from ..resources.backoff import Backoff
from ..resources.queue import Delivery
from ..signature import Signature
from .invoke import Failed, Target, TimedOut, Way, invoke
from .retry import backoff_s

LOST = "the last attempt never came back: a crash, or no end before its deadline"
THROTTLED_S = 1.0


class QueueFunction(Struct, frozen=True):
    """A function with the queue that calls it. `read` turns a body into what it is given."""

    target: Target
    source: str  # the queue's name, as people know it
    signature: Signature
    codec: MessageCodec
    batch: int
    attempts_max: int
    backoff: Backoff
    fifo: bool = False


class Read(Struct):
    """A delivery that could be read."""

    held: Held
    opened: Opened
    message: Any

    @property
    def id(self) -> str:
        return self.opened.id or self.held.id


class QueueEngine:
    """Handles the deliveries of one queue."""

    def __init__(self, function: QueueFunction, ports: Ports) -> None:
        self._function, self._ports = function, ports
        self._way = Way(_binder(function.signature), _nothing, answers=False)

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
        if not reads:
            return settled
        if self._function.batch == 1:
            for read in reads:
                settled.append(await self._one(read))
            return settled
        return settled + await self._many(reads)

    def _read(self, held: Held) -> Read | Settled:
        if held.attempt > self._function.attempts_max:
            return self._buried(held, "lost", LOST, self._function.attempts_max)
        try:
            envelope = opened(held.body)
            return Read(held, envelope, self._function.codec.decode(envelope))
        except Undecodable as error:
            return self._buried(held, "undecodable", str(error), held.attempt)

    @staticmethod
    def _buried(held: Held, reason: str, error: str, attempts: int) -> Bury:
        try:
            envelope = opened(held.body)
        except Undecodable:
            envelope = Opened(b"")
        id = envelope.id or held.id
        return Bury(held.receipt, id, reason, error, attempts, envelope.trace)

    async def _one(self, read: Read) -> Settled:
        error = await self._invoked(read.message, read)
        return Done(read.held.receipt) if error is None else self._failed(read, error)

    async def _many(self, reads: list[Read]) -> list[Settled]:
        deliveries = [Delivery(one.message, one.id, one.held.attempt) for one in reads]
        error = await self._invoked(deliveries, reads[0])
        if error is not None:
            return [self._failed(one, error) for one in reads]
        settled: list[Settled] = []
        stopped = set[str]()  # groups in which something failed: the order must hold
        for read, delivery in zip(reads, deliveries, strict=True):
            group = read.held.group
            if delivery.error is not None and group not in stopped:
                settled.append(self._failed(read, MarkedFailed(delivery.error)))
                if self._function.fifo:
                    stopped.add(group)
            elif group in stopped:
                settled.append(Retry(read.held.receipt, 0, counts=False))
            else:
                settled.append(Done(read.held.receipt))
        return settled

    async def _invoked(self, given: Any, first: Read) -> SkyliftError | None:
        function, held = self._function, first.held
        cause = Cause(
            *("queue", function.source, first.opened.trace, held.sent_at, first.id),
            *(held.attempt, function.attempts_max),
        )
        try:
            await invoke(function.target, self._ports, self._way, given, cause=cause)
        except SkyliftError as error:  # it was told, and becomes an outcome
            return error
        return None

    def _failed(self, read: Read, error: Exception) -> Settled:
        held, function = read.held, self._function
        if isinstance(error, Throttled):
            return Retry(held.receipt, THROTTLED_S, counts=False)
        if isinstance(error, TimedOut):  # nobody knows what it still does: its lease must end first
            return Retry(held.receipt, None)
        if held.attempt >= function.attempts_max:
            return self._buried(held, "failed", described(error), held.attempt)
        after_s = backoff_s(function.backoff, held.attempt, self._ports.entropy)
        return Retry(held.receipt, after_s)


class MarkedFailed(Exception):
    """What a handler said of one message of its batch."""


def described(error: Exception) -> str:
    """`ValueError: no such note`, and where the handler raised it."""
    cause = error.__cause__ if isinstance(error, Failed) and error.__cause__ else error
    if isinstance(cause, MarkedFailed):
        return str(cause)
    said = str(cause)
    return f"{type(cause).__name__}: {said}" if said else type(cause).__name__


def _binder(signature: Signature) -> Callable[[Any], dict[str, Any]]:
    names = [one.name for one in signature.parameters if one.source == "message"]
    contexts = [one.name for one in signature.parameters if one.source == "context"]
    (name,) = names

    def bind(message: Any) -> dict[str, Any]:
        arguments = {name: message}
        for one in contexts:
            arguments[one] = context()
        return arguments

    return bind


def _nothing(_result: object) -> None:
    """A consumer's result is nobody's."""
