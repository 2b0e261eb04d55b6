"""What an app is, once it was found sound: frozen, complete, and all that anything below may read
of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from ..function import Function
from ..invocation import Grant
from ..resources.resource import Resource
from ..signature import Signature

R = TypeVar("R", bound=Resource)


@dataclass(frozen=True)
class Node:
    """One function: its name, what calls it, and what it may touch."""

    name: str
    function: Function[..., Any]
    signature: Signature
    alone: frozenset[Grant]  # reached without `tx=`
    together: frozenset[Grant]  # reached with it; a grant may be in both
    said_uses: bool  # the walk alone did not see everything

    @property
    def grants(self) -> frozenset[Grant]:
        return self.alone | self.together


@dataclass(frozen=True)
class Graph:
    app: str
    place: str
    packages: tuple[str, ...]  # whose source is the app's own
    resources: tuple[Resource, ...]
    functions: tuple[Node, ...]

    def of(self, kind: type[R]) -> Iterator[R]:
        """The resources of one kind."""
        return (one for one in self.resources if isinstance(one, kind))

    @property
    def started(self) -> frozenset[str]:
        """The functions that a function starts."""
        grants = (grant for node in self.functions for grant in node.grants)
        return frozenset(name for name, verb in grants if verb == "start")

    def triggered_by(self, resource: Resource) -> Iterator[Node]:
        return (node for node in self.functions if node.function.trigger.resource is resource)
