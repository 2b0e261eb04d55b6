"""A refusal: something that cannot be read from the source, where it stands, and what to say
instead.
"""

from __future__ import annotations

import ast
from typing import Any

from msgspec import Struct

from .owner import verbs_of
from .values import kind_of

EXPRESSION_MAX = 100  # characters shown


class Refusal(Struct, frozen=True):
    file: str
    line: int
    expression: str
    reason: str
    remedy: str

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"


def refusal(file: str, node: ast.AST, reason: str, remedy: str) -> Refusal:
    try:
        shown = ast.unparse(node)
    except RecursionError:
        shown = f"<{type(node).__name__}>"
    first = shown.split("\n", 1)[0]
    expression = first if len(first) <= EXPRESSION_MAX else first[: EXPRESSION_MAX - 1] + "…"
    return Refusal(file, getattr(node, "lineno", 0), expression, reason, remedy)


def for_verb(verb: str) -> str:
    """The remedy when the verb is plain and the resource is not."""
    return f"say which resource on the trigger: uses=(<resource>.{verb},)"


def for_resource(resource: Any) -> str:
    """The remedy when the resource is plain and its verbs are not."""
    verb = min(verbs_of(kind_of(resource)), default="<verb>")
    return f"say on the trigger which verbs it may need, as in uses=({resource.name}.{verb},)"


ANY = "say on the trigger what it may need: uses=(<resource>.<verb>,)"
