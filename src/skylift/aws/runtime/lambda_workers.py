"""A function without an event loop. Its coroutine is driven by hand and never waits for anything:
a verb blocks until AWS has answered. Lambda gives a process one invocation at a time.

Past its deadline an invocation is dead. An alarm tells so while the handler runs: its verbs raise
Expired from then on, and the log says where it was before Lambda ends the process.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

from ...ports import Clock, Report, Running

if TYPE_CHECKING:
    import signal
else:
    import _signal as signal  # the other makes enums of its names

R = TypeVar("R")

RESERVE_S = 0.1  # before Lambda ends the process: to tell of it, and to answer
THROWN_MAX = 3  # into a handler that goes on waiting
WAITS = (
    "it waits for something that needs an event loop, and was built without one. hint: import "
    "asyncio in the function's own module, so that the build gives it a loop; or await verbs only"
)


def drive(coroutine: Coroutine[Any, Any, R]) -> R:
    """What it returns; where it waits for an event loop it is told so, which fails its handler."""
    try:
        coroutine.send(None)
        for _ in range(THROWN_MAX):
            coroutine.throw(RuntimeError(WAITS))
    except StopIteration as ended:
        return ended.value
    coroutine.close()
    raise RuntimeError(WAITS)


class DirectWorkers:
    """`until` is when Lambda will end the process, in seconds since the epoch."""

    def __init__(self, clock: Clock, report: Report) -> None:
        self._clock, self._report = clock, report
        self.until = 0.0

    async def gather(self, verbs: Sequence[Awaitable[Any]]) -> list[Any]:
        """One after the other; the first error is raised once all have ended."""
        done: list[Any] = []
        failed: Exception | None = None
        for verb in verbs:
            try:
                done.append(await verb)
            except Exception as error:
                failed = failed or error
        if failed is not None:
            raise failed
        return done

    def ending(self, handler: Awaitable[R]) -> Awaitable[R]:
        return handler

    async def run(self, call: Callable[..., R], /, **arguments: Any) -> R:
        """Here and now: nobody else waits."""
        try:
            return call(**arguments)
        except (StopIteration, GeneratorExit) as error:  # they would end who drives
            raise RuntimeError(f"{call.__name__} raised {type(error).__name__}") from error

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
