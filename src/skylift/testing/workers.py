"""The invocations under way in a world. Their deadlines are its clock's: nobody watches over them
between two moves of it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

from ..engine.told import Place
from ..errors import Throttled
from ..invocation import Invocation
from ..local.ending import abandon
from ..local.place import places_along
from ..local.workers import LoopWorkers
from ..ports import Running
from .clock import Alarm, VirtualClock

LINES_MAX = 20
MANY = 1_000
ASKED_MAX = 20  # to end after its deadline


@dataclass(frozen=True)
class UnderWay:
    """One invocation that has begun and not ended."""

    running: Invocation
    task: asyncio.Task[Any] | None
    deadline: Alarm

    @property
    def awaited(self) -> object:
        """What it waits for; another one when it has gone on."""
        return getattr(self.task, "_fut_waiter", None)

    @property
    def place(self) -> Place | None:
        """The author's line it has come to."""
        coroutine: Any = None if self.task is None else self.task.get_coro()
        return next(reversed(list(places_along(coroutine))), None)

    def expire(self) -> None:
        self.running.expire()
        if self.task is not None:
            self.task.cancel()

    def __str__(self) -> str:
        cause, place = self.running.cause, self.place
        started = datetime.fromtimestamp(self.running.started, UTC)
        told = f"{self.running.function} runs since {started:%H:%M:%S}, called by {cause.source}"
        if cause.delivery_id:
            told += f" (message {cause.delivery_id}, attempt {cause.attempt})"
        return f"{told}, and waits at {place.file}:{place.line}" if place else told


class WorldWorkers:
    """Workers, with the threads and processes of `inner`."""

    def __init__(self, inner: LoopWorkers, clock: VirtualClock) -> None:
        self._inner, self._clock = inner, clock
        self._under_way: dict[Running, UnderWay] = {}
        self._counts = Counter[str]()  # of those under way, by function
        self._begun = Counter[str]()  # by function
        self._asked = Counter[Running]()  # to end, in vain
        self.count = 0  # of all that have begun

    @property
    def under_way(self) -> list[UnderWay]:
        return list(self._under_way.values())

    @property
    def awaited(self) -> frozenset[object]:
        """Who waits for what; changes whenever one begins, goes on or ends."""
        return frozenset((one.running, one.awaited) for one in self._under_way.values())

    @property
    def next_deadline(self) -> float | None:
        """Of those that have not passed."""
        alive = (one.running for one in self._under_way.values() if not one.running.expired)
        return min((one.deadline for one in alive), default=None)

    def expire_again(self) -> None:
        """Those that go on after their deadline."""
        for one in self.under_way:
            if one.running.expired:
                self._asked[one.running] += 1
                if one.task is None or self._asked[one.running] < ASKED_MAX:
                    one.expire()
                else:
                    abandon(one.task)

    def told(self) -> Iterator[str]:
        """What is under way, and what was called most."""
        yield from map(str, self.under_way[:LINES_MAX])
        if self.count > MANY:
            for function, count in self._begun.most_common(3):
                yield f"{function} was called {count:,} times"

    def gather(self, verbs: Sequence[Awaitable[Any]]) -> Awaitable[list[Any]]:
        return self._inner.gather(verbs)

    def ending(self, handler: Coroutine[Any, Any, Any]) -> Awaitable[Any]:
        return self._inner.ending(handler)

    def run(self, call: Callable[..., Any], /, **arguments: Any) -> Awaitable[Any]:
        return self._inner.run(call, **arguments)

    def isolated(self, call: Callable[..., Any], /, **arguments: Any) -> Awaitable[Any]:
        return self._inner.isolated(call, **arguments)

    def left(self, running: Running) -> Exception | None:
        return self._inner.left(running)

    def started(self, running: Running, concurrency_max: int | None) -> None:
        name = running.function
        if concurrency_max is not None and self._counts[name] >= concurrency_max:
            raise Throttled(f"{name} runs {concurrency_max} times already")
        self._counts[name] += 1
        self._begun[name] += 1
        self.count += 1
        alarm = self._clock.at(running.deadline, partial(self._expire, running))
        invocation = cast(Invocation, running)
        self._under_way[running] = UnderWay(invocation, asyncio.current_task(), alarm)

    def ended(self, running: Running) -> None:
        one = self._under_way.pop(running, None)
        if one is not None:
            one.deadline.cancel()
            del self._asked[running]
            self._counts[running.function] -= 1
            if not self._under_way:
                self._inner.renew()  # a process that rests would look as if it were at work

    def _expire(self, running: Running) -> None:
        if running in self._under_way:
            self._under_way[running].expire()
