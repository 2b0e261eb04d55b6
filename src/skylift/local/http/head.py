"""The request line and the headers, by a strict grammar: refused where it fails, never repaired.

Two readers that disagree on where a request ends are how requests are smuggled. So: no bare LF, no
folded lines, no blank before a colon, one Host, one Content-Length and never with chunks.
"""

from __future__ import annotations

import re

from ...http import Request

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
TARGET = rb"/[^\x00-\x20\x7f#]*|\*|https?://[^\x00-\x20\x7f#]+"
LINE = re.compile(rb"(" + TOKEN + rb") (" + TARGET + rb") HTTP/1\.([01])\r\n")
METHOD = re.compile(TOKEN)
ABSOLUTE = re.compile(r"https?://([^/?]*)(.*)")
HOST = re.compile(r"[A-Za-z0-9\-._~%!$&'()*+;=:\[\]]*")
NAME = re.compile(TOKEN.decode())
TEXT = bytes([9, *range(0x20, 0x7F), *range(0x80, 0x100)])  # what may stand in a header line
NAMES_MAX = 1024
LENGTH_DIGITS_MAX = 18

_names: dict[str, str] = {}  # as sent -> lower-case: bounded, and only proper names enter


class Refused(Exception):
    """This request cannot be read any further: answer `status` and close."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Fields:
    """The headers of a request, and what they say about the connection and the body."""

    __slots__ = ("block", "expects", "headers", "keep_alive", "length")

    def __init__(self, block: bytes, headers: dict[str, str]) -> None:
        self.block, self.headers = block, headers
        self.length = _length(headers)  # None when chunked
        self.keep_alive = _keep_alive(headers.get("connection", ""))
        self.expects = headers.get("expect", "").lower() == "100-continue"
        if not HOST.fullmatch(headers.get("host", "")):
            raise Refused(400)  # two of them arrive here as "a,b"


def fields_of(block: bytes) -> Fields:
    """Header lines, each ended by CRLF; Refused(400) unless every one follows the grammar."""
    if len(block.translate(None, TEXT)) != 2 * block.count(b"\r\n"):
        raise Refused(400)  # a control character, or a CR or LF that ends no line
    headers: dict[str, str] = {}
    for line in _decoded(block).split("\r\n")[:-1]:
        sent, colon, value = line.partition(":")
        name = _names.get(sent) or _name(sent)
        if not colon:
            raise Refused(400)
        value = value.strip(" \t")
        if name in headers:
            value = headers[name] + ("; " if name == "cookie" else ",") + value
        headers[name] = value
    return Fields(block, headers)


def request_of(line: re.Match[bytes], fields: Fields, ip: str) -> Request:
    """The request, its body still to come. Path and query are as sent, not percent-decoded."""
    method, sent, minor = line.groups()
    if minor == b"1":
        if "host" not in fields.headers:
            raise Refused(400)
    elif fields.length is None:
        raise Refused(400)  # HTTP/1.0 knows no chunks
    try:
        target = sent.decode()
    except UnicodeDecodeError:
        raise Refused(400) from None  # as its percent-encoded form would be
    headers = fields.headers.copy()
    if not target.startswith("/"):
        target = _origin(method, target, headers)
    path, _, query = target.partition("?")
    return Request(method.decode(), path, query, headers, b"", ip=ip)


def is_hopeless(buffer: bytes, at: int) -> bool:
    """No further byte makes this a request: the first line is wrong or begins as no method does."""
    newline = buffer.find(b"\n", at)
    if newline < 0:
        return METHOD.match(buffer, at) is None and buffer[at:] != b"\r"  # half a blank line
    return LINE.match(buffer, at, newline + 1) is None


def _origin(method: bytes, target: str, headers: dict[str, str]) -> str:
    """The path and query of an absolute target, whose authority overrides Host."""
    if target == "*":
        if method != b"OPTIONS":
            raise Refused(400)
        return target
    found = ABSOLUTE.fullmatch(target)
    if not found or not found[1] or not HOST.fullmatch(found[1]):
        raise Refused(400)
    headers["host"] = found[1]
    return found[2] if found[2].startswith("/") else "/" + found[2]


def _decoded(block: bytes) -> str:
    """UTF-8, as AWS passes it on; what is not UTF-8 is taken as latin-1 rather than refused."""
    try:
        return block.decode()
    except UnicodeDecodeError:
        return block.decode("latin-1")


def _name(sent: str) -> str:
    if not NAME.fullmatch(sent):
        raise Refused(400)
    name = sent.lower()
    if len(_names) < NAMES_MAX:
        _names[sent] = name
    return name


def _length(headers: dict[str, str]) -> int | None:
    length = headers.get("content-length")
    coding = headers.get("transfer-encoding")
    if coding is not None:
        if length is not None or coding.lower() != "chunked":
            raise Refused(400)
        return None
    if length is None:
        return 0
    if not (length.isascii() and length.isdigit() and len(length) <= LENGTH_DIGITS_MAX):
        raise Refused(400)  # two of them arrive here as "5,5"
    return int(length)


def _keep_alive(connection: str) -> bool | None:
    """What the client asked for; None leaves it to the version."""
    if not connection:
        return None
    options = [option.strip() for option in connection.lower().split(",")]
    if "close" in options:
        return False
    return True if "keep-alive" in options else None
