"""The modules of one build as text, each read once; and what their imports mean: which modules they
bring.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ....errors import DeclarationError, Mistake
from ..target import Target
from .cache import Cache
from .found import Finder, Found
from .imported import Imported, Reading, read_imports


@dataclass(frozen=True)
class Resolved:
    """An import, the modules it brings in the order Python loads them, and what was not found."""

    said: Imported
    module: str
    found: tuple[Found, ...]
    missing: tuple[str, ...]
    told: str  # "hello/notes.py:3 import httpx"

    @property
    def is_plain(self) -> bool:
        """It brings nothing that a bundle would hold."""
        return not self.missing and all(one.origin == "stdlib" for one in self.found)


class Sources:
    def __init__(self, finder: Finder, target: Target, cache: Cache) -> None:
        major, minor = target.python.split(".")
        self.finder, self._version, self._cache = finder, (int(major), int(minor)), cache
        self._contents: dict[str, bytes] = {}
        self._readings: dict[str, Reading] = {}
        self._resolved: dict[str, tuple[Resolved, ...]] = {}

    def content(self, module: Found) -> bytes:
        assert module.file is not None
        if module.name not in self._contents:
            self._contents[module.name] = module.file.read_bytes()
        return self._contents[module.name]

    def of(self, module: Found) -> tuple[Resolved, ...]:
        """What a module imports; of a folder or an extension nothing."""
        if module.name not in self._resolved:
            reading = self._reading(module)
            found = (self._resolve(one, module.name, module) for one in reading.imports)
            is_ours = module.origin == "skylift"
            self._resolved[module.name] = tuple(
                one for one in found if not (is_ours and one.is_plain)
            )
        return self._resolved[module.name]

    def of_text(self, name: str, content: bytes) -> tuple[Resolved, ...]:
        """What a module would import that is on no disk."""
        reading = read_imports(content, self._version)
        return tuple(self._resolve(one, name, None) for one in reading.imports)

    def unseen(self, module: Found) -> tuple[int, ...]:
        return self._reading(module).unseen

    def touched(self, module: Found) -> Iterator[tuple[Imported, Found]]:
        """Modules that a module uses as attributes of packages that do not load them."""
        for one in self._reading(module).touched:
            above, _, last = one.module.rpartition(".")
            package, inner = self.finder.located(above), self.finder.located(one.module)
            if package is None or inner is None or inner.origin not in ("own", "stdlib"):
                continue
            if last not in self._reading(package).bound:
                yield one, inner

    def place(self, name: str) -> str:
        """hello/notes.py, as it is called in a bundle."""
        module = self.finder.find(name)
        path = name.replace(".", "/")
        return f"{path}/__init__.py" if module is not None and module.is_package else f"{path}.py"

    def on_disk(self, name: str) -> str:
        """Where an author finds the module."""
        module = self.finder.find(name)
        return str(module.file) if module is not None and module.file else self.place(name)

    def _reading(self, module: Found) -> Reading:
        if not module.is_source:
            return NOTHING
        if module.name not in self._readings:
            try:
                reading = self._cache.reading(self.content(module), self._version)
            except (SyntaxError, ValueError, RecursionError) as error:
                place = f"{module.file}:{getattr(error, 'lineno', 1)}"
                raise DeclarationError(Mistake(place, f"is no Python: {error}")) from error
            self._readings[module.name] = reading
        return self._readings[module.name]

    # -- what an import brings

    def _resolve(self, said: Imported, by: str, module: Found | None) -> Resolved:
        name = _absolute(said, by, module)
        found: dict[str, Found] = {}
        missing: list[str] = []
        for wanted in self._wanted(said, name):
            self._load(wanted, found, missing)
        if said.is_optional:
            missing.clear()
        told = f"{self.place(by)}:{said.line} {_statement(said)}"
        return Resolved(said, name, tuple(found.values()), tuple(missing), told)

    def _wanted(self, said: Imported, name: str) -> Iterator[str]:
        """The module; and what is taken from it, where that is a module too."""
        yield name
        package = self.finder.find(name)
        if package is None or not package.is_package or package.origin == "stdlib":
            return
        if package.origin != "installed":
            yield from self._promised(said, package)
        taken = self._reading(package).exported if said.names == ("*",) else said.names
        for one in taken:
            inner = f"{name}.{one}"
            # Without __init__.py there is nothing else that could be taken from it.
            if package.file is None or self.finder.find(inner) is not None:
                yield inner

    def _promised(self, said: Imported, package: Found) -> Iterator[str]:
        """Where a lazy package has the names from; all, when nobody can tell which are asked."""
        everything = not said.names or "*" in said.names
        for name, lazy in self._reading(package).promised:
            if everything or name in said.names:
                yield from self._wanted(lazy, _absolute(lazy, package.name, package))

    def _load(self, name: str, found: dict[str, Found], missing: list[str]) -> None:
        """A module behind the packages it is in. Of what is installed, the first that some
        distribution brought says enough.
        """
        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            one = self.finder.find(".".join(parts[:count]))
            if one is None:
                missing.append(name)
                return
            found[one.name] = one
            if one.origin == "stdlib" or one.distribution:
                return


NOTHING = Reading()


def _statement(said: Imported) -> str:
    module = "." * said.level + said.module
    return f"from {module} import {', '.join(said.names)}" if said.names else f"import {module}"


def _absolute(said: Imported, by: str, module: Found | None) -> str:
    if not said.level:
        return said.module
    parts = by.split(".")
    up = said.level - (module is not None and module.is_package)
    return ".".join([*parts[: len(parts) - up], *([said.module] if said.module else [])])
