"""The way into one HTTP function, and out again: bind, invoke, answer. Which request takes it is
decided elsewhere: by our own routes, or by the gateway in front of a deployed function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from ..errors import SkyliftError, Throttled
from ..http import Answer, Request
from ..invocation import Cause
from ..ports import Ports
from ..signature import Signature
from .answer import answered, gateway, problem
from .bind import Binder
from .invoke import Target, TimedOut, Way, invoke

if TYPE_CHECKING:
    from ..resources.limit import Limit, Rate
    from ..resources.users import Demand
    from .auth import Gate


class HttpFunction(Struct, frozen=True):
    """A function with the route that calls it."""

    target: Target
    method: str
    path: str
    status: int
    signature: Signature
    doc: str | None = None
    once: bool = False
    demand: Demand | None = None  # what is to be seen to here, and not by a gateway before it
    rate: Rate | None = None  # the same
    limit: Limit | None = None


class Entrance:
    """Answers the requests of one route."""

    __slots__ = ("_gate", "_ports", "_source", "_target", "_way")

    def __init__(self, function: HttpFunction, ports: Ports) -> None:
        self._target, self._way = entered(function)
        self._ports, self._source = ports, f"{function.method} {function.path}"
        self._gate = gate(function.demand, ports)

    async def answer(self, request: Request, path: dict[str, str], trace: str = "") -> Answer:
        """`path` holds its parameters, decoded; `trace` counts where the request has none."""
        cause = Cause("http", self._source, request.headers.get("traceparent", trace))
        try:
            if self._gate is not None:
                refusal = await self._gate.refusal(request)
                if refusal is not None:
                    return refusal
            return await invoke(self._target, self._ports, self._way, request, path, cause=cause)
        except (TimedOut, Throttled):
            return gateway(503, "Service Unavailable")
        except SkyliftError as error:
            return problem(error)


def gate(demand: Demand | None, ports: Ports) -> Gate | None:
    if demand is None:
        return None
    from .auth import Gate  # the others do without

    return Gate(demand, ports)


def entered(function: HttpFunction) -> tuple[Target, Way]:
    """What is invoked for a request, and how."""
    target, status = function.target, function.status
    way = Way(Binder(function.signature).arguments, lambda result: answered(result, status))
    if function.once:
        from .repeat import OnceRoute  # the others do without

        once = OnceRoute(target, way)
        target, way = once.target, once.way
    if function.limit is not None:
        from .limit import LimitedRoute

        limited = LimitedRoute(target, way, function.limit)
        target, way = limited.target, limited.way
    return target, way
