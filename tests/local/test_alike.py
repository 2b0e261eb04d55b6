"""The same request here and through the entries of deployed functions: routed and handed over as
AWS's gateway does it, it is answered with the same status, headers and body. Of `every`, all routes
that touch no table: those are compared by the contracts. What the gateway itself does to an answer,
and to a path that is no UTF-8, nobody here can know.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skylift.aws.runtime.lambda_default import DefaultLambda
from skylift.aws.runtime.lambda_http import HttpLambda, body_of
from skylift.cli.bundling import documents
from skylift.cli.load import load, source_of
from skylift.engine.answer import JSON
from skylift.engine.route import Router
from skylift.graph.model import Graph
from skylift.http import OWN_PATHS, Answer, Request
from skylift.local.backend import LocalBackend
from skylift.resources.api import Route
from skylift.system import SystemClock, SystemEntropy
from skylift.testing.stand import Failures
from tests.unit.lambda_events import Context, Said, http_event, surroundings, unit

EVERY = Path(__file__).parents[1] / "apps" / "every"
OTHERS = {"answers.context", "broken.slow"}  # says when it ran; waits for its deadline
TEXTS = ("text/", "application/json", "application/javascript", "application/xml")
BODILESS = (204, 304)

VALUES = st.sampled_from(
    [
        *("a", "7", "-3", "1.5", "true", "red", "low", "up", "2020-02-03", "2020-02-03T04:05:06Z"),
        *("a-slug", "a%20b", "caf%C3%A9", "a%2Fb", "50%25", "%252F", "a+b", "a;b=c", "", "x" * 99),
        *("12345678-1234-5678-1234-567812345678", "10:11:12Z", "1e9", "fixed", "."),
    ]
)
NAMES = ("text", "count", "flag", "color", "page", "tags", "counts", "value", "times", "there")
QUERIES = st.lists(st.tuples(st.sampled_from(NAMES), VALUES | st.just("%FF")), max_size=4).map(
    lambda pairs: "&".join(f"{name}={value}" for name, value in pairs)
)
JSONS = st.sampled_from(
    [
        {"name": "a"},
        {"name": "a", "price": "1.50"},
        {"name": "a", "price": 1.5, "more": 1},
        {"name": 1},
        *([], [{"name": "a"}], None, "text", 7, {}),
    ]
)
BODIES = st.one_of(
    st.just(b""), JSONS.map(lambda value: json.dumps(value).encode()), st.just(b"{"), st.binary()
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "content-type": st.sampled_from(
            ["application/json", "text/plain", "application/x-www-form-urlencoded", "image/png"]
        ),
        "cookie": st.sampled_from(["a=b", "a=b; c=d"]),
        "origin": st.just("https://every.example"),
        "x-request-id": st.sampled_from(["abc", "NOT VALID"]),
        "x-count": st.sampled_from(["1", "x"]),
        "accept-language": st.just("de,en"),
    },
)


class Answered(NamedTuple):
    status: int
    headers: dict[str, str]
    cookies: list[str]
    body: bytes


class Gateway:
    """Routes as AWS's does: the path is decoded first; `$default` takes what is left."""

    def __init__(self, graph: Graph, document: Path) -> None:
        routes = [(one.function.trigger, one) for one in graph.functions]
        said = [(one.method, one.path) for one, _ in routes if isinstance(one, Route)]
        default = DefaultLambda(graph.app, said, str(document)).handle
        own = [(method, path, default) for method, _ in set(said) for path in OWN_PATHS]
        mine = [
            (route.method, route.path, handler(node.function, node.name))
            for route, node in routes
            if isinstance(route, Route) and not node.grants
        ]
        self._router: Router[Callable[..., Any]] = Router([*own, *mine])
        self._default = default

    def answer(self, request: Request) -> Answered:
        path = unquote(request.path)
        handle, values = self._router.find(request.method, path) or (self._default, {})
        event = http_event(request.method, path, rawQueryString=request.query_string)
        event |= {"pathParameters": values} if values else {}
        headers = dict(request.headers)
        if "cookie" in headers:
            event["cookies"] = headers.pop("cookie").split("; ")
        event["headers"] = headers
        if request.body:
            is_text = headers.get("content-type", "").startswith(TEXTS)
            text = request.body.decode(errors="replace") if is_text else ""
            event["body"] = text if is_text else b64encode(request.body).decode()
            event["isBase64Encoded"] = not is_text
        return read(handle(event, Context()))


def handler(function: Any, name: str) -> Callable[..., Any]:
    return HttpLambda(unit(function, name), surroundings(Said())).handle


def read(said: dict[str, Any]) -> Answered:
    body = said.get("body", "")
    return Answered(
        said["statusCode"],
        said["headers"],
        said.get("cookies", []),
        body_of(body, said["isBase64Encoded"]) if body else b"",
    )


def here(answer: Answer, request: Request) -> Answered:
    """As the local server writes it."""
    headers: dict[str, str] = {}
    for name, value in answer.headers:
        if name != "set-cookie":
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    cookies = [value for name, value in answer.headers if name == "set-cookie"]
    is_bare = request.method == "HEAD" or answer.status in BODILESS
    return Answered(answer.status, headers, cookies, b"" if is_bare else answer.body)


class Both(NamedTuple):
    paths: list[tuple[str, str]]
    ask: Callable[[Request], tuple[Answered, Answered]]


async def made() -> LocalBackend:
    return LocalBackend(None, SystemClock(), SystemEntropy(), Failures(), full=False)


@contextmanager
def opened(folder: Path) -> Iterator[Both]:
    graph = load(source_of(str(EVERY)))
    with asyncio.Runner() as runner:
        backend = runner.run(made())
        (engine,) = backend.engines(graph).values()

        def local(request: Request) -> Answer:
            async def answered() -> Answer:
                return await engine(request)

            return runner.run(answered())

        described = local(Request("GET", OWN_PATHS[2], "", {}, b""))
        assert described == Answer(200, JSON, described.body)
        document = folder / "openapi.json"
        document.write_bytes(described.body)
        there = Gateway(graph, document)

        def ask(request: Request) -> tuple[Answered, Answered]:
            away = there.answer(request)
            return here(local(request), request), away

        chosen = [one for one in graph.functions if not one.grants and one.name not in OTHERS]
        triggers = [one.function.trigger for one in chosen]
        paths = [(one.method, one.path) for one in triggers if isinstance(one, Route)]
        yield Both(paths, ask)
        runner.run(backend.close())


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    with opened(tmp_path_factory.mktemp("alike")) as one:
        yield one


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_request_is_answered_alike_here_and_there(both: Both, data: st.DataObject) -> None:
    assert len(both.paths) > 40
    method, template = data.draw(st.sampled_from(both.paths))
    method = data.draw(st.sampled_from([method, method, method, "HEAD", "DELETE"]))
    parts = template.split("/")
    path = "/".join(data.draw(VALUES) if part[:1] == "{" else part for part in parts)
    if data.draw(st.integers(0, 9)) == 0:
        path = data.draw(st.sampled_from([*OWN_PATHS, "/nowhere", "/_skylift/else", "/"]))
    query, headers = data.draw(QUERIES), data.draw(HEADERS)
    body = b"" if method in ("GET", "HEAD") else data.draw(BODIES)
    local, away = both.ask(Request(method, path, query, headers, body))
    assert away == local


@pytest.mark.parametrize("name", ["every", "club", "desk", "lounge"])
def test_a_deployed_api_describes_itself_as_the_served_one_does(name: str) -> None:
    graph = load(source_of(str(EVERY.with_name(name))))
    told = {api: json.loads(document) for api, document in documents(graph)}
    assert told

    async def served() -> dict[str, Any]:
        backend = await made()
        engines = backend.engines(graph)
        found = {api: await engines[api](Request("GET", OWN_PATHS[2], "", {}, b"")) for api in told}
        await backend.close()
        return {api: json.loads(answer.body) for api, answer in found.items()}

    assert asyncio.run(served()) == told
