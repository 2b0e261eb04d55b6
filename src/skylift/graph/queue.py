"""What can be wrong with a Queue, before a message is ever sent to it. How its consumer takes them
is told in `consumer.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from ..errors import Mistake
from ..function import Function
from ..resources.queue import Consumption, Queue
from . import consumer, message
from .consumer import HIDDEN_S_MAX, Wrong
from .limits import RANGES, is_number, is_whole

RETENTION_S = (60, 1_209_600)
LEASE_TIMEOUTS = 6  # a lease outlasts so many time-outs of the consumer, when it is not said
BATCH_MAX, FIFO_BATCH_MAX = 10_000, 10


def mistakes(queue: Queue[Any], functions: list[Function[..., Any]]) -> Iterator[Mistake]:
    said = f"queue {queue.name!r}"
    for reason, remedy in [
        *message.wrong(queue.message),
        *_options(queue),
        *_lease(queue, functions),
    ]:
        yield Mistake(queue.place, f"{said}: {reason}", remedy)
    for function in functions:
        yield from consumer.mistakes(function, fifo=queue.fifo is True)
        call, trigger = f"{function.handler.__name__}()", cast(Consumption, function.trigger)
        for reason, remedy in _taking(trigger, fifo=queue.fifo is True):
            yield Mistake(function.place, f"{call}: {reason}", remedy)
    for other in functions[1:]:
        reason = f"queue {queue.name!r} has a consumer already, at {functions[0].place}"
        yield Mistake(other.place, reason, "two would take each other's messages: use two queues")


def lease_s(queue: Queue[Any], timeout_s: float | None) -> float | None:
    """How long a message is its consumer's, where it is said or follows from its time-out."""
    if queue.lease_s is not None or timeout_s is None:
        return queue.lease_s
    return LEASE_TIMEOUTS * timeout_s


def _options(queue: Queue[Any]) -> Iterator[Wrong]:
    fifo, dedup = cast(object, queue.fifo), cast(object, queue.dedup)
    if not isinstance(fifo, bool):
        yield f"fifo={fifo!r}", "fifo is True or False"
    if queue.lease_s is not None and not _is_lease(queue.lease_s):
        reason = f"lease_s={queue.lease_s!r}, allowed are more than 0 and up to {HIDDEN_S_MAX:,}"
        yield reason, "SQS hides a message for 12 hours at most"
    if not is_number(queue.retention_s, *RETENTION_S):
        low, high = RETENTION_S
        reason = f"retention_s={queue.retention_s!r}, allowed are {low} to {high:,}"
        yield reason, "SQS keeps a message for 14 days at most"
    if dedup not in (None, "content"):
        remedy = 'write dedup="content", or give each message its own: send(…, dedup=id)'
        yield f"dedup={dedup!r}", remedy
    elif dedup is not None and fifo is False:
        remedy = "say fifo=True, or once_by= on the consumer"
        yield "dedup= needs fifo=True: a standard queue drops nothing", remedy


def _lease(queue: Queue[Any], functions: list[Function[..., Any]]) -> Iterator[Wrong]:
    low, high, _ = RANGES["timeout_s"]
    for function in functions:
        timeout = function.limits["timeout_s"]
        if not is_number(timeout, low, high) or not _is_lease(queue.lease_s):
            continue
        if queue.lease_s is not None and queue.lease_s < timeout:
            call = f"{function.handler.__name__}()"
            reason = f"lease_s={queue.lease_s:g} ends before {call} must: timeout_s={timeout:g}"
            remedy = "it would be given out again meanwhile; leave lease_s away for 6 x timeout_s"
            yield reason, remedy


def _is_lease(value: object) -> bool:
    return is_number(value, 0, HIDDEN_S_MAX) and value != 0


def _taking(trigger: Consumption, *, fifo: bool) -> Iterator[Wrong]:
    batch_max = FIFO_BATCH_MAX if fifo else BATCH_MAX
    if not is_whole(trigger.batch, 1, batch_max):
        reason = f"batch={trigger.batch!r}, allowed are whole numbers from 1 to {batch_max:,}"
        yield reason, f"SQS hands over {batch_max:,} at most{' of a FIFO queue' * fifo}"
    yield from consumer.once_wrong(trigger)
