"""The HTTP side of one Api: route, bind, invoke, answer. The same on a laptop and inside a
function.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from ..errors import NotFound, SkyliftError, Throttled
from ..http import Answer, Request
from ..invocation import Cause
from ..ports import Ports
from ..signature import Signature
from .answer import JSON, answered, encode, gateway, problem
from .bind import Binder
from .invoke import Target, TimedOut, Way, invoke
from .route import Router

OWN = "/_skylift/"
NAMES = ("", "health", "openapi.json")
READING = ("GET", "HEAD")
HEALTHY = Answer(200, JSON, encode({"status": "ok"}))
PAGE = (("content-type", "text/html; charset=utf-8"),)


class HttpFunction(Struct, frozen=True):
    """A function with the route that calls it."""

    target: Target
    method: str
    path: str
    status: int
    signature: Signature
    doc: str | None = None
    once: bool = False


class ApiEngine:
    """Answers the requests of one Api."""

    def __init__(self, title: str, functions: Sequence[HttpFunction], ports: Ports) -> None:
        self._title, self._functions, self._ports = title, functions, ports
        self._router = Router(
            (one.method, one.path, (*entered(one), f"{one.method} {one.path}")) for one in functions
        )
        self._description: dict[str, Any] | None = None

    async def answer(self, request: Request) -> Answer:
        try:
            if request.path.startswith(OWN):  # before the routes: a greedy one would take it
                return self._own(request)
            found = self._router.find(request.method, request.path)
            if found is None:
                return self._unrouted(request)
            (target, way, source), path = found
            cause = Cause("http", source, request.headers.get("traceparent", ""))
            return await invoke(target, self._ports, way, request, path, cause=cause)
        except (TimedOut, Throttled):
            return gateway(503, "Service Unavailable")
        except SkyliftError as error:
            return problem(error)

    def _unrouted(self, request: Request) -> Answer:
        allowed = self._router.allowed(request.path)
        if not allowed:
            return problem(NotFound(f"there is no {request.path}"))
        return not_allowed(allowed)

    def _own(self, request: Request) -> Answer:
        name = request.path[len(OWN) :]
        if name in NAMES and request.method not in READING:
            return not_allowed(READING)
        if name == "health":
            return HEALTHY
        if name == "openapi.json":
            return Answer(200, JSON, encode(self.description()))
        if name == "":
            from .describe.page import page

            return Answer(200, PAGE, page(self.description()).encode())
        return problem(
            NotFound(f"there is no {OWN}{name}: health, openapi.json or the page itself")
        )

    def description(self) -> dict[str, Any]:
        """The OpenAPI document, made when first asked for."""
        if self._description is None:
            from .describe.openapi import Operation, openapi

            operations = [
                Operation(
                    *(one.target.name, one.method, one.path, one.status, one.signature, one.doc),
                    handler=one.target.handler,
                    verbs={verb for _, verb in one.target.grants},
                    once=one.once,
                )
                for one in self._functions
            ]
            self._description = openapi(self._title, "1", operations)
        return self._description


def entered(function: HttpFunction) -> tuple[Target, Way]:
    """What is invoked for a request, and how."""
    target, status = function.target, function.status
    way = Way(Binder(function.signature).arguments, lambda result: answered(result, status))
    if not function.once:
        return target, way
    from .repeat import OnceRoute  # the others do without

    once = OnceRoute(target, way)
    return once.target, once.way


def not_allowed(methods: Sequence[str]) -> Answer:
    return problem(MethodNotAllowed(), (("allow", ", ".join(methods)),))


class MethodNotAllowed(SkyliftError):
    status, title = 405, "Method Not Allowed"
