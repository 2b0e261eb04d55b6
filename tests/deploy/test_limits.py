"""What AWS could not hold is refused before AWS is asked, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from skylift.aws.deploy.failure import DeployRefused
from skylift.aws.deploy.names import LAMBDA_MAX, QUEUE_MAX, physical
from skylift.aws.deploy.plan import Plan
from skylift.aws.deploy.planning import planned
from skylift.errors import DeclarationError
from tests.deploy.apps import TARGET, graph_of
from tests.unit.written_app import loaded, written

HEAD = """
from skylift import Api, Queue, Struct, Table

class Item(Struct):
    id: str

api = Api("api")
"""


def plan(folder: Path, source: str, stage: str = "dev") -> Plan:
    with loaded(written(folder, HEAD + source)) as graph:
        return planned(graph, stage, TARGET)


def test_an_api_has_300_routes_and_a_get_is_two_of_them(tmp_path: Path) -> None:
    route = '\n@api.get("/path{0}")\nasync def f{0}() -> None: ...\n'
    with pytest.raises(DeclarationError, match="needs 303 routes, AWS allows 300"):
        plan(tmp_path, "".join(route.format(at) for at in range(151)))


@pytest.mark.parametrize("count", [40, 100])
def test_a_function_that_reaches_too_much_for_its_environment_is_refused(
    count: int, tmp_path: Path
) -> None:
    names = [f"collection{at}" for at in range(count)]
    tables = "".join(f'\n{name} = Table("{name}", Item, key="id")' for name in names)
    calls = "".join(f"\n    await {name}.get(id)" for name in names)
    source = f'{tables}\n\n@api.get("/all")\nasync def f(id: str) -> None:{calls}\n'
    if count == 40:
        assert len(plan(tmp_path, source).function("things.f").places) == count
        return
    with pytest.raises(
        DeployRefused, match=r"things\.f reaches 100 resources.*Lambda allows 4,096"
    ):
        plan(tmp_path, source)


def test_two_names_that_are_one_on_aws_are_refused(tmp_path: Path) -> None:
    source = """
jobs = Queue("jobs", Item)
other = Queue("things-work-dead", Item)

@jobs.consumer
async def work(item: Item) -> None: ...
"""
    with pytest.raises(
        DeployRefused, match="would both be called 'written-dev-things-work-dead' in SQS"
    ):
        plan(tmp_path, source)


def test_two_names_that_are_one_in_the_template_are_refused(tmp_path: Path) -> None:
    source = '\njobs = Queue("re-do", Item)\nother = Queue("re_do", Item)\n'
    with pytest.raises(DeployRefused, match="would both be called 'ReDoQueue' in the template"):
        plan(tmp_path, source)


def test_a_function_and_the_role_of_a_timer_may_not_be_one(tmp_path: Path) -> None:
    source = """
from skylift import Timer

things = Timer("things", Item)

@things.on_due
async def timer(item: Item) -> None: ...
"""
    with pytest.raises(DeployRefused, match="would both be called 'ThingsTimerRole' in the templ"):
        plan(tmp_path, source)


def test_what_is_kept_warm_is_not_deployed_yet(tmp_path: Path) -> None:
    source = '\n@api.get("/warm", warm=1)\nasync def warm() -> None: ...\n'
    with pytest.raises(DeployRefused, match=r"things\.warm: warm= is not deployed yet"):
        plan(tmp_path, source)


INDEXED = 'items = Table("items", Item, key="id", indexes={{{}}})'
BY_A, BY_B = '"by_a": "a"', '"by_b": "b"'
FIELDS = HEAD.replace("id: str", 'id: str\n    a: str = ""\n    b: str = ""')


def indexed(folder: Path, indexes: str, before: Plan | None = None) -> Plan:
    with loaded(written(folder, FIELDS + INDEXED.format(indexes))) as graph:
        return planned(graph, "dev", TARGET, before=before)


def test_indexes_come_and_go_one_by_one(tmp_path: Path) -> None:
    none = indexed(tmp_path, "")
    with pytest.raises(DeployRefused, match=r"2 indexes come or go \(by_a, by_b\)"):
        indexed(tmp_path, f"{BY_A}, {BY_B}", none)
    one = indexed(tmp_path, BY_A, none)
    two = indexed(tmp_path, f"{BY_A}, {BY_B}", one)
    assert [*two.tables[0].indexes] == ["by_a", "by_b"]
    with pytest.raises(DeployRefused, match="index 'by_a' has another key"):
        indexed(tmp_path, '"by_a": "b"', one)


@pytest.mark.parametrize("stage", ["", "Dev", "a-b", "1st", "x" * 17])
def test_a_stage_has_a_plain_name(stage: str) -> None:
    with pytest.raises(DeployRefused, match="is no name for a stage"):
        planned(graph_of("hello"), stage, TARGET)


def test_a_long_name_is_shortened_and_stays_different() -> None:
    long = "a_module_with_a_long_name.and_a_function_with_a_longer_one"
    names = {physical("app", "production", f"{long}{at}", LAMBDA_MAX) for at in range(100)}
    assert len(names) == 100
    assert max(map(len, names)) == LAMBDA_MAX
    assert physical("app", "dev", "notes.write", LAMBDA_MAX) == "app-dev-notes-write"


def test_a_name_beyond_ascii_is_one_that_aws_takes() -> None:
    found = {physical("app", "dev", name, QUEUE_MAX) for name in ("über.größe", "uber.groSSe", "ü")}
    assert len(found) == 3
    assert all(name.replace("-", "").isalnum() and name.isascii() for name in found)
