"""`skylift build APP`: the bundle of each function, and what it weighs. Exit codes: 0 all are made,
2 refused, or one is more than its budget.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..aws.deploy.bundle.bundle import Bundle, Share
from ..aws.deploy.bundle.measure import Loaded, import_instructions, import_tree, surroundings
from ..aws.deploy.target import HERE, Target
from ..errors import DeclarationError
from ..graph.model import Graph
from ..graph.text import aligned
from .budget import Budget, budget_of, exceeded
from .bundling import bundled
from .load import UserError, source_of
from .reading import graph_of, mistakes_of, print_json
from .targeted import add_target_arguments, target_of

SHOWN = 2  # parts of a bundle, in a line of the table
MEASURES = ("time", "instructions")


@dataclass(frozen=True)
class Report:
    bundle: Bundle
    loaded: Loaded | None = None
    instructions: int | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("app", metavar="APP", help="folder with app.py, or module:attribute")
    add_target_arguments(parser)
    parser.add_argument("--out", type=Path, help="where the zips go (beside the app's state)")
    parser.add_argument(
        "--state", type=Path, default=Path(".skylift"), help="folder that holds each app's state"
    )
    parser.add_argument("--measure", choices=MEASURES, help="what the import of each bundle costs")
    parser.add_argument("--json", action="store_true", help="one JSON document")


def build(options: argparse.Namespace) -> int:
    target = target_of(options)
    graph = graph_of(options)
    try:
        budget = budget_of(source_of(options.app).folder)
        bundles = bundled(graph, options.state, target, options.out, budget.include)
        reports = _measured(graph, bundles, _asked(options.measure, target, budget))
    except (UserError, DeclarationError) as error:
        if options.json:
            told = [
                {"place": one.place, "reason": one.reason, "remedy": one.remedy}
                for one in mistakes_of(error)
            ]
            print_json({"app": options.app, "mistakes": told})
        raise
    over = [said for one in reports for said in exceeded(budget, one.bundle, one.loaded)]
    if options.json:
        print_json(_document(graph.app, target, reports, over))
    else:
        print(*_told(graph.app, target, reports), sep="\n")
    for said in over:
        print(f"skylift: {said}", file=sys.stderr)
    return 2 if over else 0


def _asked(said: str | None, target: Target, budget: Budget) -> frozenset[str]:
    """What is measured: what was said, and time where the budget speaks of it."""
    if target.is_here:
        timed = "time" if budget.import_ms_max is not None else None
        return frozenset(one for one in (said, timed) if one is not None)
    if said is not None:
        raise UserError(
            f"{target.runtime} on {target.arch} cannot be measured here\n"
            f"    hint: only a build for this machine can: --target {HERE}"
        )
    return frozenset()


def _measured(graph: Graph, bundles: list[Bundle], asked: frozenset[str]) -> list[Report]:
    environment = surroundings(graph)
    if "instructions" in asked and shutil.which("valgrind") is None:
        raise UserError("there is no valgrind\n    hint: install it, or say --measure time")
    return [
        Report(
            one,
            import_tree(one.path, environment) if "time" in asked else None,
            import_instructions(one.path, environment) if "instructions" in asked else None,
        )
        for one in bundles
    ]


# -- text


def _told(app: str, target: Target, reports: list[Report]) -> Iterator[str]:
    yield f"{app} for {target.runtime} on {target.arch}: {len(reports)} bundles"
    is_timed = any(one.loaded for one in reports)
    is_counted = any(one.instructions for one in reports)
    head = ["function", "zip", "unzipped", "most of it"]
    head += ["import"] * is_timed + ["instructions"] * is_counted + [""]
    yield from aligned([head, *(_row(one, is_timed, is_counted) for one in reports)])
    data = dict.fromkeys(name for one in reports for name in one.bundle.data)
    if data:
        yield f"data files: {', '.join(data)}"
    for note in dict.fromkeys(note for one in reports for note in one.bundle.notes):
        yield f"note: {note}"
    yield f"in {reports[0].bundle.path.parent}" if reports else "nothing to build"


def _row(report: Report, is_timed: bool, is_counted: bool) -> list[str]:
    bundle = report.bundle
    row = [bundle.unit.name, _kb(bundle.size), _kb(bundle.unzipped), _most(bundle.shares)]
    if is_timed:
        row.append(f"{report.loaded.ms:.0f} ms" if report.loaded else "")
    if is_counted:
        row.append(f"{report.instructions / 1e6:.0f} M" if report.instructions else "")
    return [*row, "" if bundle.is_loop_free else "asyncio"]


def _most(shares: Iterable[Share]) -> str:
    return ", ".join(f"{one.name} {_kb(one.size)}" for one in list(shares)[:SHOWN])


def _kb(size: int) -> str:
    return f"{size / 1000:,.0f} kB"


# -- JSON


def _document(app: str, target: Target, reports: list[Report], over: list[str]) -> dict[str, Any]:
    return {
        "app": app,
        "target": target.python,
        "arch": target.arch,
        "functions": [_members(one) for one in reports],
        "exceeded": over,
    }


def _members(report: Report) -> dict[str, Any]:
    bundle = report.bundle
    return {
        "name": bundle.unit.name,
        "kind": bundle.unit.kind,
        "path": str(bundle.path),
        "sha256": bundle.sha256,
        "size": bundle.size,
        "unzipped": bundle.unzipped,
        "loop_free": bundle.is_loop_free,
        "parts": [
            {"name": one.name, "size": one.size, "chain": list(one.chain)} for one in bundle.shares
        ],
        "data": list(bundle.data),
        "notes": list(bundle.notes),
        "import_ms": round(report.loaded.ms, 3) if report.loaded else None,
        "import_instructions": report.instructions,
    }
