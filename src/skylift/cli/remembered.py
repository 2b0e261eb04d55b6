"""What was read of an app before: reading takes seconds where it is large, and an edit leaves most
of it as it was. Only for who runs an app; what draws, deploys or tests it reads anew.

A function's grants are remembered under a digest of what they follow from: the modules whose
objects it can meet, their source, and what their names stand for.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import FunctionType, MethodType, ModuleType
from typing import Any, cast

from msgspec import DecodeError, Struct, json

from ..function import Function
from ..grants import read as reader
from ..grants.read import Reading, read_grants
from ..grants.source import Source
from ..invocation import Grant
from ..resources.resource import Resource

DEPTH = 4  # of objects in objects of a name
PLAIN = (str, bytes, int, float, complex, bool, type(None))
HOW = sorted(Path(reader.__file__).parent.glob("*.py"))  # another walk finds other grants


class Known(Struct, frozen=True):
    alone: list[Grant]
    together: list[Grant]
    used: bool


def folder(environment: Mapping[str, str]) -> Path | None:
    """The user's own, for what can be made anew; None where there is none."""
    home = environment.get("HOME")
    said = environment.get("XDG_CACHE_HOME") or (f"{home}/.cache" if home else "")
    return Path(said) / "skylift" if said else None


class Remembered:
    """The grants of an app's functions as they were read the last time, in a file of the user's."""

    def __init__(self, file: Path, own: Mapping[str, ModuleType]) -> None:
        self._file = file
        self._modules = {name: Looks(module, own) for name, module in own.items()}
        self._how = digest(sys.version, *(path.read_text("utf-8") for path in HOW))
        self._before, self._now = _read(file), dict[str, Known]()

    @property
    def new(self) -> int:
        """How many functions there are, where nothing is remembered of any."""
        found = {one for looks in self._modules.values() for one in looks.functions}
        return 0 if self._before else len(found)

    def read(
        self, function: Function[..., Any], packages: tuple[str, ...], source: Source
    ) -> Reading:
        key = self._key(function)
        known = self._before.get(key) if key else None
        if known is not None:
            reading = Reading(frozenset(known.alone), frozenset(known.together), (), known.used)
        else:
            reading = read_grants(function, packages, source)
            known = Known(sorted(reading.alone), sorted(reading.together), reading.used)
        if key and not reading.refusals:
            self._now[key] = known
        return reading

    def keep(self) -> None:
        """For the next time. A file that cannot be written costs that time, and nothing else."""
        if self._now == self._before:
            return
        fresh = self._file.with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh.write_bytes(json.encode(self._now))
            fresh.replace(self._file)

    def _key(self, function: Function[..., Any]) -> str:
        """Nothing where it is not known what it follows from."""
        held = [name for name, looks in self._modules.items() if id(function) in looks.functions]
        met = {*held, function.handler.__module__} & self._modules.keys()
        ahead = [*met]
        while ahead:
            new = self._modules[ahead.pop()].meets - met
            met |= new
            ahead += new
        said = [self._modules[name].digest for name in sorted(met)]
        handler = f"{function.handler.__module__}.{function.handler.__qualname__}"
        return digest(self._how, function.name, handler, *said) if said else ""


class Looks:
    """A module: its source, what its names stand for, and whose objects those are."""

    def __init__(self, module: ModuleType, own: Mapping[str, ModuleType]) -> None:
        self._own = own
        self.meets = set[str]()
        found: list[object] = [one for one in vars(module).values() if isinstance(one, Function)]
        self.functions = {*map(id, found)}
        text = Path(module.__file__ or "").read_text("utf-8")
        names = [
            f"{name} {' '.join(self._said(value, DEPTH))}"
            for name, value in vars(module).items()
            if not name.startswith("__")
        ]
        self.digest = digest(module.__name__, text, *names)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                self._import(node, module)

    def _import(self, node: ast.Import | ast.ImportFrom, module: ModuleType) -> None:
        """Also those inside functions, which no name stands for before they are called."""
        base = getattr(node, "module", "") or ""
        if isinstance(node, ast.ImportFrom) and node.level:
            package = (module.__package__ or "").split(".")
            base = ".".join([*package[: len(package) - node.level + 1], *([base] if base else [])])
        for alias in node.names:
            self._meet(f"{base}.{alias.name}" if base else alias.name)
        self._meet(base)

    def _meet(self, name: str) -> None:
        if name in self._own:
            self.meets.add(name)

    def _said(self, value: Any, depth: int) -> Iterator[str]:
        if isinstance(value, PLAIN):
            yield repr(value)
        elif isinstance(value, ModuleType):
            self._meet(value.__name__)
            yield value.__name__
        elif isinstance(value, Resource):
            yield f"{value.kind} {value.name}"
        else:
            named = value if isinstance(value, type | FunctionType) else type(value)
            self._meet(named.__module__)
            yield f"{named.__module__}.{named.__qualname__}"
            if depth:
                for inner in _held(value):
                    yield from self._said(inner, depth - 1)


def _held(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value
        yield from value.values()
    elif isinstance(value, list | tuple):
        yield from value
    elif isinstance(value, set | frozenset):
        yield from sorted(cast("set[Any]", value), key=repr)
    elif isinstance(value, FunctionType):
        yield from value.__defaults__ or ()
        for cell in value.__closure__ or ():
            with suppress(ValueError):  # nothing was put into it yet
                yield cell.cell_contents
    elif isinstance(value, partial | MethodType):
        is_partial = isinstance(value, partial)
        yield from (value.func, *value.args) if is_partial else (value.__func__, value.__self__)
    elif isinstance(value, Function):
        yield value.handler
    elif not isinstance(value, type):
        yield from getattr(value, "__dict__", {}).values()
        yield from (getattr(value, name) for name in getattr(value, "__struct_fields__", ()))


def digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()


def _read(file: Path) -> dict[str, Known]:
    with suppress(OSError, DecodeError):
        return json.decode(file.read_bytes(), type=dict[str, Known])
    return {}
