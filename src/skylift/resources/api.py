"""An HTTP API: an author hangs routes on it. Each route becomes one function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, ParamSpec, TypeVar, Unpack

from msgspec import Struct

from ..function import Decorator, Function, Limits
from .resource import Resource

P = ParamSpec("P")
R = TypeVar("R")


class Cors(Struct, frozen=True):
    """Which other origins' pages may call the Api. Closed unless said; answered by the gateway
    itself.
    """

    origins: Sequence[str]
    headers: Sequence[str] = ("content-type", "authorization")
    credentials: bool = False
    max_age_s: int = 600


class Route(Struct, frozen=True):
    """The trigger of an HTTP function."""

    resource: Api
    method: str
    path: str
    status: int
    kind: ClassVar[str] = "http"


class Api(Resource):
    """`Api("api", cors=Cors(["https://app.example"]))`. Without `auth` it is public."""

    kind = "api"

    def __init__(self, name: str, *, cors: Cors | None = None) -> None:
        self._declare(name)
        self.cors = cors

    def get(self, path: str, *, status: int = 200, **limits: Unpack[Limits]) -> Decorator:
        return self._route("GET", path, status, limits)

    def post(self, path: str, *, status: int = 200, **limits: Unpack[Limits]) -> Decorator:
        return self._route("POST", path, status, limits)

    def put(self, path: str, *, status: int = 200, **limits: Unpack[Limits]) -> Decorator:
        return self._route("PUT", path, status, limits)

    def patch(self, path: str, *, status: int = 200, **limits: Unpack[Limits]) -> Decorator:
        return self._route("PATCH", path, status, limits)

    def delete(self, path: str, *, status: int = 200, **limits: Unpack[Limits]) -> Decorator:
        return self._route("DELETE", path, status, limits)

    def _route(self, method: str, path: str, status: int, limits: Limits) -> Decorator:
        trigger = Route(self, method, path, status)

        def declare(handler: Callable[P, R], /) -> Function[P, R]:
            return Function(handler, trigger, limits)

        return declare
