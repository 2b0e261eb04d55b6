"""How much may be sent, as AWS's gateway and Lambda count it, and how long a client may take.

Lambda counts the whole event, the body in it as a JSON string or base64. That is computed only
where a cheap bound cannot exclude it. A body larger than an event is refused unread, so the
gateway's own limit of 10 MB, with the same answer, is never reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from ...errors import BadRequest
from ...http import Answer, Request

MIB = 1024 * 1024
JSON_GROWTH_MAX = 6  # a control character takes six bytes in JSON
HEAD_COPIES_MAX = (
    8  # path, query and headers appear up to four times in the event, escaped to twice their size
)
ROUND_S_MAX = 1.0  # the date header counts in seconds
EVENT_REST_MAX = 4096  # what is in every event: request id, times, domain name

_encoded = msgspec.json.Encoder().encode
_TEXT = frozenset(["application/json", "application/xml", "application/javascript"])
_CONTEXT = {
    "accountId": "123456789012",
    "apiId": "a1b2c3d4e5",
    "domainName": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
    "domainPrefix": "a1b2c3d4e5",
    "requestId": "JKJaXmPLvHcESHA=",
    "stage": "$default",
    "time": "12/Mar/2020:19:03:58 +0000",
    "timeEpoch": 1583348638390,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The sizes are AWS's own. Times are in seconds."""

    head_bytes_max: int = 10_240  # request line and headers together
    event_bytes_max: int = 6 * MIB
    answer_bytes_max: int = 6 * MIB
    connections_max: int = 10_000
    pipelined_max: int = 16  # requests of one connection that were read and are not answered yet
    receive_s: float = 20.0  # for a request to arrive whole, from its first byte
    idle_s: float = 75.0  # between requests
    drain_s: float = 20.0  # in which a slow reader must take DRAINED_BYTES_MIN
    linger_s: float = 2.0  # for a refused client to read why, while what it still sends is dropped

    @property
    def round_s(self) -> float:
        """How often the server looks at the clock and at its connections."""
        patience = min(self.receive_s, self.idle_s, self.drain_s, self.linger_s)
        return min(ROUND_S_MAX, patience / 4)

    @property
    def body_sure_max(self) -> int:
        """A body up to here fits, whatever is in it and beside it."""
        least = min(self.event_bytes_max, self.answer_bytes_max)
        return (least - HEAD_COPIES_MAX * self.head_bytes_max - EVENT_REST_MAX) // JSON_GROWTH_MAX


def event_fits(request: Request, limits: Limits) -> bool:
    """Lambda takes this request as an event."""
    if len(request.body) <= limits.body_sure_max:
        return True
    return event_size(request) <= limits.event_bytes_max


def answer_fits(answer: Answer, limits: Limits) -> bool:
    """Lambda takes this answer from a function."""
    if len(answer.body) <= limits.body_sure_max:
        return True
    headers = dict(answer.headers)
    rest = {"statusCode": answer.status, "headers": headers, "isBase64Encoded": False}
    return len(_encoded(rest)) + _body_size(answer.body, headers) <= limits.answer_bytes_max


def event_size(request: Request) -> int:
    """The bytes of the payload 2.0 event; account, API and request ids at their usual lengths."""
    method, path, headers = request.method, request.path, request.headers
    via = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": request.ip}
    via["userAgent"] = headers.get("user-agent", "")
    event: dict[str, object] = {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": request.query_string,
        "headers": headers,
        "requestContext": {**_CONTEXT, "routeKey": f"{method} {path}", "http": via},
        "isBase64Encoded": False,
    }
    if request.query_string:
        event["queryStringParameters"] = _parameters(request)
    if "cookie" in headers:
        event["cookies"] = [cookie.strip() for cookie in headers["cookie"].split(";")]
    return len(_encoded(event)) + _body_size(request.body, headers)


def _parameters(request: Request) -> dict[str, str]:
    try:
        return {name: ",".join(values) for name, values in request.query.items()}
    except BadRequest:  # not UTF-8; the handler will say so
        return {}


def _body_size(body: bytes, headers: Mapping[str, str]) -> int:
    member = len(',"body":')
    if _is_text(headers):
        return member + len(_encoded(body.decode("utf-8", "replace")))
    return member + 2 + (len(body) + 2) // 3 * 4


def _is_text(headers: Mapping[str, str]) -> bool:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return "content-encoding" not in headers and (kind.startswith("text/") or kind in _TEXT)
