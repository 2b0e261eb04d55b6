"""What can be wrong with an Api and its routes, before a request ever meets them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

from ..errors import Mistake
from ..function import Function
from ..resources.api import Api, Cors, Route
from ..signature import placeholders
from . import rates
from .limits import RANGES, is_number, is_whole
from .own import own_routes

ROUTES_MAX = 300  # of an HTTP API; a GET counts twice, for the HEAD beside it
REST = 1  # a route for what no other takes
TIMEOUT_MAX = 30  # seconds a gateway waits
SEGMENT = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@-]+")
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d+)?|\*")
HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+|\*")
CORS = {
    "origins": (ORIGIN, "origin", "write scheme://host[:port] in lower case, without a path, or *"),
    "headers": (
        HEADER,
        "header name",
        "a header name has letters, digits and -, no spaces and no colon",
    ),
}


def mistakes(api: Api, functions: list[Function[..., Any]]) -> Iterator[Mistake]:
    taken: dict[tuple[str, str], str] = {}
    for function in functions:
        route = cast(Route, function.trigger)
        yield from _route(function, route)
        yield from rates.of_route(function, route)
        shape = (route.method, re.sub(r"\{[^}+]*(\+?)\}", r"{\1}", route.path))
        if shape in taken:
            yield Mistake(
                function.place,
                f"{route.method} {route.path} matches the same paths as that of {taken[shape]}",
                "change one of the two paths",
            )
        taken.setdefault(shape, function.place)
    yield from _too_many(api, [cast(Route, one.trigger) for one in functions])
    if api.cors is not None:
        yield from _cors(api, api.cors)
    yield from rates.of_api(api)


def _too_many(api: Api, routes: list[Route]) -> Iterator[Mistake]:
    methods = [*(route.method for route in routes), *(method for method, _ in own_routes(routes))]
    count = len(methods) + methods.count("GET") + REST
    if count > ROUTES_MAX:
        reason = f"needs {count} routes, AWS allows {ROUTES_MAX} (a GET counts two)"
        yield Mistake(api.place, f"api {api.name!r} {reason}", "split it into two Apis")


def _route(function: Function[..., Any], route: Route) -> Iterator[Mistake]:
    place, said = function.place, f"{route.method} {route.path!r}"
    yield from _path(place, said, route.path)
    if not is_whole(route.status, 200, 599):
        yield Mistake(place, f"{said}: status={route.status!r}", "a status is 200 to 599")
    timeout = function.limits["timeout_s"]
    if is_number(timeout, TIMEOUT_MAX, RANGES["timeout_s"][1]) and timeout > TIMEOUT_MAX:
        yield Mistake(
            place,
            f"{said}: timeout_s={timeout:g}, but AWS's gateway waits {TIMEOUT_MAX} s at most",
            "answer early and do the rest elsewhere",
        )


def _path(place: str, said: str, path: str) -> Iterator[Mistake]:
    if not path.startswith("/"):
        yield Mistake(place, f"{said}: a path starts with /", f"write {'/' + path!r}")
        return
    segments = path.split("/")[1:]
    for position, segment in enumerate(segments):
        yield from _segment(place, said, segment, position == len(segments) - 1)
    names = placeholders(path)
    for name in {name for name in names if names.count(name) > 1}:
        yield Mistake(place, f"{said}: {{{name}}} stands twice", "give each its own name")
    if segments[0] == "_skylift":
        yield Mistake(place, f"{said}: /_skylift is skylift's own", "choose another path")


def _segment(place: str, said: str, segment: str, last: bool) -> Iterator[Mistake]:
    if segment.startswith("{") and segment.endswith("}"):
        name = segment[1:-1]
        if name.endswith("+") and not last:
            reason = f"{said}: {segment} takes the rest, so it must be last"
            yield Mistake(
                place, reason, f"write {segment.replace('+', '')}, or end the path with it"
            )
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
        reason = f"{said}: {segment!r} has characters a path may not have"
        yield Mistake(place, reason, "letters, digits and - . _ ~ are safe")
    elif not segment and not (last and said.endswith("'/'")):
        yield Mistake(place, f"{said}: has an empty segment", "take out the extra /")


def _cors(api: Api, cors: object) -> Iterator[Mistake]:
    said = f"api {api.name!r}"
    if not isinstance(cors, Cors):
        remedy = 'write cors=Cors(["https://app.example"])'
        yield Mistake(api.place, f"{said}: cors={cors!r} is no Cors", remedy)
        return
    for option in ("origins", "headers"):
        yield from _texts(api, option, getattr(cors, option))
    if cors.credentials and "*" in cors.origins:
        yield Mistake(
            api.place,
            f"{said}: cors credentials=True with the origin *",
            "name the origins: browsers and AWS refuse the combination",
        )
    if cors.credentials and "*" in cors.headers:
        yield Mistake(
            api.place,
            f"{said}: cors credentials=True with headers *",
            "name the headers: to a browser * is no wildcard when it sends credentials",
        )
    if not is_whole(cors.max_age_s, -1, 86_400):
        remedy = "-1 to 86,400 seconds"
        yield Mistake(api.place, f"{said}: cors max_age_s={cors.max_age_s!r}", remedy)


def _texts(api: Api, option: str, values: object) -> Iterator[Mistake]:
    said = f"api {api.name!r}: cors {option}"
    if isinstance(values, str) or not isinstance(values, Sequence):
        yield Mistake(api.place, f"{said}={values!r} is no list", f"write {option}=[...]")
        return
    pattern, what, remedy = CORS[option]
    for value in cast("Sequence[object]", values):
        if not isinstance(value, str) or not pattern.fullmatch(value):
            yield Mistake(api.place, f"{said}: {value!r} is no {what}", remedy)
    if not values and option == "origins":
        yield Mistake(api.place, f"{said}: there are none", "leave cors= away to keep it closed")
