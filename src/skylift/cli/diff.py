"""`skylift diff APP`: what a deploy would change, in words, and what that costs. Exit codes: 0
told, 4 with --check when something would change, 2 refused, 3 AWS failed.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from ..aws.deploy.diff import Diff, difference, lines
from ..aws.deploy.names import checked_stage
from ..aws.deploy.plan import Plan
from ..aws.deploy.planning import planned
from ..aws.deploy.stack import state
from ..aws.deploy.stack.bootstrap import bucket_name
from ..aws.deploy.stack.refusal import refuse_foreign
from ..aws.deploy.stack.release import plan_before
from ..aws.deploy.stack.stack import stack_of
from ..graph.model import Graph
from .account import account_of, add_account_arguments, tell_if_unknown, telling_why
from .reading import add_state_argument, print_json, quietly_loaded
from .saying import add_setting_arguments, said
from .targeted import add_target_arguments, built, target_of

CHANGES = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("app", metavar="APP", help="folder with app.py, or module:attribute")
    add_account_arguments(parser)
    add_state_argument(parser)
    add_target_arguments(parser)
    add_setting_arguments(parser)
    parser.add_argument(
        "--from-nothing", action="store_true", help="as if nothing were deployed; AWS is not asked"
    )
    parser.add_argument(
        "--check", action="store_true", help=f"exit with {CHANGES} when something would change"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")


def diff(options: argparse.Namespace) -> int:
    with telling_why(options):
        found = difference_of(options)
    if options.json:
        print_json(document(found))
    else:
        for line in lines(found):
            print(line)
    return CHANGES if options.check and not found.is_empty else 0


def difference_of(options: argparse.Namespace) -> Diff:
    checked_stage(options.stage)
    graph = quietly_loaded(options.app)
    before = None if options.from_nothing else deployed(options, graph)
    # What is new is known without its code, which takes a while to put together.
    bundles = built(options, graph) if before else []
    code = {one.unit.name: one.sha256 for one in bundles}
    given = (graph, options.stage, target_of(options), code, before)
    return difference(before, planned(*given, said=said(options)))


def deployed(options: argparse.Namespace, graph: Graph) -> Plan | None:
    """What is there; nothing is made or waited for."""
    account = account_of(options)
    place = state.Place(bucket_name(account), graph.app, options.stage)
    stack = stack_of(account, f"{graph.app}-{options.stage}")
    refuse_foreign(stack, graph.app, options.stage)
    before = state.read(account, place)
    tell_if_unknown(stack, before)
    return plan_before(before, stack)


def document(found: Diff) -> dict[str, Any]:
    return asdict(found) | {"is_empty": found.is_empty, "destroys": list(found.destroys)}
