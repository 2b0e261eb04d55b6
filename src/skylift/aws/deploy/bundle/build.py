"""The bundles of an app: one zip a unit, with what its function imports and nothing else. The same
sources, distributions and target make the same bytes, wherever and whenever.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ....errors import DeclarationError, Mistake
from ....graph.model import Graph
from ....resources.site import Site
from ..target import Target
from ..unit import Unit, units
from . import entry
from .archive import digest, zipped
from .bundle import Bundle, Share
from .bytecode import interpreter
from .cache import Cache, write_whole
from .closure import ENTRY, Closure, closure
from .found import Finder
from .part import Bytecode, Part, Parts
from .source import Sources

# Bytes, as Lambda takes them. Zipped they may be what they are: its 50 MB are of an upload to
# Lambda itself, and bundles come from S3.
UNZIPPED_MAX = 250 * 2**20
BLAMED = 3  # contributors that a refusal names
OWN = "skylift"


@dataclass(frozen=True)
class Surroundings:
    """What a build is given besides the graph: the OpenAPI document of each Api by its name, where
    it may keep what the next one needs, and folders inside the app that are no part of it.
    """

    documents: Mapping[str, bytes]
    cache: Path
    left_out: frozenset[Path] = frozenset()
    include: tuple[str, ...] = ()  # distributions that no import names


@dataclass(frozen=True)
class Draft:
    """A unit whose closure is known."""

    unit: Unit
    closure: Closure
    is_loop_free: bool
    parts: tuple[Part, ...]
    data: tuple[str, ...]


def build_units(graph: Graph, out: Path, target: Target, around: Surroundings) -> list[Bundle]:
    """A bundle of every unit, in `out`; DeclarationError with all that stands against it."""
    cache = Cache(around.cache / f"contents-{target.python}-{target.arch}")
    finder = Finder()
    sources = Sources(finder, target, cache)
    pages = {Path(one.directory).resolve() for one in graph.of(Site)}  # they go to a bucket
    parts = Parts(finder, target, cache, around.cache / "wheels", around.left_out | pages)
    closures = [
        (unit, closure(entry.written(unit, graph), sources, target, _included(unit, around)))
        for unit in units(graph)
    ]
    _refuse(mistake for _, one in closures for mistake in one.mistakes)
    parts.bring(sorted({name for _, one in closures for name in one.distributions}))
    drafts = [_drafted(unit, one, graph, parts, around) for unit, one in closures]
    by = interpreter(target)
    bytecode: Bytecode = {}
    if by is not None:
        written = (part for draft in drafts for part in draft.parts if part.is_source)
        bytecode, mistakes = parts.compiled(written, by)
        _refuse(mistakes)
    note = () if by is not None else (f"there is no {target.runtime} here: no bytecode",)
    out.mkdir(parents=True, exist_ok=True)
    bundles = [_bundled(one, parts.with_bytecode(one.parts, bytecode), out, note) for one in drafts]
    cache.close()
    return bundles


def _included(unit: Unit, around: Surroundings) -> tuple[str, ...]:
    """What is asked for in words is for the author's functions."""
    return around.include if unit.nodes else ()


def _refuse(mistakes: Iterable[Mistake]) -> None:
    found = list(dict.fromkeys(mistakes))
    if found:
        raise DeclarationError(*found)


def _drafted(unit: Unit, found: Closure, graph: Graph, parts: Parts, around: Surroundings) -> Draft:
    is_loop_free = not found.has_loop and not any(map(parts.drives_a_loop, found.distributions))
    text = entry.written(unit, graph, is_loop_free=is_loop_free)
    held = [parts.of_text(f"{ENTRY}.py", OWN, text.encode())]
    if unit.api is not None:
        held.append(parts.of_text(entry.DOCUMENT, OWN, around.documents[unit.api.name]))
    data: list[Part] = []
    for module in found.modules.values():
        held += parts.of_module(module)
        data += parts.of_data(module)
    held += data
    for name in found.distributions:
        held += parts.of_distribution(name)
    own = tuple(dict.fromkeys(one.name for one in data if one.owner != OWN))
    return Draft(unit, found, is_loop_free, tuple(held), own)


# -- one bundle


def _bundled(draft: Draft, parts: list[Part], out: Path, note: tuple[str, ...]) -> Bundle:
    content = zipped((one.name, one.content, one.mode) for one in parts)
    path = out / f"{draft.unit.name}.zip"
    if not path.is_file() or path.read_bytes() != content:
        write_whole(path, content)
    unzipped = sum(one.content.size for one in parts)
    shares = tuple(_shares(draft, parts))
    _refuse(_too_large(draft.unit, unzipped, shares))
    return Bundle(
        *(draft.unit, path, digest(content), len(content), unzipped, draft.is_loop_free),
        shares=shares,
        packages=tuple(_packages(draft.closure)),
        data=draft.data,
        notes=(*note, *draft.closure.notes),
        chains={name: draft.closure.chain_to(step) for name, step in draft.closure.foreign.items()},
    )


def _shares(draft: Draft, parts: list[Part]) -> Iterator[Share]:
    sizes: dict[str, int] = {}
    for one in parts:
        sizes[one.owner] = sizes.get(one.owner, 0) + one.content.size
    for owner, size in sorted(sizes.items(), key=lambda one: (-one[1], one[0])):
        is_brought = owner != OWN and owner not in draft.closure.ours
        yield Share(owner, size, draft.closure.chain(owner), is_brought)


def _packages(found: Closure) -> list[str]:
    own = (one.name for one in found.modules.values() if one.origin == "own")
    return sorted({name.split(".")[0] for name in own})


def _too_large(unit: Unit, unzipped: int, shares: tuple[Share, ...]) -> Iterator[Mistake]:
    if unzipped > UNZIPPED_MAX:
        most = ", ".join(f"{one.name} {_mb(one.size)}" for one in shares[:BLAMED])
        reason = f"its bundle is {_mb(unzipped)} unzipped, Lambda takes {_mb(UNZIPPED_MAX)}: {most}"
        remedy = "import less in its module, split the module, or take large files out of the app"
        yield Mistake(unit.name, reason, remedy)


def _mb(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"
