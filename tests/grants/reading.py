"""Apps written on the fly, for what a checked-in corpus cannot hold: `app_of(folder, text)`."""

from __future__ import annotations

import importlib
import itertools
import sys
from pathlib import Path
from types import ModuleType

from skylift.grants.read import Reading, read_grants

BEGINNING = """
from typing import Any

from skylift import Api, Struct, Table, transaction


class Note(Struct):
    id: str


api = Api("api")
notes = Table("notes", Note, key="id")
orders = Table("orders", Note, key="id")
"""
_count = itertools.count()


def app_of(folder: Path, text: str) -> ModuleType:
    """A module of its own name that begins with two tables and goes on with `text`."""
    name = f"written_{next(_count)}"
    (folder / f"{name}.py").write_text(BEGINNING + text, "utf-8")
    sys.path.insert(0, str(folder))
    try:
        importlib.invalidate_caches()
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))


def reading_of(module: ModuleType, handler: str = "handler") -> Reading:
    return read_grants(getattr(module, handler), (module.__name__,))


def verbs_of(reading: Reading) -> set[str]:
    """As an author writes them: {"notes.get"}."""
    return {f"{resource}.{verb}" for resource, verb in reading.verbs}
