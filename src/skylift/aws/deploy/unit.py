"""What becomes one Lambda function: each function of the app, one for each Api that answers what no
route does, and one that relays the messages of transactions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ...graph.model import Graph, Node
from ...resources.api import Api

Kind = Literal[
    "http", "queue", "dead", "default", "relay", "event", "timer", "change", "authorizer"
]
KINDS: dict[str, Kind] = {  # by kind of trigger
    "http": "http",
    "queue": "queue",
    "dead": "dead",
    "timer": "timer",
    "change": "change",
    **dict.fromkeys(("topic", "bus", "schedule"), "event"),  # Lambda is told, and nobody waits
}


@dataclass(frozen=True)
class Unit:
    """`name` is the function's in its app; ours are `skylift.<what>`, which no author's is."""

    name: str
    kind: Kind
    node: Node | None = None
    api: Api | None = None  # of a default: whose requests it answers
    guards: tuple[Node, ...] = ()  # of an authorizer

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The functions of the author's in it."""
        return self.guards if self.node is None else (self.node,)


RELAY = Unit("skylift.relay", "relay")
AUTHORIZER = "skylift.authorizer"
GUARD = "guard"  # a kind of trigger: all guards are one unit


def units(graph: Graph) -> tuple[Unit, ...]:
    """In the order of the source, ours last."""
    return tuple(_units(graph))


def _units(graph: Graph) -> Iterator[Unit]:
    guards = tuple(one for one in graph.functions if one.function.trigger.kind == GUARD)
    for node in graph.functions:
        if node in guards:
            continue
        yield Unit(node.name, KINDS[node.function.trigger.kind], node)
    for api in graph.of(Api):
        yield Unit(f"skylift.{api.name}", "default", api=api)
    if guards:
        yield Unit(AUTHORIZER, "authorizer", guards=guards)
    if is_relaying(graph):
        yield RELAY


def is_relaying(graph: Graph) -> bool:
    """Some function sends messages in a transaction: the ledger has an outbox."""
    return bool(relayed(graph))


def relayed(graph: Graph) -> dict[str, set[str]]:
    """What gets messages out of transactions, by name, with the verbs they are sent by."""
    found: dict[str, set[str]] = {}
    for node in graph.functions:
        for name, verb in node.together:
            if verb in SENDING:
                found.setdefault(name, set()).add(verb)
    return dict(sorted(found.items()))


SENDING = frozenset(["send", "send_many", "publish", "set", "cancel", "start"])
