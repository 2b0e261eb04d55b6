"""An app's answers without a socket: the real graph, grants, engine and backend, in memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple, TypeVar

import pytest
import uvloop

from skylift import App
from skylift.graph.build import build
from skylift.graph.model import Graph
from skylift.http import Request
from skylift.local.backend import LocalBackend
from skylift.system import SystemClock, SystemEntropy
from skylift.testing.stand import Failures

R = TypeVar("R")


class Answered(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Asked:
    """`await ask.get("/notes/1")`; `ask.failures.told` is what people at the terminal saw."""

    def __init__(self, answer: Callable[[Request], Awaitable[Any]], failures: Failures) -> None:
        self._answer, self.failures = answer, failures

    async def __call__(
        self, method: str, target: str, body: object = b"", **headers: str
    ) -> Answered:
        path, _, query = target.partition("?")
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await self._answer(Request(method, path, query, named, raw))
        return Answered(answer.status, list(answer.headers), answer.body)

    async def get(self, target: str, **headers: str) -> Answered:
        return await self("GET", target, **headers)

    async def post(self, target: str, body: object = b"", **headers: str) -> Answered:
        return await self("POST", target, body, **headers)


LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
# The fast loop of our own work takes the loop that serves; `make test` takes both.
EACH_LOOP = [pytest.param("asyncio", marks=pytest.mark.long), "uvloop"]


@cache
def graph_of(module: ModuleType) -> Graph:
    return build(App("asked", module))


def asking(
    module: ModuleType,
    test: Callable[[Asked], Awaitable[R]],
    *,
    loop: str | Callable[[], asyncio.AbstractEventLoop] = "asyncio",
) -> R:
    """Run a test against the one Api of a module."""

    async def run() -> R:
        failures, graph = Failures(), graph_of(module)
        backend = LocalBackend(None, SystemClock(), SystemEntropy(), failures, full=False)
        try:
            (answer,) = backend.engines(graph).values()
            return await test(Asked(answer, failures))
        finally:
            await backend.close()

    with asyncio.Runner(loop_factory=LOOPS[loop] if isinstance(loop, str) else loop) as runner:
        return runner.run(run())
