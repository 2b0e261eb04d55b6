"""When a world does not come to rest."""

from __future__ import annotations

from collections.abc import Sequence


class Unsettled(AssertionError):
    """Something goes on and on, or waits for what never comes; `lines` say what."""

    def __init__(self, reason: str, lines: Sequence[str], seed: int) -> None:
        self.lines = list(lines)
        listed = "".join(f"\n    {line}" for line in lines)
        super().__init__(f"{reason} (seed {seed}){listed}")
