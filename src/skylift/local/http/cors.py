"""CORS as AWS's HTTP API gateway does it: it answers preflights by itself, and what a function says
about CORS is dropped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias, cast

from ...graph.model import Graph
from ...http import Answer, Request
from ...resources.api import Api, Cors, Route

AnswerTo: TypeAlias = Callable[[Request], Awaitable[Answer]]
Headers: TypeAlias = tuple[tuple[str, str], ...]

ANY = "*"
PREFIX = "access-control-"


def with_gateways(graph: Graph, engines: Mapping[str, AnswerTo]) -> dict[str, AnswerTo]:
    """What answers for each Api, as a client meets it."""
    answering = dict(engines)
    for api in graph.of(Api):
        if api.cors is not None:
            routes = (cast(Route, node.function.trigger) for node in graph.triggered_by(api))
            methods = sorted({route.method for route in routes})
            answering[api.name] = with_cors(answering[api.name], api.cors, methods)
    return answering


def with_cors(answer: AnswerTo, cors: Cors, methods: Sequence[str]) -> AnswerTo:
    """`answer` behind the gateway's CORS: preflights never reach it."""
    preflight_headers = allowed_of(cors, methods)

    async def answered(request: Request) -> Answer:
        if is_preflight(request):
            return Answer(204, shared(request, cors, preflight_headers), b"")
        return decorated(await answer(request), request, cors)

    return answered


def is_preflight(request: Request) -> bool:
    """A browser asks whether it may send the request it has in mind."""
    headers = request.headers
    return (
        request.method == "OPTIONS"
        and "origin" in headers
        and "access-control-request-method" in headers
    )


def decorated(answer: Answer, request: Request, cors: Cors) -> Answer:
    """The answer with the gateway's CORS headers in place of the function's."""
    own = tuple(pair for pair in answer.headers if not pair[0].startswith(PREFIX))
    return Answer(answer.status, own + shared(request, cors, ()), answer.body)


def shared(request: Request, cors: Cors, more: Headers) -> Headers:
    """The headers for this request's origin; none of CORS when it has none or may not call."""
    anyone = ANY in cors.origins
    vary = () if anyone else (("vary", "origin"),)  # or a cache would mix the origins up
    origin = request.headers.get("origin")
    if origin is None or not (anyone or origin in cors.origins):
        return vary
    allowed = (("access-control-allow-origin", ANY if anyone else origin),)
    if cors.credentials:
        allowed += (("access-control-allow-credentials", "true"),)
    return allowed + more + vary


def allowed_of(cors: Cors, methods: Sequence[str]) -> Headers:
    """What a preflight is told about methods, headers and for how long."""
    return (
        ("access-control-allow-methods", ",".join(methods)),
        ("access-control-allow-headers", ",".join(cors.headers)),
        ("access-control-max-age", str(cors.max_age_s)),
    )
