"""What is wrong with a pattern, and what to write instead."""

from __future__ import annotations

from typing import NamedTuple


class Wrong(NamedTuple):
    reason: str  # begins with the path to the wrong place
    remedy: str


class Unfit(Exception):
    """An operand that its operator cannot take; whoever reads the pattern knows where it stands."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason, self.remedy = reason, remedy
