"""Who has verbs: resources, and functions that are given messages, which can be started."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from ..resources.consumer import Consumer
from ..resources.resource import Resource

Owner: TypeAlias = "Resource | Consumer[..., Any, Any]"
OWNERS: tuple[type[Any], ...] = (Resource, Consumer)


def is_owner(value: object) -> bool:
    return isinstance(value, OWNERS)


def verbs_of(kind: type[Any]) -> frozenset[str]:
    return kind.verbs if issubclass(kind, OWNERS) else frozenset()


def kinds(kind: type[Any] | None = None) -> Iterator[type[Any]]:
    """Every kind of them there is."""
    for one in OWNERS if kind is None else kind.__subclasses__():
        yield one
        yield from kinds(one)
