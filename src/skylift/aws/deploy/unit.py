"""What becomes one Lambda function: each function of the app, one for each Api that answers what no
route does, and one that relays the messages of transactions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ...graph.model import Graph, Node
from ...resources.api import Api

Kind = Literal["http", "queue", "dead", "default", "relay"]


@dataclass(frozen=True)
class Unit:
    """`name` is the function's in its app; ours are `skylift.<what>`, which no author's is."""

    name: str
    kind: Kind
    node: Node | None = None
    api: Api | None = None  # of a default: whose requests it answers


RELAY = Unit("skylift.relay", "relay")


def units(graph: Graph) -> tuple[Unit, ...]:
    """In the order of the source, ours last."""
    return tuple(_units(graph))


def _units(graph: Graph) -> Iterator[Unit]:
    for node in graph.functions:
        yield Unit(node.name, node.function.trigger.kind, node)  # pyright: ignore[reportArgumentType]
    for api in graph.of(Api):
        yield Unit(f"skylift.{api.name}", "default", api=api)
    if is_relaying(graph):
        yield RELAY


def is_relaying(graph: Graph) -> bool:
    """Some function sends messages in a transaction: the ledger has an outbox."""
    return any(verb in SENDING for node in graph.functions for _, verb in node.together)


SENDING = frozenset(["send", "send_many"])
