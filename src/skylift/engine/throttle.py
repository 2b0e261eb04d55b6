"""What a gateway lets through: a bucket of tokens for each method and path. Here it lies in memory;
on AWS the gateway has its own, so nothing of this is deployed.
"""

from __future__ import annotations

from collections.abc import Callable

from ..http import Answer, Request
from ..resources.limit import Rate
from .answer import gateway
from .entrance import Entrance

REFUSED = gateway(429, "Too Many Requests")


class Bucket:
    """Full at first; each request takes a token, and time brings them back."""

    __slots__ = ("_at", "_monotonic", "_rate", "_tokens")

    def __init__(self, rate: Rate, monotonic: Callable[[], float]) -> None:
        self._rate, self._monotonic = rate, monotonic
        self._tokens, self._at = float(rate.burst), monotonic()

    def takes(self) -> bool:
        """Whether there was a token."""
        now = self._monotonic()
        brought = max(0.0, now - self._at) * self._rate.per_s
        self._tokens, self._at = min(self._tokens + brought, self._rate.burst), now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Buckets:
    """Of one route: HEAD is a route of its own to a gateway."""

    __slots__ = ("_found", "_monotonic", "_rate")

    def __init__(self, rate: Rate, monotonic: Callable[[], float]) -> None:
        self._rate, self._monotonic = rate, monotonic
        self._found: dict[str, Bucket] = {}

    def takes(self, method: str) -> bool:
        bucket = self._found.get(method)
        if bucket is None:
            bucket = self._found[method] = Bucket(self._rate, self._monotonic)
        return bucket.takes()


class ThrottledEntrance:
    """Refuses before anybody is asked who he is, as a gateway does."""

    __slots__ = ("_buckets", "_entrance")

    def __init__(self, entrance: Entrance, rate: Rate, monotonic: Callable[[], float]) -> None:
        self._entrance, self._buckets = entrance, Buckets(rate, monotonic)

    async def answer(self, request: Request, path: dict[str, str]) -> Answer:
        if not self._buckets.takes(request.method):
            return REFUSED
        return await self._entrance.answer(request, path)
