"""Takes what is ready from the queues and has it delivered: a few deliveries a tick of the loop, in
turn over the functions, so that none of them, and no request, waits long.

It is woken by what arrives, by what ends and by the clock; it never polls.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, cast

from ..ports import Clock
from ..ports.delivery import Held, Settled
from .alarm import Alarms, Ringing
from .traffic import Traffic

Deliver = Callable[[Sequence[Held]], Awaitable[list[Settled]]]

IN_FLIGHT_MAX = 100  # deliveries of one function at a time, unless it says concurrency_max
ALONE_S_MAX = 2.0  # others wait so long for a suspect, no longer
STARTS_BESIDE_HTTP, STARTS = 1, 32  # deliveries begun in one tick
HTTP_LATELY_S = 1.0
NEVER = float("inf")
AGAIN_S = 0.001
ASKED_MAX, ASKED_S = 20, 0.05  # to end, and how long that may take
YOUNG_S, PAUSE_S_MAX = 0.002, 0.002  # a request younger than this goes first, for so long


class Source(Protocol):
    """What messages are taken from: a queue, or the dead letters of a function."""

    def take(self, count: int) -> list[Held]: ...
    def take_suspect(self) -> list[Held]: ...
    def settle_later(self, settled: Sequence[Settled]) -> None: ...
    def next_at(self) -> float | None: ...


class Lane:
    """A source and the function it feeds. `deliver` may be replaced at any time, as a reload does:
    what runs finishes on the old one.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.deliver: Deliver | None = None
        self.batch, self.concurrency_max = 1, IN_FLIGHT_MAX
        self.running = 0
        self.is_ready = False  # as far as is known, there is something to take


class Pump:
    def __init__(self, clock: Clock, alarms: Alarms, traffic: Traffic) -> None:
        self._loop = asyncio.get_running_loop()
        self._clock, self._alarms, self._traffic = clock, alarms, traffic
        self._lanes: Sequence[Lane] = ()
        self._ready: deque[Lane] = deque()
        self._tasks = set[asyncio.Task[None]]()
        self._alarm: Ringing | None = None
        self._alarm_at = NEVER
        self._is_woken = self._is_stopped = False
        self._has_suspects = True
        self._alone: asyncio.Task[None] | None = None  # a suspect's delivery
        self._alone_until = 0.0
        self._paused_since: float | None = None
        self._is_owed = False  # it has given way for long enough

    def serve(self, lanes: Sequence[Lane]) -> None:
        """Take from these, and from no others."""
        self._lanes = lanes
        self._ready.clear()
        for lane in lanes:
            lane.is_ready = False
            self.look(lane)

    def look(self, lane: Lane) -> None:
        """There may be something to take from it."""
        if not lane.is_ready and lane in self._lanes:
            lane.is_ready = True
            self._ready.append(lane)
        self.wake()

    def wake(self) -> None:
        """Have the next tick begin what it can."""
        if not self._is_woken and not self._is_stopped and self._ready:
            self._is_woken = True
            self._loop.call_soon(self._turn)

    @property
    def running(self) -> int:
        return len(self._tasks)

    async def stop(self, grace_s: float) -> None:
        """Take nothing more, let what runs finish; what does not in time is given back."""
        self._is_stopped = True
        if self._alarm is not None:
            self._alarm.cancel()
        if self._tasks and grace_s > 0:
            await asyncio.wait(self._tasks, timeout=grace_s)
        await end_tasks(self._tasks)

    def _turn(self) -> None:
        self._is_woken = False
        if self._is_stopped or self._waits_for_suspects() or self._gives_way():
            return
        for _ in range(self._starts()):
            while self._ready and not self._started(self._ready[0]):
                lane = self._ready.popleft()
                lane.is_ready = False
                if lane.running < lane.concurrency_max:  # else it is looked at when one has ended
                    self._set_alarm(lane.source.next_at())
            if not self._ready:
                return
            self._ready.rotate(-1)
        self.wake()

    def _started(self, lane: Lane) -> bool:
        if lane.deliver is None or lane.running >= lane.concurrency_max:
            return False
        held = lane.source.take(lane.batch)
        if held:
            self._run(lane, lane.deliver, held)
        return bool(held)

    def _run(self, lane: Lane, deliver: Deliver, held: list[Held]) -> asyncio.Task[None]:
        lane.running += 1
        # Made directly: what notes an author's tasks need not look at ours.
        task = asyncio.Task(self._delivered(lane, deliver, held), loop=self._loop)
        self._tasks.add(task)
        return task

    async def _delivered(self, lane: Lane, deliver: Deliver, held: list[Held]) -> None:
        try:
            lane.source.settle_later(await deliver(held))
        except (Exception, GeneratorExit) as error:  # ours: their leases bring the messages back
            told = "a delivery could not be carried out: it comes back when its lease ends"
            self._loop.call_exception_handler({"message": told, "exception": error})
        finally:
            lane.running -= 1
            self._tasks.discard(cast("asyncio.Task[None]", asyncio.current_task(self._loop)))
            self.look(lane)

    # -- who goes first

    def _starts(self) -> int:
        if self._is_owed:
            self._is_owed = False
            return STARTS
        lately = self._clock.monotonic() - self._traffic.last_at < HTTP_LATELY_S
        return STARTS_BESIDE_HTTP if lately else STARTS

    def _gives_way(self) -> bool:
        """A request that has just come goes first, but not for ever: another may follow it."""
        now = self._clock.monotonic()
        if not self._traffic.running or now - self._traffic.last_at > YOUNG_S:
            self._paused_since = None
            return False
        if self._paused_since is None:
            self._paused_since = now
        if now - self._paused_since > PAUSE_S_MAX:
            self._paused_since, self._is_owed = now, True
            return False
        self.wake()
        return True

    def _waits_for_suspects(self) -> bool:
        """What was in flight when the process died runs alone, one after another: if it is what
        killed it, it takes nothing else with it.
        """
        if not self._has_suspects:
            return False
        is_alone = self._alone is not None and not self._alone.done()
        if is_alone and self._clock.monotonic() < self._alone_until:
            return True
        for lane in self._lanes:
            held = lane.source.take_suspect() if lane.deliver is not None else []
            if held and lane.deliver is not None:
                self._alone = self._run(lane, lane.deliver, held)
                self._alone_until = self._clock.monotonic() + ALONE_S_MAX
                self._alarms.at(self._clock.time() + ALONE_S_MAX, self.wake)
                return True
        self._has_suspects = False
        return False

    # -- what comes by the clock

    def _set_alarm(self, at: float | None) -> None:
        if at is None or at >= self._alarm_at:
            return
        at = max(at, self._clock.time() + AGAIN_S)  # what is due already could not be taken
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm_at = at
        self._alarm = self._alarms.at(at, self._ring)

    def _ring(self) -> None:
        self._alarm, self._alarm_at = None, NEVER
        for lane in self._lanes:
            self.look(lane)  # it sets the alarm anew when there is nothing to take


async def end_tasks(tasks: set[asyncio.Task[Any]]) -> None:
    """Cancel what is in this set, from which they go by themselves. Who goes on all the same is
    asked again, and not for ever.
    """
    for _ in range(ASKED_MAX):
        if not tasks:
            return
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=ASKED_S)
