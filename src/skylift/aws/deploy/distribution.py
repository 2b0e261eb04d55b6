"""What an installed distribution brings: its files as they lie beside the modules, and what it
requires. It is taken whole: what it loads lazily, or reads, nobody could tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from ...errors import Mistake
from .marker import Requirement, normalized, required
from .target import Target

LEFT_OUT = frozenset(["RECORD", "INSTALLER", "REQUESTED", "direct_url.json"])  # of .dist-info
LOOPS = frozenset(["asyncio", "anyio", "curio", "gevent", "sniffio", "tornado", "trio", "uvloop"])
_LOOPING = re.compile(
    rb"^[ \t]*(?:import|from)[ \t][^#\n]*\b(?:%s)\b" % "|".join(sorted(LOOPS)).encode(),
    re.MULTILINE,
)
GLIBC = {"3.11": (2, 26)}  # Amazon Linux 2; all later ones are built on Amazon Linux 2023
GLIBC_LATER = (2, 34)


def glibc(target: Target) -> tuple[int, int]:
    return GLIBC.get(target.python, GLIBC_LATER)


def requirements(
    distribution: metadata.Distribution, target: Target, extras: tuple[str, ...]
) -> list[Requirement]:
    return list(dict.fromkeys(required(distribution.requires or (), target, extras)))


def label(distribution: metadata.Distribution) -> str:
    """httpx==0.28.1, as pip is asked for it."""
    return f"{normalized(distribution.metadata['Name'])}=={distribution.version}"


def installed_files(distribution: metadata.Distribution) -> Iterator[tuple[str, Path]]:
    """Name in the bundle, and place on the disk. What lies elsewhere (scripts, manuals) stays."""
    for one in distribution.files or ():
        name = one.as_posix()
        if not name.startswith(("../", "/")) and is_bundled(name):
            yield name, Path(str(one.locate()))


def is_bundled(name: str) -> bool:
    """Neither bytecode, which is made anew, nor what only an installer reads."""
    folder, _, last = name.rpartition("/")
    if name.endswith((".pyc", ".pth")) or "__pycache__" in folder:
        return False
    return not (folder.endswith(".dist-info") and last in LEFT_OUT)


def refusal(distribution: metadata.Distribution) -> Mistake | None:
    """Why it cannot be in a bundle."""
    place = label(distribution)
    if distribution.files is None:
        remedy = "install it with pip, which writes down what it brings (RECORD)"
        return Mistake(place, "nothing says which files it brought", remedy)
    hooks = [one.name for one in distribution.files if one.suffix == ".pth"]
    if not hooks:
        return None
    remedy = "use another distribution: one with a .pth works only where Python starts with site"
    return Mistake(place, f"ships {hooks[0]}, which Lambda never runs", remedy)


def runs_on(distribution: metadata.Distribution, target: Target) -> bool:
    """What is installed here runs there as it is: some tag of its wheel says so."""
    said = distribution.read_text("WHEEL") or ""
    tags = [line.partition(":")[2].strip() for line in said.splitlines() if line[:4] == "Tag:"]
    platforms = {one for tag in tags for one in tag.rpartition("-")[2].split(".")}
    if not platforms or "any" in platforms:
        return all(tag.startswith("py") for tag in tags) or target.is_here
    return target.is_here and any(_fits(one, target) for one in platforms)


def _fits(platform: str, target: Target) -> bool:
    if platform.startswith(("manylinux1_", "manylinux2010_", "manylinux2014_")):
        return True
    found = re.match(r"manylinux_(\d+)_(\d+)_", platform)
    return found is not None and (int(found[1]), int(found[2])) <= glibc(target)


def drives_a_loop(name: str, content: bytes) -> bool:
    """This file of a distribution uses an event loop, or may."""
    if name.endswith(".py"):
        return _LOOPING.search(content) is not None
    return name.endswith(".so") and b"asyncio" in content
