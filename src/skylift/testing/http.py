"""Requests to an app without a socket: the same routes, limits and gateway as when it is served."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypedDict, Unpack
from urllib.parse import quote, urlencode

from msgspec import json

from ..engine.answer import encode
from ..http import Answer, Request
from ..local.http.limits import Limits, answer_fits, event_fits
from ..local.http.reply import BODILESS, GATEWAY
from ..user import Caller, Tokens

AnswerTo: TypeAlias = Callable[[Request], Awaitable[Answer]]
TokenOf: TypeAlias = Callable[[Caller], Awaitable[str]]
Value: TypeAlias = str | int | float

LIMITS = Limits()
UNQUOTED = "/%:@!$&'()*+,;=~"  # in a path, beside letters and digits
COOKIE = "set-cookie"


class Sent(TypedDict, total=False):
    """What may go with a request."""

    json: object
    body: bytes | str
    headers: Mapping[str, str]
    query: Mapping[str, Value | Sequence[Value]]


@dataclass(frozen=True)
class HttpAnswer:
    """Header names are lower-case; headers that came twice are joined with a comma, cookies are
    listed as they were set.
    """

    status: int
    body: bytes
    headers: Mapping[str, str]
    cookies: Sequence[str] = field(default_factory=list[str])

    @property
    def json(self) -> Any:
        return json.decode(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()

    def __repr__(self) -> str:
        return f"<{self.status} {self.body.decode(errors='replace')}>"


class Http:
    """A client of one Api."""

    def __init__(
        self, answer: AnswerTo, token_of: TokenOf, caller: Caller | str | None = None
    ) -> None:
        self._answer, self._token_of, self._caller = answer, token_of, caller

    def as_(self, who: Caller | Tokens | str) -> Http:
        """A client that brings a token with each request: what `login` gave, an access token, or
        one for a Caller, whether or not there is such a user.
        """
        return Http(self._answer, self._token_of, who.access if isinstance(who, Tokens) else who)

    async def get(self, path: str, **sent: Unpack[Sent]) -> HttpAnswer:
        return await self.request("GET", path, **sent)

    async def post(self, path: str, **sent: Unpack[Sent]) -> HttpAnswer:
        return await self.request("POST", path, **sent)

    async def put(self, path: str, **sent: Unpack[Sent]) -> HttpAnswer:
        return await self.request("PUT", path, **sent)

    async def patch(self, path: str, **sent: Unpack[Sent]) -> HttpAnswer:
        return await self.request("PATCH", path, **sent)

    async def delete(self, path: str, **sent: Unpack[Sent]) -> HttpAnswer:
        return await self.request("DELETE", path, **sent)

    async def request(self, method: str, path: str, **sent: Unpack[Sent]) -> HttpAnswer:
        """What a client is answered. While the handler waits for nothing but time, time passes: one
        that never answers is a 503 at its deadline.
        """
        request = request_of(method, path, await self._authorized(sent))
        if not event_fits(request, LIMITS):
            return answer_of(GATEWAY[413], request)
        answer = await self._answer(request)
        return answer_of(answer if answer_fits(answer, LIMITS) else GATEWAY[500], request)

    async def _authorized(self, sent: Sent) -> Sent:
        who = self._caller
        if who is None:
            return sent
        token = who if isinstance(who, str) else await self._token_of(who)
        headers = {"authorization": f"Bearer {token}"} | dict(sent.get("headers", {}))
        return {**sent, "headers": headers}


def request_of(method: str, path: str, sent: Sent) -> Request:
    """Invalid arguments are the test's own mistake: TypeError or ValueError."""
    if not path.startswith("/"):
        raise ValueError(f"{path!r}: a path begins with a slash")
    if "json" in sent and "body" in sent:
        raise TypeError("a request has one body: say json= or body=")
    headers = {"host": "localhost"}
    body = sent.get("body", b"")
    if "json" in sent:
        body, headers["content-type"] = encode(sent["json"]), "application/json"
    body = body.encode() if isinstance(body, str) else body
    if body:
        headers["content-length"] = str(len(body))
    headers |= {name.lower(): value for name, value in sent.get("headers", {}).items()}
    target, _, said = path.partition("?")
    query = "&".join(filter(None, [said, urlencode(shown(sent.get("query", {})), doseq=True)]))
    return Request(method, quote(target, UNQUOTED), query, headers, body, ip="127.0.0.1")


def shown(query: Mapping[str, Value | Sequence[Value]]) -> dict[str, list[str]]:
    """Every parameter with its values; a bool as JSON has it."""
    found: dict[str, list[str]] = {}
    for name, value in query.items():
        values = [value] if isinstance(value, str | int | float) else value
        found[name] = [str(one).lower() if isinstance(one, bool) else str(one) for one in values]
    return found


def answer_of(answer: Answer, request: Request) -> HttpAnswer:
    """As it arrives at the client."""
    headers: dict[str, str] = {}
    for name, value in answer.headers:
        if name != COOKIE:
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    is_bare = request.method == "HEAD" or answer.status in BODILESS
    cookies = [value for name, value in answer.headers if name == COOKIE]
    return HttpAnswer(answer.status, b"" if is_bare else answer.body, headers, cookies)
