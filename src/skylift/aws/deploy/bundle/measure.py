"""What it costs to import a bundle: in a fresh interpreter that sees nothing but the bundle, as
Lambda does. Instructions are the same in every run, time is what somebody waits for.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from msgspec import json

from ....errors import DeclarationError, Mistake
from ....graph.model import Graph
from .closure import ENTRY

REGION = "us-east-1"

ROUNDS = 3  # the fastest counts: the others were disturbed
PATIENCE_S = 300
_COLLECTED = re.compile(r"Collected : (\d+)")
_TIMED = re.compile(r"import time:\s*(\d+) \|\s*(\d+) \| ( *)(\S+)")


@dataclass
class Loaded:
    """A module that was imported, with those it imported first."""

    name: str
    ms: float
    inner: list[Loaded] = field(default_factory=list["Loaded"])


def surroundings(graph: Graph) -> dict[str, str]:
    """The environment of a deployed function, so far as an import can tell."""
    names = [one.name for one in graph.resources]
    names += [f"{node.name}.dead" for node in graph.functions]
    places = dict.fromkeys(names, "https://sqs.us-east-1.amazonaws.com/000000000000/nobody")
    return {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "SKYLIFT_STAGE": "measured",
        "SKYLIFT_LEDGER": "nowhere",
        "SKYLIFT_RESOURCES": json.encode(places).decode(),
        "PYTHONHASHSEED": "0",
    }


def import_tree(bundle: Path, environment: Mapping[str, str]) -> Loaded:
    """The fastest of some imports of the bundle's entry."""
    with unzipped(bundle) as folder:
        trees = [_tree(folder, bundle, environment) for _ in range(ROUNDS)]
    return min(trees, key=lambda one: one.ms)


def import_instructions(bundle: Path, environment: Mapping[str, str]) -> int:
    """Instructions of the entry's import, without those of the interpreter's own start.
    Needs valgrind.
    """
    with unzipped(bundle) as folder:
        return _counted(_importing(folder), bundle, environment) - _counted_bare()


def unzipped(bundle: Path) -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory(prefix="skylift-bundle-")
    with zipfile.ZipFile(bundle) as file:
        file.extractall(folder.name)
    return folder


def _importing(folder: str) -> str:
    return f"import sys; sys.path.insert(0, {folder!r}); import {ENTRY}"


ALONE = (sys.executable, "-I", "-S", "-B")


def _tree(folder: str, bundle: Path, environment: Mapping[str, str]) -> Loaded:
    command = [*ALONE, "-X", "importtime", "-c", _importing(folder)]
    done = _run(command, environment)
    _refuse_failed(done, bundle)
    return next(one for one in _loaded(done.stderr) if one.name == ENTRY)


def _run(
    command: Sequence[str], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE_S, env=dict(environment)
    )


def _refuse_failed(done: subprocess.CompletedProcess[str], bundle: Path) -> None:
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if not line.startswith(NOISE)]
        reason = f"cannot be imported where there is nothing else: {said[-1] if said else ''}"
        remedy = "its module needs what is here and not on Lambda: a file, a variable, a package"
        raise DeclarationError(Mistake(str(bundle), reason, remedy))


NOISE = ("==", "import time:")  # what the measuring says itself


def _loaded(told: str) -> Sequence[Loaded]:
    """The interpreter tells of a module when it is loaded, so what it imported comes before it,
    further to the right.
    """
    waiting: list[tuple[int, Loaded]] = []
    for depth, one in _lines(told):
        while waiting and waiting[-1][0] > depth:
            one.inner.insert(0, waiting.pop()[1])
        waiting.append((depth, one))
    return [one for _, one in waiting]


def _lines(told: str) -> Iterator[tuple[int, Loaded]]:
    for found in _TIMED.finditer(told):
        yield len(found[3]) // 2, Loaded(found[4], int(found[2]) / 1000)


@cache
def _counted_bare() -> int:
    return _counted("pass", Path(sys.executable), {"PYTHONHASHSEED": "0"})


def _counted(program: str, bundle: Path, environment: Mapping[str, str]) -> int:
    tool = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
    command = [*tool, *ALONE, "-c", program]
    done = _run(command, environment)
    _refuse_failed(done, bundle)
    found = _COLLECTED.search(done.stderr)
    assert found is not None, done.stderr
    return int(found[1])
