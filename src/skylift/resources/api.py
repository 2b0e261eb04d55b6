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
    """The trigger of an HTTP function. With `once` what comes with an Idempotency-Key is carried
    out once.
    """

    resource: Api
    method: str
    path: str
    status: int
    once: bool = False
    kind: ClassVar[str] = "http"


class Api(Resource):
    """`Api("api", cors=Cors(["https://app.example"]))`. Without `auth` it is public."""

    kind = "api"

    def __init__(self, name: str, *, cors: Cors | None = None) -> None:
        self._declare(name)
        self.cors = cors

    def get(
        self, path: str, *, status: int = 200, once: bool = False, **limits: Unpack[Limits]
    ) -> Decorator:
        return declaring(Route(self, "GET", path, status, once), limits)

    def post(
        self, path: str, *, status: int = 200, once: bool = False, **limits: Unpack[Limits]
    ) -> Decorator:
        return declaring(Route(self, "POST", path, status, once), limits)

    def put(
        self, path: str, *, status: int = 200, once: bool = False, **limits: Unpack[Limits]
    ) -> Decorator:
        return declaring(Route(self, "PUT", path, status, once), limits)

    def patch(
        self, path: str, *, status: int = 200, once: bool = False, **limits: Unpack[Limits]
    ) -> Decorator:
        return declaring(Route(self, "PATCH", path, status, once), limits)

    def delete(
        self, path: str, *, status: int = 200, once: bool = False, **limits: Unpack[Limits]
    ) -> Decorator:
        return declaring(Route(self, "DELETE", path, status, once), limits)


def declaring(trigger: Route, limits: Limits) -> Decorator:
    def declare(handler: Callable[P, R], /) -> Function[P, R]:
        return Function(handler, trigger, limits)

    return declare
