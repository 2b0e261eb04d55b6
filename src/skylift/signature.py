"""What a handler's parameters mean: read once from its annotations, when the app is loaded.

A name in the path template is a path parameter, a structured type is the body, other scalars and
lists of scalars are query parameters; Request, Context and Caller come by type, a header by
`Annotated[str, Header("x-request-id")]`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import MethodType, NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    Never,
    NoReturn,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from msgspec import UNSET, Struct

from .errors import DeclarationError, Mistake
from .function import Function
from .http import Header, Request, Response, is_header_name
from .invocation import Context

COROUTINE = 0x80  # inspect.CO_COROUTINE
VARIADIC = 0x0C  # *args or **kwargs


class Parameter(Struct, frozen=True):
    """One parameter of a handler: where its value comes from, under which name, and of which type.

    `type` is what the value is converted to: without `| None`, with its constraints. `many` takes
    all values of a repeated query parameter.
    """

    name: str
    source: Literal["path", "query", "header", "body", "request", "context", "caller", "message"]
    key: str
    type: Any
    many: bool = False
    optional: bool = False
    default: Any = UNSET

    @property
    def required(self) -> bool:
        return self.default is UNSET and not self.optional

    @property
    def json(self) -> Any:
        """The type of a body: of one that may be None, `null` says so."""
        return Union[self.type, None] if self.optional else self.type  # noqa: UP007


class Unfit(Exception):
    """A parameter that no value can be found for."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason, self.remedy = reason, remedy


class Signature(Struct, frozen=True):
    parameters: tuple[Parameter, ...]
    returns: Any
    is_async: bool

    @property
    def has_context(self) -> bool:
        """The handler is given its Context."""
        return any(one.source == "context" for one in self.parameters)


def placeholders(path: str) -> list[str]:
    """The parameter names of a path template, the greedy one without its `+`."""
    inside = [
        part[1:-1].removesuffix("+") for part in path.split("/") if part[:1] + part[-1:] == "{}"
    ]
    return [name for name in inside if name.isidentifier()]


def http_signature(function: Function[..., Any]) -> Signature:
    """The signature of an HTTP function; DeclarationError with every mistake in it."""
    handler, hints = _read(function)
    names = _names(handler)
    path = placeholders(function.trigger.path)  # type: ignore[attr-defined]
    mistakes = list(_misfits(function, names, path, hints))
    parameters: list[Parameter] = []
    if not mistakes:
        defaults = _defaults(handler)
        for name in names:
            try:
                parameters.append(_parameter(name, hints[name], defaults.get(name, UNSET), path))
            except Unfit as unfit:
                reason = f"{handler.__name__}({name}): {unfit.reason}"
                mistakes.append(Mistake(function.place, reason, unfit.remedy))
    bodies = [parameter.name for parameter in parameters if parameter.source == "body"]
    if len(bodies) > 1:
        mistakes.append(
            Mistake(
                function.place,
                f"{handler.__name__}() takes more than one body: {', '.join(bodies)}",
                "put them into one Struct",
            )
        )
    if mistakes:
        raise DeclarationError(*mistakes)
    returns = hints.get("return", NoneType)
    return Signature(tuple(parameters), returns, is_async(function.handler))


def given_signature(function: Function[..., Any]) -> Signature:
    """The signature of a function whose trigger says what it `takes`, and whether a handler may do
    without; its Context is given to what asks for it. DeclarationError with every mistake in it.
    """
    expected: Any = function.trigger.takes  # type: ignore[attr-defined]
    handler, hints = _read(function)
    names = _names(handler)
    mistakes = list(_misfits(function, names, [], hints, like=shown_type(expected)))
    parameters: list[Parameter] = []
    for name in names if not mistakes else ():
        is_context = unannotated(hints[name]) is Context
        source: Literal["context", "message"] = "context" if is_context else "message"
        parameters.append(Parameter(name, source, name, hints[name]))
    given = [one for one in parameters if one.source == "message"]
    ignores = not given and getattr(function.trigger, "may_be_ignored", False)
    if not mistakes and not ignores and [one.type for one in given] != [expected]:
        mistakes.append(_misgiven(function, given, expected))
    if mistakes:
        raise DeclarationError(*mistakes)
    returns = hints.get("return", NoneType)
    return Signature(tuple(parameters), returns, is_async(function.handler))


def guard_signature(function: Function[..., Any]) -> Signature:
    """The signature of a channel's guard: who asks comes first, then an id for each open segment,
    all of them text. Whether the template has them is seen to elsewhere.
    """
    handler, hints = _read(function)
    names = _names(handler)
    mistakes = list(_misfits(function, names, [], hints))
    kind, is_optional = without_none(hints.get(names[0])) if names else (None, False)
    call = f"{handler.__name__}()"
    if not mistakes and not is_caller(kind):
        reason = f"{call} guards a channel, and does not take its Caller first"
        remedy = "write `caller: Caller`, or `caller: Caller | None` where no token is needed"
        mistakes.append(Mistake(function.place, reason, remedy))
    if not mistakes:
        mistakes += _unguarding(function, names, hints)
    if mistakes:
        raise DeclarationError(*mistakes)
    first = Parameter(names[0], "caller", names[0], kind, optional=is_optional)
    ids = [Parameter(name, "path", name, str) for name in names[1:]]
    return Signature((first, *ids), bool, is_async=True)


def _unguarding(
    function: Function[..., Any], names: tuple[str, ...], hints: dict[str, Any]
) -> Iterator[Mistake]:
    call, defaults = f"{function.handler.__name__}()", _defaults(innermost(function.handler))
    for name in names[1:]:
        if hints[name] is not str:
            reason = f"{call}: {name} is {shown_type(hints[name])}, and an id of a channel is text"
            yield Mistake(function.place, reason, f"write `{name}: str`")
    for name in defaults:
        reason = f"{call}: {name} has a default, and a channel always has it"
        yield Mistake(function.place, reason, f"write `{name}: str`")
    if hints.get("return") is not bool or not is_async(function.handler):
        reason = f"{call} guards a channel: it is `async def` and answers with a bool"
        yield Mistake(function.place, reason, f"write `async def {call[:-2]}(…) -> bool`")


def _misgiven(function: Function[..., Any], given: list[Parameter], expected: Any) -> Mistake:
    """A handler that takes something else than its trigger gives."""
    call, wanted = function.handler.__name__, shown_type(expected)
    shown = ", ".join(f"{one.name}: {shown_type(one.type)}" for one in given) or "nothing"
    remedy = f"write `async def {call}({given[0].name if given else 'message'}: {wanted}) -> None`"
    if (get_origin(expected) is list) is not any(get_origin(one.type) is list for one in given):
        remedy += "; one message comes alone, batch=2 or more as a list of Delivery"
    return Mistake(function.place, f"{call}() takes {shown}, and is given {wanted}", remedy)


def _read(function: Function[..., Any]) -> tuple[Any, dict[str, Any]]:
    """The innermost handler and its annotations."""
    handler = innermost(function.handler)
    try:
        hints = get_type_hints(handler, include_extras=True)
    except Exception as error:  # they are an author's expressions: a pattern may be wrong too
        remedy = "write types, and constraints that Meta takes"
        if isinstance(error, (NameError, AttributeError)):
            remedy = "import the type at the top of the module, outside `if TYPE_CHECKING`"
        reason = f"the annotations of {handler.__name__}() cannot be read: {error}"
        raise DeclarationError(Mistake(function.place, reason, remedy)) from error
    return handler, hints


def innermost(handler: Any) -> Any:
    """The function an author wrote, below decorators that say `functools.wraps`."""
    while hasattr(handler, "__wrapped__"):
        handler = handler.__wrapped__
    return handler


def _names(handler: Any) -> tuple[str, ...]:
    code: Any = handler.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return names[1:] if isinstance(handler, MethodType) else names


def is_async(handler: Any) -> bool:
    """A plain decorator around a coroutine function hands on its coroutine."""
    while True:
        if handler.__code__.co_flags & COROUTINE:
            return True
        if not hasattr(handler, "__wrapped__"):
            return False
        handler = handler.__wrapped__


def _misfits(
    function: Function[..., Any],
    names: tuple[str, ...],
    path: list[str],
    hints: dict[str, Any],
    *,
    like: str = "str",
) -> Iterator[Mistake]:
    handler, place = innermost(function.handler), function.place
    call = f"{handler.__name__}()"
    if handler.__code__.co_flags & VARIADIC:
        yield Mistake(place, f"{call} takes *args or **kwargs", "name every parameter")
    for name in names:
        if name not in hints:
            remedy = f"write `{name}: {like}`"
            yield Mistake(place, f"{call}: parameter {name!r} has no type", remedy)
    for name in path:
        if name not in names:
            yield Mistake(
                place,
                f"the path has {{{name}}} but {call} takes no parameter {name!r}",
                f"add `{name}: str`, or take it out of the path",
            )


def _defaults(handler: Any) -> dict[str, Any]:
    code = handler.__code__
    positional = code.co_varnames[: code.co_argcount]
    values = handler.__defaults__ or ()
    return dict(zip(positional[len(positional) - len(values) :], values, strict=True)) | (
        handler.__kwdefaults__ or {}
    )


def _parameter(name: str, hint: Any, default: Any, path: list[str]) -> Parameter:
    inner, optional = without_none(hint)
    plain = unannotated(inner)
    if plain in (Request, Context):
        return Parameter(name, "request" if plain is Request else "context", name, plain)
    if is_caller(plain):
        return Parameter(name, "caller", name, plain, optional=optional)
    header = _header(inner)
    if header is not None:
        _check_header(header, plain, in_path=name in path)
        return Parameter(
            name, "header", header.name.lower(), inner, optional=optional, default=default
        )
    if name in path:
        if not is_scalar(plain) or optional or default is not UNSET:
            shown = shown_type(hint) + ("" if default is UNSET else f" = {default!r}")
            raise Unfit(
                f"a path parameter is a scalar without default, not {shown}",
                "the path always has it: write a scalar type, such as str or int, and no default",
            )
        return Parameter(name, "path", name, inner)
    if is_scalar(plain):
        return Parameter(name, "query", name, inner, optional=optional, default=default)
    if _is_list_of_scalars(plain):
        return Parameter(name, "query", name, inner, many=True, optional=optional, default=default)
    if is_structured(plain):
        return Parameter(name, "body", name, inner, optional=optional, default=default)
    raise Unfit(
        f"{shown_type(hint)} is neither a scalar (query), a structured type (body), "
        "Request, Context nor Caller",
        "write a scalar, a list of scalars, or a Struct",
    )


def _header(hint: Any) -> Header | None:
    """What an annotation says of a header."""
    extras = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    if Header in extras:
        raise Unfit("Header says no name", 'write Annotated[str, Header("x-request-id")]')
    return next((extra for extra in extras if isinstance(extra, Header)), None)


def _check_header(header: Header, plain: Any, *, in_path: bool) -> None:
    if not is_header_name(header.name):
        remedy = 'letters, digits and -, as in Header("x-request-id")'
        raise Unfit(f"{header.name!r} is no name of a header", remedy)
    if in_path:
        raise Unfit("it stands in the path, and is a header too", "give one of them another name")
    if not is_scalar(plain):
        raise Unfit(
            f"a header is a scalar, not {shown_type(plain)}",
            "take it as str and split it, or take the Request",
        )


def is_caller(kind: Any) -> bool:
    """Who writes Caller has loaded it."""
    user: Any = sys.modules.get(f"{__package__}.user")
    return user is not None and kind is user.Caller


def without_none(hint: Any) -> tuple[Any, bool]:
    """`T | None` as (T, True); anything else as it is."""
    if get_origin(hint) is Annotated:
        inner, optional = without_none(get_args(hint)[0])
        return (Annotated[(inner, *get_args(hint)[1:])], True) if optional else (hint, False)
    if get_origin(hint) in (Union, UnionType):
        rest = [part for part in get_args(hint) if part is not NoneType]
        if len(rest) < len(get_args(hint)):
            return (Union[tuple(rest)] if rest else NoneType), True  # noqa: UP007
    return hint, False


def returned(hint: Any) -> tuple[Any, bool, bool]:
    """Of what a handler returns: the type that is written as JSON (None when there is none),
    whether nothing may be returned instead, and whether a Response may.
    """
    kind, is_optional = without_none(hint)
    if kind is NoneType or kind in (NoReturn, Never):
        return None, kind is NoneType, False
    options = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    rest = [option for option in options if option is not Response]
    says_itself = len(rest) < len(options)
    return (Union[tuple(rest)] if rest else None), is_optional, says_itself  # noqa: UP007


def unannotated(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def is_scalar(hint: Any) -> bool:
    """A type whose value fits into one piece of text."""
    plain = unannotated(hint)
    if get_origin(plain) is Literal:
        return True
    if get_origin(plain) in (Union, UnionType):
        return all(is_scalar(part) for part in get_args(plain))
    if not isinstance(plain, type):
        return False
    from datetime import date, datetime, time
    from decimal import Decimal
    from enum import Enum
    from uuid import UUID

    return issubclass(plain, (str, int, float, Decimal, datetime, date, time, UUID, Enum))


def is_structured(hint: Any) -> bool:
    """A type that is the body: objects of declared shape, and lists, dicts and unions of them."""
    plain = unannotated(hint)
    origin, parts = get_origin(plain), get_args(plain)
    if origin in (Union, UnionType):
        return all(is_structured(part) for part in parts)
    if origin in (list, dict):
        return all(is_structured(part) or is_scalar(part) for part in parts)
    shape: Any = origin or plain
    if is_typeddict(shape):
        return True
    if not isinstance(shape, type) or shape is Response:
        return False
    return issubclass(shape, Struct) or any(
        hasattr(cast(Any, shape), mark) for mark in ("__dataclass_fields__", "model_validate_json")
    )


def _is_list_of_scalars(plain: Any) -> bool:
    if get_origin(plain) is not list:
        return False
    return all(is_scalar(part) for part in get_args(plain))


def shown_type(hint: Any) -> str:
    """A type as an author wrote it, without the modules it comes from."""
    plain = unannotated(hint)
    origin, parts = get_origin(plain), get_args(plain)
    if origin is Literal:
        return " | ".join(map(repr, parts))
    shown = ["None" if part is NoneType else shown_type(part) for part in parts]
    if origin in (Union, UnionType):
        return " | ".join(shown)
    name = getattr(origin or plain, "__name__", "") or str(plain)
    return f"{name}[{', '.join(shown)}]" if shown else name
