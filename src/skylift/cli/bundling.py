"""Bundles as a command has them made: with the description of each Api, and a cache in the app's
state.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..aws.deploy.bundle.build import Surroundings, build_units
from ..aws.deploy.bundle.bundle import Bundle
from ..aws.deploy.target import Target
from ..engine.answer import encode
from ..engine.describe.openapi import openapi, operation
from ..graph.model import Graph
from ..local.node import http_function
from ..resources.api import Api
from ..resources.site import Site, prefix
from .load import UserError

PRIVATE = 0o700  # as the app's state is


def bundled(
    graph: Graph,
    state: Path,
    target: Target,
    out: Path | None = None,
    include: tuple[str, ...] = (),
) -> list[Bundle]:
    """A zip for each unit of the app, in `out` or else beside its state."""
    home = state / graph.app
    build = home / "build"
    left_out = frozenset(one.resolve() for one in (state, out or build))
    around = Surroundings(dict(documents(graph)), build / "cache", left_out, include)
    try:
        home.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        return build_units(graph, out or build, target, around)
    except OSError as error:
        reason = f"{error.filename or home}: {error.strerror or error}"
        another = "another --out DIR or --state DIR" if out else "another --state DIR"
        raise UserError(f"{reason}\n    hint: say {another}, with room for it") from error


def documents(graph: Graph) -> Iterator[tuple[str, bytes]]:
    """How each Api describes itself there: as it does here."""
    for api in graph.of(Api):
        operations = [operation(http_function(node)) for node in graph.triggered_by(api)]
        yield api.name, encode(openapi(graph.app, "1", operations, prefix(api, graph.of(Site))))
