"""Events of an HTTP API (payload 2.0) to requests, and answers back.

The gateway has chosen the route and decoded what stands in the path, perhaps all but `%25`: an
encoded slash was a separator to it. So the parameters are taken as it found them. The query comes
as it was sent.
"""

from __future__ import annotations

import sys
from binascii import a2b_base64, b2a_base64
from typing import TYPE_CHECKING, Any

from msgspec import json

from ...engine.answer import gateway
from ...engine.entrance import Entrance, HttpFunction
from ...http import VIEWER, Answer, Request
from ...signature import http_signature
from .lambda_ports import Backend
from .lambda_unit import DeployedFunction, Surroundings, misfit
from .lambda_work import Work

if TYPE_CHECKING:
    from collections.abc import Sequence

ANSWER_BYTES_MAX = 6 * 1024 * 1024  # Lambda's own, of the answer as JSON
ANSWER_BYTES_SURE = 900_000  # of a body: in JSON at most six times as long
TOO_LARGE = (
    f"the answer is larger than Lambda returns, {ANSWER_BYTES_MAX:,} bytes, JSON or base64 "
    "included. hint: put it in a bucket and answer with its URL"
)
BODILESS = (204, 304)
KEYS = "SKYLIFT_SITES"  # by which the edges of sites are known


class HttpLambda:
    """`handle` is what Lambda calls for one route."""

    def __init__(self, unit: DeployedFunction, world: Surroundings) -> None:
        self._work = Work(unit.app, world, is_loop_free=unit.is_loop_free)
        ports = Backend(world, unit).ports(self._work)
        self._entrance = Entrance(http_function(unit), ports)
        route: Any = unit.function.trigger
        self._is_closed = route.demand is not None and not route.is_optional
        self._name, self._environment = unit.name, world.environment
        self._keys = world.environment.get(KEYS, "").split()

    def handle(self, event: Any, context: Any) -> dict[str, Any]:
        work = self._work
        work.begin(context)
        try:
            request, path = read(event, self._name)
            if VIEWER in request.headers:
                from_edge(request, self._keys)
            if self._is_closed and not is_known(request, event):
                return as_payload(gateway(401, "Unauthorized"), request.method)
            trace = traceparent(self._environment.get("_X_AMZN_TRACE_ID", ""))
            answer = work.drive(self._entrance.answer(request, path, trace))
            found = as_payload(answer, request.method)
            if len(answer.body) > ANSWER_BYTES_SURE and size_of(found) > ANSWER_BYTES_MAX:
                work.report.warned(self._name, TOO_LARGE)
                return as_payload(gateway(500, "Internal Server Error"), request.method)
            return found
        finally:
            work.end()


def http_function(unit: DeployedFunction) -> HttpFunction:
    function = unit.function
    route: Any = function.trigger
    demand = route.demand if route.is_optional else None
    return HttpFunction(
        *(unit.target, route.method, route.path, route.status, http_signature(function)),
        once=route.once,
        demand=demand,
        limit=route.limit,
    )


def read(event: Any, name: str) -> tuple[Request, dict[str, str]]:
    """The request, and the parameters in its path; DeclarationError for another kind of event."""
    try:
        return request_of(event), parameters_of(event)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise misfit(name, "HTTP API event, payload 2.0", error) from error


def request_of(event: Any) -> Request:
    about, body = event["requestContext"]["http"], event.get("body")
    headers = event["headers"]
    if cookies := event.get("cookies"):
        headers = {**headers, "cookie": "; ".join(cookies)}
    return Request(
        *(about["method"], event["rawPath"].replace("%25", "%"), event["rawQueryString"], headers),
        body_of(body, event["isBase64Encoded"]) if body else b"",
        ip=about.get("sourceIp", ""),
    )


def from_edge(request: Request, keys: Sequence[str]) -> None:
    """The address is what the edge of a site says, which has a key; anybody else could say any."""
    from _operator import _compare_digest  # pyright: ignore  # hmac's own, without hashlib

    said, _, ip = request.headers[VIEWER].partition(" ")
    shown = said.encode("utf-8", "surrogatepass")
    if ip and any(_compare_digest(shown, key.encode()) for key in keys):
        request.ip = ip
    request.headers = {name: one for name, one in request.headers.items() if name != VIEWER}


def is_known(request: Request, event: Any) -> bool:
    """Whether the gateway says who calls; then the request says it too."""
    from .lambda_caller import caller_of  # others do without

    said: Any = event["requestContext"].get("authorizer")
    found: Any = said and said.get("jwt")
    request.caller = caller_of(found["claims"]) if found else None
    return request.caller is not None


def body_of(body: str, is_base64: bool) -> bytes:
    return a2b_base64(body) if is_base64 else body.encode("utf-8", "surrogatepass")


def parameters_of(event: Any) -> dict[str, str]:
    found: dict[str, str] = event.get("pathParameters") or {}
    return {name: value.replace("%25", "%") for name, value in found.items()}


def as_payload(answer: Answer, method: str) -> dict[str, Any]:
    """The answer as the gateway takes it: a header said twice is one, cookies stand apart."""
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for name, value in answer.headers:
        if name == "set-cookie":
            cookies.append(value)
        else:
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    said: dict[str, Any] = {"statusCode": answer.status, "headers": headers}
    if cookies:
        said["cookies"] = cookies
    if answer.body and method != "HEAD" and answer.status not in BODILESS:
        said["body"], said["isBase64Encoded"] = text_of(answer.body)
    return said


def size_of(said: dict[str, Any]) -> int:
    """Of an answer as Lambda's runtime writes it: before Python 3.12 what is not ASCII as escapes,
    six letters each. Too large a one ends the process.
    """
    text = json.encode(said)
    if sys.version_info >= (3, 12) or text.isascii():
        return len(text)
    whole = text.decode()
    plain = len(whole.encode("ascii", "ignore"))
    return plain + 6 * (len(whole.encode("utf-16-le")) // 2 - plain)


def text_of(body: bytes) -> tuple[str, bool]:
    """As text where it is some, whatever its type says: the bytes are the same in the end."""
    try:
        return body.decode(), False
    except UnicodeDecodeError:
        return b2a_base64(body, newline=False).decode(), True


def traceparent(header: str) -> str:
    """X-Ray's name of a trace as W3C's: `Root=1-5759e988-bd86…;Parent=5399…;Sampled=1` is
    `00-5759e988bd86…-5399…-01`. Nothing when it says no such thing.
    """
    parts = {name: value for name, _, value in (one.partition("=") for one in header.split(";"))}
    root, parent = parts.get("Root", ""), parts.get("Parent", "")
    version, _, rest = root.partition("-")
    id = rest.replace("-", "")
    if version != "1" or len(id) != 32 or len(parent) != 16:
        return ""
    return f"00-{id}-{parent}-{'01' if parts.get('Sampled') == '1' else '00'}".lower()
