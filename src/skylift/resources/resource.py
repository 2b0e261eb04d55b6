"""What every declared resource has: a kind, a name, the place of its declaration, and the verbs
grants speak of.
"""

from __future__ import annotations

from typing import ClassVar

from ..function import place_of_caller


class Resource:
    kind: ClassVar[str]
    verbs: ClassVar[frozenset[str]] = frozenset()

    name: str
    place: str
    module: str

    def _declare(self, name: str) -> None:
        self.name = name
        self.place, self.module = place_of_caller()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"
