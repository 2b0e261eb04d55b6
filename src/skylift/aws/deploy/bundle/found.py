"""Where a module's source is: the standard library's, skylift's own, the author's, or that of an
installed distribution. Nothing is imported to find it.

What no distribution brought is the author's: their app, and what stands beside it on the path.
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from importlib import metadata
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Literal

from .distribution import Distribution, installed
from .marker import normalized

Origin = Literal["stdlib", "skylift", "own", "installed"]
INSTALLED = frozenset(["site-packages", "dist-packages"])
SUFFIXES = (".py",)


@dataclass(frozen=True)
class Found:
    """`file` is None of a folder without __init__.py; `folders` are those of a package."""

    name: str
    origin: Origin
    file: Path | None = None
    folders: tuple[str, ...] = ()
    distribution: str = ""  # normalized

    @property
    def is_package(self) -> bool:
        return bool(self.folders)

    @property
    def is_source(self) -> bool:
        return self.file is not None and self.file.suffix in SUFFIXES


class Finder:
    """Remembers what it found: one build looks at one state of the disk."""

    def __init__(self) -> None:
        self._found: dict[str, Found | None] = {}
        self._owners: dict[str, dict[Path, str]] = {}  # files of distributions, by first name
        self._distributions: dict[str, Distribution | None] = {}
        self._by_top: dict[str, list[str]] | None = None

    def find(self, name: str) -> Found | None:
        if name not in self._found:
            self._found[name] = self._sought(name)
        return self._found[name]

    def located(self, name: str) -> Found | None:
        """As `find`, with the file of what is the standard library's too."""
        top, _, _ = name.partition(".")
        if top not in sys.stdlib_module_names:
            return self.find(name)
        spec = _spec_of(top)
        if spec is not None and top != name:
            spec = PathFinder.find_spec(name, spec.submodule_search_locations or ())
        if spec is None:
            return None
        file = Path(spec.origin) if spec.has_location and spec.origin else None
        return Found(name, "stdlib", file, tuple(spec.submodule_search_locations or ()))

    def distribution(self, name: str) -> Distribution | None:
        """An installed distribution by its name, however that is written."""
        key = normalized(name)
        if key not in self._distributions:
            self._distributions[key] = installed(name)
        return self._distributions[key]

    def _sought(self, name: str) -> Found | None:
        above, _, _ = name.rpartition(".")
        top = name.split(".")[0]
        if top in sys.stdlib_module_names:
            return Found(name, "stdlib")
        if not above:
            return self._described(name, top, _spec_of(name))
        package = self.find(above)
        if package is None or not package.is_package:
            return None
        return self._described(name, top, PathFinder.find_spec(name, package.folders))

    def _described(self, name: str, top: str, spec: ModuleSpec | None) -> Found | None:
        if spec is None:
            return None
        folders = tuple(spec.submodule_search_locations or ())
        file = Path(spec.origin) if spec.has_location and spec.origin else None
        if top == "skylift":
            return Found(name, "skylift", file, folders)
        places = [file] if file else [Path(one) for one in folders]
        if not any(INSTALLED & set(one.parts) for one in places):
            return Found(name, "own", file, folders)
        owner = self._owner(top, file) if file else ""
        if file and not owner:
            return Found(name, "own", file, folders)
        return Found(name, "installed", file, folders, owner)

    def _owner(self, top: str, file: Path) -> str:
        """The distribution that brought this file, or none."""
        if top not in self._owners:
            likely = self.distribution(top)
            self._owners[top] = likely.owned() if likely is not None else {}
        if file not in self._owners[top]:
            for name in self._named(top):
                distribution = self.distribution(name)
                self._owners[top] |= distribution.owned() if distribution else {}
        return self._owners[top].get(file, "")

    def _named(self, top: str) -> list[str]:
        """Every distribution that has such a first name: reads them all, so only when needed."""
        if self._by_top is None:
            self._by_top = dict(metadata.packages_distributions())
        return list(dict.fromkeys(self._by_top.get(top, [])))


def _spec_of(top: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(top)
    except ValueError:  # a module in sys.modules that nobody can tell the origin of
        return None
