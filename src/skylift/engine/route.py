"""Which route a request takes: static beats parameter, parameter beats greedy, as AWS's gateway
decides it. Paths come decoded, so an encoded slash is one.

Each method has a tree of its own, because there a route is a method with a path. A parameter takes
one whole, non-empty segment; a greedy one, always last, takes the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class _Node(Generic[T]):
    __slots__ = ("static", "parameter", "greedy", "target")

    def __init__(self) -> None:
        self.static: dict[str, _Node[T]] = {}
        self.parameter: _Node[T] | None = None
        self.greedy: tuple[T, tuple[str, ...]] | None = None
        self.target: tuple[T, tuple[str, ...]] | None = None


class Router(Generic[T]):
    """`find` gives the target and the path parameters, or None; `allowed` the methods a path
    has.
    """

    def __init__(self, routes: Iterable[tuple[str, str, T]]) -> None:
        self._trees: dict[str, _Node[T]] = {}
        self._fixed: dict[str, dict[str, tuple[T, dict[str, str]]]] = {}
        for method, path, target in routes:
            self._fixed.setdefault(method, {})
            if "{" in path:
                _plant(self._trees.setdefault(method, _Node()), path, target)
            else:
                self._fixed[method][path] = (target, {})

    def find(self, method: str, path: str) -> tuple[T, dict[str, str]] | None:
        """A HEAD is answered as its GET."""
        if method == "HEAD":
            method = "GET"
        fixed = self._fixed.get(method)
        if fixed is None:
            return None
        found = fixed.get(path)
        if found is not None:
            return found
        tree = self._trees.get(method)
        if tree is None:
            return None
        values: list[str] = []
        end = _walk(tree, path.split("/"), 1, values)
        return None if end is None else (end[0], dict(zip(end[1], values, strict=True)))

    def allowed(self, path: str) -> list[str]:
        methods = [method for method in self._fixed if self.find(method, path) is not None]
        return sorted([*methods, "HEAD"] if "GET" in methods else methods)


def _plant(node: _Node[T], path: str, target: T) -> None:
    names: list[str] = []
    for part in path.split("/")[1:]:
        if part.startswith("{") and part.endswith("+}"):
            node.greedy = (target, (*names, part[1:-2]))
            return
        if part.startswith("{"):
            names.append(part[1:-1])
            node.parameter = node.parameter or _Node()
            node = node.parameter
        else:
            node = node.static.setdefault(part, _Node())
    node.target = (target, tuple(names))


def _walk(
    node: _Node[T], segments: list[str], at: int, values: list[str]
) -> tuple[T, tuple[str, ...]] | None:
    if at == len(segments):
        return node.target
    segment, depth = segments[at], len(values)
    if (following := node.static.get(segment)) is not None:
        found = _walk(following, segments, at + 1, values)
        if found is not None:
            return found
        del values[depth:]
    if node.parameter is not None and segment:
        values.append(segment)
        found = _walk(node.parameter, segments, at + 1, values)
        if found is not None:
            return found
        del values[depth:]
    if node.greedy is not None and any(segments[at:]):
        values.append("/".join(segments[at:]))
        return node.greedy
    return None
