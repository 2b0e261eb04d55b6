"""From a request to the handler's arguments. The first thing wrong ends the fast way; then, and
only then, everything is looked at again and every wrong field is reported at once (422), or that
the body is no JSON at all (400).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, NoReturn, cast

from msgspec import UNSET, MsgspecError, ValidationError, json

from ..errors import BadRequest, Invalid, UnsupportedMediaType
from ..http import Request
from ..invocation import context
from ..signature import Parameter, Signature
from .surplus import surplus_checker

if TYPE_CHECKING:
    from .check.problem import Problem

Taker = Callable[[Request, dict[str, str]], Any]
UNCHANGING = frozenset([NoneType, str, int, float, bool])
REFUSED = (MsgspecError, ValueError, RecursionError)  # ValueError: pydantic's, and invalid UTF-8


class _Wrong(ValueError):
    """Something is missing, repeated or unknown; what it is, is found out afterwards."""


class Binder:
    """Binds requests to one signature."""

    def __init__(self, signature: Signature) -> None:
        self._parameters = signature.parameters
        self._takers = [(one.name, TAKERS[one.source](one)) for one in signature.parameters]

    def arguments(self, request: Request, path: dict[str, str]) -> dict[str, Any]:
        """The handler's keyword arguments; BadRequest, UnsupportedMediaType or Invalid
        otherwise.
        """
        try:
            return {name: take(request, path) for name, take in self._takers}
        except REFUSED as error:
            self._explain(request, path, error)

    def _explain(self, request: Request, path: dict[str, str], error: Exception) -> NoReturn:
        found = [
            problem
            for one in self._parameters
            if one.source in EXPLAIN
            for problem in EXPLAIN[one.source](one, request, path)
        ]
        from .check.problem import refusal

        if not found:  # such as a name twice in one object, of which a walk sees the last
            found.append(refusal(error, "body"))
        raise Invalid(_told(len(found)), errors=[problem.shown() for problem in found])


def _text_problems(one: Parameter, request: Request, path: dict[str, str]) -> list[Problem]:
    from .check.problem import Problem
    from .check.validate import problems

    texts = TEXTS[one.source](one, request, path)
    where = cast(Literal["path", "query", "header"], one.source)
    if not texts:
        return [Problem(one.key, where, _expected(one), "missing")] if one.required else []
    if not one.many and len(texts) > 1:
        return [Problem(one.key, where, "one value", f"{len(texts)} values")]
    raw = texts if one.many else texts[0]
    return problems(one.type, raw, where=where, pointer=one.key, strict=False)


TEXTS: dict[str, Callable[[Parameter, Request, dict[str, str]], list[str]]] = {
    "path": lambda one, _request, path: [path[one.key]],
    "query": lambda one, request, _path: request.query.get(one.key, []),
    "header": lambda one, request, _path: (
        [request.headers[one.key]] if one.key in request.headers else []
    ),
}


def _told(count: int) -> str:
    return "one value is wrong" if count == 1 else f"{count} values are wrong"


def _expected(one: Parameter) -> str:
    from .check.validate import expected

    return expected(one.type)


def _body_problems(one: Parameter, request: Request, _path: dict[str, str]) -> list[Problem]:
    from .check.problem import Problem
    from .check.validate import problems

    if not request.body:
        return [] if not one.required else [Problem("", "body", _expected(one), "missing")]
    try:
        raw = json.decode(request.body)
    except ValidationError as error:  # JSON, but a number no type here can hold
        return [Problem("", "body", _expected(one), str(error))]
    except RecursionError:
        raise BadRequest("the body is nested too deeply") from None
    except (MsgspecError, UnicodeDecodeError) as error:
        raise BadRequest(f"the body is not JSON: {error}") from None
    return problems(one.json, raw, where="body", unknown=True)


EXPLAIN: dict[str, Callable[[Parameter, Request, dict[str, str]], list[Problem]]] = {
    "path": _text_problems,
    "query": _text_problems,
    "header": _text_problems,
    "body": _body_problems,
}


def _path(one: Parameter) -> Taker:
    key = one.key
    if one.type is str:
        return lambda _request, path: path[key]
    from .check.text import text_reader

    read = text_reader(one.type)
    return lambda _request, path: read(path[key])


def _query(one: Parameter) -> Taker:
    from .check.text import text_reader, texts_reader

    key, many = one.key, one.many
    read: Callable[[Any], Any] = texts_reader(one.type) if many else text_reader(one.type)

    def take(request: Request, _path: dict[str, str]) -> Any:
        if not request.query_string or (values := request.query.get(key)) is None:
            return absent(one)
        if many:
            return read(values)
        if len(values) != 1:
            raise _Wrong
        return read(values[0])

    return take


def _header(one: Parameter) -> Taker:
    from .check.text import text_reader

    key, read = one.key, text_reader(one.type)

    def take(request: Request, _path: dict[str, str]) -> Any:
        value = request.headers.get(key)
        return absent(one) if value is None else read(value)

    return take


def _body(one: Parameter) -> Taker:
    decode = json.Decoder(one.json, dec_hook=converted).decode
    is_unknown = surplus_checker(one.type)
    raw = json.Decoder().decode

    def take(request: Request, _path: dict[str, str]) -> Any:
        body = request.body
        if not body:
            return absent(one)
        if not is_json(request.headers):
            raise UnsupportedMediaType("send the body as content-type: application/json")
        try:
            value = decode(body)
        except ValidationError:
            from .check.whole import whole

            value = decode(json.encode(whole(raw(body))))  # 21.0 is an integer to JSON
        if is_unknown is not None and value is not None and is_unknown(raw(body)):
            raise _Wrong
        return value

    return take


def converted(kind: Any, value: Any) -> Any:
    """A model of another library."""
    from .check.foreign import converted

    return converted(kind, value)


def _request(_one: Parameter) -> Taker:
    return lambda request, _path: request


def _context(_one: Parameter) -> Taker:
    return lambda _request, _path: context()


def _caller(_one: Parameter) -> Taker:
    return lambda request, _path: request.caller


TAKERS: dict[str, Callable[[Parameter], Taker]] = {
    "path": _path,
    "query": _query,
    "header": _header,
    "body": _body,
    "request": _request,
    "context": _context,
    "caller": _caller,
}


def absent(one: Parameter) -> Any:
    """The default; a fresh copy of one that a handler could change for those after it."""
    if one.required:
        raise _Wrong
    default = None if one.default is UNSET else one.default
    if default.__class__ in UNCHANGING:
        return default
    from copy import deepcopy

    return deepcopy(default)


def is_json(headers: Mapping[str, str]) -> bool:
    """Absent counts as JSON, but not where a page asks: one of another origin may leave it out (a
    Blob has no type), and nobody would have asked us before.
    """
    content_type = headers.get("content-type")
    if content_type is None:
        return "origin" not in headers
    if content_type == "application/json":
        return True
    kind = content_type.split(";", 1)[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")
