"""What the gateway is told to let through: of each route, and of one by itself. A stage speaks of
routes by their keys, so it waits for those it speaks of.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from skylift.aws.deploy.planning import planned
from tests.deploy.apps import TARGET, plan_of, templates_of
from tests.unit.written_app import loaded, written

RATE = {"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 50}
OWN = {"ThrottlingRateLimit": 1, "ThrottlingBurstLimit": 2}


def stage_of(text: str, name: str = "ApiStage") -> Any:
    return json.loads(text)["Resources"][name]


def test_a_stage_says_the_rate_of_all_routes_and_of_those_that_have_their_own() -> None:
    stage = stage_of(templates_of(plan_of("desk")).root)
    assert stage["Properties"]["DefaultRouteSettings"] == RATE
    assert stage["Properties"]["RouteSettings"] == {"GET /stock": OWN, "HEAD /stock": OWN}
    assert stage["DependsOn"] == ["ApiGetStock", "ApiHeadStock"]


def test_without_rates_nothing_is_said() -> None:
    stage = stage_of(templates_of(plan_of("hello")).root)
    assert stage.keys() == {"Type", "Properties"}
    assert stage["Properties"].keys() == {"ApiId", "StageName", "AutoDeploy"}


def test_a_route_in_a_nested_stack_is_waited_for_by_that_stack(tmp_path: Path) -> None:
    routes = "\n".join(
        f'@api.get("/{number}", throttle=Rate(1, 2))\nasync def f{number}() -> None: ...'
        for number in range(120)
    )
    source = f"from skylift import Api, Rate\n\napi = Api('api')\n{routes}"
    with loaded(written(tmp_path, source)) as graph:
        made = templates_of(planned(graph, "dev", TARGET))
    stage, resources = stage_of(made.root), json.loads(made.root)["Resources"]
    assert len(made.nested) > 1
    assert set(stage["DependsOn"]) <= resources.keys()
    kinds = {resources[name]["Type"] for name in stage["DependsOn"]}
    assert "AWS::CloudFormation::Stack" in kinds
