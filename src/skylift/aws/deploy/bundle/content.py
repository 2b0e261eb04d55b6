"""The files of a bundle, as they lie on the disk: a module's source, what lies beside it, and what
a distribution brought.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ....errors import DeclarationError, Mistake
from .archive import PROGRAM, TEXT
from .distribution import is_bundled
from .found import Found

NO_DATA = frozenset([".py", ".pyc", ".pyi", ".pyx", ".typed"])
ASIDE = frozenset(["tests", "test", "node_modules", "dist", "build"])
PROJECT = ("README", "CHANGELOG", "pyproject.toml", "Makefile", "Dockerfile", "requirements")


@dataclass(frozen=True)
class File:
    name: str  # in the bundle
    path: Path

    @property
    def mode(self) -> int:
        """Only whether it can be run: the rest says how a checkout was made."""
        is_program = not self.name.endswith(".py") and self.path.stat().st_mode & 0o100
        return PROGRAM if is_program else TEXT


def module_file(module: Found) -> File | None:
    """None of a folder without __init__.py."""
    if module.file is None:
        return None
    parts = module.name.split(".")
    folder = parts if module.is_package else parts[:-1]
    return File("/".join([*folder, module.file.name]), module.file)


def data_files(package: Found, left_out: frozenset[Path]) -> Iterator[File]:
    """The files of a package that are no Python: templates, certificates, tables. What lies in
    folders with Python of their own belongs to those.
    """
    for folder in package.folders:
        home = Path(folder).resolve()
        yield from _data(home, package.name.replace(".", "/"), left_out | {home})


def _data(folder: Path, name: str, left_out: frozenset[Path]) -> Iterator[File]:
    for one in sorted(folder.iterdir()):
        if one.name.startswith((".", "__pycache__")):
            continue
        inner = f"{name}/{one.name}"
        if one.is_file():
            if one.suffix not in NO_DATA and not one.name.startswith(PROJECT):
                yield File(_nameable(inner, one), one)
        elif one.is_dir() and one.resolve() not in left_out and _holds_data(one):
            # What a link leads to is read as it is here; one that leads back up has no end.
            yield from _data(one, inner, left_out | {one.resolve()})


def _nameable(name: str, path: Path) -> str:
    try:
        name.encode()
    except UnicodeEncodeError as error:
        reason = f"the name {path.name!r} is no UTF-8"
        raise DeclarationError(Mistake(str(path.parent), reason, "rename it")) from error
    return name


def _holds_data(folder: Path) -> bool:
    """Neither Python of its own, nor an environment with all that is installed in it."""
    return folder.name not in ASIDE and not any(
        one.suffix == ".py" or one.name == "pyvenv.cfg" for one in folder.iterdir()
    )


def unpacked_files(folder: Path) -> Iterator[File]:
    """What a wheel brought that was unpacked here."""
    for one in sorted(folder.rglob("*")):
        name = one.relative_to(folder).as_posix()
        if one.is_file() and is_bundled(name):
            yield File(name, one)
