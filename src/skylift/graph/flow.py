"""The way events take through an app: what calls a function, what that function feeds, whom this
calls in turn. A circle ends at the step where it was first met.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from .document import Document, FunctionEntry, triggering

Step: TypeAlias = dict[str, list[FunctionEntry]]  # functions by what calls them
LETTERS = "dead letters"


class Reach(NamedTuple):
    """From a function to what it touches or feeds."""

    target: str
    label: str
    told: str


def steps(graph: Document) -> list[Step]:
    """Everything that calls, by how many steps it is away from the outside; within a step in the
    order of declaration.
    """
    callers = _callers(graph)
    depths = _depths(callers)
    count = max(depths.values(), default=-1) + 1
    return [{name: callers[name] for name in callers if depths[name] == at} for at in range(count)]


def reaches(function: FunctionEntry, called: set[str]) -> list[Reach]:
    """Its grants, and its dead letters when somebody takes them."""
    found: list[Reach] = []
    for grant in function["grants"]:
        verbs = ", ".join(grant["verbs"])
        told = f"{function['name']} may {verbs} in {grant['resource']}"
        found.append(Reach(grant["resource"], verbs, told))
    letters = letters_of(function)
    told = f"what {function['name']} gives up goes to its dead letters"
    return [*found, Reach(letters, LETTERS, told)] if letters in called else found


def letters_of(function: FunctionEntry) -> str:
    """The name of its dead letters."""
    return f"{function['name']}.dead"


def is_letters(name: str) -> bool:
    return name.endswith(".dead")  # no declared name has a dot


def _callers(graph: Document) -> Step:
    groups: Step = {one["name"]: [] for one in graph["resources"]}
    for one in graph["functions"]:
        groups.setdefault(triggering(one), []).append(one)
    return {name: group for name, group in groups.items() if group}


def _depths(callers: Step) -> dict[str, int]:
    """How many steps each is away from what nothing feeds; a circle that nothing outside leads to
    begins with its first.
    """
    fed = {name for group in callers.values() for one in group for name in _feeds(one, callers)}
    outer = [name for name in callers if name not in fed]
    depths: dict[str, int] = {}
    for begin in (outer, *([name] for name in callers)):
        waiting = [(name, 0) for name in begin]
        for name, depth in waiting:  # it grows on the way
            if name not in depths:
                depths[name] = depth
                fed_here = [to for one in callers[name] for to in _feeds(one, callers)]
                waiting += [(to, depth + 1) for to in fed_here]
    return depths


def _feeds(function: FunctionEntry, callers: Step) -> Iterator[str]:
    """What it makes call others: the queues it sends to, and its own dead letters."""
    names = [grant["resource"] for grant in function["grants"]]
    yield from (name for name in names if name in callers and not is_letters(name))
    if letters_of(function) in callers:
        yield letters_of(function)
