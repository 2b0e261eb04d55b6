"""What commands that only read an app have in common: their arguments, and that standard output
holds what was asked for and nothing else.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout
from pathlib import Path

from msgspec.structs import asdict

from ..errors import DeclarationError, Mistake
from ..graph.document import Document
from ..graph.model import Graph
from .load import UserError, load, source_of

Draw = Callable[[Document], str]
NO_DRAWINGS: Mapping[str, tuple[Draw, str]] = {}


def add_state_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--state", type=Path, default=Path(".skylift"), help="folder that holds each app's state"
    )


def add_reading_arguments(
    parser: argparse.ArgumentParser, drawings: Mapping[str, tuple[Draw, str]] = NO_DRAWINGS
) -> None:
    """APP, --state, and one form of output: --json, or a drawing by name."""
    parser.add_argument("app", metavar="APP", help="folder with app.py, or module:attribute")
    add_state_argument(parser)
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help="one JSON document")
    for name, (draw, told) in drawings.items():
        forms.add_argument(f"--{name}", dest="draw", action="store_const", const=draw, help=told)


def add_elsewhere_arguments(parser: argparse.ArgumentParser) -> None:
    """Of a command that works here, and with --stage on AWS, which only then is imported."""
    parser.add_argument("--stage", help="on AWS: which of the app's deployments")
    parser.add_argument("--region", help="with --stage: of AWS (AWS_REGION)")
    says = "with --stage: an emulator instead of AWS (AWS_ENDPOINT_URL)"
    parser.add_argument("--endpoint-url", help=says, metavar="URL")


def graph_of(options: argparse.Namespace) -> Graph:
    """The graph of the app named. With --json its mistakes are a document too, before they are
    raised.
    """
    try:
        return quietly_loaded(options.app)
    except (UserError, DeclarationError) as error:
        if options.json:
            found = [asdict(mistake) for mistake in mistakes_of(error)]
            print_json({"app": options.app, "mistakes": found})
        raise


def quietly_loaded(app: str, remembered: Path | None = None) -> Graph:
    """The graph of an app; what the app prints while it is imported goes to standard error."""
    with redirect_stdout(sys.stderr):
        return load(source_of(app), remembered)


def mistakes_of(error: UserError | DeclarationError) -> tuple[Mistake, ...]:
    if isinstance(error, DeclarationError):
        return error.mistakes
    reason, _, remedy = str(error).partition("\n    hint: ")
    return (Mistake("", reason, remedy),)


def print_json(document: object) -> None:
    print(json.dumps(document, indent=2))


def print_json_rows(rows: Iterable[object]) -> None:
    """One document too, a list: each of its elements is short, and has a line of its own."""
    lines = ",\n".join(f"  {json.dumps(row)}" for row in rows)
    print(f"[\n{lines}\n]" if lines else "[]")
