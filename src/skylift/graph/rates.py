"""What can be wrong with the rate that a gateway lets through, and with the limit of one caller."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import iscoroutinefunction
from typing import Any, cast

from ..errors import Mistake, did_you_mean
from ..function import Function
from ..resources.api import Api, Route
from ..resources.limit import Limit, Rate
from .consumer import Wrong
from .limits import is_number, is_whole

PER_S, BURST = (0.01, 10_000), (1, 5_000)  # an account's own, in a region
N = (1, 1_000_000)
WINDOW_S = (1, 86_400)
KINDS = ("caller", "ip")


def of_api(api: Api) -> Iterator[Mistake]:
    for reason, remedy in _rate(api.throttle):
        yield Mistake(api.place, f"api {api.name!r}: {reason}", remedy)


def of_route(function: Function[..., Any], route: Route) -> Iterator[Mistake]:
    said = f"{route.method} {route.path!r}"
    for reason, remedy in [*_rate(route.throttle), *_limit(route)]:
        yield Mistake(function.place, f"{said}: {reason}", remedy)


def _rate(rate: object) -> Iterator[Wrong]:
    if rate is None:
        return
    if not isinstance(rate, Rate):
        yield f"throttle={rate!r} is no Rate", "write throttle=Rate(per_s=100, burst=200)"
        return
    if not is_number(rate.per_s, *PER_S):
        yield (
            f"throttle: per_s={rate.per_s!r}",
            f"{PER_S[0]:g} to {PER_S[1]:,}: an account has that",
        )
    if not is_whole(rate.burst, *BURST):
        yield f"throttle: burst={rate.burst!r}", f"whole numbers from {BURST[0]} to {BURST[1]:,}"


def _limit(route: Route) -> Iterator[Wrong]:
    limit = cast(object, route.limit)
    if limit is None:
        return
    if not isinstance(limit, Limit):
        yield f"limit={limit!r} is no Limit", 'write limit=Limit(5, per_s=60, by="ip")'
        return
    if not is_whole(limit.n, *N):
        yield f"limit: n={limit.n!r}", f"whole numbers from {N[0]} to {N[1]:,}"
    if not is_number(limit.per_s, *WINDOW_S):
        yield f"limit: per_s={limit.per_s!r}", f"seconds, {WINDOW_S[0]} to {WINDOW_S[1]:,}"
    yield from _by(route, limit.by)


def _by(route: Route, by: object) -> Iterator[Wrong]:
    if by == "caller":
        if route.demand is None or route.is_optional:
            reason = 'limit: by="caller", and the route asks nobody who he is'
            yield reason, 'say auth=, or by="ip", or by=a function of the Request'
    elif isinstance(by, str):
        if by not in KINDS:
            yield f"limit: by={by!r}", did_you_mean(by, KINDS)
    elif not callable(by):
        yield f"limit: by={by!r} is no function", "write one that takes the Request, returns a str"
    elif iscoroutinefunction(by):
        yield "limit: by= is an async function", "write a plain def: it only looks at the Request"
