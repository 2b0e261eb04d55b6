"""How a contract reaches a backend: the binding class has a fixture `open_world` that opens
declared resources; a story is a coroutine that plays in such a world, in a loop of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeAlias

from ..function import Function
from ..resources.resource import Resource

Declared: TypeAlias = Resource | Function[..., Any]  # whose inbox is looked into, and never run


class World(Protocol):
    """Open resources: inside, their verbs work."""

    async def settle(self) -> None: ...  # until indexes show every write, and what is due has come


class OpenWorld(Protocol):
    """Opens resources with nothing in them yet."""

    def __call__(self, *declared: Declared) -> AbstractAsyncContextManager[World]: ...


Story: TypeAlias = Callable[[Any, World], Coroutine[Any, Any, None]]


def story(*declared: Declared) -> Callable[[Story], Callable[[Any, OpenWorld], None]]:
    """Make a test of a story; these are the resources it uses, and the functions they call."""

    def made(told: Story) -> Callable[[Any, OpenWorld], None]:
        def test(self: Any, open_world: OpenWorld) -> None:
            async def play() -> None:
                async with open_world(*declared) as world:
                    await told(self, world)

            asyncio.run(play())

        test.__name__, test.__qualname__ = told.__name__, told.__qualname__
        test.__doc__ = told.__doc__
        return test

    return made
