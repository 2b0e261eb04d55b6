"""What an Api answers where no route does: that there is no such path or method, how it is, and
what it offers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import NotFound, SkyliftError
from ..http import Answer, Request
from .answer import JSON, encode, problem

OWN = "/_skylift/"
NAMES = ("", "health", "openapi.json")
READING = ("GET", "HEAD")
HEALTHY = Answer(200, JSON, b'{"status":"ok"}')
PAGE = (("content-type", "text/html; charset=utf-8"),)


class MethodNotAllowed(SkyliftError):
    status, title = 405, "Method Not Allowed"


class Unrouted:
    """`allowed` gives the methods a path has, `describe` the OpenAPI document."""

    def __init__(
        self, allowed: Callable[[str], list[str]], describe: Callable[[], dict[str, Any]]
    ) -> None:
        self._allowed, self._describe = allowed, describe

    def answer(self, request: Request) -> Answer:
        if request.path.startswith(OWN):
            return self._own(request)
        allowed = self._allowed(request.path)
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
            return Answer(200, JSON, encode(self._describe()))
        if name == "":
            from .describe.page import page

            return Answer(200, PAGE, page(self._describe()).encode())
        return problem(
            NotFound(f"there is no {OWN}{name}: health, openapi.json or the page itself")
        )


def not_allowed(methods: Sequence[str]) -> Answer:
    return problem(MethodNotAllowed(), (("allow", ", ".join(methods)),))
