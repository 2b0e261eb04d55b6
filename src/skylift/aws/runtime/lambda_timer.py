"""A timer's function: SQS events of its hidden queue. What comes before its time is hidden until
then, which is no attempt: it is known by having been received first before it was due.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec import MsgspecError, Struct, json
from msgspec.structs import replace

from ...engine.deliver import QueueEngine, QueueFunction
from ...ports import Ports
from ...ports.delivery import Held, Retry, Settled
from ...signature import given_signature
from .lambda_queue import Source
from .settle_sqs import Settling, held_of

if TYPE_CHECKING:
    from .lambda_ports import Backend
    from .lambda_unit import DeployedFunction

FIRST = "ApproximateFirstReceiveTimestamp"


class Timed(Struct, frozen=True):
    """What an envelope says of its time."""

    due: datetime | None = None


def timer_source(unit: DeployedFunction, backend: Backend, ports: Ports) -> Source:
    """A timer and its function."""
    trigger: Any = unit.function.trigger
    timer = trigger.resource
    function = QueueFunction(
        *(unit.target, timer.name, given_signature(unit.function), timer.codec, trigger.batch),
        *(trigger.attempts_max, trigger.backoff, False, trigger.once, trigger.once_by),
        kind=trigger.kind,
    )
    engine, clock = QueueEngine(function, ports), ports.clock

    async def deliver(held: Sequence[Held]) -> list[Settled]:
        now = clock.time()
        early = {id(one): due_at(one.body) for one in held if due_at(one.body) > now}
        ready = [one for one in held if id(one) not in early]
        waits: list[Settled] = [
            Retry(one.receipt, early[id(one)] - now) for one in held if id(one) in early
        ]
        return [*waits, *(await engine.deliver(ready) if ready else ())]

    put_backs = backend.put_backs() if trigger.runs_once else None
    dead = backend.sender(f"{unit.name}.dead")
    settling = Settling(backend.sender(timer.name), dead, put_backs)
    return Source(received, deliver, settling, put_backs)


def received(record: Mapping[str, Any]) -> Held:
    """With the attempts it has had: one less where the first time was too early. Before it was due
    it did not wait for anybody.
    """
    held, first_at = held_of(record), int(record["attributes"].get(FIRST, 0)) / 1000
    due = due_at(held.body)
    was_early = held.attempt > 1 and 0 < first_at < due
    return replace(held, attempt=held.attempt - was_early, sent_at=max(held.sent_at, due))


def due_at(body: str) -> float:
    """Seconds since the epoch; long ago for what says nothing."""
    try:
        due = TIMED.decode(body).due
    except (MsgspecError, UnicodeError, RecursionError):
        return 0.0  # it is buried as what it is
    return due.timestamp() if due is not None else 0.0


TIMED = json.Decoder(Timed)
