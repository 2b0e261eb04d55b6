"""The HTTP side of one Api whose requests all come here: which route, and what where there is
none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import SkyliftError
from ..http import OWN_PATHS, Answer, Request, unquoted
from ..ports import Ports
from ..resources.limit import Rate
from .answer import problem
from .auth import OWN_USERS, told_of_issuer
from .entrance import Entrance, HttpFunction
from .route import Router
from .throttle import REFUSED, Bucket, ThrottledEntrance
from .unrouted import Unrouted


class ApiEngine:
    """Answers the requests of one Api."""

    def __init__(
        self,
        title: str,
        functions: Sequence[HttpFunction],
        ports: Ports,
        *,
        rate: Rate | None = None,
        server: str | None = None,
    ) -> None:
        """`rate` is of what no route takes, `server` the path that clients have before its own."""
        self._title, self._functions, self._ports = title, functions, ports
        self._server = server
        demands = [one.demand for one in functions if one.demand is not None]
        self._users = frozenset(demand.users.name for demand in demands)
        self._router = Router((one.method, one.path, self._entrance(one)) for one in functions)
        self._unrouted = Unrouted(self._router.allowed, self.description)
        self._description: dict[str, Any] | None = None
        self._rest = Bucket(rate, ports.clock.monotonic) if rate is not None else None

    def _entrance(self, function: HttpFunction) -> Entrance | ThrottledEntrance:
        entrance, rate = Entrance(function, self._ports), function.rate
        if rate is None:
            return entrance
        return ThrottledEntrance(entrance, rate, self._ports.clock.monotonic)

    async def answer(self, request: Request) -> Answer:
        try:
            request.path = unquoted(request.path)  # an encoded slash separates, as at the gateway
            if request.path in OWN_PATHS:  # before the routes: a greedy one would take it
                return self._unrouted_answer(request)
            if self._users and request.path.startswith(OWN_USERS):
                told = await told_of_issuer(request, self._users, self._ports)
                return self._unrouted.answer(request) if told is None else told
            found = self._router.find(request.method, request.path)
            if found is None:
                return self._unrouted_answer(request)
        except SkyliftError as error:
            return problem(error)
        entrance, path = found
        return await entrance.answer(request, path)

    def _unrouted_answer(self, request: Request) -> Answer:
        if self._rest is not None and not self._rest.takes():
            return REFUSED
        return self._unrouted.answer(request)

    def description(self) -> dict[str, Any]:
        """The OpenAPI document, made when first asked for."""
        if self._description is None:
            from .describe.openapi import openapi, operation

            operations = [operation(one) for one in self._functions]
            self._description = openapi(self._title, "1", operations, self._server)
        return self._description
