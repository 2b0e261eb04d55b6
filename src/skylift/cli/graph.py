"""`skylift graph APP`: what an app is made of, what calls each function, and what it may touch."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..graph.document import document
from ..graph.mermaid import mermaid
from ..graph.svg import svg
from ..graph.text import text
from .reading import add_reading_arguments, graph_of, print_json

DRAWINGS = {"mermaid": (mermaid, "a Mermaid flowchart"), "svg": (svg, "a picture")}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_reading_arguments(parser, DRAWINGS)


def graph(options: argparse.Namespace) -> int:
    shown = document(graph_of(options), seen_from=Path.cwd())
    if options.json:
        print_json(shown)
    else:
        print((options.draw or text)(shown))
    return 0
