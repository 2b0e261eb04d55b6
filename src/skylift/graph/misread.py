"""Conditions written with `and`, `or`, `not`, `is` or a chained comparison: Python would drop half
of them silently, or raise at the first request; the graph refuses them in the source.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from types import ModuleType

from .. import conditions
from ..errors import Mistake


def misread_conditions(module: ModuleType) -> Iterator[Mistake]:
    names = {name for name, value in vars(module).items() if value is conditions.attr}
    try:
        tree = ast.parse(inspect.getsource(module))
    except (OSError, TypeError):
        return
    for node in ast.walk(tree):
        reason = _misread(node, names)
        if reason:
            place = f"{module.__file__}:{node.lineno}"  # type: ignore[attr-defined]
            yield Mistake(place, f"{ast.unparse(node)}: {reason[0]}", reason[1])


def _misread(node: ast.AST, names: set[str]) -> tuple[str, str] | None:
    if isinstance(node, ast.BoolOp) and any(_is_condition(part, names) for part in node.values):
        word, sign = ("and", "&") if isinstance(node.op, ast.And) else ("or", "|")
        return f"`{word}` does not combine conditions", f"write (a) {sign} (b)"
    if (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.Not)
        and _is_condition(node.operand, names)
    ):
        return "`not` does not negate a condition", "write ~(condition)"
    if isinstance(node, ast.Compare) and any(
        _is_attribute(part, names) for part in (node.left, *node.comparators)
    ):
        if len(node.ops) > 1:
            return "a chained comparison keeps only its last half", "write .between(low, high)"
        if isinstance(node.ops[0], (ast.Is, ast.IsNot, ast.In, ast.NotIn)):
            return (
                "`is` and `in` do not make a condition",
                "write .missing(), .present() or .one_of()",
            )
    return None


def _is_attribute(node: ast.AST, names: set[str]) -> bool:
    """`attr(...)` or `skylift.attr(...)`."""
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    if isinstance(called, ast.Name):
        return called.id in names
    return (
        isinstance(called, ast.Attribute)
        and called.attr == "attr"
        and isinstance(called.value, ast.Name)
        and called.value.id == "skylift"
    )


def _is_condition(node: ast.AST, names: set[str]) -> bool:
    """An expression with an attribute at its heart: a comparison, `.missing()`, or both
    combined.
    """
    if isinstance(node, ast.Compare):
        return any(_is_attribute(part, names) for part in (node.left, *node.comparators))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _is_attribute(node.func.value, names)
    if isinstance(node, ast.BinOp):
        return _is_condition(node.left, names) or _is_condition(node.right, names)
    return isinstance(node, ast.UnaryOp) and _is_condition(node.operand, names)
