"""Can the values of a handler be read, and its answer be described? Found out here, not by the
first request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import inspect, json

from ..errors import Mistake
from ..function import Function
from ..signature import Signature, returned, shown_type
from .unsound import REASON, REMEDY, is_unsound

READ = ("path", "query", "header", "body")
UNREADABLE = (TypeError, NameError, ValueError, re.error)  # the last: a pattern of Meta


def mistakes(function: Function[..., Any], signature: Signature) -> Iterator[Mistake]:
    for one in signature.parameters:
        if one.source not in READ:
            continue
        if is_unsound(one.type):
            said = f"{function.handler.__name__}({one.name}): {REASON}"
            yield Mistake(function.place, said, REMEDY)
            continue
        try:
            json.Decoder(one.json)
        except UNREADABLE as error:
            said = f"{function.handler.__name__}({one.name}): {shown_type(one.type)} cannot be read"
            reason = " ".join(str(error).split())
            yield Mistake(function.place, f"{said}: {reason}", _remedy(reason))
    yield from _answer(function, signature.returns)


def _answer(function: Function[..., Any], kind: Any) -> Iterator[Mistake]:
    said = f"{function.handler.__name__}() -> {shown_type(kind)}"
    written, _, _ = returned(kind)
    if is_unsound(kind):
        yield Mistake(function.place, f"{said}: {REASON}", REMEDY)
        return
    try:
        inspect.type_info(written)
    except UNREADABLE as error:
        reason = " ".join(str(error).split())
        yield Mistake(function.place, f"{said} cannot be described: {reason}", _remedy(reason))


def _remedy(reason: str) -> str:
    if "tagged" in reason:
        return "give each Struct a tag: class Cat(Struct, tag=True)"
    return "use types that can be told apart in JSON"
