"""What a bundle may weigh and cost: `[tool.skylift.build]` of pyproject.toml with `size_mb_max` (of
a zip), `import_ms_max`, and `include` (distributions that no import names). And which import is to
blame when it is more.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..aws.deploy.bundle.bundle import Bundle
from ..aws.deploy.bundle.measure import Loaded
from .load import UserError

MB = 1_000_000


@dataclass(frozen=True)
class Budget:
    size_mb_max: float | None = None
    import_ms_max: float | None = None
    include: tuple[str, ...] = ()


def budget_of(folder: Path) -> Budget:
    """That of the nearest pyproject.toml that says one."""
    for place in (folder, *folder.parents):
        file = place / "pyproject.toml"
        if file.is_file():
            said = _said(file)
            if said is not None:
                return _budget(file, said)
    return Budget()


def _said(file: Path) -> Mapping[str, Any] | None:
    try:
        said = tomllib.loads(file.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{file}: {error}") from error
    return said.get("tool", {}).get("skylift", {}).get("build")


KINDS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "size_mb_max": ((int, float), "a number"),
    "import_ms_max": ((int, float), "a number"),
    "include": (list, "a list of distributions"),
}


def _budget(file: Path, said: Mapping[str, Any]) -> Budget:
    for name, value in said.items():
        kind, told = KINDS.get(name, (object, ""))
        if not told:
            known = ", ".join(KINDS)
            raise UserError(f"{file}: [tool.skylift.build] {name}: there is {known}")
        if not isinstance(value, kind) or isinstance(value, bool):
            raise UserError(f"{file}: [tool.skylift.build] {name} is {told}")
    return Budget(
        said.get("size_mb_max"), said.get("import_ms_max"), tuple(said.get("include", ()))
    )


def exceeded(budget: Budget, bundle: Bundle, loaded: Loaded | None) -> Iterator[str]:
    """What is more than it may be, and why, in sentences."""
    limit = budget.size_mb_max
    if limit is not None and bundle.size > limit * MB:
        most = next((one for one in bundle.shares if one.is_brought), bundle.shares[0])
        yield (
            f"{bundle.unit.name}: {bundle.size / MB:.2f} MB, its budget is {limit:g} MB; "
            f"most is {most.name}, {most.size / MB:.2f} MB unzipped{_brought(most.chain)}"
        )
    limit = budget.import_ms_max
    if limit is not None and loaded is not None and loaded.ms > limit:
        yield (
            f"{bundle.unit.name}: {loaded.ms:.0f} ms to import, its budget is {limit:g} ms; "
            f"{_slowest(bundle, loaded)}"
        )


def _brought(chain: tuple[str, ...]) -> str:
    return "".join(f"\n    {one}" for one in chain)


def _slowest(bundle: Bundle, loaded: Loaded) -> str:
    """The import in the author's own modules that took longest."""
    times: dict[str, float] = {}
    for one in _imported_by(loaded, set(bundle.packages)):
        top = one.name.split(".")[0]
        times[top] = times.get(top, 0) + one.ms
    if not times:
        return "none of that is an import of the app's own modules"
    most = max(times, key=lambda name: times[name])
    return f"most is {most}, {times[most]:.0f} ms{_brought(bundle.chains.get(most, ()))}"


def _imported_by(loaded: Loaded, own: set[str]) -> Iterator[Loaded]:
    """What the author's modules import that is neither theirs nor skylift's."""
    is_authored = loaded.name.split(".")[0] in own
    for one in loaded.inner:
        if is_authored and one.name.split(".")[0] not in {*own, "skylift"}:
            yield one
        else:
            yield from _imported_by(one, own)
