"""`skylift eject APP DIR`: the app as plain CloudFormation with its bundles and the commands that
deploy it. Exit codes: 0 written, 2 refused.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from ..aws.deploy.ejected import README, files
from ..aws.deploy.planning import planned
from .account import add_stage_argument, telling_why
from .load import UserError
from .reading import add_state_argument, print_json, quietly_loaded
from .saying import add_setting_arguments, said
from .targeted import add_target_arguments, built, target_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("app", metavar="APP", help="folder with app.py, or module:attribute")
    parser.add_argument("folder", metavar="DIR", type=Path, help="where it goes: new, or empty")
    add_stage_argument(parser)
    add_state_argument(parser)
    add_target_arguments(parser)
    add_setting_arguments(parser)
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")


def eject(options: argparse.Namespace) -> int:
    with telling_why(options):
        names = ejected(options)
    if options.json:
        print_json({"folder": str(options.folder), "files": names})
    else:
        print(f"{len(names)} files in {options.folder}; {options.folder / README} says what next")
    return 0


def ejected(options: argparse.Namespace) -> list[str]:
    folder: Path = options.folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} is there and not empty\n    hint: name a folder that is new")
    graph = quietly_loaded(options.app)
    bundles = built(options, graph)
    code = {one.unit.name: one.sha256 for one in bundles}
    plan = planned(graph, options.stage, target_of(options), code, said=said(options))
    found = files(plan, bundles)
    try:
        write(folder, found)
    except OSError as error:
        where = error.filename or folder
        remedy = "name another folder; what was written already stays where it is"
        raise UserError(f"{where}: {error.strerror or error}\n    hint: {remedy}") from error
    return sorted(found)


def write(folder: Path, files: Mapping[str, Callable[[], bytes]]) -> None:
    for name, read in sorted(files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(read())
