"""A bundle: the zip of one function, and what is worth knowing of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..unit import Unit

HANDLER = "skylift_function.handler"


@dataclass(frozen=True)
class Share:
    """What one part of a bundle weighs: a distribution, `skylift`, or a package of the app."""

    name: str
    size: int  # bytes, unzipped
    chain: tuple[str, ...]  # how it comes in: "hello/notes.py:3 import httpx", outermost first
    is_brought: bool = True  # by the app: skylift itself would do without


@dataclass(frozen=True)
class Bundle:
    unit: Unit
    path: Path
    sha256: str  # of the zip, as hexadecimal digits
    size: int  # bytes of the zip
    unzipped: int  # bytes
    is_loop_free: bool
    shares: tuple[Share, ...] = ()  # the largest first
    packages: tuple[str, ...] = ()  # the author's, by their first names
    data: tuple[str, ...] = ()  # files of the app that are no Python
    notes: tuple[str, ...] = ()  # what the build could not see, or left out
    # How what the app's own modules import comes in, by the first name of each.
    chains: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
