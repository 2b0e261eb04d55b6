"""The way events take through an app: what calls a function, what that function feeds, whom this
calls in turn. A circle ends at the step where it was first met.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from .document import Document, FunctionEntry, triggering

Step: TypeAlias = dict[str, list[FunctionEntry]]  # functions by what calls them
Fed: TypeAlias = dict[str, list[str]]  # queues by what feeds them
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
    depths = _depths(callers, fed_by(graph))
    count = max(depths.values(), default=-1) + 1
    return [{name: callers[name] for name in callers if depths[name] == at} for at in range(count)]


def fed_by(graph: Document) -> Fed:
    return {
        one["name"]: list(dict.fromkeys([feed["queue"] for feed in one.get("feeds", ())]))
        for one in graph["resources"]
    }


def reaches(function: FunctionEntry, called: set[str], fed: Fed) -> list[Reach]:
    """Its grants, the queues that are fed by what it publishes, and its dead letters when somebody
    takes them.
    """
    found: list[Reach] = []
    for grant in function["grants"]:
        verbs, name = ", ".join(grant["verbs"]), grant["resource"]
        found.append(Reach(name, verbs, f"{function['name']} may {verbs} in {name}"))
        for queue in fed.get(name, ()):
            told = f"what {function['name']} tells {name} may go to {queue}"
            found.append(Reach(queue, f"by {name}", told))
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


def _depths(callers: Step, fed_by: Fed) -> dict[str, int]:
    """How many steps each is away from what nothing feeds; a circle that nothing outside leads to
    begins with its first.
    """

    def feeds(name: str) -> list[str]:
        return [to for one in callers[name] for to in _feeds(one, callers, fed_by)]

    fed = {to for name in callers for to in feeds(name)}
    outer = [name for name in callers if name not in fed]
    depths: dict[str, int] = {}
    for begin in (outer, *([name] for name in callers)):
        waiting = [(name, 0) for name in begin]
        for name, depth in waiting:  # it grows on the way
            if name not in depths:
                depths[name] = depth
                waiting += [(to, depth + 1) for to in feeds(name)]
    return depths


def _feeds(function: FunctionEntry, callers: Step, fed: Fed) -> Iterator[str]:
    """What it makes call others: what it sends to, the queues fed by that, its own dead letters."""
    granted = [grant["resource"] for grant in function["grants"]]
    names = [to for name in granted for to in (name, *fed.get(name, ()))]
    yield from (name for name in names if name in callers and not is_letters(name))
    if letters_of(function) in callers:
        yield letters_of(function)
