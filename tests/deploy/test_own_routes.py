"""What is an Api's own is asked before its routes: where one of them could take it, the gateway has
a route for it, to the function that answers what no route does.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from skylift.aws.deploy.plan import Plan
from skylift.aws.deploy.planning import planned
from skylift.errors import DeclarationError
from tests.deploy.apps import TARGET, templates_of
from tests.unit.written_app import loaded, written

HEAD = 'from skylift import Api\n\napi = Api("api")\n'
ROUTE = "\n@api.{0}({1!r})\nasync def f{2}({3}) -> None: ...\n"
PAGE, HEALTH, DESCRIPTION = "/_skylift/", "/_skylift/health", "/_skylift/openapi.json"
CLIENT = "/_skylift/channel.js"


def plan(folder: Path, *routes: str, more: int = 0) -> Plan:
    """Of `get /{a}/{b}`."""
    source = HEAD
    for at, (method, path) in enumerate(one.split() for one in routes):
        names = [part.strip("{+}") for part in path.split("/") if part.startswith("{")]
        source += ROUTE.format(method, path, at, ", ".join(f"{name}: str" for name in names))
    for at in range(more):
        source += ROUTE.format("post", f"/path{at}", f"of_path{at}", "")
    with loaded(written(folder, source)) as graph:
        return planned(graph, "dev", TARGET)


def keys(plan: Plan) -> dict[str, str]:
    """By route of the gateway, what it leads to."""
    made = templates_of(plan)
    parts: list[dict[str, Any]] = [json.loads(one) for one in (made.root, *made.nested.values())]
    held = [one for part in parts for one in part["Resources"].values()]
    found = [one["Properties"] for one in held if one["Type"].endswith("V2::Route")]
    return {one["RouteKey"]: json.dumps(one["Target"]) for one in found}


@pytest.mark.parametrize(
    ("route", "taken"),
    [
        ("get /notes/{id}", []),
        ("get /{id}", []),
        ("get /{a}/{b}/{c}", []),
        ("get /{a}/{b}", [("GET", CLIENT), ("GET", HEALTH), ("GET", DESCRIPTION)]),
        ("post /{a}/health", [("POST", HEALTH)]),
        (
            "put /{rest+}",
            [("PUT", PAGE), ("PUT", CLIENT), ("PUT", HEALTH), ("PUT", DESCRIPTION)],
        ),
    ],
)
def test_what_a_route_could_take_has_a_route_of_its_own(
    tmp_path: Path, route: str, taken: list[tuple[str, str]]
) -> None:
    made = plan(tmp_path, route)
    assert [(one.method, one.path) for one in made.apis[0].own] == taken
    found = keys(made)
    for method, path in taken:
        for each in ("GET", "HEAD") if method == "GET" else (method,):
            assert found[f"{each} {path}"] == found["$default"]


def test_they_count_towards_what_a_gateway_takes(tmp_path: Path) -> None:
    assert len(keys(plan(tmp_path, "get /{rest+}", more=289))) == 300
    with pytest.raises(DeclarationError, match="needs 301 routes, AWS allows 300"):
        plan(tmp_path, "get /{rest+}", more=290)
