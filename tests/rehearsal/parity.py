"""What `docs/parity.md` says of the emulator, as strict expected failures of a binding to it."""

from __future__ import annotations

import re
from functools import wraps
from typing import Any, TypeVar

import pytest

from tests.tidy.source import DOCS

PAGE = DOCS / "parity.md"
ROW = re.compile(r"^\| `(test_\w+)` \| (.+) \| (.+) \|$", re.MULTILINE)

T = TypeVar("T")


def deviations() -> dict[str, str]:
    """Reasons by the names of the cases."""
    rows = ROW.findall(PAGE.read_text("utf-8"))
    return {name: f"AWS: {documented}. MiniStack: {done}" for name, documented, done in rows}


def on_ministack(binding: type[T]) -> type[T]:
    """The same contract, whose deviating cases are to fail: only here, so each is a copy."""
    for name, reason in deviations().items():
        case = getattr(binding, name, None)
        if case is not None:
            setattr(binding, name, failing(case, reason))
    return binding


def failing(case: Any, reason: str) -> Any:
    @wraps(case)
    def copy(self: Any, open_world: Any) -> None:
        case(self, open_world)

    return pytest.mark.xfail(reason=reason, strict=True, raises=AssertionError)(copy)
