"""What `docs/parity.md` says of the emulator, as strict expected failures of a binding to it."""

from __future__ import annotations

import re
from functools import wraps
from typing import Any, NamedTuple, TypeVar

import pytest

from skylift.errors import SkyliftError
from tests.tidy.source import DOCS

PAGE = DOCS / "parity.md"
ROW = re.compile(r"^\| `(test_\w+)` \| (.+) \| (.+) \|$", re.MULTILINE)

# An answer that is none, one that is missing, or another of the port's own.
WRONG = (AssertionError, pytest.fail.Exception, SkyliftError)

T = TypeVar("T")


class Deviation(NamedTuple):
    documented: str
    done: str

    @property
    def reason(self) -> str:
        return f"AWS: {self.documented}. MiniStack: {self.done}"


def deviations() -> dict[str, Deviation]:
    """By the names of the cases; `the same` stands for what the row above says."""
    found: dict[str, Deviation] = {}
    above: tuple[str, ...] = ("", "")
    for name, *said in ROW.findall(PAGE.read_text("utf-8")):
        above = tuple(
            old if new == "the same" else new for old, new in zip(above, said, strict=True)
        )
        found[name] = Deviation(*above)
    return found


def on_ministack(binding: type[T]) -> type[T]:
    """The same contract, whose deviating cases are to fail: only here, so each is a copy."""
    for name, found in deviations().items():
        case = getattr(binding, name, None)
        if case is not None:
            setattr(binding, name, failing(case, found.reason))
    return binding


def failing(case: Any, reason: str) -> Any:
    @wraps(case)
    def copy(self: Any, open_world: Any) -> None:
        case(self, open_world)

    return pytest.mark.xfail(reason=reason, strict=True, raises=WRONG)(copy)
