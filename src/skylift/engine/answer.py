"""From what a handler returned or raised to what goes over the wire."""

from __future__ import annotations

from typing import Any, cast

from msgspec import json

from ..errors import SkyliftError
from ..http import Answer, Response, is_header_name

JSON = (("content-type", "application/json"),)
PROBLEM = (("content-type", "application/problem+json"),)
TEXT = ("content-type", "text/plain; charset=utf-8")
BINARY = ("content-type", "application/octet-stream")
CONTROLS = frozenset(map(chr, (*range(9), *range(10, 32), 127)))


def foreign(value: Any) -> Any:
    """Types msgspec does not know: pydantic's models, told by their method so that nothing is
    imported.
    """
    dump = getattr(value, "model_dump", None)
    if dump is None:
        raise NotImplementedError(f"{type(value).__name__} cannot be written as JSON")
    return dump(mode="json")


encode = json.Encoder(enc_hook=foreign, decimal_format="string").encode


def answered(result: Any, status: int) -> Answer:
    """JSON with the route's status; None is 204; a Response says everything itself."""
    if result is None:
        return Answer(204, (), b"")
    if isinstance(result, Response):
        return _said(result)
    return Answer(status, JSON, encode(result))


def _said(response: Response) -> Answer:
    _check(response)
    headers = [(name.lower(), str(value)) for name, value in response.headers.items()]
    headers += [("set-cookie", cookie) for cookie in response.cookies]
    body, kind = _body(response.body)
    if kind is not None and all(name != "content-type" for name, _ in headers):
        headers.append(kind)
    return Answer(response.status, tuple(headers), body)


def _check(response: Response) -> None:
    """ValueError for what no server may write: told here, where it is known whose it is."""
    status, cookies = cast(object, response.status), cast(object, response.cookies)
    if not isinstance(status, int) or not 200 <= status <= 599:
        raise ValueError(f"Response(status={status!r}): a status is a number from 200 to 599")
    if isinstance(cookies, str):
        raise ValueError(f"Response(cookies={cookies!r}): write a list, cookies=[{cookies!r}]")
    for name, value in response.headers.items():
        if not is_header_name(name):
            raise ValueError(f"Response: {name!r} is no name of a header")
        if cast(object, value) is None:
            raise ValueError(f"Response: header {name!r} is None. hint: leave it out")
    for text in (*response.headers.values(), *response.cookies):
        if not CONTROLS.isdisjoint(str(text)):
            raise ValueError("Response: a header or cookie holds a line break or control character")


def _body(body: Any) -> tuple[bytes, tuple[str, str] | None]:
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(cast(bytes, body)), BINARY if body else None
    if isinstance(body, str):
        return body.encode(), TEXT
    return (b"", None) if body is None else (encode(body), JSON[0])


def problem(error: SkyliftError, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """An error as problem+json (RFC 9457), without internals: a 5xx of ours says only its title.
    Its `retry_after_s` is the header Retry-After too, which any client understands.
    """
    said: dict[str, Any] = {"type": "about:blank", "title": error.title, "status": error.status}
    if error.detail and error.status != 500:
        said["detail"] = error.detail
        said.update({name: value for name, value in error.more.items() if name not in said})
        if "retry_after_s" in error.more:
            from .later import later

            headers += later(error.more["retry_after_s"])
    return Answer(error.status, PROBLEM + headers, encode(said))


def gateway(status: int, message: str) -> Answer:
    """What AWS's gateway answers by itself, with the same body here."""
    return Answer(status, JSON, encode({"message": message}))
