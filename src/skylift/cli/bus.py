"""`skylift bus replay`: deliver again what a bus was told between two times, from its archive; here
while the app runs and when it does not, and with --stage on AWS.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from ..errors import did_you_mean
from ..graph.bus import is_own
from ..graph.model import Graph
from ..local.control import ReplayBus, Replayed
from ..resources.bus import Bus
from ..system import SystemClock
from .asking import ask
from .load import UserError
from .reading import add_elsewhere_arguments, add_reading_arguments, graph_of, print_json
from .recorded import iso


def add_arguments(parser: argparse.ArgumentParser) -> None:
    deeds = parser.add_subparsers(required=True, metavar="COMMAND")
    told = "deliver again what was published between two times"
    command = deeds.add_parser("replay", help=told, description=told)
    add_reading_arguments(command)
    command.add_argument("bus", metavar="BUS", help="its name")
    says = "2026-11-30T08:00:00Z; without a zone it is UTC"
    command.add_argument("--from", dest="since", required=True, type=moment, help=says, metavar="T")
    says = "the first moment that is left out"
    command.add_argument("--to", dest="until", required=True, type=moment, help=says, metavar="T")
    command.add_argument("--rule", metavar="FUNCTION", help="to this function alone", default="")
    add_elsewhere_arguments(command)
    command.set_defaults(deed=replay)


def moment(said: str) -> datetime:
    try:
        found = datetime.fromisoformat(said)
    except ValueError as error:
        reason = f"{said!r} is no time, write 2026-11-30T08:00:00Z"
        raise argparse.ArgumentTypeError(reason) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def bus(options: argparse.Namespace) -> int:
    return options.deed(options)


def replay(options: argparse.Namespace) -> int:
    since, until = options.since.timestamp(), options.until.timestamp()
    if since >= until:
        raise UserError("--from is not before --to\n    hint: --to is the first moment left out")
    said: dict[str, Any] = {"bus": options.bus, "from": iso(since), "to": iso(until)}
    if options.stage:
        name = begun(options)
        said |= {"stage": options.stage, "replay": name}
        line = f"replay {name} has begun: EventBridge goes on by itself"
    else:
        asked = ReplayBus(options.bus, since, until, options.rule)
        found = ask(options, asked, Replayed)
        said |= {"replayed": found.count}
        events = f"{found.count:,} event{'s' * (found.count != 1)}"
        line = f"{events} of bus {found.bus} delivered again"
    if options.json:
        print_json(said)
    else:
        print(line)
    return 0


# -- on AWS


def begun(options: argparse.Namespace) -> str:
    """The name of the replay."""
    from ..aws.deploy.bus import planned  # boto3 only where something is on AWS
    from ..aws.deploy.stack.replay import Wish, start
    from .account import account_of, telling_why

    with telling_why(options):
        graph = graph_of(options)
        plan = planned(declared(graph, options.bus), graph, options.stage)
        rules = {one.function: one.physical for one in plan.rules if one.function}
        if options.rule and options.rule not in rules:
            hint = did_you_mean(options.rule, [*rules])
            reason = f"bus {plan.name!r} calls no function {options.rule!r}"
            raise UserError(f"{reason}\n    hint: {hint}")
        wish = Wish(plan, rules.get(options.rule, ""), options.since, options.until)
        return start(account_of(options), wish, SystemClock().now())


def declared(graph: Graph, name: str) -> Bus:
    known = {one.name: one for one in graph.of(Bus)}
    if name not in known:
        hint = did_you_mean(name, [*known])
        raise UserError(f"{graph.app} has no bus {name!r}\n    hint: {hint}")
    found = known[name]
    if not is_own(found, graph.app):
        hint = f"say it there: skylift bus replay {found.shared} {name}"
        raise UserError(f"bus {name!r} is of app {found.shared!r}\n    hint: {hint}")
    if not found.archive_days:
        hint = f"declare Bus({name!r}, archive_days=7): it keeps what is published then"
        raise UserError(f"bus {name!r} has no archive\n    hint: {hint}")
    return found
