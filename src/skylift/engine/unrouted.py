"""What an Api answers where no route does: that there is no such path or method, how it is, and
what it offers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import NotFound, SkyliftError
from ..http import OWN_PATHS, Answer, Request
from .answer import JSON, encode, problem

PAGE_PATH, HEALTH_PATH, _, CLIENT_PATH = OWN_PATHS
READING = ("GET", "HEAD")
HEALTHY = Answer(200, JSON, b'{"status":"ok"}')
HTML = (("content-type", "text/html; charset=utf-8"),)


class MethodNotAllowed(SkyliftError):
    status, title = 405, "Method Not Allowed"


class Unrouted:
    """`allowed` gives the methods a path has, `describe` the OpenAPI document."""

    def __init__(
        self, allowed: Callable[[str], list[str]], describe: Callable[[], dict[str, Any]]
    ) -> None:
        self._allowed, self._describe = allowed, describe

    def answer(self, request: Request) -> Answer:
        if request.path in OWN_PATHS:
            return self._own(request)
        allowed = self._allowed(request.path)
        if not allowed:
            return problem(NotFound(f"there is no {request.path}"))
        return not_allowed(allowed)

    def _own(self, request: Request) -> Answer:
        if request.method not in READING:
            return not_allowed(READING)
        if request.path == HEALTH_PATH:
            return HEALTHY
        if request.path == PAGE_PATH:
            from .describe.page import page

            return Answer(200, HTML, page(self._describe()).encode())
        if request.path == CLIENT_PATH:
            from .describe.channel import client

            return client()
        return Answer(200, JSON, encode(self._describe()))


def not_allowed(methods: Sequence[str]) -> Answer:
    return problem(MethodNotAllowed(), (("allow", ", ".join(methods)),))
