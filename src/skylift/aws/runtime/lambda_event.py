"""Events that nobody waits for: a topic's, a bus's, a schedule's, and what somebody starts. One is
one message. Lambda itself calls again, after one minute and after two, when the call has ended in
an error; then it sends the event to the dead letters, with the error as its reason.

Lambda does not say which attempt it is. Only who asks for its Context pays for counting them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ...codec.envelope import moment
from ...engine.deliver import QueueEngine, QueueFunction
from ...ports.delivery import Bury, Done, Held, Retry, Settled
from ...resources.waits import ASYNC_ATTEMPTS_MAX, ASYNC_WAITS
from ...signature import given_signature
from .event import arrived
from .lambda_ports import Backend
from .lambda_unit import DeployedFunction, Surroundings
from .lambda_work import Work
from .wait import drive

if TYPE_CHECKING:
    from .attempt import Attempts

KINDS = frozenset(["topic", "bus", "schedule"])  # whose events come so; all else was started
BEHIND = "another run of the same has not ended yet, or the ledger could not be asked"


class Unfinished(Exception):
    """A message that is to come back. Lambda keeps the text for the dead letters."""


class Handed(Struct, frozen=True):
    """What is needed to bury it."""

    id: str  # of the request
    body: str
    sent_at: float
    group: str = ""


class EventLambda:
    """`handle` is what Lambda calls for one event."""

    def __init__(
        self,
        unit: DeployedFunction,
        world: Surroundings,
        work: Work | None = None,
        backend: Backend | None = None,
    ) -> None:
        """`work` and `backend` are those of a function that is called in another way too."""
        self._unit, self._clock = unit, world.clock
        self._work = work or Work(unit.app, world, is_loop_free=unit.is_loop_free)
        self._backend = backend or Backend(world, unit)
        function = event_function(unit)
        self._engine = QueueEngine(function, self._backend.ports(self._work))
        self._attempts_max = function.attempts_max
        self._attempts: Attempts | None = None
        if function.signature.has_context and function.attempts_max > 1:
            self._attempts = self._backend.attempts()

    def handle(self, event: Any, context: Any) -> None:
        self._work.begin(context)
        try:
            held = self._held(event, context.aws_request_id)
            (settled,) = self._work.drive(self._engine.deliver([held]))
            self._end(settled)
        finally:
            self._work.end()

    def _held(self, event: Any, request_id: str) -> Held:
        """An event keeps its request's id over all attempts."""
        found = arrived(event)
        sent_at = moment(found.sent_at) if found.sent_at else None
        since = self._clock.time() if sent_at is None else sent_at.timestamp()
        handed = Handed(request_id, found.text, since)
        attempt = self._attempt(request_id)
        return Held(handed, found.id or request_id, found.text, attempt, since)

    def _attempt(self, request_id: str) -> int:
        if self._attempts is None:
            return 1
        count, warning = drive(self._attempts.counted(request_id))
        if warning:
            self._work.report.warned(self._unit.name, warning)
        return min(count, self._attempts_max)  # Lambda may hand over an event twice

    def _end(self, settled: Settled) -> None:
        if isinstance(settled, Retry):
            raise Unfinished(settled.error or BEHIND)
        if isinstance(settled, Bury):
            drive(self._buried(settled))
        else:
            assert isinstance(settled, Done)

    async def _buried(self, letter: Bury) -> None:
        """Where it cannot be, Lambda is to try again, and sends it there itself in the end."""
        from .settle_sqs import bury, unburied  # what succeeds does not need it

        (error,) = await bury([letter], self._backend.sender(f"{self._unit.name}.dead"))
        if error is not None:
            self._work.report.warned(self._unit.name, unburied(letter, error))
            raise Unfinished(letter.error)


def event_function(unit: DeployedFunction) -> QueueFunction:
    """What is called so of a function, whatever else calls it: Lambda has its own waits, and makes
    three attempts at most.
    """
    function: Any = unit.function
    trigger = function.trigger
    kind = trigger.kind if trigger.kind in KINDS else "start"
    return QueueFunction(
        *(unit.target, trigger.resource.name, given_signature(function), function.codec),
        *(trigger.batch, min(trigger.attempts_max, ASYNC_ATTEMPTS_MAX), ASYNC_WAITS, False),
        *(trigger.once, trigger.once_by, kind),
    )
