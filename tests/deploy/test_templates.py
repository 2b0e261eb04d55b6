"""Templates: correct in the judgement of cfn-lint, and the same bytes for the same app."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cfnlint import api  # pyright: ignore[reportMissingTypeStubs]
from cfnlint.config import ManualArgs  # pyright: ignore[reportMissingTypeStubs]

from skylift.aws.deploy.planning import planned
from skylift.graph.model import Graph
from tests.deploy.apps import APPS, TARGET, graph_of, plan_of, templates_of

DATA = {"AWS::DynamoDB::Table", "AWS::SQS::Queue"}


def texts(name: str, stage: str) -> Iterator[str]:
    made = templates_of(plan_of(name, stage))
    yield from (made.root, *made.nested.values())


def resources(name: str, stage: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for text in texts(name, stage):
        yield from json.loads(text)["Resources"].items()


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "stage"), [*((name, "dev") for name in APPS), ("hello", "production")]
)
def test_cfn_lint_has_nothing_to_say(name: str, stage: str) -> None:
    judged = ManualArgs(regions=["eu-west-1"])
    found = [match for text in texts(name, stage) for match in api.lint(text, config=judged)]
    assert not found, "\n".join(f"{one.rule.id} {one.message}" for one in found)


def backwards(graph: Graph) -> Graph:
    """The same app, written in the opposite order."""
    return replace(graph, resources=graph.resources[::-1], functions=graph.functions[::-1])


@pytest.mark.parametrize("name", APPS)
def test_the_order_of_the_source_is_no_change(name: str) -> None:
    other = planned(backwards(graph_of(name)), "dev", TARGET)
    assert templates_of(other) == templates_of(plan_of(name))


def test_another_function_changes_nothing_of_the_others() -> None:
    graph = graph_of("letters")
    fewer = replace(graph, functions=tuple(one for one in graph.functions if one.name != "jobs.be"))
    before = json.loads(templates_of(planned(fewer, "dev", TARGET)).root)["Resources"]
    after = json.loads(templates_of(plan_of("letters")).root)["Resources"]
    gone = {name for name in before if after.get(name) != before[name]}
    assert gone == {"ApiCaller"}  # it may call one more
    added = {"ApiCallPutMoodBySays", "ApiPutMoodBySays"}
    assert after.keys() - before.keys() == added | {
        f"JobsBe{part}" for part in ("Function", "Role", "Logs")
    }


@pytest.mark.parametrize("name", APPS)
def test_what_holds_data_outlives_a_stack_in_production_and_not_elsewhere(name: str) -> None:
    for stage, stays in (
        ("production", ("RetainExceptOnCreate", "Retain")),
        ("dev", ("Delete",) * 2),
    ):
        held = [one for _, one in resources(name, stage) if one["Type"] in DATA]
        assert {(one["DeletionPolicy"], one["UpdateReplacePolicy"]) for one in held} <= {stays}
        for one in held:
            protected = one["Properties"].get("DeletionProtectionEnabled", stage == "production")
            assert protected == (stage == "production")


def test_every_resource_of_the_templates_is_there_for_a_reason_that_is_documented() -> None:
    types = {one["Type"] for name in APPS for _, one in resources(name, "dev")}
    page = (Path(__file__).parents[2] / "docs" / "aws.md").read_text("utf-8")
    assert {kind for kind in types if kind not in page} == set()


def test_a_function_is_told_where_things_are_and_no_more() -> None:
    found = dict(resources("hello", "dev"))
    variables = found["NotesWriteFunction"]["Properties"]["Environment"]["Variables"]
    assert variables == {
        "SKYLIFT_STAGE": "dev",
        "SKYLIFT_LEDGER": {"Ref": "Ledger"},
        "SKYLIFT_RESOURCES": {"Fn::Sub": '{"notes":"${NotesTable}"}'},
    }
    assert found["SkyliftApiFunction"]["Properties"]["Environment"]["Variables"] == {
        "SKYLIFT_STAGE": "dev"
    }


def test_a_head_request_goes_where_the_get_goes() -> None:
    found = dict(resources("hello", "dev"))
    get, head = found["ApiGetNotesById"]["Properties"], found["ApiHeadNotesById"]["Properties"]
    assert (get["RouteKey"], head["RouteKey"]) == ("GET /notes/{id}", "HEAD /notes/{id}")
    assert get["Target"] == head["Target"]
