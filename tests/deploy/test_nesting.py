"""An app that is too large for one stack: its functions and routes go into nested ones, what holds
data stays, and nothing that is deployed ever moves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from cfnlint import api  # pyright: ignore[reportMissingTypeStubs]

from skylift.aws.deploy.api import leading
from skylift.aws.deploy.failure import DeployRefused
from skylift.aws.deploy.label import labels
from skylift.aws.deploy.nesting import own_size, pieces
from skylift.aws.deploy.plan import Plan
from skylift.aws.deploy.planning import planned
from skylift.aws.deploy.template import Templates
from tests.deploy.apps import APPS, TARGET, plan_of, templates_of
from tests.unit.written_app import loaded, shop, written

TIMES = 5  # 125 routes
RESOURCES_MAX, PARAMETERS_MAX = 450, 200
PUT_IN = re.compile(r'"Fn::Sub":\s*"((?:[^"\\]|\\.)*)"')
NESTED = "AWS::CloudFormation::Stack"
DATA = {"AWS::DynamoDB::Table", "AWS::SQS::Queue"}


@cache
def large() -> Plan:
    with TemporaryDirectory() as folder, loaded(written(Path(folder), shop(TIMES))) as graph:
        return planned(graph, "dev", TARGET)


def stacks(made: Templates) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "", json.loads(made.root)
    for name, text in made.nested.items():
        yield name.removesuffix(".json"), json.loads(text)


def test_a_large_app_is_large() -> None:
    assert sum(len(one.routes) for one in large().apis) == 125


def test_no_stack_is_too_large() -> None:
    for name, stack in stacks(templates_of(large())):
        assert len(stack["Resources"]) <= RESOURCES_MAX, name
        assert len(stack.get("Parameters", ())) <= PARAMETERS_MAX, name


def test_what_holds_data_is_in_the_apps_own_stack() -> None:
    for name, stack in stacks(templates_of(large())):
        held = [one for one in stack["Resources"].values() if one["Type"] in DATA]
        assert bool(held) == (name == "")


def test_every_resource_is_in_one_stack_alone() -> None:
    found = [name for _, stack in stacks(templates_of(large())) for name in stack["Resources"]]
    assert len(found) == len({*found})


@pytest.mark.parametrize("plan", [large, partial(plan_of, "every")])
def test_the_progress_of_a_deploy_calls_each_resource_as_its_author_does(
    plan: Callable[[], Plan],
) -> None:
    known = labels(plan())
    found = [stack["Resources"] for _, stack in stacks(templates_of(plan()))]
    told = [name for some in found for name, one in some.items() if one["Type"] != NESTED]
    assert [name for name in told if name not in known] == []


@pytest.mark.parametrize("plan", [large, partial(plan_of, "trinity")])
def test_what_is_known_by_its_name_alone_is_a_plain_text(plan: Callable[[], Plan]) -> None:
    """A function of another stack is, among the variables of one too."""
    made = templates_of(plan())
    found = [one for text in (made.root, *made.nested.values()) for one in PUT_IN.findall(text)]
    assert found
    assert [one for one in found if "${" not in one] == []


def test_nested_stacks_are_told_what_they_ask_for() -> None:
    root, *nested = stacks(templates_of(large()))
    assert nested
    for name, stack in nested:
        told = root[1]["Resources"][name]["Properties"]["Parameters"]
        assert told.keys() == stack["Parameters"].keys()


def test_cfn_lint_has_nothing_to_say_of_the_stack_that_holds_others() -> None:
    assert not api.lint(templates_of(large()).root)


def test_a_role_of_the_gateway_stays_below_the_limit_of_its_policy() -> None:
    for _, stack in stacks(templates_of(large())):
        for one in stack["Resources"].values():
            if one["Type"] == "AWS::IAM::Role":
                whole = json.dumps(one["Properties"]["Policies"], separators=(",", ":"))
                # In full an ARN is shorter than what makes it here.
                assert len(whole) < 1.4 * 10_240


def test_what_is_deployed_stays_where_it_is_when_the_app_outgrows_its_stack() -> None:
    with TemporaryDirectory() as folder:
        with loaded(written(Path(folder), shop(1))) as graph:
            small = planned(graph, "dev", TARGET)
        with loaded(written(Path(folder), shop(TIMES))) as graph:
            grown = planned(graph, "dev", TARGET, before=small)
    assert {one.stack for one in small.functions} == {""}
    old = {one.name for one in small.functions}
    assert {one.stack for one in grown.functions if one.name in old} == {""}
    assert {one.stack for one in grown.functions if one.name not in old} == {"ThingsStack"}
    for name, stack in stacks(templates_of(grown)):
        assert len(stack["Resources"]) <= RESOURCES_MAX, name


def test_what_is_nested_stays_nested_when_the_app_shrinks() -> None:
    with TemporaryDirectory() as folder, loaded(written(Path(folder), shop(TIMES))) as graph:
        before = planned(graph, "dev", TARGET)
        fewer = replace(graph, functions=graph.functions[:25])
        shrunk = planned(fewer, "dev", TARGET, before=before)
    assert {one.stack for one in shrunk.functions} == {"ThingsStack", "SkyliftStack"}
    for one in shrunk.apis:
        assert all(route.stack.endswith("Routes") for route in leading(one))


@pytest.mark.parametrize("name", APPS)
def test_an_app_is_no_larger_than_it_was_counted(name: str) -> None:
    plan = plan_of(name)
    counted = own_size(plan) + sum(piece.size for piece in pieces(plan))
    found = [stack["Resources"] for _, stack in stacks(templates_of(plan))]
    real = sum(one["Type"] != NESTED for some in found for one in some.values())
    assert real <= counted <= 2 * real


def test_a_small_app_is_one_stack() -> None:
    assert templates_of(plan_of("hello")).nested == {}


def many(folder: Path, declared: str, count: int) -> Templates:
    """In one module: each with a queue of dead letters, and all that its function is told of."""
    head = "from skylift import Queue, Struct, Timer\n\nclass Item(Struct):\n    id: str\n"
    with loaded(written(folder, head + "".join(declared.format(at) for at in range(count)))) as app:
        return templates_of(planned(app, "dev", TARGET))


CONSUMER = '\nq{0} = Queue("q{0}", Item)\n\n@q{0}.consumer\nasync def f{0}(x: Item) -> None: ...\n'
TIMER = '\nt{0} = Timer("t{0}", Item)\n\n@t{0}.on_due\nasync def f{0}(item: Item) -> None: ...\n'


def test_no_stack_is_told_of_more_than_cloudformation_takes(tmp_path: Path) -> None:
    found = dict(stacks(many(tmp_path, CONSUMER, 70)))
    assert found.keys() >= {"ThingsStack", "ThingsStack2"}
    assert max(len(stack.get("Parameters", ())) for stack in found.values()) <= PARAMETERS_MAX


def test_an_app_with_more_data_than_a_stack_holds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeployRefused, match=r"the app's own stack has .* takes 500"):
        many(tmp_path, TIMER, 90)


def test_an_app_that_has_more_to_tell_than_a_stack_may_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeployRefused, match="has 201 outputs, CloudFormation takes 200"):
        many(tmp_path, '\nq{0} = Queue("q{0}", Item)\n', 201)
