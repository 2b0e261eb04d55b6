"""Everything that is wrong with a value at once: msgspec stops at the first wrong field. Loaded
only when something is wrong.
"""

from __future__ import annotations

from typing import Any

from msgspec import ValidationError, json
from msgspec import inspect as shape

from .foreign import converted
from .problem import Problem as Problem
from .problem import Where, refusal
from .unknown import unknown_checker
from .walk import Enough, Walk
from .whole import whole
from .wording import expected as worded


def problems(
    kind: Any,
    raw: object,
    *,
    where: Where,
    pointer: str = "",
    strict: bool = True,
    unknown: bool = False,
) -> list[Problem]:
    """At most 100 problems; none when the value is right.

    `unknown` refuses undeclared fields, at every depth. Without `strict` a scalar comes as text.
    """
    walk = Walk(where, strict, unknown)
    try:
        raw = whole(raw)
        walk.visit(shape.type_info(kind), raw, pointer)
    except Enough:
        pass
    except RecursionError:
        walk.note(pointer, "less nesting", raw)
    if walk.found or not strict:
        return walk.found
    return _overlooked(kind, raw, where, pointer) or (
        _unseen(kind, raw, where, pointer) if unknown else []
    )


def expected(kind: Any) -> str:
    """What a type accepts, in a few words."""
    return worded(shape.type_info(kind))


def _overlooked(kind: Any, raw: object, where: Where, pointer: str) -> list[Problem]:
    """What msgspec refuses and the walk did not see: a type that checks itself in a way of its
    own, or a value beyond the walk's reach.
    """
    try:
        json.decode(json.encode(raw), type=kind, dec_hook=converted)
    except (ValidationError, RecursionError) as error:
        return [refusal(error, where, pointer)]
    return []


def _unseen(kind: Any, raw: object, where: Where, pointer: str) -> list[Problem]:
    check = unknown_checker(kind)
    if check is None or not check(raw):
        return []
    return [Problem(pointer, where, "declared fields only", "a field that is not declared")]
