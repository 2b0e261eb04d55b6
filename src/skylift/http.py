"""A request and a response as an author and every backend see them; nobody here knows how they
travelled.
"""

from __future__ import annotations

from binascii import unhexlify
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from .errors import BadRequest

if TYPE_CHECKING:
    from .user import Caller

# Of every Api's own: answered before its routes.
OWN_PATHS = ("/_skylift/", "/_skylift/health", "/_skylift/openapi.json", "/_skylift/channel.js")
VIEWER = "x-skylift-viewer"  # from where a site was asked; nobody's but the platform's
TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")


class Header(Struct, frozen=True):
    """`Annotated[str, Header("x-request-id")]`: a parameter that comes from a header."""

    name: str


def is_header_name(name: object) -> bool:
    return isinstance(name, str) and bool(name) and TOKEN.issuperset(name.lower())


class Request:
    """One HTTP request. Header names are lower-case, repeated headers joined with a comma, the path
    a function sees is decoded, as AWS's gateway does it. `caller` is who has signed in, where the
    route asks for it.
    """

    __slots__ = (
        *("_cookies", "_query", "body", "caller", "headers", "ip", "method", "path"),
        "query_string",
    )

    def __init__(
        self,
        method: str,
        path: str,
        query_string: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        ip: str = "",
    ) -> None:
        self.method, self.path, self.query_string = method, path, query_string
        self.headers, self.body, self.ip = headers, body, ip
        self.caller: Caller | None = None
        self._query: dict[str, list[str]] | None = None
        self._cookies: dict[str, str] | None = None

    @property
    def query(self) -> dict[str, list[str]]:
        """Each parameter with all its values, in order."""
        if self._query is None:
            self._query = parsed_query(self.query_string)
        return self._query

    @property
    def cookies(self) -> dict[str, str]:
        if self._cookies is None:
            pairs = (
                part.split("=", 1)
                for part in self.headers.get("cookie", "").split(";")
                if "=" in part
            )
            self._cookies = {name.strip(): value.strip().strip('"') for name, value in pairs}
        return self._cookies


class Response(Struct):
    """An answer that says everything itself. A `body` that is neither str nor bytes is sent as
    JSON.
    """

    body: Any = b""
    status: int = 200
    headers: Mapping[str, str] = {}
    cookies: Sequence[str] = ()


class Answer(Struct):
    """What goes over the wire: header names lower-case, the body encoded. Content-length is the
    server's affair.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def parsed_query(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part in text.split("&") if text else ():
        name, _, value = part.partition("=")
        if name or value:
            found.setdefault(unquoted(name, plus=True), []).append(unquoted(value, plus=True))
    return found


def unquoted(text: str, *, plus: bool = False) -> str:
    """Percent-decoded UTF-8; BadRequest when it is not UTF-8. (urllib would cost a cold start 3
    ms.)
    """
    if plus and "+" in text:
        text = text.replace("+", " ")
    if "%" not in text:
        return text
    head, *parts = text.encode("utf-8").split(b"%")
    out = [head]
    for part in parts:
        try:
            out.append(unhexlify(part[:2]) + part[2:] if part else b"%")
        except ValueError:
            out.append(b"%" + part)  # a lone % stands for itself
    try:
        return b"".join(out).decode("utf-8")
    except UnicodeDecodeError:
        raise BadRequest(f"{text[:80]!r} is not percent-encoded UTF-8") from None
