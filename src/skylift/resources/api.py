"""An HTTP API: an author hangs routes on it. Each route becomes one function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar, Unpack

from msgspec import Struct

from ..function import Decorator, Function, Limits
from .resource import Resource

if TYPE_CHECKING:
    from .users import Demand, Users

P = ParamSpec("P")
R = TypeVar("R")

AS_ITS_API: Any = "as its Api"  # what a route demands that says nothing of its own


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
    auth: Any = AS_ITS_API
    kind: ClassVar[str] = "http"

    @property
    def demand(self) -> Demand | None:
        """What it asks of who calls; None when anybody may."""
        said = self.resource.auth if self.auth is AS_ITS_API else self.auth
        return said.demand if said is not None else None

    @property
    def users(self) -> str | None:
        """Whose tokens it takes."""
        return self.demand.users.name if self.demand is not None else None

    @property
    def is_optional(self) -> bool:
        return self.demand is not None and self.demand.is_optional

    @property
    def is_exempt(self) -> bool:
        """Anybody may call it, though its Api asks who calls."""
        return self.demand is None and self.resource.auth is not None


class Api(Resource):
    """`Api("api", auth=members, cors=Cors(["https://app.example"]))`: who calls a route brings a
    token of these users, unless the route says `auth=None`. Without `auth` it is public.
    """

    kind = "api"

    def __init__(
        self, name: str, *, auth: Users | Demand | None = None, cors: Cors | None = None
    ) -> None:
        self._declare(name)
        self.auth, self.cors = auth, cors

    def get(
        self,
        path: str,
        *,
        auth: Users | Demand | None = AS_ITS_API,
        status: int = 200,
        once: bool = False,
        **limits: Unpack[Limits],
    ) -> Decorator:
        return declaring(Route(self, "GET", path, status, once, auth), limits)

    def post(
        self,
        path: str,
        *,
        auth: Users | Demand | None = AS_ITS_API,
        status: int = 200,
        once: bool = False,
        **limits: Unpack[Limits],
    ) -> Decorator:
        return declaring(Route(self, "POST", path, status, once, auth), limits)

    def put(
        self,
        path: str,
        *,
        auth: Users | Demand | None = AS_ITS_API,
        status: int = 200,
        once: bool = False,
        **limits: Unpack[Limits],
    ) -> Decorator:
        return declaring(Route(self, "PUT", path, status, once, auth), limits)

    def patch(
        self,
        path: str,
        *,
        auth: Users | Demand | None = AS_ITS_API,
        status: int = 200,
        once: bool = False,
        **limits: Unpack[Limits],
    ) -> Decorator:
        return declaring(Route(self, "PATCH", path, status, once, auth), limits)

    def delete(
        self,
        path: str,
        *,
        auth: Users | Demand | None = AS_ITS_API,
        status: int = 200,
        once: bool = False,
        **limits: Unpack[Limits],
    ) -> Decorator:
        return declaring(Route(self, "DELETE", path, status, once, auth), limits)


def declaring(trigger: Route, limits: Limits) -> Decorator:
    def declare(handler: Callable[P, R], /) -> Function[P, R]:
        return Function(handler, trigger, limits)

    return declare
