"""Answers as bytes. A header that could break out of its line is refused, never written.

Status and headers that were written once are kept as bytes. Content-length, date and connection are
the server's own: what an answer says about them is dropped.
"""

from __future__ import annotations

import re
from http import HTTPStatus

from ...http import Answer
from .streamed import Streamed

Headers = tuple[tuple[str, str], ...]

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
CLOSE, KEEP, AS_VERSION = b"connection: close\r\n", b"connection: keep-alive\r\n", b""
OURS = frozenset(["connection", "content-length", "date", "keep-alive", "transfer-encoding"])
HEADS_MAX = 512
BODILESS = frozenset([204, 304])

_name = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_value = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
_heads: dict[tuple[int, Headers], bytes] = {}
_json = (("content-type", "application/json"),)

# What AWS's gateway says when it answers by itself.
MESSAGES = {
    400: "Bad Request",
    408: "Request Timeout",
    413: "Request Entity Too Large",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
GATEWAY = {
    status: Answer(status, _json, b'{"message":"%b"}' % message.encode())
    for status, message in MESSAGES.items()
}


def written(answer: Answer, date: bytes, connection: bytes, *, head_only: bool = False) -> bytes:
    """The whole response. ValueError for a status or header that may not be written."""
    status, headers, body = answer.status, answer.headers, answer.body
    head = _heads.get((status, headers)) or _head(status, headers)
    if status in BODILESS:
        return b"%b%b%b\r\n" % (head, date, connection)
    return b"%b%b%bcontent-length: %d\r\n\r\n%b" % (
        head,
        date,
        connection,
        len(body),
        b"" if head_only else body,
    )


def begun(answer: Streamed, date: bytes, connection: bytes) -> bytes:
    """The head of a response whose body follows by itself."""
    head = _heads.get((answer.status, answer.headers)) or _head(answer.status, answer.headers)
    return b"%b%b%bcontent-length: %d\r\n\r\n" % (head, date, connection, answer.length)


def _head(status: int, headers: Headers) -> bytes:
    if not 200 <= status <= 599:
        raise ValueError(f"an answer has a status of 200 to 599, not {status}")
    head = f"HTTP/1.1 {status} {_reason(status)}\r\n".encode()
    head += b"".join(_line(name, value) for name, value in headers if name not in OURS)
    if any(name == "set-cookie" for name, _ in headers):
        return head  # a session's secret is nothing to keep
    if len(_heads) >= HEADS_MAX:
        _heads.clear()
    _heads[status, headers] = head
    return head


def _line(name: str, value: str) -> bytes:
    if not _name.fullmatch(name):
        raise ValueError(f"header {name!r}: a name is made of letters, digits and !#$%&'*+-.^_`|~")
    if not _value.fullmatch(value):
        raise ValueError(f"header {name!r}: the value holds a line break or a control character")
    return f"{name}: {value}\r\n".encode()


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
