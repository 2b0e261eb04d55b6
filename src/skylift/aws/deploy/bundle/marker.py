"""What a distribution requires, on the target: the lines `Requires-Dist` of its metadata, with the
markers behind their semicolons decided. They read like Python's own expressions.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..target import Target

REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[([^\]]*)\])?")
VERSION = re.compile(r"\d+(?:\.\d+)*")


@dataclass(frozen=True)
class Requirement:
    name: str  # normalized
    extras: tuple[str, ...] = ()


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required(lines: Iterable[str], target: Target, extras: Iterable[str]) -> Iterator[Requirement]:
    """Those of the lines that hold on the target, for a distribution taken with these extras."""
    wanted = ["", *extras]
    for line in lines:
        said, _, marker = line.partition(";")
        found = REQUIREMENT.match(said)
        if found is not None and any(holds(marker, target, extra) for extra in wanted):
            more = tuple(one.strip() for one in (found[2] or "").split(",") if one.strip())
            yield Requirement(normalized(found[1]), more)


def holds(marker: str, target: Target, extra: str = "") -> bool:
    """A marker that cannot be read holds: too much in a bundle is better than too little."""
    if not marker.strip():
        return True
    try:
        tree = ast.parse(marker.replace("~=", "@").replace("===", "==").strip(), mode="eval")
        return bool(_value(tree.body, {**_environment(target), "extra": extra}))
    except (SyntaxError, ValueError, TypeError, KeyError):
        return True


def _environment(target: Target) -> dict[str, str]:
    return {
        "python_version": target.python,
        "python_full_version": f"{target.python}.0",
        "implementation_version": f"{target.python}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "os_name": "posix",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": target.machine,
        "platform_release": "",
        "platform_version": "",
    }


def _value(node: ast.expr, names: Mapping[str, str]) -> Any:
    match node:
        case ast.BoolOp(op=ast.And()):
            return all(_value(one, names) for one in node.values)
        case ast.BoolOp(op=ast.Or()):
            return any(_value(one, names) for one in node.values)
        case ast.Compare():
            right = _value(node.comparators[0], names)
            return _compared(type(node.ops[0]), _value(node.left, names), right)
        case ast.BinOp(op=ast.MatMult()):
            return _is_compatible(_value(node.left, names), _value(node.right, names))
        case ast.Name():
            return names[node.id]
        case ast.Constant():
            return node.value
        case _:
            raise ValueError(ast.unparse(node))


ORDERED: Mapping[type, Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def _compared(how: type[ast.cmpop], left: str, right: str) -> bool:
    if how is ast.In:
        return left in right
    if how is ast.NotIn:
        return left not in right
    if VERSION.fullmatch(left) and VERSION.match(right):
        if right.endswith(".*"):
            is_within = f"{left}.".startswith(right[:-1])
            return is_within if how is ast.Eq else not is_within
        return ORDERED[how](_version(left), _version(right))
    return ORDERED[how](left, right)


def _version(text: str) -> tuple[int, ...]:
    """3.11 and 3.11.0 are the same."""
    found = VERSION.match(text)
    numbers = [int(one) for one in found[0].split(".")] if found else []
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _is_compatible(left: str, right: str) -> bool:
    """`~=`: not before, and the same but for the last number."""
    least = _version(right)
    same = right.count(".")
    return _version(left) >= least and _version(left)[:same] == least[:same]
