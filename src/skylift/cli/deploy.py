"""`skylift deploy APP`: the app on AWS, as the code has it now. Exit codes: 0 it is there (also
when it was already), 2 refused and nothing changed, 3 AWS failed, 130 interrupted: run it again.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..aws.deploy import secret, setting
from ..aws.deploy.diff import difference, lines
from ..aws.deploy.failure import DeployRefused
from ..aws.deploy.names import logical
from ..aws.deploy.plan import PRODUCTION
from ..aws.deploy.planning import planned
from ..aws.deploy.stack import state
from ..aws.deploy.stack.bootstrap import bucket
from ..aws.deploy.stack.kept import unset
from ..aws.deploy.stack.refusal import refuse_foreign, refuse_lost
from ..aws.deploy.stack.release import Released, Run, made, plan_before, release
from ..aws.deploy.stack.session import Account
from ..aws.deploy.stack.stack import settled, stack_of
from ..graph.model import Graph
from ..resources.secret import Secret
from ..resources.site import Site
from ..system import SystemEntropy
from .account import (
    GOES_ON,
    account_of,
    add_account_arguments,
    add_allow_destroy,
    progress,
    tell_if_unknown,
    telling_why,
)
from .reading import add_state_argument, print_json, quietly_loaded
from .saying import add_setting_arguments, said
from .targeted import add_target_arguments, built, target_of

TOKEN_BYTES = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("app", metavar="APP", help="folder with app.py, or module:attribute")
    add_account_arguments(parser)
    add_state_argument(parser)
    add_target_arguments(parser)
    add_setting_arguments(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask, not even for production")
    add_allow_destroy(parser, "tables and queues whose content may be lost")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")


def deploy(options: argparse.Namespace) -> int:
    with telling_why(options, interrupted=GOES_ON):
        done = deployed(options)
    if options.json:
        print_json(document(done))
    else:
        for line in told(done):
            print(line)
    return 0


def deployed(options: argparse.Namespace) -> Released:
    graph = quietly_loaded(options.app)
    account = account_of(options)
    ask(options, graph)
    for line in check_secrets(account, graph, options.stage):
        print(line, file=sys.stderr)
    place = state.Place(bucket(account), graph.app, options.stage)
    run = run_of(account, place)
    setting.planned(graph, said(options), run.plan_before)  # before anything takes its time
    bundles = built(options, graph)
    code = {one.unit.name: one.sha256 for one in bundles}
    given = (graph, options.stage, target_of(options), code, run.plan_before)
    plan = planned(*given, said=said(options))
    found = difference(run.plan_before, plan)
    for line in () if found.is_empty else lines(found):
        print(line, file=sys.stderr)
    refuse_lost(found.gives_up, options.allow_destroy)
    folders = {one.name: Path(one.directory) for one in graph.of(Site)}
    return release(run, made(plan, bundles, place, folders), options.allow_destroy)


def check_secrets(account: Account, graph: Graph, stage: str) -> list[str]:
    """What is told of those that nobody has set and the app can do without. DeployRefused when a
    function would reveal one that it needs.
    """
    declared = {one.name: one for one in graph.of(Secret)}
    planned_ones = [secret.planned(one, graph, stage) for one in declared.values()]
    absent = unset(account, planned_ones)
    missing = [name for name in absent if not declared[name].optional]
    if missing:
        commands = [f"skylift secret set {graph.app} {name} --stage {stage}" for name in missing]
        reason = f"no value in stage {stage} has secret {', '.join(map(repr, missing))}"
        raise DeployRefused(reason, "; ".join(commands))
    return [f"secret {name!r} has no value in stage {stage}, and is optional" for name in absent]


def ask(options: argparse.Namespace, graph: Graph) -> None:
    """Production is not changed by a slip of the hand."""
    if options.yes or options.stage != PRODUCTION:
        return
    if not sys.stdin.isatty():
        raise DeployRefused(f"stage {options.stage} is not deployed unasked", "say --yes")
    print(f"deploy {graph.app} to {options.stage}? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise DeployRefused("nothing was deployed")


def run_of(account: Account, place: state.Place) -> Run:
    watched = progress()
    before, name = state.read(account, place), f"{place.app}-{place.stage}"
    refuse_foreign(stack_of(account, name), place.app, place.stage)
    stack = settled(account, name, watched)
    tell_if_unknown(stack, before)
    token = SystemEntropy().token_bytes(TOKEN_BYTES).hex()
    return Run(account, place, before, plan_before(before, stack), stack, watched, token)


# -- what is told


def told(done: Released) -> Iterator[str]:
    plan, outputs = done.plan, done.stack.outputs
    yield f"{plan.app} {plan.stage}: {WAYS[done.way]}"
    for site in plan.sites:
        yield f"{site.name}  {outputs.get(logical(site.name, 'Url'), '')}"
    for api in plan.apis:
        url = outputs.get(logical(api.name, "Url"), "")
        yield f"{api.name}  {url}{'  PUBLIC' if api.is_public else ''}"
    if plan.channels:
        yield f"channels  {outputs.get('Events', '')}"


def document(done: Released) -> dict[str, Any]:
    plan, outputs = done.plan, done.stack.outputs
    return {
        "app": plan.app,
        "stage": plan.stage,
        "stack": done.stack.name,
        "outcome": done.way,
        "urls": {
            one.name: outputs.get(logical(one.name, "Url")) for one in (*plan.sites, *plan.apis)
        },
        "outputs": dict(done.stack.outputs),
        "code": list(done.functions),
        "files": done.files,
        "changes": [asdict(change) for change in done.changes],
        "seconds": round(done.seconds, 1),
    }


WAYS = {
    "created": "deployed",
    "changed": "deployed",
    "code": "new code, everything else as it was",
    "files": "new files of its site, everything else as it was",
    "unchanged": "nothing to change",
}
