"""Bytecode for the target, made by an interpreter of its minor version: this one, or one found on
PATH. Without one a bundle holds sources alone, and a cold start compiles them.
"""

from __future__ import annotations

import marshal
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from struct import Struct as Layout

from ..target import HERE, Target

CHILD = Path(__file__).with_name("bytecode_child.py")
ALONE = ("-I", "-S", "-B")  # nothing of this environment is loaded, nothing is written
ANSWER = Layout("<?I")
PATIENCE_S = 120


@dataclass(frozen=True)
class Interpreter:
    path: str
    version: str  # in full: bytecode of two builds may differ


@dataclass(frozen=True)
class Unreadable:
    """A source the target's Python does not take: the line, and what it says."""

    told: str


def interpreter(target: Target) -> Interpreter | None:
    """One of the target's minor version that runs."""
    if target.python == HERE:
        return Interpreter(sys.executable, sys.version)
    path = shutil.which(f"python{target.python}")
    if path is None:
        return None
    command = [path, *ALONE, str(CHILD), "--which"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
    except (OSError, subprocess.TimeoutExpired):
        return None
    minor, _, version = done.stdout.partition(" ")
    return Interpreter(path, version) if minor == target.python else None


def place_of(name: str, target: Target) -> str:
    """hello/__pycache__/notes.cpython-311.pyc"""
    folder, _, last = name.rpartition("/")
    tag = f"cpython-{target.python.replace('.', '')}"
    return f"{folder}/__pycache__/".lstrip("/") + f"{last.removesuffix('.py')}.{tag}.pyc"


def compiled(by: Interpreter, sources: Sequence[tuple[str, bytes]]) -> Sequence[bytes | Unreadable]:
    """The .pyc of each source, given with its name in the bundle."""
    if not sources:
        return []
    asked = marshal.dumps(len(sources), 2)
    asked += b"".join(marshal.dumps(one, 2) for one in sources)
    command = [by.path, *ALONE, str(CHILD)]
    done = subprocess.run(command, input=asked, capture_output=True, timeout=PATIENCE_S)
    if done.returncode:
        raise RuntimeError(f"{by.path} failed: {done.stderr.decode(errors='replace')}")
    return _answers(done.stdout, len(sources))


def _answers(raw: bytes, count: int) -> Sequence[bytes | Unreadable]:
    found: list[bytes | Unreadable] = []
    at = 0
    for _ in range(count):
        is_done, length = ANSWER.unpack_from(raw, at)
        at += ANSWER.size
        said = raw[at : at + length]
        found.append(said if is_done else Unreadable(said.decode(errors="replace")))
        at += length
    return found
