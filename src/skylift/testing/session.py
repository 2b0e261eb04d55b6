"""What the pytest plugin and the worlds of a test know of each other. Nothing is imported here: the
plugin is loaded where nobody opens a world.
"""

from __future__ import annotations

from typing import Protocol


class Told(Protocol):
    def told(self) -> str: ...


class Session:
    """`seed` is that of worlds nobody gave one; `worlds` are those of the test that runs, or None
    where nobody asks for them.
    """

    def __init__(self) -> None:
        self.seed = 0
        self.worlds: list[Told] | None = None


session = Session()
