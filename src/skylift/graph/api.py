"""What can be wrong with an Api and its routes, before a request ever meets them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

from ..errors import Mistake
from ..function import Function
from ..resources.api import Api, Cors, Route
from ..signature import placeholders

ROUTES_MAX = 300  # of an HTTP API; a GET counts twice, for the HEAD beside it
TIMEOUT_MAX = 30  # seconds a gateway waits
SEGMENT = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@-]+")
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d+)?|\*")
HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+|\*")


def mistakes(api: Api, functions: list[Function[..., Any]]) -> Iterator[Mistake]:
    taken: dict[tuple[str, str], str] = {}
    count = 0
    for function in functions:
        route = cast(Route, function.trigger)
        count += 2 if route.method == "GET" else 1
        yield from _route(function, route)
        shape = (route.method, re.sub(r"\{[^}+]*(\+?)\}", r"{\1}", route.path))
        if shape in taken:
            yield Mistake(
                function.place,
                f"{route.method} {route.path} matches the same paths as that of {taken[shape]}",
                "change one of the two paths",
            )
        taken.setdefault(shape, function.place)
    if count > ROUTES_MAX:
        yield Mistake(
            api.place,
            f"api {api.name!r} needs {count} routes, AWS allows {ROUTES_MAX} (a GET counts two)",
            "split it into two Apis",
        )
    if api.cors is not None:
        yield from _cors(api, api.cors)


def _route(function: Function[..., Any], route: Route) -> Iterator[Mistake]:
    place, path = function.place, route.path
    said = f"{route.method} {path!r}"
    if not path.startswith("/"):
        yield Mistake(place, f"{said}: a path starts with /", f"write {'/' + path!r}")
        return
    segments = path.split("/")[1:]
    for position, segment in enumerate(segments):
        yield from _segment(place, said, segment, position == len(segments) - 1)
    names = placeholders(path)
    for name in {name for name in names if names.count(name) > 1}:
        yield Mistake(place, f"{said}: {{{name}}} stands twice", "give each its own name")
    if path.startswith("/_skylift"):
        yield Mistake(place, f"{said}: /_skylift is skylift's own", "choose another path")
    if not (isinstance(cast(object, route.status), int) and 200 <= route.status <= 599):
        yield Mistake(place, f"{said}: status={route.status!r}", "a status is 200 to 599")
    timeout = function.limits.get("timeout_s", 0)
    if isinstance(timeout, (int, float)) and timeout > TIMEOUT_MAX:
        yield Mistake(
            place,
            f"{said}: timeout_s={timeout:g}, but AWS's gateway waits {TIMEOUT_MAX} s at most",
            "answer early and do the rest elsewhere",
        )


def _segment(place: str, said: str, segment: str, last: bool) -> Iterator[Mistake]:
    if segment.startswith("{") and segment.endswith("}"):
        name = segment[1:-1]
        if name.endswith("+") and not last:
            yield Mistake(place, f"{said}: {segment} takes the rest, so it must be last")
        if not name.removesuffix("+").isidentifier():
            yield Mistake(
                place, f"{said}: {segment} is no parameter name", "write {name} or {name+}"
            )
    elif "{" in segment or "}" in segment:
        yield Mistake(
            place,
            f"{said}: {segment!r} mixes text and a parameter",
            "AWS's gateway takes a whole segment or nothing",
        )
    elif segment and not SEGMENT.fullmatch(segment):
        yield Mistake(place, f"{said}: {segment!r} has characters a path may not have")
    elif not segment and not (last and said.endswith("'/'")):
        yield Mistake(place, f"{said}: has an empty segment", "take out the extra /")


def _cors(api: Api, cors: Cors) -> Iterator[Mistake]:
    for origin in cors.origins:
        if not ORIGIN.fullmatch(origin):
            yield Mistake(
                api.place,
                f"api {api.name!r}: cors origin {origin!r}",
                "write scheme://host[:port] in lower case, without a path, or *",
            )
    for header in cors.headers:
        if not HEADER.fullmatch(header):
            yield Mistake(api.place, f"api {api.name!r}: cors header {header!r} is no header name")
    if cors.credentials and "*" in cors.origins:
        yield Mistake(
            api.place,
            f"api {api.name!r}: cors credentials=True with the origin *",
            "name the origins: browsers and AWS refuse the combination",
        )
    if not -1 <= cors.max_age_s <= 86_400:
        yield Mistake(
            api.place, f"api {api.name!r}: cors max_age_s={cors.max_age_s}", "-1 to 86,400 seconds"
        )
