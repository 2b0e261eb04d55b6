"""A function's tree and the names around it, and what reading its statements needs to remember."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .scope import Scope, Scoped
from .store import State, widen
from .values import Cls, Values

if TYPE_CHECKING:
    from .frame import Frame


class TooMuch(Exception):
    """More code than is read for one function."""


class Code:
    """A function's tree and the names around it. `cells` are those of a live closure."""

    __slots__ = (
        "around",
        "cells",
        "defaults",
        "file",
        "globals",
        "name",
        "node",
        "owner",
        "parent",
        "scope",
    )

    def __init__(self, node: Scoped, scope: Scope, file: str, names: dict[str, Any]) -> None:
        self.node, self.scope, self.file, self.globals = node, scope, file, names
        self.name: str = getattr(node, "name", "<lambda>")
        self.parent: Frame | None = None
        self.cells: dict[str, Any] = {}
        self.defaults: dict[str, Values] = {}
        self.owner: Cls | None = None  # the class whose method this is, for super()
        self.around = ""  # the name of the class it stands in, for self.__name

    def inner(self, node: Scoped, scope: Scope, parent: Frame) -> Code:
        """Code nested in this one."""
        code = Code(node, scope, self.file, self.globals)
        code.parent, code.cells, code.owner, code.around = (
            parent,
            self.cells,
            self.owner,
            self.around,
        )
        return code


class Watch:
    """Every state a `try` went through: an exception may leave it in any of them."""

    __slots__ = ("state",)

    def __init__(self, state: State) -> None:
        self.state = dict(state)

    def see(self, state: State) -> None:
        widen(self.state, state)


class Loop:
    __slots__ = ("breaks", "continues")

    def __init__(self) -> None:
        self.breaks: list[State] = []
        self.continues: list[State] = []
