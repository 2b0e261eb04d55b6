"""Resources on the local backend without an app around them: `async with Stand(notes, seats)`, and
their verbs work. Functions given beside them are not run: what would call them lies in their
inboxes. Time stands still until a test moves it; chance counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from contextvars import Token
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from ..function import Function
from ..graph.model import Graph, Node
from ..invocation import EVERYTHING, NOTHING, Invocation, current
from ..local.backend import ADAPTERS, SURROUNDED
from ..local.database import Database
from ..local.dead import SqliteDead
from ..local.inbox import Receivers, inbox_queues, letters_of, wire
from ..local.mail import mails
from ..local.once import SqliteLedger
from ..local.queue import SqliteQueue
from ..local.secret import Secrets
from ..local.store import SqliteStore
from ..local.vault import KEY_BYTES, KEY_VARIABLE, Vault
from ..local.workers import LoopWorkers
from ..ports import Ports, Running
from ..ports.delivery import Bury
from ..resources.channel import Channel
from ..resources.dead import DeadLetters
from ..resources.resource import Resource
from ..signature import Signature
from .channel import Listening


class StandClock:
    """Starts long after today, so that a leaked real clock is seen at once."""

    def __init__(self) -> None:
        self._now = datetime(2061, 7, 28, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def time(self) -> float:
        return self._now.timestamp()

    def monotonic(self) -> float:
        return self._now.timestamp()

    def advance(self, **units: float) -> None:
        """`advance(minutes=5)`."""
        self._now += timedelta(**units)


class CountingEntropy:
    def __init__(self) -> None:
        self._drawn = 0

    def token_bytes(self, count: int) -> bytes:
        self._drawn += 1
        return self._drawn.to_bytes(count, "big")


class StandAlarms:
    """Ring when somebody has moved the clock and lets them."""

    def __init__(self, clock: StandClock) -> None:
        self._clock = clock
        self._set: list[StandRinging] = []

    def at(self, when: float, call: Callable[[], object]) -> StandRinging:
        ringing = StandRinging(when, call)
        self._set.append(ringing)
        return ringing

    def ring(self) -> bool:
        """Those that are due; whether there were any."""
        now = self._clock.time()
        due = [one for one in self._set if one.when <= now]
        self._set = [one for one in self._set if one.when > now]
        for one in due:
            one.ring()
        return bool(due)


class StandRinging:
    def __init__(self, when: float, call: Callable[[], object]) -> None:
        self.when, self._call, self._is_off = when, call, False

    def ring(self) -> None:
        if not self._is_off:
            self._call()

    def cancel(self) -> None:
        self._is_off = True


class Failures:
    """Every failure that was told to people."""

    def __init__(self) -> None:
        self.told: list[BaseException] = []
        self.warnings: list[str] = []

    def failed(self, running: Running, error: BaseException) -> None:
        self.told.append(error)

    def warned(self, function: str, text: str) -> None:
        self.warnings.append(text)

    def buried(self, function: str, letter: Bury) -> None:
        self.warnings.append(letter.told)

    def ended(self, running: Running, error: BaseException | None) -> None:
        """Nobody asks for spans here."""


class Stand:
    """The declarations of a test, open. With a `path` their state is kept for another stand."""

    def __init__(self, *declared: Resource | Function[..., Any], path: Path | None = None) -> None:
        self._graph, self._path = graph_of(declared), path
        self._letters = [
            cast("DeadLetters[Any]", one) for one in declared if isinstance(one, DeadLetters)
        ]
        self.clock = StandClock()
        self.entropy = CountingEntropy()
        self.failures = Failures()
        self.alarms = StandAlarms(self.clock)
        self.environment = {KEY_VARIABLE: KEY_BYTES * "00"}

    async def __aenter__(self) -> Stand:
        self.database = Database(self._path)
        vault = Vault("stand", self.environment)
        self._secrets = Secrets(self.database, vault, self.clock, self.entropy)
        opened: dict[str, Any] = {}
        for one in self._graph.resources:
            opened[one.name] = self._opened(one)
        queues = {name: one for name, one in opened.items() if isinstance(one, SqliteQueue)}
        self.inboxes = {
            name: SqliteQueue(self.database, queue, self.clock)
            for name, queue in inbox_queues(self._graph).items()
        }
        self._waiting = [one for one in opened.values() if hasattr(one, "watch")]
        wire(opened.values(), self._graph, Receivers(self.inboxes, queues))
        adapters = {**opened, **self.inboxes, **self._dead({**queues, **self.inboxes})}
        self.database.flight.settled()
        ledger = SqliteLedger(self.database, self.clock, self.entropy)
        self.ports = Ports(
            adapters=adapters,
            store=SqliteStore(self.database, adapters, ledger),
            ledger=ledger,
            clock=self.clock,
            entropy=self.entropy,
            workers=LoopWorkers(self.clock, self.failures),
            report=self.failures,
        )
        self._token: Token[Invocation] = current.set(Invocation("stand", EVERYTHING, self.ports))
        for one in self._waiting:
            one.watch(self.alarms)
        return self

    async def __aexit__(self, *_: object) -> None:
        for one in self._waiting:
            one.unwatch()
        current.reset(self._token)
        await self.database.close()

    def _opened(self, one: Resource) -> Any:
        if type(one) in SURROUNDED:
            return SURROUNDED[type(one)](self._secrets, one, self.environment)
        return ADAPTERS[type(one)](self.database, one, self.clock)

    async def set_secret(self, name: str, value: str) -> None:
        await self._secrets.set(name, value)

    async def remove_secret(self, name: str) -> None:
        await self._secrets.remove(name)

    async def settle(self) -> None:
        """Until everything shows every write, and what is due has come."""
        await asyncio.sleep(0)
        while self.alarms.ring():
            await self.database.write(tuple)  # what rang is written

    async def mail(self, address: str) -> list[str]:
        """What was written to it, the newest last."""
        return [one.body for one in mails(self.database, address)]

    @asynccontextmanager
    async def listening(self, channel: Channel[Any, ...], **ids: str) -> AsyncGenerator[Listening]:
        """What is published there while the block runs."""
        port, path, one = self.ports.adapters[channel.name], channel.path(ids), Listening()
        port.subscribe(path, one)
        try:
            yield one
        finally:
            port.unsubscribe(path, one)

    def inbox(self, function: Function[..., Any]) -> SqliteQueue:
        """What would call it."""
        return self.inboxes[function.name]

    def _dead(self, sources: Mapping[str, SqliteQueue]) -> dict[str, SqliteDead]:
        return {
            one.name: SqliteDead(self.database, sources[letters_of(one.function)], self.clock)
            for one in self._letters
        }


def graph_of(declared: Iterable[Resource | Function[..., Any]]) -> Graph:
    """As a graph: its functions are named as their handlers are, and may start themselves, so that
    each has an inbox.
    """
    functions = [one for one in declared if isinstance(one, Function)]
    resources = [one for one in declared if isinstance(one, Resource) and one.kind != "dead"]
    nodes = [
        Node(one.name, one, UNREAD, frozenset([(one.name, "start")]), NOTHING, False)
        for one in functions
    ]
    return Graph("stand", "", (), tuple(resources), tuple(nodes))


UNREAD = Signature((), None, is_async=True)
