"""Methods of objects of the standard library whose ways are known: executors, loops, exit stacks,
tasks.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from .container import collected
from .foreign import call_foreign, carried
from .frame import Frame
from .owner import is_owner
from .protocol import elements, enter, leave
from .refusal import for_verb
from .values import (
    NOTHING,
    ONLY_DATA,
    Arguments,
    Builtin,
    Foreign,
    Known,
    Pending,
    Values,
    one,
    unknown,
)

Rule = Callable[[Frame, Any, Arguments, ast.AST], Values]


def of_pending(frame: Frame, of: Pending, arguments: Arguments, node: ast.AST) -> Values:
    given = Arguments((one(of),))
    if carried(frame, arguments.every()):  # add_done_callback
        frame.call(arguments.at(0), given, node)
    return ONLY_DATA


def unbound_verb(frame: Frame, method: Builtin, arguments: Arguments, node: ast.AST) -> Values:
    """`Table.get(notes, id)`."""
    found: Values = NOTHING
    for atom in arguments.at(0):
        if isinstance(atom, Known) and is_owner(atom.object):
            verb = frame.load(one(atom), method.name, node)
            found |= frame.call(verb, arguments.after(1), node)
        else:
            reason = "whose verb this is cannot be read from the source"
            found |= frame.refuse(node, reason, for_verb(method.name))
    return found


def _observed(frame: Frame, of: Foreign, arguments: Arguments, node: ast.AST) -> Values:
    del frame, of, arguments, node
    return ONLY_DATA


def _kept(frame: Frame, of: Foreign, arguments: Arguments, node: ast.AST) -> Values:
    return call_foreign(frame, f"sys.{of.kind}", arguments, node)


def _context_value(frame: Frame, of: Foreign, arguments: Arguments, node: ast.AST) -> Values:
    del frame, of, node
    return unknown("the value of a context variable") | arguments.at(0, "default")


def calling(place: int) -> Rule:
    """A method that calls its argument at this place with those behind it."""

    def rule(frame: Frame, of: Foreign, arguments: Arguments, node: ast.AST) -> Values:
        del of
        return frame.call(arguments.at(place), arguments.after(place + 1), node) or ONLY_DATA

    return rule


def _executed(frame: Frame, of: Foreign, arguments: Arguments, node: ast.AST) -> Values:
    place = 1 if of.kind == "loop" else 0
    result = frame.call(arguments.at(place), arguments.after(place + 1), node)
    return one(Pending(result or ONLY_DATA))


def _mapped(frame: Frame, of: Foreign, arguments: Arguments, node: ast.AST) -> Values:
    del of
    given = tuple(elements(frame, values, node).every() for values in arguments.positional[1:])
    result = frame.call(arguments.at(0), Arguments(given), node)
    return collected(frame, node, "generator", result, "mapped")


def _task(frame: Frame, of: Foreign, arguments: Arguments, node: ast.AST) -> Values:
    del of, frame, node
    return arguments.at(0, "coro") or ONLY_DATA


def _entered(frame: Frame, of: Foreign, arguments: Arguments, node: ast.AST) -> Values:
    del of
    entered = enter(frame, arguments.at(0), node)
    leave(frame, arguments.at(0), node)
    return entered


def _awaited_task(frame: Frame, of: Foreign, arguments: Arguments, node: ast.AST) -> Values:
    del of, frame, node
    found = [atom.result if isinstance(atom, Pending) else one(atom) for atom in arguments.at(0)]
    return NOTHING.union(*found)


def _begun(frame: Frame, of: Foreign, arguments: Arguments, node: ast.AST) -> Values:
    """A transaction that is entered by hand is what `async with` gives: itself."""
    del frame, arguments, node
    return one(of)


def _behind_verbs(frame: Frame, of: Foreign, arguments: Arguments, node: ast.AST) -> Values:
    """What verbs do to a transaction that is given to them: then nobody asks what is granted."""
    del of, arguments
    reason = "a transaction is passed to verbs, and this reaches resources by their names"
    return frame.refuse(node, reason, "write `await <resource>.<verb>(…, tx=tx)`")


DEFAULTS: dict[str, Rule] = {
    "observer": _observed,
    **dict.fromkeys(("context variable", "executor", "task group", "loop", "exit stack"), _kept),
    **dict.fromkeys(("context", "suppress", "decorator", "transaction"), _kept),
}


FOREIGN_METHODS: dict[tuple[str, str], Rule] = {
    ("transaction", "__aenter__"): _begun,
    ("transaction", "add"): _behind_verbs,
    ("transaction", "send"): _behind_verbs,
    ("context variable", "get"): _context_value,
    ("executor", "submit"): _executed,
    ("executor", "map"): _mapped,
    ("loop", "run_in_executor"): _executed,
    ("loop", "create_task"): _task,
    ("loop", "run_until_complete"): _awaited_task,
    ("loop", "call_soon"): calling(0),
    ("loop", "call_soon_threadsafe"): calling(0),
    ("loop", "call_later"): calling(1),
    ("loop", "call_at"): calling(1),
    ("task group", "create_task"): _task,
    ("context", "run"): calling(0),
    ("exit stack", "enter_context"): _entered,
    ("exit stack", "enter_async_context"): _entered,
    ("exit stack", "callback"): calling(0),
    ("exit stack", "push_async_callback"): calling(0),
    ("exit stack", "push"): _entered,
    ("exit stack", "push_async_exit"): _entered,
}
