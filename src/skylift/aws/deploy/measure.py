"""What it costs to import a bundle: in a fresh interpreter that sees nothing but the bundle, as
Lambda does. Instructions are the same in every run, time is what somebody waits for.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ...errors import DeclarationError, Mistake
from .closure import ENTRY

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


def import_tree(bundle: Path) -> Loaded:
    """The fastest of some imports of the bundle's entry."""
    with unzipped(bundle) as folder:
        trees = [_tree(folder, bundle) for _ in range(ROUNDS)]
    return min(trees, key=lambda one: one.ms)


def import_instructions(bundle: Path) -> int | None:
    """Instructions of the entry's import, without those of the interpreter's own start; None where
    there is no valgrind.
    """
    if shutil.which("valgrind") is None:
        return None
    with unzipped(bundle) as folder:
        return _counted(_importing(folder), bundle) - _counted_bare()


def unzipped(bundle: Path) -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory(prefix="skylift-bundle-")
    with zipfile.ZipFile(bundle) as file:
        file.extractall(folder.name)
    return folder


def _importing(folder: str) -> str:
    return f"import sys; sys.path.insert(0, {folder!r}); import {ENTRY}"


ALONE = (sys.executable, "-I", "-S", "-B")


def _tree(folder: str, bundle: Path) -> Loaded:
    command = [*ALONE, "-X", "importtime", "-c", _importing(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, env={})
    _refuse_failed(done, bundle)
    return next(one for one in _loaded(done.stderr) if one.name == ENTRY)


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
    return _counted("pass", Path(sys.executable))


def _counted(program: str, bundle: Path) -> int:
    tool = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
    command = [*tool, *ALONE, "-c", program]
    environment = {"PYTHONHASHSEED": "0"}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE_S, env=environment
    )
    _refuse_failed(done, bundle)
    found = _COLLECTED.search(done.stderr)
    assert found is not None, done.stderr
    return int(found[1])
