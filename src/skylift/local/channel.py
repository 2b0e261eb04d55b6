"""Channels in memory: who is subscribed to which path, and what goes to them. Nothing is stored;
who is slow is dropped by his own connection, and keeps nobody waiting.
"""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from msgspec import json

from ..ports import Clock
from ..resources.channel import Channel
from .database import Database

AT_ONCE_MAX = 256  # subscribers that are written to before others have their turn


class Subscriber(Protocol):
    """Somebody connected, for one path."""

    def deliver(self, event: bytes) -> None: ...  # the event as a JSON string; never waits


class MemoryChannel:
    """The ChannelPort of one declaration. It outlives a reload, as its subscribers do."""

    def __init__(self, database: Database, channel: Channel[Any, ...], clock: Clock) -> None:
        self.name = channel.name
        self._subscribers: dict[str, dict[Subscriber, None]] = {}  # in the order they came

    async def publish(self, path: str, event: str) -> None:
        subscribers = list(self._subscribers.get(path, ()))
        if not subscribers:
            return
        told = json.encode(event)
        for at, one in enumerate(subscribers, 1):
            one.deliver(told)
            if at % AT_ONCE_MAX == 0:
                await asyncio.sleep(0)

    def subscribe(self, path: str, subscriber: Subscriber) -> None:
        self._subscribers.setdefault(path, {})[subscriber] = None

    def unsubscribe(self, path: str, subscriber: Subscriber) -> None:
        """Nothing happens when he is not subscribed."""
        found = self._subscribers.get(path, {})
        found.pop(subscriber, None)
        if not found:
            self._subscribers.pop(path, None)

    @property
    def count(self) -> int:
        return sum(map(len, self._subscribers.values()))
