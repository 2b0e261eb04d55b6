"""What a command may ask about secrets: to set one, to remove one, and which there are. No answer
holds a value, and a request shows none.
"""

from __future__ import annotations

from msgspec import Struct

from ..errors import Invalid, NotFound, did_you_mean
from ..graph.model import Graph
from ..resources.secret import Secret, wrong_value
from .secret import Secrets


class SetSecret(Struct, tag="secret set"):
    name: str
    value: str

    def __repr__(self) -> str:
        return f"SetSecret({self.name!r})"


class RemoveSecret(Struct, tag="secret rm"):
    name: str


class ListSecrets(Struct, tag="secret ls"):
    """Which there are, and when each was set."""


class KnownSecret(Struct):
    name: str
    set_at: float | None  # seconds since the epoch
    is_declared: bool = True
    is_optional: bool = False


async def set_secret(secrets: Secrets, graph: Graph, asked: SetSecret) -> KnownSecret:
    check_declared(graph, asked.name)
    if wrong := wrong_value(asked.value):
        raise Invalid(f"secret {asked.name!r}: {wrong}")
    await secrets.set(asked.name, asked.value)
    return KnownSecret(asked.name, secrets.names()[asked.name])


async def remove_secret(secrets: Secrets, graph: Graph, asked: RemoveSecret) -> KnownSecret:
    """Also one that is declared no more."""
    if not await secrets.remove(asked.name):
        check_declared(graph, asked.name)
        raise NotFound(f"secret {asked.name!r} has no value")
    return KnownSecret(asked.name, None)


async def list_secrets(secrets: Secrets, graph: Graph, _: ListSecrets) -> list[KnownSecret]:
    declared, known = {one.name: one for one in graph.of(Secret)}, secrets.names()
    left = [KnownSecret(name, known[name], False) for name in known if name not in declared]
    return [
        *(KnownSecret(name, known.get(name), True, one.optional) for name, one in declared.items()),
        *left,
    ]


def check_declared(graph: Graph, name: str) -> None:
    declared = [one.name for one in graph.of(Secret)]
    if name not in declared:
        hint = did_you_mean(name, declared)
        raise NotFound(f"{graph.app} has no secret {name!r}\n    hint: {hint}")
