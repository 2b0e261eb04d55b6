"""`gather` runs verbs at the same time, on an event loop or without one."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, TypeVar, overload

from ..invocation import invocation

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")


@overload
async def gather(a: Awaitable[A], b: Awaitable[B], /) -> tuple[A, B]: ...
@overload
async def gather(a: Awaitable[A], b: Awaitable[B], c: Awaitable[C], /) -> tuple[A, B, C]: ...
@overload
async def gather(
    a: Awaitable[A], b: Awaitable[B], c: Awaitable[C], d: Awaitable[D], /
) -> tuple[A, B, C, D]: ...
@overload
async def gather(*verbs: Awaitable[A]) -> tuple[A, ...]: ...
async def gather(*verbs: Awaitable[Any]) -> tuple[Any, ...]:
    """The results of all verbs, in the order given; the first error is raised once all have
    ended.
    """
    return tuple(await invocation().ports.workers.gather(verbs))
