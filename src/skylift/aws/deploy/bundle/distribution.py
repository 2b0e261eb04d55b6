"""What an installed distribution brings: its files as they lie beside the modules, and what it
requires. It is taken whole: what it loads lazily, or reads, nobody could tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from ....errors import Mistake
from ..target import Target
from .marker import Requirement, normalized, required

# Of .dist-info: how it was installed, which differs where nothing else does.
LEFT_OUT = frozenset(["RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"])
LOOPS = frozenset(["asyncio", "anyio", "curio", "gevent", "sniffio", "tornado", "trio", "uvloop"])
_LOOPING = re.compile(
    rb"^[ \t]*(?:import|from)[ \t][^#\n]*\b(?:%s)\b" % "|".join(sorted(LOOPS)).encode(),
    re.MULTILINE,
)
# Cython writes `asyncio.coroutines` into whatever it compiles, and asks for it only when told to.
_COMPILED = re.compile(rb"(?<!__pyx_k_)asyncio(?!\.coroutines)")
GLIBC = {"3.11": (2, 26)}  # Amazon Linux 2; all later ones are built on Amazon Linux 2023
GLIBC_LATER = (2, 34)


class Distribution:
    """An installed one; its metadata are read once."""

    def __init__(self, found: metadata.Distribution) -> None:
        self._found = found
        self.name = normalized(found.metadata["Name"])
        self.label = f"{self.name}=={found.version}"  # as pip is asked for it
        self._requires = tuple(found.requires or ())
        self._files = found.files
        self.refusal = self._refusal()

    def requirements(self, target: Target, extras: tuple[str, ...]) -> list[Requirement]:
        return list(dict.fromkeys(required(self._requires, target, extras)))

    def owned(self) -> dict[Path, str]:
        """All it brought, and that it was this one."""
        return {Path(str(one.locate())): self.name for one in self._files or ()}

    def files(self) -> Iterator[tuple[str, Path]]:
        """Name in the bundle, and place on the disk; not what lies elsewhere: scripts, manuals."""
        for one in self._files or ():
            name = one.as_posix()
            if not name.startswith(("../", "/")) and is_bundled(name):
                yield name, Path(str(one.locate()))

    def runs_on(self, target: Target) -> bool:
        """What is installed here runs there as it is: some tag of its wheel says so."""
        said = self._found.read_text("WHEEL") or ""
        tags = [line.partition(":")[2].strip() for line in said.splitlines() if line[:4] == "Tag:"]
        platforms = {one for tag in tags for one in tag.rpartition("-")[2].split(".")}
        if not platforms or "any" in platforms:
            return all(tag.startswith("py") for tag in tags) or target.is_here
        return target.is_here and any(_fits(one, target) for one in platforms)

    def _refusal(self) -> Mistake | None:
        """Why it cannot be in a bundle."""
        if self._files is None:
            remedy = "install it with pip, which writes down what it brings (RECORD)"
            return Mistake(self.label, "nothing says which files it brought", remedy)
        hooks = [one.name for one in self._files if one.suffix == ".pth"]
        if not hooks:
            return None
        remedy = "use another one: what has a .pth works only where Python starts with site"
        return Mistake(self.label, f"ships {hooks[0]}, which Lambda never runs", remedy)


def installed(name: str) -> Distribution | None:
    try:
        return Distribution(metadata.distribution(name))
    except (metadata.PackageNotFoundError, ValueError):
        return None


def is_bundled(name: str) -> bool:
    """Neither bytecode, which is made anew, nor what only an installer reads."""
    folder, _, last = name.rpartition("/")
    if name.endswith((".pyc", ".pth")) or "__pycache__" in folder:
        return False
    return not (folder.endswith(".dist-info") and last in LEFT_OUT)


def drives_a_loop(name: str, content: bytes) -> bool:
    """This file of a distribution uses an event loop, or may."""
    if name.endswith(".py"):
        return _LOOPING.search(content) is not None
    return name.endswith(".so") and _COMPILED.search(content) is not None


# -- what runs where


def glibc(target: Target) -> tuple[int, int]:
    return GLIBC.get(target.python, GLIBC_LATER)


def _fits(platform: str, target: Target) -> bool:
    if platform.startswith(("manylinux1_", "manylinux2010_", "manylinux2014_")):
        return True
    found = re.match(r"manylinux_(\d+)_(\d+)_", platform)
    return found is not None and (int(found[1]), int(found[2])) <= glibc(target)
