"""How verbs are called: without `tx=`, with it, or either. A verb that is loaded for anything but a
call on the spot counts as called in every way it can be: then nobody sees who calls it.
"""

from __future__ import annotations

import ast
from functools import cache
from inspect import signature
from typing import Any

from ..invocation import Grant
from .owner import Owner
from .values import NONE, TRANSACTION, Arguments, one

Ways = frozenset[bool]  # False: without `tx=`; True: with it

ALONE: Ways = frozenset((False,))
TOGETHER: Ways = frozenset((True,))
EITHER: Ways = ALONE | TOGETHER


class Calls:
    """The verbs one walk came by: where they are loaded, and how they are called there."""

    __slots__ = ("_called", "_loaded")

    def __init__(self) -> None:
        self._loaded: dict[Grant, tuple[Ways, set[ast.AST]]] = {}
        self._called: dict[tuple[Grant, ast.AST], Ways] = {}

    def __bool__(self) -> bool:
        return bool(self._loaded)

    def note_load(self, resource: Owner, verb: str, node: ast.AST) -> None:
        possible = possible_ways(type(resource), verb)
        _, nodes = self._loaded.setdefault((resource.name, verb), (possible, set()))
        nodes.add(node)

    def note_call(self, resource: Owner, verb: str, arguments: Arguments, node: ast.AST) -> None:
        if isinstance(node, ast.Call):
            at = ((resource.name, verb), node.func)
            self._called[at] = self._called.get(at, frozenset()) | _ways(arguments, node)

    def absorb(self, other: Calls) -> None:
        for grant, (possible, nodes) in other._loaded.items():
            self._loaded.setdefault(grant, (possible, set()))[1].update(nodes)
        for at, ways in other._called.items():
            self._called[at] = self._called.get(at, frozenset()) | ways

    def forget_calls(self) -> None:
        self._called.clear()

    def grants(self) -> frozenset[Grant]:
        return frozenset(self._loaded)

    def reached(self) -> tuple[frozenset[Grant], frozenset[Grant]]:
        """The verbs reached without `tx=`, and those reached with it."""
        ways = {grant: self._ways_of(grant) for grant in self._loaded}
        alone = frozenset(grant for grant, found in ways.items() if found >= ALONE)
        return alone, frozenset(grant for grant, found in ways.items() if found >= TOGETHER)

    def _ways_of(self, grant: Grant) -> Ways:
        possible, nodes = self._loaded[grant]
        seen = (self._called.get((grant, node), EITHER) for node in nodes)
        return frozenset[bool]().union(*seen) & possible or possible


@cache
def possible_ways(kind: type[Any], verb: str) -> Ways:
    """What the signature allows: `get` takes no transaction, `check` nothing else."""
    declared = next(vars(part)[verb] for part in reversed(kind.__mro__) if verb in vars(part))
    parameter = signature(declared).parameters.get("tx")
    if parameter is None:
        return ALONE
    return EITHER if parameter.default is None else TOGETHER


def _ways(arguments: Arguments, node: ast.Call) -> Ways:
    if any(keyword.arg is None for keyword in node.keywords):
        return EITHER  # `**more` may hold it, or not
    given = arguments.keywords.get("tx", NONE)
    if given == one(TRANSACTION):
        return TOGETHER
    return ALONE if given == NONE else EITHER
