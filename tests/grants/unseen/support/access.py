"""Decorators a team writes once: who may, again when busy, remembered, written down."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, TypeVar

from skylift import Busy, Forbidden, Table, Unavailable, now

from ..resources import Entry, audit

F = TypeVar("F", bound=Callable[..., Awaitable[Any]])


def requires_owner(table: Table[Any, str], field: str = "owner") -> Callable[[F], F]:
    """Only who owns the item goes on; the handler is called with the same arguments."""

    def decorate(handler: F) -> F:
        @wraps(handler)
        async def checked(id: str, user: str = "") -> Any:
            item = await table.require(id)
            if getattr(item, field) != user:
                raise Forbidden(f"{id} is not yours")
            return await handler(id, user)

        return checked

    return decorate


def retrying(attempts: int = 3, on: tuple[type[Exception], ...] = (Busy, Unavailable)):
    def decorate(fn: F) -> F:
        @wraps(fn)
        async def again(*args: Any, **kwargs: Any) -> Any:
            left = attempts
            while True:
                try:
                    return await fn(*args, **kwargs)
                except on:
                    left -= 1
                    if not left:
                        raise
                    await asyncio.sleep(0)

        return again

    return decorate


def audited(action: str):
    def decorate(handler):
        @wraps(handler)
        async def wrapper(*args, **kwargs):
            result = await handler(*args, **kwargs)
            await audit.put(Entry(action, now(), repr(kwargs)))
            return result

        return wrapper

    return decorate


def remembered(fn):
    """One process's memory: good enough for what rarely changes."""
    seen: dict[tuple[Any, ...], Any] = {}

    @wraps(fn)
    async def recall(*args):
        if (hit := seen.get(args)) is not None:
            return hit
        seen[args] = hit = await fn(*args)
        return hit

    recall.forget = seen.clear
    return recall
