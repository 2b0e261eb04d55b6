"""An app in a test: what one may ask of it, and do with it, while its block runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from ..function import Function
from ..graph.model import Graph
from ..local.backend import LocalBackend
from ..local.mail import Mail, mails
from ..ports.delivery import Counts
from ..resources.api import Api, Route
from ..resources.channel import Channel
from ..resources.queue import Queue
from ..telemetry.memory import MemoryTelemetry
from ..telemetry.record import Log
from ..telemetry.recorder import OWN_LOGGER
from ..telemetry.tree import Trace
from ..user import Caller
from .channel import ChannelClient
from .clock import VirtualClock
from .contention import Contention
from .course import REAL_S, Course
from .http import AnswerTo, Http

E = TypeVar("E")

LETTERS = "SELECT source, id, reason, error FROM dead ORDER BY seq LIMIT 10"


@dataclass(frozen=True)
class Parts:
    """What a world is made of."""

    graph: Graph
    backend: LocalBackend
    clock: VirtualClock
    course: Course
    contention: Contention
    telemetry: MemoryTelemetry
    answering: Mapping[str, AnswerTo]  # by the name of the Api
    seed: int


class WorldClock:
    """The time in a world. It stands still until a test moves it."""

    def __init__(self, clock: VirtualClock, course: Course) -> None:
        self._clock, self._course = clock, course

    def now(self) -> datetime:
        return self._clock.now()

    async def advance(self, by: timedelta | None = None, /, **units: float) -> None:
        """`advance(minutes=5)`, or a timedelta: let so much time pass. What becomes due on the way
        happens at its time and in order: messages sent with a delay, retries, ends of leases,
        deadlines; what is too old goes.
        """
        by = timedelta(**units) + (by or timedelta())
        if by < timedelta():
            raise ValueError("time does not go back")
        await self._course.advance(self._clock.time() + by.total_seconds())


class World:
    """Made by `running(app)`. `logs`, `traces` and `failures` are all so far, the newest last."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._course = parts.course
        self._last_words: str | None = None
        self.seed = parts.seed
        self.clock = WorldClock(parts.clock, parts.course)

    def __repr__(self) -> str:
        return f"<World of {self._parts.graph.app}, seed={self.seed}, {self.clock.now():%F %T}>"

    # -- what comes in, and what becomes of it

    @property
    def http(self) -> Http:
        """The app's only Api."""
        names = list(self._parts.answering)
        if len(names) != 1:
            said = ", ".join(map(repr, names)) or "none"
            raise LookupError(f"{self._parts.graph.app} has {said}: say world.api(name)")
        return self.api(names[0])

    def api(self, api: Api | str) -> Http:
        name = api if isinstance(api, str) else api.name
        answer = self._parts.answering.get(name)
        if answer is None:
            raise LookupError(f"{self._parts.graph.app} has no Api {name!r}")
        return Http(
            lambda request: self._course.call(partial(awaited, answer, request)),
            partial(self._token, name),
        )

    async def _token(self, api: str, caller: Caller) -> str:
        """A token for somebody, of the users that this Api asks for."""
        routes = (node.function.trigger for node in self._parts.graph.functions)
        for route in routes:
            if isinstance(route, Route) and route.resource.name == api and route.users is not None:
                return await self._parts.backend.users[route.users].access_token(caller)
        raise LookupError(f"no route of api {api!r} asks who calls: as_() means nothing there")

    async def mail(self, address: str = "") -> list[Mail]:
        """What was sent to an address, or to all, the newest last: `sender`, `address`, `subject`,
        `body`.
        """
        return mails(self._parts.backend.database, address)

    def channel(self, channel: Channel[E, ...]) -> ChannelClient[E]:
        """Whom a test may subscribe to it: see `subscribe`."""
        if channel.name not in self._parts.backend.channels:
            raise LookupError(f"{self._parts.graph.app} has no channel {channel.name!r}")
        return ChannelClient(channel, self._parts.backend, self._course)

    async def settle(self, real_s: float = REAL_S) -> None:
        """Until nothing is under way: what is ready was handled, what failed has come back until it
        was done or dead, and indexes show every write. The clock jumps to what comes back and to
        deadlines, never past the time of a timer or of a message sent with `delay_s`: that is
        `clock.advance`'s.

        Sockets and threads are waited for, in real time and for at most `real_s` without a change.
        Unsettled, with a list, when something goes on for ever.
        """
        await self._course.settle(real_s)

    @property
    def contention(self) -> float:
        """The share of tries at which a write meets another; it may be set at any time."""
        return self._parts.contention.share

    @contention.setter
    def contention(self, share: float) -> None:
        self._parts.contention.share = share

    # -- what can be seen

    async def counts(self, of: Queue[Any] | Function[..., Any]) -> Counts:
        """How many messages are `ready`, `in_flight`, `delayed` and `dead`: of a queue, or of those
        that will call a function by another way.
        """
        backend = self._parts.backend
        found = (backend.inboxes if isinstance(of, Function) else backend.queues).get(of.name)
        if found is None:
            said = f"{of!r} has no inbox" if isinstance(of, Function) else f"no queue {of.name!r}"
            raise LookupError(f"{self._parts.graph.app}: {said}")
        return await found.counts()

    @property
    def logs(self) -> list[Log]:
        return self._parts.telemetry.logs

    @property
    def traces(self) -> list[Trace]:
        return self._parts.telemetry.traces

    @property
    def failures(self) -> list[Log]:
        """What was told of as failed: `function`, `text` ("ValueError: …") and, with the author's
        lines, `exception`.
        """
        return [one for one in self.logs if one.logger == OWN_LOGGER and one.level == "ERROR"]

    def told(self) -> str:
        """What somebody wants to know whose test has failed."""
        return self._last_words if self._last_words is not None else "\n".join(self._telling())

    def end(self) -> None:
        """Nothing can be asked of the state any more."""
        words = list(self._telling())
        self._last_words = "\n".join(words)

    def _telling(self) -> Iterator[str]:
        yield f"{self!r}: --skylift-seed={self.seed} plays it again"
        failures = Counter((one.function, one.exception.rstrip()) for one in self.failures)
        for (function, error), count in failures.items():
            yield f"{function} failed{f' {count} times' if count > 1 else ''}: {error}"
        backend = self._parts.backend
        for source, id, reason, error in backend.database.execute(LETTERS) if backend.dead else ():
            yield f"dead letter of {source}: {id}, {reason}: {error}"


async def awaited(answer: AnswerTo, request: Any) -> Any:
    """As a coroutine, which a task needs."""
    return await answer(request)
