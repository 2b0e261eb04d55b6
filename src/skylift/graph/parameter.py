"""Can the values of a handler be read at all? Found out here, not by the first request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import json

from ..errors import Mistake
from ..function import Function
from ..signature import Signature, shown_type
from .unsound import REASON, REMEDY, is_unsound

READ = ("path", "query", "header", "body")


def mistakes(function: Function[..., Any], signature: Signature) -> Iterator[Mistake]:
    for one in signature.parameters:
        if one.source not in READ:
            continue
        if is_unsound(one.type):
            said = f"{function.handler.__name__}({one.name}): {REASON}"
            yield Mistake(function.place, said, REMEDY)
            continue
        try:
            json.Decoder(one.type)
        except (TypeError, NameError, ValueError) as error:
            said = f"{function.handler.__name__}({one.name}): {shown_type(one.type)} cannot be read"
            reason = " ".join(str(error).split())
            yield Mistake(function.place, f"{said}: {reason}", _remedy(reason))


def _remedy(reason: str) -> str:
    if "tagged" in reason:
        return "give each Struct a tag: class Cat(Struct, tag=True)"
    return "use types that can be told apart in JSON"
