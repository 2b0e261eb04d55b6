"""Conditions written with `and`, `or`, `not`, `is`, `in`, `if` or a chained comparison: Python
would drop half of them silently, or raise at the first request; the graph refuses the source.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from ..conditions import Attribute, Condition, attr
from ..errors import Mistake
from .source import Source

FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
ASKING = ast.If | ast.IfExp | ast.While | ast.Assert
SHOWN_MAX = 80  # characters of the expression


class Misread(NamedTuple):
    node: ast.expr
    reason: str
    remedy: str


def misread_conditions(source: Source) -> Iterator[Mistake]:
    held = vars(source.module).items()
    names = Names(
        {name for name, value in held if value is attr},
        {name for name, value in held if isinstance(value, Attribute)},
        {name for name, value in held if isinstance(value, Condition)},
    )
    for found in misread_in(source.tree, names):
        shown = ast.unparse(found.node)
        shown = shown if len(shown) <= SHOWN_MAX else shown[: SHOWN_MAX - 1] + "…"
        yield Mistake(source.at(found.node.lineno), f"{shown}: {found.reason}", found.remedy)


def misread_in(scope: ast.AST, names: Names) -> Iterator[Misread]:
    """In a module or function, then in the functions inside it, which know its names."""
    waiting = list(ast.iter_child_nodes(scope))
    inner: list[FUNCTIONS] = []
    for node in waiting:  # it grows on the way
        if isinstance(node, FUNCTIONS):
            inner.append(node)
            continue
        names.learn(node)
        found = _misread(node, names)
        if found is not None:
            yield found
        waiting += ast.iter_child_nodes(node)
    for function in inner:
        yield from misread_in(function, names.inside(function))


class Names:
    """What names stand for in one scope: `attr` itself, attributes, whole conditions."""

    def __init__(self, calls: set[str], attributes: set[str], conditions: set[str]) -> None:
        self._calls, self._attributes, self._conditions = calls, attributes, conditions

    def inside(self, function: FUNCTIONS) -> Names:
        arguments = function.args
        own = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        hidden = {one.arg for one in own}
        return Names(self._calls - hidden, self._attributes - hidden, self._conditions - hidden)

    def learn(self, node: ast.AST) -> None:
        """An assignment or an import gives a name its meaning, or takes it away."""
        if isinstance(node, ast.ImportFrom) and node.module == "skylift":
            self._calls |= {one.asname or one.name for one in node.names if one.name == "attr"}
        target, value = _assigned(node)
        if isinstance(target, ast.Name) and value is not None:
            attribute, condition = self.is_attribute(value), self.is_condition(value)
            (self._attributes.add if attribute else self._attributes.discard)(target.id)
            (self._conditions.add if condition else self._conditions.discard)(target.id)

    def is_attribute(self, node: ast.AST) -> bool:
        """`attr(...)`, `skylift.attr(...)` or a name for one."""
        if isinstance(node, ast.Name):
            return node.id in self._attributes
        if not isinstance(node, ast.Call):
            return False
        called = node.func
        if isinstance(called, ast.Name):
            return called.id in self._calls
        return ast.unparse(called) == "skylift.attr"

    def is_condition(self, node: ast.AST) -> bool:
        """A comparison of an attribute, a call of one such as `.missing()`, a name for one, or
        several combined.
        """
        if isinstance(node, ast.Name):
            return node.id in self._conditions
        if isinstance(node, ast.Compare):
            return any(map(self.is_attribute, (node.left, *node.comparators)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            return self.is_attribute(node.func.value)
        if isinstance(node, ast.BinOp):
            return self.is_condition(node.left) or self.is_condition(node.right)
        return isinstance(node, ast.UnaryOp) and self.is_condition(node.operand)


def _assigned(node: ast.AST) -> tuple[ast.expr | None, ast.expr | None]:
    if isinstance(node, ast.Assign):
        return node.targets[0], node.value
    if isinstance(node, ast.AnnAssign | ast.NamedExpr):
        return node.target, node.value
    return None, None


def _misread(node: ast.AST, names: Names) -> Misread | None:
    if isinstance(node, ast.BoolOp) and any(map(names.is_condition, node.values)):
        word, sign = ("and", "&") if isinstance(node.op, ast.And) else ("or", "|")
        return Misread(node, f"`{word}` does not combine conditions", f"write (a) {sign} (b)")
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        if names.is_condition(node.operand):
            return Misread(node, "`not` does not negate a condition", "write ~(condition)")
    elif isinstance(node, ASKING) and names.is_condition(node.test):
        remedy = "hand it to a verb: if_= or where="
        return Misread(node.test, "a condition has no truth value here", remedy)
    elif isinstance(node, ast.Compare) and names.is_condition(node):
        return _miscompared(node, names)
    return None


def _miscompared(node: ast.Compare, names: Names) -> Misread | None:
    operation, right = node.ops[0], node.comparators[0]
    if any(
        isinstance(part, ast.BinOp) and isinstance(part.op, ast.BitAnd | ast.BitOr)
        for part in node.comparators
    ):
        return Misread(node, "& and | bind tighter than a comparison", "write (a) & (b)")
    if len(node.ops) > 1:
        reason = "a chained comparison keeps only its last half"
        return Misread(node, reason, "write .between(low, high)")
    if isinstance(operation, ast.In | ast.NotIn):
        remedy = "write .contains(part)" if names.is_attribute(right) else "write .one_of(a, b)"
        return Misread(node, "`in` does not make a condition", remedy)
    if isinstance(operation, ast.Is | ast.IsNot):
        return Misread(node, "`is` does not make a condition", "write .missing() or .present()")
    if isinstance(right, ast.Constant) and right.value is None:
        return Misread(node, "None is absence", "write .missing() or .present()")
    return None
