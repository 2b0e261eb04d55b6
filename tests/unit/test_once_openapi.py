"""What the description of an Api says of routes that run once."""

from __future__ import annotations

from typing import Any

import pytest
from openapi_spec_validator import validate

from skylift import App
from skylift.engine.api import ApiEngine
from skylift.graph.build import build
from skylift.graph.model import Graph
from skylift.local.node import http_function
from skylift.resources.api import Api
from tests.local import payments


@pytest.fixture(scope="module")
def paths() -> Any:
    graph: Graph = build(App("paid", payments))
    (api,) = graph.of(Api)
    functions = [http_function(node) for node in graph.triggered_by(api)]
    document = ApiEngine("paid", functions, None).description()  # type: ignore[arg-type]
    validate(document)
    return document["paths"]


def test_a_route_that_runs_once_takes_a_key(paths: Any) -> None:
    said = paths["/pay/{account}"]["post"]
    (key,) = [one for one in said["parameters"] if one["name"] == "idempotency-key"]
    assert (key["in"], key["required"], key["schema"]["maxLength"]) == ("header", False, 255)
    assert "retry-after" in said["responses"]["409"]["headers"]
    assert {"400", "409", "422"} <= said["responses"].keys()
    assert "idempotency-replayed" in said["responses"]["201"]["headers"]


def test_a_handler_that_takes_the_key_itself_may_require_it(paths: Any) -> None:
    (key,) = paths["/keyed"]["post"]["parameters"]
    said = (key["name"], key["required"], key["schema"]["minLength"])
    assert said == ("idempotency-key", True, 1)


def test_a_route_without_parameters_can_refuse_a_key(paths: Any) -> None:
    assert {"400", "409", "422"} <= paths["/slow"]["post"]["responses"].keys()


def test_a_route_that_does_not_run_once_says_nothing_of_it(paths: Any) -> None:
    said = paths["/accounts/{account}"]["get"]
    assert [one["name"] for one in said["parameters"]] == ["account"]
    assert "409" not in said["responses"]
    assert "headers" not in said["responses"]["200"]
