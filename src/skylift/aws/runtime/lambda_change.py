"""A table's stream: its changes to the function that follows it, of one item in order. What fails
keeps back the later changes of its own item and no other's; Lambda asks again from the first that
failed. On its last attempt a change goes to the dead letters, and the stream goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from msgspec import Struct

from ...engine.deliver import QueueEngine, QueueFunction
from ...ports.delivery import Bury, Held, Retry
from ...signature import given_signature
from .change_dynamodb import Written, changes_in, sequence_of
from .lambda_ports import Backend
from .lambda_unit import DeployedFunction, Surroundings, misfit
from .lambda_work import Work
from .progress import State, Tried
from .value_dynamodb import Layout
from .wait import drive

if TYPE_CHECKING:
    from .lambda_event import EventLambda

Record: TypeAlias = Mapping[str, Any]

SETTLING_S = 1.0  # kept for letters and for the ledger
NEWS_S = 5  # what is younger has hardly crashed before


class Handed(Struct, frozen=True):
    """What is needed to bury it."""

    id: str
    body: str
    sent_at: float
    group: str = ""


class Turn(Struct, frozen=True):
    """A change, and which record of its batch it is in."""

    place: int
    written: Written

    @property
    def id(self) -> str:
        return self.written.id


class ChangeLambda:
    """`handle` is what Lambda calls for one function that follows a table."""

    def __init__(self, unit: DeployedFunction, world: Surroundings) -> None:
        self._unit, self._world, self._clock = unit, world, world.clock
        self._work = Work(unit.app, world, is_loop_free=unit.is_loop_free)
        self._backend = Backend(world, unit)
        self._layout = Layout(unit.function.trigger.resource)
        self._engine = QueueEngine(change_function(unit), self._backend.ports(self._work))
        self._progress = self._backend.progress(unit.name)
        self._started: EventLambda | None = None
        self._state, self._left, self._crashes = State(), State(), 0

    def handle(self, event: Any, context: Any) -> Any:
        if not isinstance(event, dict) or "Records" not in event:
            return self._of_one(event, context)
        self._work.begin(context)
        try:
            records = cast("list[Record]", event["Records"])
            failed = self._followed(records, self._turns(records))
        finally:
            self._work.end()
        return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}

    def _of_one(self, event: Any, context: Any) -> None:
        """A dead letter that was redriven: nobody waits for it."""
        if self._started is None:
            from .lambda_event import EventLambda

            self._started = EventLambda(self._unit, self._world, self._work, self._backend)
        self._started.handle(event, context)

    def _turns(self, records: Sequence[Record]) -> list[list[Turn]]:
        """By item, each in the order of the stream."""
        turns: dict[str, list[Turn]] = {}
        try:
            for place, record in enumerate(records):
                for one in changes_in(record, self._layout):
                    turns.setdefault(one.item, []).append(Turn(place, one))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise misfit(self._unit.name, "event of a table's stream", error) from error
        return [*turns.values()]

    def _followed(self, records: Sequence[Record], turns: list[list[Turn]]) -> list[str]:
        """From which record on Lambda is to ask again; nothing when all is done."""
        if not turns:
            return []
        known = drive(
            self._progress.of(str(records[0]["eventID"]), is_late_alone=self._is_late(records))
        )
        self._state, self._crashes = known.state, known.crashes
        self._left = State({}, self._state.done)
        self._warn(known.warning)
        turns.sort(key=self._due)  # nobody else is to wait for what waits
        found = [self._stopped(some) for some in turns]
        places = [turn.place for turn in found if turn is not None]
        if not places:
            return []
        first = records[min(places)]
        self._warn(drive(self._progress.note(str(first["eventID"]), self._left)))
        return [sequence_of(first)]

    def _is_late(self, records: Sequence[Record]) -> bool:
        """One that comes alone, and not for the first time perhaps: Lambda halves what has crashed
        until one is left.
        """
        written_at = float(records[0]["dynamodb"].get("ApproximateCreationDateTime", 0))
        return len(records) == 1 and written_at < self._clock.time() - NEWS_S

    def _due(self, turns: Sequence[Turn]) -> float:
        tried = self._state.failed
        return max([tried[one.id].due for one in turns if one.id in tried], default=0)

    def _stopped(self, turns: Sequence[Turn]) -> Turn | None:
        """The change of this item that has failed, or for which there was no time; those behind it
        have not been tried.
        """
        for one in turns:
            if one.id in self._left.done:
                continue
            before = self._state.failed.get(one.id, Tried(0, 0))
            crashes, self._crashes = self._crashes, 0  # the first was begun with
            after = self._tried(one, Tried(before.times + crashes, before.due))
            if after is not None:
                self._left.failed[one.id] = after
                return one
            self._left.done.add(one.id)
        return None

    def _tried(self, turn: Turn, before: Tried) -> Tried | None:
        """None when it is done with."""
        if not self._has_time(max(before.due - self._clock.time(), 0)):
            return before
        written = turn.written
        handed = Handed(written.id, written.body, written.sent_at)
        held = Held(
            *(handed, written.id, written.body, before.times + 1, written.sent_at, written.item)
        )
        (settled,) = self._work.drive(self._engine.deliver([held]))
        if isinstance(settled, Retry):
            due = self._clock.time() + (settled.after_s or 0)
            return Tried(before.times + settled.counts, due)
        return before if isinstance(settled, Bury) and not self._is_buried(settled) else None

    def _has_time(self, wait_s: float) -> bool:
        """Wait for its turn; False where its handler might not come to its end then. What has all
        the time there is has time enough.
        """
        needed_s = self._unit.function.limits["timeout_s"] + SETTLING_S
        left_s = self._work.workers.until - self._clock.time() - wait_s
        if left_s < needed_s and (wait_s or self._left.done):
            return False
        if wait_s:
            self._world.sleep(wait_s)
        return True

    def _is_buried(self, letter: Bury) -> bool:
        from .settle_sqs import bury, unburied  # what succeeds does not need it

        (error,) = drive(bury([letter], self._backend.sender(f"{self._unit.name}.dead")))
        if error is not None:
            self._warn(unburied(letter, error))
        return error is None

    def _warn(self, text: str) -> None:
        if text:
            self._work.report.warned(self._unit.name, text)


def change_function(unit: DeployedFunction) -> QueueFunction:
    function: Any = unit.function
    trigger = function.trigger
    return QueueFunction(
        *(unit.target, trigger.resource.name, given_signature(function), function.codec, 1),
        *(trigger.attempts_max, trigger.backoff, False, trigger.once, None, trigger.kind),
    )
