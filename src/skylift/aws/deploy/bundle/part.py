"""The parts of bundles, each read, compiled and compressed once for all the bundles it is in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ....errors import DeclarationError, Mistake
from ..target import Target
from .archive import TEXT, Pressed, digest
from .bytecode import CHILD, Interpreter, Unreadable, compiled, place_of
from .cache import Cache, key_of
from .content import File, data_files, module_file, unpacked_files
from .distribution import drives_a_loop
from .found import Finder, Found
from .wheel import unpacked


@dataclass(frozen=True)
class Part:
    """`owner` is whose it is: a distribution, `skylift`, or a package of the author's."""

    name: str
    owner: str
    digest: str
    content: Pressed
    mode: int = TEXT

    @property
    def is_source(self) -> bool:
        return self.name.endswith(".py")


class Parts:
    def __init__(
        self, finder: Finder, target: Target, cache: Cache, wheels: Path, left_out: frozenset[Path]
    ) -> None:
        self._finder, self._target, self._cache = finder, target, cache
        self._wheels, self._left_out = wheels, left_out
        self._data: dict[str, tuple[Part, ...]] = {}
        self._distributions: dict[str, tuple[Part, ...]] = {}
        self._files: dict[Path, Part] = {}
        self._looping: set[str] = set()
        self._sources: dict[str, bytes] = {}  # by digest

    def of_text(self, name: str, owner: str, content: bytes) -> Part:
        known = digest(content)
        if name.endswith(".py"):
            self._sources[known] = content
        return Part(name, owner, known, self._cache.pressed(content, known))

    def of_module(self, module: Found) -> list[Part]:
        file = module_file(module)
        return [] if file is None else [self.of_file(file, module.name.split(".")[0])]

    def of_data(self, package: Found) -> tuple[Part, ...]:
        """What lies in a package that is no Python."""
        if package.name not in self._data:
            owner = package.name.split(".")[0]
            files = data_files(package, self._left_out)
            self._data[package.name] = tuple(self.of_file(one, owner) for one in files)
        return self._data[package.name]

    def of_file(self, file: File, owner: str) -> Part:
        if file.path not in self._files:
            made = self.of_text(file.name, owner, file.path.read_bytes())
            self._files[file.path] = Part(file.name, owner, made.digest, made.content, file.mode)
        return self._files[file.path]

    # -- distributions

    def bring(self, names: Iterable[str]) -> None:
        """Read what these distributions hold; those that do not run on the target are fetched."""
        wanted = {name: found for name in names if (found := self._finder.distribution(name))}
        elsewhere = {
            name: one.label for name, one in wanted.items() if not one.runs_on(self._target)
        }
        folders = unpacked(list(elsewhere.values()), self._target, self._wheels)
        for name, one in wanted.items():
            files = (
                list(unpacked_files(folders[elsewhere[name]]))
                if name in elsewhere
                else [File(*found) for found in one.files()]
            )
            self._distributions[name] = tuple(self._read(name, file) for file in files)

    def of_distribution(self, name: str) -> tuple[Part, ...]:
        return self._distributions[name]

    def drives_a_loop(self, name: str) -> bool:
        """Some file of this distribution uses an event loop."""
        return name in self._looping

    def _read(self, name: str, file: File) -> Part:
        try:
            content = file.path.read_bytes()
        except FileNotFoundError as error:
            remedy = f"pip install --force-reinstall {name}"
            raise DeclarationError(Mistake(name, f"{file.name} is gone", remedy)) from error
        if drives_a_loop(file.name, content):
            self._looping.add(name)
        made = self.of_text(file.name, name, content)
        return Part(file.name, name, made.digest, made.content, file.mode)

    # -- bytecode

    def compiled(self, sources: Iterable[Part], by: Interpreter) -> tuple[Bytecode, list[Mistake]]:
        """The bytecode of each source. What an author wrote must be Python to the target; some
        files of distributions are templates, or tests of another Python.
        """
        wanted = dict.fromkeys((one.name, one.digest, one.owner) for one in sources)
        compiler = CHILD.read_bytes()
        keys = {one: key_of(compiler, by.version, *one[:2]) for one in wanted}
        new = [one for one, key in keys.items() if self._cache.get(key) is None]
        made = compiled(by, [(name, self._sources[known]) for name, known, _ in new])
        mistakes: list[Mistake] = []
        for (name, known, owner), raw in zip(new, made, strict=True):
            if not isinstance(raw, Unreadable):
                self._cache.put(keys[name, known, owner], self._cache.pressed(raw, digest(raw)))
            elif owner not in self._distributions:
                reason = f"is no Python to {self._target.runtime}: {raw.told}"
                mistakes.append(Mistake(name, reason))
        found = {one[:2]: self._cache.get(key) for one, key in keys.items()}
        return {one: held for one, held in found.items() if held is not None}, mistakes

    def with_bytecode(self, parts: Iterable[Part], bytecode: Bytecode) -> list[Part]:
        """These parts, and the bytecode of each source beside it."""
        found = {one.name: one for one in parts}
        for one in list(found.values()):
            held = bytecode.get((one.name, one.digest)) if one.is_source else None
            if held is not None:
                place = place_of(one.name, self._target)
                found[place] = Part(place, one.owner, one.digest, held)
        return list(found.values())


Bytecode = dict[tuple[str, str], Pressed]  # by name and digest of the source
