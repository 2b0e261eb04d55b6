"""SQS events: messages to whoever delivers them, and what became of each back to Lambda, which
deletes what is not said to have failed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ...ports import Ports
from ...ports.delivery import Bury, Held, Retry, Settled
from ...resources.consumer import Consumer
from ...signature import given_signature
from .lambda_ports import Backend
from .lambda_unit import DeployedFunction, Surroundings, misfit
from .lambda_work import Work
from .settle_sqs import HIDDEN_S_MAX, Settling, carry_out, held_of
from .wait import drive

if TYPE_CHECKING:
    from .lambda_event import EventLambda
    from .put_back import PutBacks

Record: TypeAlias = Mapping[str, Any]


class Source:
    """Where the messages of an event come from, and what is done with them."""

    def __init__(
        self,
        read: Callable[[Record], Held],
        deliver: Callable[[Sequence[Held]], Awaitable[list[Settled]]],
        settling: Settling,
        put_backs: PutBacks | None = None,
    ) -> None:
        self.read, self.deliver = read, deliver
        self.settling, self.put_backs = settling, put_backs


class QueueLambda:
    """`handle` is what Lambda calls for one consumer."""

    def __init__(
        self,
        unit: DeployedFunction,
        world: Surroundings,
        source_of: Callable[[DeployedFunction, Backend, Ports], Source],
    ) -> None:
        self._name, self._unit, self._world = unit.name, unit, world
        self._work = Work(unit.app, world, is_loop_free=unit.is_loop_free)
        self._backend = Backend(world, unit)
        self._source = source_of(unit, self._backend, self._backend.ports(self._work))
        self._event: EventLambda | None = None

    def handle(self, event: Any, context: Any) -> dict[str, Any] | None:
        if is_start(event) and isinstance(self._unit.function, Consumer):
            return self._started(event, context)
        self._work.begin(context)
        try:
            held = self._read(event)
            settled = self._work.drive(self._delivered(held))
            return {"batchItemFailures": self._carried_out(settled)}
        finally:
            self._work.end()

    def _started(self, event: Any, context: Any) -> None:
        """By hand, and not by its queue."""
        if self._event is None:
            from .lambda_event import EventLambda  # whom nobody starts does not need it

            self._event = EventLambda(self._unit, self._world, self._work, self._backend)
        self._event.handle(event, context)

    def _read(self, event: Any) -> list[Held]:
        try:
            return [self._source.read(record) for record in event["Records"]]
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise misfit(self._name, "SQS event", error) from error

    async def _delivered(self, held: list[Held]) -> list[Settled]:
        source = self._source
        if source.put_backs is not None:
            held = drive(source.put_backs.discounted(held))  # before anything else runs
        return await source.deliver(held)

    def _carried_out(self, settled: Sequence[Settled]) -> list[dict[str, str]]:
        carried = drive(carry_out(settled, self._source.settling))
        for text in carried.warnings:
            self._work.report.warned(self._name, text)
        return [{"itemIdentifier": id} for id in carried.failed]


def is_start(event: Any) -> bool:
    """A text of ours by itself, and no records of a source."""
    return isinstance(event, dict) and "skylift" in event and "Records" not in event


def queue_source(unit: DeployedFunction, backend: Backend, ports: Ports) -> Source:
    """A queue and its consumer."""
    from ...engine.deliver import QueueEngine, QueueFunction

    trigger: Any = unit.function.trigger
    queue = trigger.resource
    function = QueueFunction(
        *(unit.target, queue.name, given_signature(unit.function), queue.codec, trigger.batch),
        *(trigger.attempts_max, trigger.backoff, queue.fifo, trigger.once, trigger.once_by),
    )
    # Only of these is a message put back without having cost an attempt.
    puts_back = trigger.runs_once or (queue.fifo and trigger.batch > 1)
    put_backs = backend.put_backs() if puts_back else None
    dead = backend.sender(f"{unit.name}.dead")
    settling = Settling(backend.sender(queue.name), dead, put_backs)
    return Source(held_of, QueueEngine(function, ports).deliver, settling, put_backs)


def dead_source(unit: DeployedFunction, backend: Backend, ports: Ports) -> Source:
    """The dead letters of a function and who consumes them."""
    from ...engine.dead import DeadEngine, DeadFunction
    from .dead_sqs import SqsDead

    trigger: Any = unit.function.trigger
    letters = trigger.resource
    function = DeadFunction(
        *(unit.target, given_signature(unit.function), letters),
        *(trigger.attempts_max, trigger.backoff),
    )
    engine, sender = DeadEngine(function, ports), backend.sender(letters.name)

    async def deliver(held: Sequence[Held]) -> list[Settled]:
        return [staying(one) for one in await engine.deliver(held)]

    # It reads letters here, and sends none back to their queue.
    dead = SqsDead(sender, sender, letters.function.trigger.attempts_max)

    def read(record: Record) -> Held:
        return dead.held_of(record, getattr(letters.function.trigger, "receives_max", 0))

    return Source(read, deliver, Settling(sender))


def staying(settled: Settled) -> Settled:
    """A letter that is given up stays where it is. A queue offers what it holds again: as late as
    it can, and then it is seen to have had its attempts.
    """
    return Retry(settled.receipt, HIDDEN_S_MAX) if isinstance(settled, Bury) else settled
