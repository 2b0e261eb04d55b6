"""pyright and mypy, both strict, over what an author may write and what an author may get wrong."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CORRECT, MISTAKES, WORLDS = HERE / "correct.py", HERE / "mistakes.py", HERE / "worlds.py"
CHECKERS = {
    "pyright": ["pyright", "--outputjson", "-p", str(HERE), "--pythonpath", sys.executable],
    "mypy": ["mypy", "--output=json", str(CORRECT), str(MISTAKES), str(WORLDS)],
}
# What follows from a mistake on the same line but would not refuse it alone.
CONSEQUENCES = ("reportUnknown", "reportUnused", "reportUntyped", "reportUnnecessary", "untyped-")
Errors = dict[tuple[str, int], list[str]]  # (file name, line) -> the rules it breaks


class Mark(NamedTuple):
    line: int
    number: int
    reason: str

    def __str__(self) -> str:
        return f"E{self.number} {self.reason}"


def marks() -> Iterator[Mark]:
    for line, text in enumerate(MISTAKES.read_text().splitlines(), 1):
        if found := re.search(r"# E(\d+) (.+)$", text):
            yield Mark(line, int(found[1]), found[2])


MARKS = list(marks())


@pytest.fixture(scope="module")
def errors() -> dict[str, Errors]:
    quiet = os.environ | {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}  # it would ask for a newer pyright
    runs = {
        name: subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=quiet, stdout=subprocess.PIPE, text=True
        )
        for name, command in CHECKERS.items()
    }
    said = {name: run.communicate()[0] for name, run in runs.items()}
    return {"pyright": of_pyright(said["pyright"]), "mypy": of_mypy(said["mypy"])}


def of_pyright(said: str) -> Errors:
    found: Errors = defaultdict(list)
    for error in json.loads(said)["generalDiagnostics"]:
        if error["severity"] == "error":
            at = Path(error["file"]).name, error["range"]["start"]["line"] + 1
            found[at].append(error.get("rule", error["message"]))
    return found


def of_mypy(said: str) -> Errors:
    found: Errors = defaultdict(list)
    for error in map(json.loads, said.splitlines()):
        if error["severity"] == "error":
            found[Path(error["file"]).name, error["line"]].append(error["code"])
    return found


@pytest.mark.parametrize("mark", MARKS, ids=str)
@pytest.mark.parametrize("checker", CHECKERS)
def test_a_mistake_is_refused(checker: str, mark: Mark, errors: dict[str, Errors]) -> None:
    broken = errors[checker].get((MISTAKES.name, mark.line), [])
    assert [rule for rule in broken if not rule.startswith(CONSEQUENCES)], broken


@pytest.mark.parametrize("checker", CHECKERS)
def test_nothing_else_is_refused(checker: str, errors: dict[str, Errors]) -> None:
    marked = {(MISTAKES.name, mark.line) for mark in MARKS}
    assert {at: rules for at, rules in errors[checker].items() if at not in marked} == {}


def test_every_mistake_has_its_own_number_and_none_is_lost() -> None:
    assert [mark.number for mark in MARKS] == list(range(1, len(MARKS) + 1))
    assert len(MARKS) >= 92
