"""Is this machine fit to run skylift: its Python, what is installed beside it, its clock."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from ..system import SystemClock
from .finding import Finding

PART = "machine"
PYTHON_MIN = (3, 11)
# Module, what it is for, and whether nothing runs without it.
MODULES = (
    ("watchfiles", "`skylift dev`", True),
    ("uvloop", "a faster event loop", False),
)
CLOCK = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


def machine() -> Iterator[Finding]:
    yield _python()
    yield _sqlite()
    for name, purpose, is_needed in MODULES:
        yield _module(name, purpose, is_needed)
    yield _clock()


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= PYTHON_MIN:
        return Finding(PART, "python", "ok", found)
    return Finding(PART, "python", "wrong", found, "install Python 3.11 or newer")


def _sqlite() -> Finding:
    remedy = "pip install --upgrade apsw"
    try:
        from ..local.outside import sqlite_is_safe
    except ImportError as error:
        return Finding(PART, "sqlite", "wrong", f"apsw cannot be imported: {error}", remedy)
    found, is_safe = sqlite_is_safe()
    if is_safe:
        return Finding(PART, "sqlite", "ok", found)
    return Finding(PART, "sqlite", "wrong", f"{found} can lose writes; 3.51.3 is the least", remedy)


def _module(name: str, purpose: str, is_needed: bool) -> Finding:
    try:
        importlib.import_module(name)
        return Finding(PART, name, "ok", version(name))
    except PackageNotFoundError:
        return Finding(PART, name, "ok", "there, of an unknown version")
    except ImportError as error:
        found = f"cannot be imported, and is for {purpose}: {error}"
        verdict = "wrong" if is_needed else "hint"
        return Finding(PART, name, verdict, found, f"pip install {name}")


def _clock() -> Finding:
    now = SystemClock().now()
    if CLOCK[0] <= now < CLOCK[1]:
        return Finding(PART, "clock", "ok", f"{now:%Y-%m-%d %H:%M:%S} UTC")
    remedy = "set the clock: ids, expiry and timers depend on it"
    return Finding(PART, "clock", "wrong", f"it says {now:%Y-%m-%d}", remedy)
