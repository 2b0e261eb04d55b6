"""`skylift destroy APP`: takes one stage of an app off AWS, and says what stays. Exit codes: 0 it
is gone (also when it was already), 2 refused and nothing changed, 3 AWS failed, 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from ..aws.deploy.failure import DeployRefused
from ..aws.deploy.label import labels
from ..aws.deploy.plan import Plan
from ..aws.deploy.stack import state
from ..aws.deploy.stack.bootstrap import bucket_name
from ..aws.deploy.stack.destroy import BUCKET, Left, delete, delete_logs
from ..aws.deploy.stack.destroy import destroy as destroyed
from ..aws.deploy.stack.refusal import refuse_foreign
from ..aws.deploy.stack.release import plan_before
from ..aws.deploy.stack.stack import stack_of
from .account import (
    GOES_ON,
    account_of,
    add_account_arguments,
    add_allow_destroy,
    progress,
    telling_why,
)
from .reading import print_json, quietly_loaded


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("app", metavar="APP", help="folder with app.py, or module:attribute")
    add_account_arguments(parser)
    add_allow_destroy(parser, "tables and queues to delete though this stage keeps them")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")


def destroy(options: argparse.Namespace) -> int:
    with telling_why(options, interrupted=GOES_ON):
        done = taken_off(options)
    if options.json:
        print_json(done)
    else:
        print(f"{done['app']} {done['stage']}: {done['outcome']}")
        for name in done["kept"]:
            print(f"kept: {name}")
    return 0


def taken_off(options: argparse.Namespace) -> dict[str, Any]:
    app, account = quietly_loaded(options.app).app, account_of(options)
    place = state.Place(bucket_name(account), app, options.stage)
    watched = progress()
    before = state.read(account, place)
    stack = stack_of(account, f"{app}-{options.stage}")
    refuse_foreign(stack, app, options.stage)
    said = {"app": app, "stage": options.stage}
    if stack is None and before is None:
        return said | {"outcome": "nothing was deployed", "kept": [], "deleted": []}
    plan = plan_before(before, stack)
    ask(options, plan, f"{app} {options.stage}")
    watched.names = labels(plan) if plan else {}
    left = destroyed(account, stack, place, watched)
    allowed = {*options.allow_destroy, *from_source(plan)}
    named = [one for one in left if name_of(one, plan) in allowed]
    delete(account, named)
    if plan:
        delete_logs(account, [one.physical for one in plan.functions])
    kept = [f"{name_of(one, plan)} ({one.name})" for one in left if one not in named]
    deleted = [name_of(one, plan) for one in named]
    return said | {"outcome": "destroyed", "kept": kept, "deleted": deleted}


def ask(options: argparse.Namespace, plan: Plan | None, what: str) -> None:
    if options.yes:
        return
    if not sys.stdin.isatty():
        raise DeployRefused(f"{what} is not destroyed unasked", "say --yes")
    for line in loss(plan, options.allow_destroy):
        print(line, file=sys.stderr)
    print(f"destroy {what} for good? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise DeployRefused("nothing was destroyed")


def loss(plan: Plan | None, allowed: Sequence[str]) -> list[str]:
    """What is in it, and what becomes of that."""
    if plan is None:
        return ["what it holds is not known: its stack says"]
    stays = plan.is_production
    return [
        f"{one.kind} {one.name}: {'kept' if stays and one.name not in allowed else 'LOST'}"
        for one in (*plan.stateful(), *plan.archived(), *plan.sites)
    ]


def from_source(plan: Plan | None) -> list[str]:
    """Sites, whose files the next deploy brings again; production's stay unless they are named."""
    return [one.name for one in plan.sites] if plan and not plan.is_production else []


def name_of(left: Left, plan: Plan | None) -> str:
    """Its name in the app, where that is known."""
    last = left.name.rpartition("/")[2]  # a queue is known by its URL
    for one in plan.stateful() if plan else ():
        if last in (one.physical, getattr(one, "group", None)):
            return one.name
    for site in plan.sites if plan else ():
        if left.type == BUCKET and last.startswith(f"{site.physical}-"):
            return site.name
    for bus in plan.archived() if plan else ():
        if last in (bus.physical, bus.archive):
            return bus.name
    return last
