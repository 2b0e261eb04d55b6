"""`skylift doctor [APP]`: looks at the machine, an app and its state, says what is wrong and what
next. It reads and never writes, so it may look at a running app as well as at a damaged one.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..engine.setting import unread
from ..errors import DeclarationError, did_you_mean
from ..graph.model import Graph
from ..graph.schedule import times, zone_of
from ..graph.text import aligned, of
from ..resources.queue import Queue
from ..resources.schedule import Schedule
from ..resources.secret import Secret
from ..resources.setting import VARIABLE, Setting
from ..resources.timer import Timer
from ..system import ENVIRONMENT, SystemClock
from .finding import Finding
from .load import UserError
from .machine import machine
from .reading import add_state_argument, mistakes_of, print_json, quietly_loaded

SETTINGS: type[Setting[Any]] = Setting


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "app", metavar="APP", nargs="?", help="folder with app.py, or module:attribute"
    )
    add_state_argument(parser)
    parser.add_argument("--json", action="store_true", help="one JSON document")


def doctor(options: argparse.Namespace) -> int:
    findings = list(_findings(options.app, options.state))
    wrong = sum(one.verdict == "wrong" for one in findings)
    if options.json:
        rows = [one._asdict() for one in findings]
        print_json({"app": options.app, "sound": not wrong, "findings": rows})
    else:
        _print(findings)
        print(f"{wrong} wrong" if wrong else "nothing is wrong")
    return 2 if wrong else 0


def _findings(app: str | None, root: Path) -> Iterator[Finding]:
    yield from machine()
    graph = None
    if app is not None:
        try:
            graph = quietly_loaded(app)
        except (UserError, DeclarationError) as error:
            for mistake in mistakes_of(error):
                found = f"{mistake.place}: {mistake.reason}" if mistake.place else mistake.reason
                yield Finding(f"app {app}", "code", "wrong", found, mistake.remedy)
        else:
            yield from _app(graph)
    yield from _states(graph, root)


def _app(graph: Graph) -> Iterator[Finding]:
    part = f"app {graph.app}"
    said = f"{of(len(graph.functions), 'function')}, {of(len(graph.resources), 'resource')}"
    yield Finding(part, "code", "ok", said)
    reached = {resource for node in graph.functions for resource, _ in node.grants}
    for one in graph.resources:
        said, is_called = f"{one.kind} {one.name!r} ({one.place})", any(graph.triggered_by(one))
        if one.name not in reached and not is_called:
            found = f"{said}: no function reaches it"
            yield Finding(part, "unused", "hint", found, "take it out, or use it")
        elif one.kind == Queue.kind and not is_called:
            remedy = f"write a handler below @{one.name}.consumer, or take it out"
            yield Finding(part, "consumer", "hint", f"{said}: nobody takes its messages", remedy)
    for wrong in unread(graph.of(SETTINGS), ENVIRONMENT):
        yield Finding(part, "setting", "wrong", wrong.reason, wrong.remedy)
    yield from _unknown(part, [one.variable for one in graph.of(SETTINGS)])
    for one in graph.of(Schedule):
        yield Finding(part, "schedule", "ok", f"{one.name!r} {_runs(one)}")


def _unknown(part: str, variables: list[str]) -> Iterator[Finding]:
    """Of the environment: what says a setting that is not declared says nothing."""
    for name in sorted(ENVIRONMENT):
        if name.startswith(VARIABLE) and name not in variables:
            yield Finding(
                part, "setting", "hint", f"{name} says none", did_you_mean(name, variables)
            )


def _runs(schedule: Schedule) -> str:
    """When next; a rate counts from when it began."""
    if schedule.rate is not None:
        return f"runs every {schedule.rate}"
    at = times(schedule).next(SystemClock().now())
    if at is None:
        return "does not run any more"
    there = f"{at.astimezone(zone_of(schedule.timezone)):%Y-%m-%d %H:%M} {schedule.timezone}"
    return f"runs next at {there}" + f", at {at:%H:%M} UTC" * (schedule.timezone != "UTC")


def _states(graph: Graph | None, root: Path) -> Iterator[Finding]:
    """The state of the app, or of every app that has one here."""
    try:
        from ..local.inbox import inbox_queues
        from ..local.outside import states_in
        from .state import state
    except ImportError:
        return  # without apsw there is no looking inside; that it is missing was said
    folders = [root / name for name in ([graph.app] if graph else states_in(root))]
    declared = None
    if graph is not None:
        kinds = (Queue.kind, Timer.kind)
        held = {one.name for one in graph.resources if one.kind in kinds}
        declared = held.union(inbox_queues(graph))
    secrets = {one.name: one.optional for one in graph.of(Secret)} if graph else {}
    for folder in folders or [root]:
        yield from state(folder, declared, secrets)


def _print(findings: list[Finding]) -> None:
    for part in dict.fromkeys(one.part for one in findings):
        print(part)
        own = [one for one in findings if one.part == part]
        lines = aligned([one.verdict, one.subject, " ".join(one.found.split())] for one in own)
        for one, line in zip(own, lines, strict=True):
            print(line)
            if one.remedy:
                print(f"    hint: {one.remedy}")
        print()
