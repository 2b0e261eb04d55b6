"""The way into one HTTP function, and out again: bind, invoke, answer. Which request takes it is
decided elsewhere: by our own routes, or by the gateway in front of a deployed function.
"""

from __future__ import annotations

from msgspec import Struct

from ..errors import SkyliftError, Throttled
from ..http import Answer, Request
from ..invocation import Cause
from ..ports import Ports
from ..signature import Signature
from .answer import answered, gateway, problem
from .bind import Binder
from .invoke import Target, TimedOut, Way, invoke


class HttpFunction(Struct, frozen=True):
    """A function with the route that calls it."""

    target: Target
    method: str
    path: str
    status: int
    signature: Signature
    doc: str | None = None
    once: bool = False


class Entrance:
    """Answers the requests of one route."""

    __slots__ = ("_ports", "_source", "_target", "_way")

    def __init__(self, function: HttpFunction, ports: Ports) -> None:
        self._target, self._way = entered(function)
        self._ports, self._source = ports, f"{function.method} {function.path}"

    async def answer(self, request: Request, path: dict[str, str], trace: str = "") -> Answer:
        """`path` holds its parameters, decoded; `trace` counts where the request has none."""
        cause = Cause("http", self._source, request.headers.get("traceparent", trace))
        try:
            return await invoke(self._target, self._ports, self._way, request, path, cause=cause)
        except (TimedOut, Throttled):
            return gateway(503, "Service Unavailable")
        except SkyliftError as error:
            return problem(error)


def entered(function: HttpFunction) -> tuple[Target, Way]:
    """What is invoked for a request, and how."""
    target, status = function.target, function.status
    way = Way(Binder(function.signature).arguments, lambda result: answered(result, status))
    if not function.once:
        return target, way
    from .repeat import OnceRoute  # the others do without

    once = OnceRoute(target, way)
    return once.target, once.way
