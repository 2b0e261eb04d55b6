"""Who is subscribed to a channel in a test: without a socket, and with all that the guard says."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Generic, TypeVar

from msgspec import json

from ..codec.envelope import Opened
from ..local.backend import LocalBackend
from ..resources.channel import Channel
from ..user import Caller
from .course import Course

E = TypeVar("E")


class Received(Generic[E]):
    """Takes what is published, as a subscriber who is never slow."""

    def __init__(self, channel: Channel[E, ...], events: list[E]) -> None:
        self._channel, self._events = channel, events

    def deliver(self, event: bytes) -> None:
        text = json.decode(event, type=str)
        self._events.append(self._channel.codec.decode(Opened(text.encode())))


class Listening:
    """Takes what is published as it is, for a contract."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def deliver(self, event: bytes) -> None:
        self._texts.append(json.decode(event, type=str))

    async def take(self, count: int) -> list[str]:
        assert len(self._texts) >= count, f"{len(self._texts)} events came, and not {count}"
        taken, self._texts = self._texts[:count], self._texts[count:]
        return taken


class ChannelClient(Generic[E]):
    """Made by `world.channel(live)`."""

    def __init__(self, channel: Channel[E, ...], backend: LocalBackend, course: Course) -> None:
        self._channel, self._backend, self._course = channel, backend, course

    @asynccontextmanager
    async def subscribe(self, *, as_: Caller | None = None, **ids: Any) -> AsyncGenerator[list[E]]:
        """`async with world.channel(live).subscribe(as_=ann, id="r1", epoch="1") as received:` the
        events that are published while the block runs, in their order. Forbidden when the guard
        does not let him in.
        """
        channel, backend = self._channel, self._backend
        path = channel.path(ids)
        asking = partial(backend.guards.asked, channel.name, as_, channel.matched(path) or {})
        await self._course.call(asking)
        events: list[E] = []
        subscriber = Received(channel, events)
        port = backend.channels[channel.name]
        port.subscribe(path, subscriber)
        try:
            yield events
        finally:
            port.unsubscribe(path, subscriber)
