"""The apps whose deployment is looked at, as plans and as templates."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from skylift.aws.deploy.plan import Plan, PlannedFunction
from skylift.aws.deploy.planning import planned
from skylift.aws.deploy.target import Target
from skylift.aws.deploy.template import Places, Templates, templates
from skylift.cli.load import load, source_of
from skylift.graph.model import Graph

ROOT = Path(__file__).parents[2]
APPS = {
    "hello": ROOT / "apps" / "hello",
    "trinity": ROOT / "apps" / "trinity",
    **{
        name: ROOT / "tests" / "apps" / name
        for name in (
            "booth",
            "club",
            "desk",
            "diner",
            "every",
            "gazette",
            "ledger",
            "letters",
            "lobby",
            "lounge",
            "night",
            "rooms",
            "shop",
            "votes",
        )
    },
}
STAGES = ("dev", "production")
TARGET = Target("3.11", "x86_64")


@cache
def graph_of(name: str) -> Graph:
    """Loaded afresh: who has imported the app under another name keeps what he has."""
    before = dict(sys.modules)
    try:
        return load(source_of(str(APPS[name])))
    finally:
        if name in before:  # or what only the copy had imported would be half of two apps
            for one in [one for one in sys.modules if one.partition(".")[0] == name]:
                del sys.modules[one]
        sys.modules.update(before)


@cache
def plan_of(name: str, stage: str = "dev") -> Plan:
    return planned(graph_of(name), stage, TARGET)


def bundle(function: PlannedFunction) -> str:
    return f"bundles/{function.name}.zip"


PLACES = Places(None, bundle, lambda name, _: f"{name}.json")


def templates_of(plan: Plan) -> Templates:
    return templates(plan, PLACES)
