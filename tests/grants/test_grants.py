"""The corpus: no silent miss, no extra verb, few refusals."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest

from skylift.grants.read import Reading, read_grants
from skylift.grants.source import Source

from .expecting import CASES, Expected

REFUSED_MAX = 0.10  # of the cases that a walk can see
LOOSE_MAX = 0.06  # of them, those with a verb that is thought to be called with and without `tx=`


def load(package: str) -> dict[str, Expected]:
    """The cases of a package, all of its modules imported."""
    home = importlib.import_module(package)
    for module in pkgutil.iter_modules(home.__path__):
        importlib.import_module(f"{package}.{module.name}")
    return {name: case for name, case in CASES.items() if name.startswith(f"{package}.")}


def packages() -> list[str]:
    here = __name__.rpartition(".")[0]
    folders = [path.name for path in Path(__file__).parent.iterdir() if any(path.glob("*.py"))]
    return [f"{here}.{name}" for name in folders if name in ("corpus", "unseen")]


READINGS: dict[str, tuple[Expected, Reading]] = {}
for package in packages():
    source = Source((package,))
    for name, case in load(package).items():
        READINGS[name] = (case, read_grants(case.function, (package,), source))


@pytest.mark.parametrize("name", READINGS)
def test_a_function_gets_the_verbs_it_can_reach(name: str) -> None:
    case, reading = READINGS[name]
    shown = [f"{one.place} {one.expression}: {one.reason}" for one in reading.refusals]
    assert reading.verbs <= case.verbs, "an extra verb"
    if reading.verbs != case.verbs:
        assert shown, "a verb is missed, and nothing is said"
    if case.refused:
        assert shown or reading.verbs == case.verbs
    if not shown:
        assert case.alone <= reading.alone, "a call without a transaction is missed"
        assert case.together <= reading.together, "a call in a transaction is missed"


def test_few_functions_need_uses() -> None:
    visible = {name: found for name, found in READINGS.items() if not found[0].refused}
    refused = [name for name, (_, reading) in visible.items() if reading.refusals]
    print(f"{len(READINGS)} cases, {len(visible)} to be read, {len(refused)} refused: {refused}")
    assert len(refused) <= REFUSED_MAX * len(visible)


def test_few_verbs_are_thought_to_be_called_in_both_ways_that_are_called_in_one() -> None:
    read = {name: found for name, found in READINGS.items() if not found[1].refusals}
    loose = [
        name
        for name, (case, reading) in read.items()
        if (reading.alone, reading.together) != (case.alone, case.together)
    ]
    print(f"{len(read)} cases, {len(loose)} loose: {loose}")
    assert len(loose) <= LOOSE_MAX * len(read)
