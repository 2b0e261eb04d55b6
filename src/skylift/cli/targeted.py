"""What commands that build have in common: which Python and which processor it is for."""

from __future__ import annotations

import argparse
import sys

from ..aws.deploy.bundle.bundle import Bundle
from ..aws.deploy.target import HERE, MACHINES, VERSIONS, Target, machine_here
from ..graph.model import Graph
from .budget import budget_of
from .bundling import bundled
from .load import source_of


def add_target_arguments(parser: argparse.ArgumentParser) -> None:
    here = machine_here()
    parser.add_argument("--target", choices=VERSIONS, default=HERE, help=f"Python ({HERE})")
    parser.add_argument("--arch", choices=[*MACHINES], default=here, help=f"processor ({here})")


def target_of(options: argparse.Namespace) -> Target:
    return Target(options.target, options.arch)


def built(options: argparse.Namespace, graph: Graph) -> list[Bundle]:
    """The bundle of each function, in the app's state; what is to be known of them is told."""
    include = budget_of(source_of(options.app).folder).include
    bundles = bundled(graph, options.state, target_of(options), include=include)
    for note in dict.fromkeys(note for one in bundles for note in one.notes):
        print(f"note: {note}", file=sys.stderr)
    return bundles
