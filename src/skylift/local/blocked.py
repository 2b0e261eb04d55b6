"""A handler that blocks the event loop is named, with the place where it does.

The loop beats while something runs. A thread looks whether it still does, and when not, who is in
the way: only an author's code inside an invocation is told, so neither our own work nor a process
that stood still as a whole is anybody's fault. While nothing runs, the thread sleeps.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import Any, NamedTuple

from ..engine.told import Place
from ..ports import Clock, Report, Running
from .place import is_authored, place_of

BEAT_S = 0.025  # of the loop, while something runs
BLOCKED_S = 0.1  # what takes longer is told
LOOK_S = 0.05  # after so long without a beat one looks who is in the way
SAMPLE_S = 0.02  # and again, until the next beat
PATIENCE_S = 1.0  # what blocks for so long is told before it ends: it may never
QUIET_S = 60.0  # between two warnings of one place
LOOKS_MAX = 20  # at nothing; then the thread sleeps until it is woken, which costs more than a look
STALL_S = 0.05  # so much too late ourselves: the process stood still, or something held Python
SHARE_MIN = 0.25  # of a processor, for who held Python; on a busy machine nobody gets all of one
PLACES_MAX = 1_000
HINT = (
    "hint: write the handler as a plain `def`, which runs in a thread (isolate=True: in a process "
    "of its own), or await what it waits for"
)

Whose = Callable[[asyncio.Task[Any]], Running | None]


class Step:
    """What an invocation does between two awaits, and where it was seen."""

    def __init__(self, running: Running, since: float) -> None:
        self.running, self.since = running, since
        self.places: Counter[Place] = Counter()
        self.is_told = False


class Look(NamedTuple):
    """What was seen: the invocation in the way, if any, and the author's place in it."""

    at: float
    beaten: float  # by the loop, last
    running: Running | None
    place: Place | None
    held: bool  # Python itself, since the look before


class LoopWatch:
    """`whose` finds the invocation a task belongs to. `begin`, `beat` and `close` are called on the
    loop's thread.
    """

    def __init__(self, clock: Clock, report: Report, whose: Whose) -> None:
        self._loop, self._loop_thread = asyncio.get_running_loop(), threading.get_ident()
        self._now, self._report, self._whose = clock.monotonic, report, whose
        self._thread: threading.Thread | None = None
        self._processor: ProcessorTime
        self._woken = threading.Event()
        self._beaten = 0.0
        self._looked = self._computed = 0.0  # when, and what the loop had computed by then
        self._stood_still = 0.0  # until then
        self._runs = self._sleeps = self._closing = False
        self._told: dict[tuple[str, int], float] = {}

    def begin(self) -> None:
        """Something runs again."""
        self.beat(runs=True)
        if self._thread is None:
            self._processor = ProcessorTime()
            self._looked, self._computed = self._beaten, self._processor.seconds()
            self._thread = threading.Thread(target=self._watch, name="skylift-watch", daemon=True)
            self._thread.start()
        elif self._sleeps:
            self._woken.set()

    def beat(self, *, runs: bool) -> None:
        self._beaten, self._runs = self._now(), runs

    def close(self) -> None:
        self._closing = True
        self._woken.set()
        if self._thread is not None:
            self._thread.join()
            self._processor.close()

    # -- in the thread

    def _watch(self) -> None:
        idle, wait_s = 0, 0.0  # looks at nothing; until the next look, as long as it takes if None
        while not self._closing:
            look = self._look(wait_s if idle < LOOKS_MAX else None)
            idle, wait_s = 0 if self._runs else idle + 1, LOOK_S
            if look.running is not None:
                self._follow(look)

    def _look(self, wait_s: float | None) -> Look:
        """Wait, then see at once who is in the way: who has held Python, and kept us from it, goes
        on as soon as we let go of it.
        """
        due = self._looked + wait_s if wait_s is not None else None
        self._wait(wait_s)
        while True:
            now, beaten = self._now(), self._beaten
            running, place = self._seen() if self._is_late(now) else (None, None)
            computed = self._processor.seconds()  # lets go of it
            if self._now() - now < STALL_S:
                break
        late = now - (self._beaten if due is None else due)
        held = computed - self._computed >= max(late * SHARE_MIN, STALL_S)
        self._looked, self._computed = now, computed
        if late >= STALL_S and not held:
            self._stood_still = now
            return Look(now, beaten, None, None, False)
        return Look(now, beaten, running, place, late >= STALL_S)

    def _wait(self, wait_s: float | None) -> None:
        if wait_s is not None:
            self._woken.wait(wait_s)
            return
        self._sleeps = True
        if not self._runs:  # it may have begun before we said so
            self._woken.wait()
        self._sleeps = False
        if not self._closing:
            self._woken.clear()

    def _is_late(self, now: float) -> bool:
        return self._runs and now - max(self._beaten, self._stood_still) >= LOOK_S

    def _seen(self) -> tuple[Running | None, Place | None]:
        """The invocation that the loop is at, and the author's innermost place in it."""
        task = asyncio.current_task(self._loop)
        running = self._whose(task) if task is not None else None
        if task is None or running is None:
            return None, None
        outermost = getattr(task.get_coro(), "cr_frame", None)
        frames = sys._current_frames()  # pyright: ignore[reportPrivateUsage]
        return running, _place(frames.get(self._loop_thread), outermost)

    def _follow(self, look: Look) -> None:
        """Who is in the way, until the loop beats again."""
        beaten, stood_still = look.beaten, self._stood_still
        since = looked = max(beaten + BEAT_S, stood_still)  # a beat was due then, and is missing
        step: Step | None = None
        while look.beaten == beaten and self._stood_still == stood_still and not self._closing:
            if step is not None and (step.running is not look.running or look.place is None):
                self._warn(step, looked)
                step, since = None, looked if look.held else look.at
            if look.running is not None and look.place is not None:
                step = step or Step(look.running, since)
                step.places[look.place] += 2 if look.held else 1
                self._warn(step, look.at, patience_s=PATIENCE_S)
            else:
                since = look.at
            looked = look.at
            look = self._look(SAMPLE_S)
        if step is not None and self._stood_still == stood_still:
            self._warn(step, self._beaten)

    def _warn(self, step: Step, until: float, *, patience_s: float = BLOCKED_S) -> None:
        """Tell of it, once. What was seen once only may have been there for a moment."""
        took = until - step.since
        if took < patience_s or step.places.total() < 2 or step.is_told:
            return
        step.is_told = True
        place = step.places.most_common(1)[0][0]
        where, now = (place.file, place.line), self._now()
        if now - self._told.get(where, float("-inf")) < QUIET_S:
            return
        if len(self._told) >= PLACES_MAX:
            self._told.clear()
        self._told[where] = now
        still = " so far" if patience_s > BLOCKED_S else ""
        self._report.warned(
            step.running.function,
            f"blocked the event loop for {took:.2f} s{still}, at {place.file}:{place.line} in "
            f"{place.function}(): nothing else could run. {HINT}",
        )


def _place(frame: FrameType | None, outermost: FrameType | None) -> Place | None:
    """The author's innermost in a task, which begins with its outermost frame."""
    while frame is not None and not is_authored(frame.f_code.co_filename):
        frame = None if frame is outermost else frame.f_back
    return place_of(frame) if frame else None


class ProcessorTime:
    """What the thread that made this has computed, read by another; where the kernel does not say,
    it computes nothing.
    """

    def __init__(self) -> None:
        path = f"/proc/self/task/{threading.get_native_id()}/schedstat"
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self._file = -1

    def seconds(self) -> float:
        if self._file < 0:
            return 0.0
        return int(os.pread(self._file, 64, 0).split()[0]) / 1e9

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
