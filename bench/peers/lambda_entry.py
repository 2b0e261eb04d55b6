"""Our side of the dispatch figure: an event becomes a Request, the engine's Answer a Lambda
response, and the coroutine is driven without a loop.
"""

from __future__ import annotations

import sys
import time
from binascii import a2b_base64
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, convert
from msgspec import json as fast

from skylift import Api, App
from skylift.engine.api import ApiEngine
from skylift.graph.build import build
from skylift.http import Answer, Request
from skylift.local.node import http_function
from skylift.ports import Ports

api = Api("api")


class NewNote(Struct):
    text: str


class Note(Struct):
    id: str
    text: str
    words: int | None = None


@api.post("/notes", status=201)
async def write(new: NewNote) -> Note:
    return Note("1", new.text)


class Http(Struct):
    method: str
    sourceIp: str


class RequestContext(Struct):
    http: Http


class Event(Struct):
    """What is read of payload 2.0; the rest is skipped while decoding."""

    rawPath: str
    rawQueryString: str
    headers: dict[str, str]
    requestContext: RequestContext
    cookies: list[str] = []
    body: str = ""
    isBase64Encoded: bool = False


class LambdaAnswer(Struct):
    statusCode: int
    headers: dict[str, str]
    body: str


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def time(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class AloneWorkers:
    """A function's process runs one invocation at a time and has no loop."""

    def started(self, running: object, concurrency_max: int | None) -> None:
        pass

    def ended(self, running: object) -> None:
        pass

    def left(self, running: object) -> None:
        pass


class QuietReport:
    """Where a span would be written; no peer of this figure writes one."""

    def ended(self, running: object, error: object) -> None:
        pass


def handler_of_bytes() -> Callable[[bytes], bytes]:
    decode, encode, answered = fast.Decoder(Event).decode, fast.Encoder().encode, _answering()
    return lambda event: encode(_response(answered(_request(decode(event)))))


def handler_of_dict() -> Callable[[dict[str, Any]], dict[str, Any]]:
    answered = _answering()

    def handle(event: dict[str, Any]) -> dict[str, Any]:
        told = _response(answered(_request(convert(event, Event))))
        return {"statusCode": told.statusCode, "headers": told.headers, "body": told.body}

    return handle


def _request(event: Event) -> Request:
    http, headers = event.requestContext.http, event.headers
    if event.cookies:
        headers["cookie"] = "; ".join(event.cookies)
    body = a2b_base64(event.body) if event.isBase64Encoded else event.body.encode()
    return Request(
        http.method, event.rawPath, event.rawQueryString, headers, body, ip=http.sourceIp
    )


def _response(answer: Answer) -> LambdaAnswer:
    return LambdaAnswer(answer.status, dict(answer.headers), answer.body.decode())


def _answering() -> Callable[[Request], Answer]:
    graph = build(App("dispatched", sys.modules[__name__]))
    functions = [http_function(node) for node in graph.functions]
    nothing: Any = None
    workers: Any = AloneWorkers()
    report: Any = QuietReport()
    ports = Ports(
        adapters={},
        store=nothing,
        ledger=nothing,
        clock=RealClock(),
        entropy=nothing,
        workers=workers,
        report=report,
    )
    answer = ApiEngine(graph.app, functions, ports).answer

    def driven(request: Request) -> Answer:
        try:
            answer(request).send(None)
        except StopIteration as done:
            return done.value
        raise RuntimeError("a handler without I/O has waited")

    return driven
