"""An HTTP API: an author hangs routes on it. Each route becomes one function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar, Unpack

from msgspec import Struct

from ..function import Decorator, Function, Limits
from .resource import Resource

if TYPE_CHECKING:
    from .limit import Limit, Rate
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
    throttle: Rate | None = None
    limit: Limit | None = None
    kind: ClassVar[str] = "http"

    @property
    def rate(self) -> Rate | None:
        """What the gateway lets through."""
        return self.throttle or self.resource.throttle

    @property
    def throttled(self) -> str | None:
        """The same in words."""
        return None if self.rate is None else self.rate.told

    @property
    def limited(self) -> str | None:
        """How often one caller may call, in words."""
        return None if self.limit is None else self.limit.told

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
    token of these users, unless the route says `auth=None`. Without `auth` it is public. `throttle`
    is of each route that says none of its own.
    """

    kind = "api"

    def __init__(
        self,
        name: str,
        *,
        auth: Users | Demand | None = None,
        cors: Cors | None = None,
        throttle: Rate | None = None,
    ) -> None:
        self._declare(name)
        self.auth, self.cors, self.throttle = auth, cors, throttle

    def get(
        self,
        path: str,
        *,
        auth: Users | Demand | None = AS_ITS_API,
        status: int = 200,
        once: bool = False,
        throttle: Rate | None = None,
        limit: Limit | None = None,
        **limits: Unpack[Limits],
    ) -> Decorator:
        return declaring(Route(self, "GET", path, status, once, auth, throttle, limit), limits)

    def post(
        self,
        path: str,
        *,
        auth: Users | Demand | None = AS_ITS_API,
        status: int = 200,
        once: bool = False,
        throttle: Rate | None = None,
        limit: Limit | None = None,
        **limits: Unpack[Limits],
    ) -> Decorator:
        return declaring(Route(self, "POST", path, status, once, auth, throttle, limit), limits)

    def put(
        self,
        path: str,
        *,
        auth: Users | Demand | None = AS_ITS_API,
        status: int = 200,
        once: bool = False,
        throttle: Rate | None = None,
        limit: Limit | None = None,
        **limits: Unpack[Limits],
    ) -> Decorator:
        return declaring(Route(self, "PUT", path, status, once, auth, throttle, limit), limits)

    def patch(
        self,
        path: str,
        *,
        auth: Users | Demand | None = AS_ITS_API,
        status: int = 200,
        once: bool = False,
        throttle: Rate | None = None,
        limit: Limit | None = None,
        **limits: Unpack[Limits],
    ) -> Decorator:
        return declaring(Route(self, "PATCH", path, status, once, auth, throttle, limit), limits)

    def delete(
        self,
        path: str,
        *,
        auth: Users | Demand | None = AS_ITS_API,
        status: int = 200,
        once: bool = False,
        throttle: Rate | None = None,
        limit: Limit | None = None,
        **limits: Unpack[Limits],
    ) -> Decorator:
        return declaring(Route(self, "DELETE", path, status, once, auth, throttle, limit), limits)


def declaring(trigger: Route, limits: Limits) -> Decorator:
    def declare(handler: Callable[P, R], /) -> Function[P, R]:
        return Function(handler, trigger, limits)

    return declare
