"""A function without an event loop. Its coroutine is driven by hand and waits for its verbs only,
each of which blocks until AWS has answered. Lambda gives a process one invocation at a time.

Past its deadline an invocation is dead. An alarm tells so while the handler runs: its verbs raise
Expired from then on, and the log says where it was before Lambda ends the process.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

from ...engine.invoke import run_plain
from ...ports import Clock, Report, Running

if TYPE_CHECKING:
    import signal

    from .lambda_gather import Gathering
else:
    import _signal as signal  # the other makes enums of its names

R = TypeVar("R")

RESERVE_S = 0.1  # before Lambda ends the process: to tell of it, and to answer


class DirectWorkers:
    """`until` is when Lambda will end the process, in seconds since the epoch."""

    def __init__(self, clock: Clock, report: Report) -> None:
        self._clock, self._report = clock, report
        self._gathering: Gathering | None = None
        self.until = 0.0

    def gather(self, verbs: Sequence[Awaitable[Any]]) -> Awaitable[list[Any]]:
        if self._gathering is None:
            from .lambda_gather import Gathering  # who gathers nothing does not need it

            self._gathering = Gathering(self._clock)
        return self._gathering.gather(verbs)

    def ending(self, handler: Awaitable[R]) -> Awaitable[R]:
        return handler

    async def run(self, call: Callable[..., R], /, **arguments: Any) -> R:
        """Here and now: nobody else waits."""
        return run_plain(call, arguments)

    isolated = run

    def left(self, running: Running) -> None:
        """Without a loop there are no tasks."""

    def started(self, running: Running, concurrency_max: int | None) -> None:
        now = self._clock.time()
        running.deadline = min(running.deadline, self.until - RESERVE_S)
        self._alarm(running, max(running.deadline - now, 0.001))

    def ended(self, running: Running) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _alarm(self, running: Running, after_s: float) -> None:
        def ring(_number: int, frame: FrameType | None) -> None:
            running.expire()
            self._report.warned(running.function, f"its deadline has passed, {place_in(frame)}")

        try:
            signal.signal(signal.SIGALRM, ring)
        except ValueError:  # not in the main thread, where a test may call it: nothing rings there
            return
        signal.setitimer(signal.ITIMER_REAL, after_s)


def place_in(frame: FrameType | None) -> str:
    """The innermost line of the author's."""
    from ...engine.told import is_authored  # what ends in time does not need it

    while frame is not None:
        file = frame.f_code.co_filename
        if is_authored(file):
            return f"at {file.rpartition('/')[2]}:{frame.f_lineno} in {frame.f_code.co_name}"
        frame = frame.f_back
    return "outside the handler"
