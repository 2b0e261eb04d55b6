"""The import closure of one function: the modules its entry reaches, each with the import that
brought it first, and the distributions those need. What is not reached is not deployed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ....errors import Mistake
from ..target import Target
from .distribution import LOOPS
from .found import Finder, Found
from .imported import Imported
from .marker import normalized, required
from .source import Resolved, Sources

ENTRY = "skylift_function"
OURS = "skylift"
ENTRIES = "skylift.aws.runtime.lambda_entry"


@dataclass(frozen=True)
class Step:
    """Who brought a module or a distribution, and where it says so."""

    by: str  # a module, or a distribution
    said: str  # "hello/notes.py:3 import httpx", "httpx requires anyio"


@dataclass
class Closure:
    """Grows while it is followed; afterwards nobody changes it."""

    modules: dict[str, Found] = field(default_factory=dict[str, Found])
    distributions: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    steps: dict[str, Step] = field(default_factory=dict[str, Step])
    mistakes: list[Mistake] = field(default_factory=list[Mistake])
    notes: dict[str, None] = field(default_factory=dict[str, None])
    ours: set[str] = field(default_factory=set[str])  # distributions that skylift needs itself
    foreign: dict[str, Step] = field(default_factory=dict[str, Step])  # imports of no own module
    has_loop: bool = False

    def chain(self, name: str) -> tuple[str, ...]:
        """From the entry to a module or a distribution, import by import."""
        step = self.steps.get(name)
        return () if step is None else self.chain_to(step)

    def chain_to(self, step: Step | None) -> tuple[str, ...]:
        said: list[str] = []
        while step is not None:
            said.append(step.said)
            step = self.steps.get(step.by)
        return tuple(reversed(said))


def closure(entry: str, sources: Sources, target: Target, include: Sequence[str] = ()) -> Closure:
    """Of an entry's source, as `entry.written` makes it; `include` are distributions that no
    import names.
    """
    found = Closure()
    for one in required(include, target, ()):
        if sources.finder.distribution(one.name) is None:
            found.mistakes.append(_unknown(one.name))
        else:
            found.distributions[one.name] = one.extras
            found.steps[one.name] = Step("", f"pyproject.toml includes {one.name}")
    waiting: deque[tuple[str, Resolved]] = deque(
        (ENTRY, one) for one in sources.of_text(ENTRY, entry.encode())
    )
    entered = _entered(entry)
    while waiting:
        by, resolved = waiting.popleft()
        if by == ENTRIES and _is_another_entry(resolved.said, entered):
            continue
        for name in _taken(by, resolved, found, sources):
            for one in sources.of(name):
                waiting.append((name.name, one))
    _notice_touched(found, sources)
    _require(found, sources.finder, target)
    return found


def _entered(entry: str) -> str:
    """http_entry, as the entry's source says."""
    line = next(one for one in entry.splitlines() if one.startswith(f"from {ENTRIES} import "))
    return line.rpartition(" ")[2]


def _is_another_entry(said: Imported, entered: str) -> bool:
    return said.within.endswith("_entry") and said.within != entered


def _taken(by: str, resolved: Resolved, found: Closure, sources: Sources) -> Iterator[Found]:
    """The modules that were not there yet, whose source is read next."""
    owned = by.split(".")[0] != OURS
    if owned and any(one.name.split(".")[0] in LOOPS for one in resolved.found):
        found.has_loop = True
    for missing in resolved.missing:
        remedy = "install it, or import it inside try/except ImportError if it may be missing"
        place = f"{sources.on_disk(by)}:{resolved.said.line}"
        found.mistakes.append(Mistake(place, f"{missing} cannot be found", remedy))
    step = Step(by, resolved.told)
    for one in resolved.found:
        if one.origin in ("stdlib", "installed") and owned:
            found.foreign.setdefault(one.name.split(".")[0], step)
        if one.origin == "installed":
            _bring(one, step, found, is_ours=not owned or resolved.module == OURS)
        if one.origin in ("stdlib", "installed") or one.name in found.modules:
            continue
        found.modules[one.name] = one
        found.steps[one.name] = step
        for line in sources.unseen(one) if one.origin == "own" else ():
            found.notes[f"{sources.place(one.name)}:{line} imports what only a run can tell"] = None
        yield one


def _notice_touched(found: Closure, sources: Sources) -> None:
    """`urllib.parse.quote` after `import urllib`: it works where something else has loaded it."""
    own = [one for one in found.modules.values() if one.origin == "own"]
    loaded = {one.name for module in own for said in sources.of(module) for one in said.found}
    for module in own:
        for said, inner in sources.touched(module):
            place, name = f"{sources.on_disk(module.name)}:{said.line}", said.module
            if name in loaded | found.modules.keys():
                continue
            if inner.origin == "own" and not said.is_optional:
                reason = f"uses {name}, which nothing in its bundle imports"
                found.mistakes.append(Mistake(place, reason, f"write import {name}"))
            else:
                what = f"uses {name}: write import {name}, or it works where another module did"
                found.notes[f"{sources.place(module.name)}:{said.line} {what}"] = None


def _bring(one: Found, step: Step, found: Closure, *, is_ours: bool) -> None:
    """A distribution comes whole; its own imports are not followed."""
    if not one.distribution:
        return  # a folder that several share: what is in it comes next
    if is_ours:
        found.ours.add(one.distribution)
    if one.distribution not in found.distributions:
        found.distributions[one.distribution] = ()
        found.steps[one.distribution] = step


# -- what distributions require


def _require(found: Closure, finder: Finder, target: Target) -> None:
    """Everything that the distributions need on the target, with the extras they ask for."""
    waiting = deque(found.distributions)
    while waiting:
        name = waiting.popleft()
        distribution = finder.distribution(name)
        if distribution is None:
            continue
        wrong = distribution.refusal
        if wrong is not None:
            chain = "; ".join(found.chain(name))
            place = f"{wrong.place} (by {chain})"
            found.mistakes.append(Mistake(place, wrong.reason, wrong.remedy))
            continue
        for one in distribution.requirements(target, found.distributions[name]):
            if one.name == OURS:
                continue  # the parts of it that are reached are there already
            if finder.distribution(one.name) is None:
                found.mistakes.append(_absent(name, one.name, target))
                continue
            extras = found.distributions.get(one.name)
            wanted = tuple(sorted({*(extras or ()), *map(normalized, one.extras)}))
            if extras is None or wanted != extras:
                found.distributions[one.name] = wanted
                found.steps.setdefault(one.name, Step(name, f"{name} requires {one.name}"))
                waiting.append(one.name)


def _unknown(name: str) -> Mistake:
    return Mistake("pyproject.toml", f"includes {name}, which is not installed", "install it")


def _absent(name: str, required: str, target: Target) -> Mistake:
    remedy = f"install it, or build with Python {target.python}, whose environment has it"
    return Mistake(name, f"requires {required}, which is not installed", remedy)
