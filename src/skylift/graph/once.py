"""What can be wrong with running once: a key that tells no messages apart, a route that changes
nothing, a `transaction(once=True)` where there is no record to finish.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from uuid import UUID

from ..codec.declared import declared_as
from ..codec.shape import Shape
from ..errors import Mistake, did_you_mean
from ..function import Function
from ..resources.api import Route
from ..resources.consumer import Consumer
from ..resources.transaction import transaction
from .source import Source

if TYPE_CHECKING:
    from ..resources.consumer import Reaction

Wrong: TypeAlias = tuple[str, str]  # what is wrong, and what to do

KEYS = ({str}, {int}, {UUID})  # what a field may be that tells which messages are the same


def mistakes(function: Function[..., Any]) -> Iterator[Mistake]:
    trigger: Any = function.trigger
    if isinstance(trigger, Route):
        wrong = _of_route(trigger)
    else:
        wrong = _of_consumer(trigger) if isinstance(function, Consumer) else ()
    for reason, remedy in wrong:
        yield Mistake(function.place, f"{function.handler.__name__}(): {reason}", remedy)


def _of_route(route: Route) -> Iterator[Wrong]:
    once = cast(object, route.once)
    if not isinstance(once, bool):
        yield f"once={once!r}", "once is True or False"
    elif once and route.method == "GET":
        remedy = "leave it away: a GET changes nothing and may always be repeated"
        yield "a GET with once=True", remedy


def _of_consumer(trigger: Reaction) -> Iterator[Wrong]:
    once_by = cast(object, trigger.once_by)
    if not isinstance(once_by, str):
        return  # the queue's checks tell what is no name
    declared = declared_as(trigger.message)
    if declared.mistakes or not declared.root.objects:
        return  # they are told at the queue
    field = declared.root.at(once_by)
    if field is None:
        remedy = did_you_mean(once_by, declared.root.known())
        yield f"once_by={once_by!r} is no field of {declared.root.called}", remedy
    elif set(field.writers) not in KEYS:
        remedy = "name a field that is a str, an int or a UUID, and never None"
        yield f"once_by={once_by!r} is {field.called}", remedy
    elif not _is_required(declared.root, once_by):
        reason = f"once_by={once_by!r} has a default: all messages without it would be the same"
        yield reason, "take the default away"


def _is_required(shape: Shape, name: str) -> bool:
    fields = {field: required for each in shape.objects for field, *_, required in each.fields}
    return fields.get(name, True)


def stray_transactions(source: Source, functions: list[Function[..., Any]]) -> Iterator[Mistake]:
    """Each `transaction(once=True)` in a handler that has no record. What a helper of a handler
    does is told when it runs.
    """
    held = {function.place: function for function in functions}
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not node.decorator_list:
            continue
        function = held.get(source.at(node.decorator_list[0].lineno))
        wrong = _recordless(function) if function else None
        if wrong is None:
            continue
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and _finishes(call, source):
                yield Mistake(source.at(call.lineno), f"{node.name}(): {wrong[0]}", wrong[1])


def _recordless(function: Function[..., Any]) -> Wrong | None:
    trigger: Any = function.trigger
    if isinstance(function, Consumer) and trigger.runs_once:
        if trigger.batch == 1:
            return None
        reason = "transaction(once=True) with batch=, where each message has a record of its own"
        return reason, "say batch=1, or write transaction()"
    if isinstance(trigger, Route) and trigger.once:
        return None
    return "transaction(once=True), but its trigger does not say once=True", "say it there too"


def _finishes(call: ast.Call, source: Source) -> bool:
    named = [word.value for word in call.keywords if word.arg == "once"]
    is_said = any(isinstance(value, ast.Constant) and value.value is True for value in named)
    return is_said and _meant(call.func, source) is transaction


def _meant(called: ast.expr, source: Source) -> object:
    """`transaction`, or `skylift.transaction`."""
    if isinstance(called, ast.Name):
        return getattr(source.module, called.id, None)
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        return getattr(getattr(source.module, called.value.id, None), called.attr, None)
    return None
