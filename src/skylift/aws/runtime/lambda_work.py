"""What stands around each event, whatever its kind: until when there is time, who is told, and how
a coroutine is run.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from .lambda_report import LambdaReport
from .lambda_unit import Surroundings
from .lambda_workers import RESERVE_S, DirectWorkers
from .wait import NEVER, drive, ending

if TYPE_CHECKING:
    from .lambda_loop import LoopWorkers

R = TypeVar("R")


class Work:
    """One process, which Lambda gives one event at a time."""

    def __init__(self, app: str, world: Surroundings, *, is_loop_free: bool = True) -> None:
        self._clock = world.clock
        self.report = LambdaReport(app, world)
        self.workers: DirectWorkers | LoopWorkers
        self._drive: Callable[[Coroutine[Any, Any, Any]], Any]
        self._beside: Callable[[Any], Any] | None
        if is_loop_free:
            self.workers, self._drive = DirectWorkers(world.clock, self.report), drive
            self._beside = None
        else:
            from .lambda_loop import LoopWorkers

            self.workers = LoopWorkers(world.clock, self.report)
            self._drive, self._beside = self.workers.drive, self.workers.beside

    def begin(self, context: Any) -> None:
        until = self._clock.time() + context.get_remaining_time_in_millis() / 1000
        self.workers.until = until
        ending.set(until - RESERVE_S)  # what is settled in vain must not cost what was handled
        self.report.begin(context.aws_request_id)

    def end(self) -> None:
        ending.set(NEVER)
        self.report.end()

    def beside(self, adapter: Any) -> Any:
        """The adapter as a handler may await it: where there is a loop, off it."""
        return adapter if self._beside is None else self._beside(adapter)

    def drive(self, coroutine: Coroutine[Any, Any, R]) -> R:
        return self._drive(coroutine)
