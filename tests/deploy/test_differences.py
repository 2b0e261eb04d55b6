"""What a deploy would change, in the words of the app: things, permissions, losses, costs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from skylift.aws.deploy.diff import Diff, difference, lines
from skylift.aws.deploy.label import data_names
from skylift.aws.deploy.plan import Plan
from skylift.aws.deploy.planning import planned
from skylift.aws.deploy.price import PRICES, Load, idle, under
from tests.deploy.apps import APPS, TARGET, graph_of, plan_of
from tests.unit.written_app import loaded, written

HEAD = """
from skylift import Api, Queue, Struct, Table

class Item(Struct):
    id: str
    no: int = 0

api = Api("api")
"""
ITEMS = 'items = Table("items", Item, key="id")\n'
READ = """
@api.get("/items/{id}")
async def read(id: str) -> Item:
    return await items.require(id)
"""


def plan(folder: Path, source: str, before: Plan | None = None, stage: str = "dev") -> Plan:
    with loaded(written(folder, HEAD + source)) as graph:
        return planned(graph, stage, TARGET, before=before)


def told(diff: Diff) -> str:
    return "\n".join(lines(diff))


@pytest.mark.parametrize("name", APPS)
def test_the_same_plan_is_no_difference(name: str) -> None:
    again = planned(graph_of(name), "dev", TARGET, before=plan_of(name))
    found = difference(plan_of(name), again)
    assert found.is_empty
    assert told(found) == f"{name} dev: nothing changes"


def test_the_first_deploy_is_all_new() -> None:
    found = difference(None, plan_of("hello"))
    assert {one.deed for one in found.changes} == {"added"}
    said = told(found)
    assert "+ table notes  key id (S); on AWS hello-dev-notes" in said
    assert "notes.write may now: create in notes, keep messages of transactions in ledger" in said
    assert "api api is PUBLIC: nobody is asked who he is" in said
    assert "idle: $0.00 a month" in said


def test_what_a_function_may_do_more_and_less_is_said(tmp_path: Path) -> None:
    before = plan(tmp_path, ITEMS + READ)
    found = difference(before, plan(tmp_path, ITEMS + READ.replace("require", "delete"), before))
    assert not found.changes
    assert "things.read may now: delete in items" in told(found)
    assert "things.read may no longer: require in items" in told(found)


def test_a_removed_table_is_named_with_what_it_holds(tmp_path: Path) -> None:
    before = plan(tmp_path, ITEMS)
    found = difference(before, plan(tmp_path, "", before))
    assert found.destroys == ("table items",)
    assert "- table items  DESTROYS all it holds" in told(found)


def test_all_that_holds_data_is_given_up_by_the_name_its_template_knows() -> None:
    before = plan_of("shop")
    without = replace(before, tables=(), queues=(), dead=(), ledger=None)
    found = difference(before, without)
    assert sorted(found.gives_up) == sorted(data_names(before).values())
    assert {"ledger", "orders", "charging", "orders.charge.dead"} <= {*found.gives_up}
    assert difference(before, before).gives_up == ()


def test_in_production_a_removed_table_stays_on_aws(tmp_path: Path) -> None:
    before = plan(tmp_path, ITEMS, stage="production")
    found = difference(before, plan(tmp_path, "", before, "production"))
    assert found.destroys == ()
    assert "- table items" in told(found)


def test_a_table_with_another_key_is_another_table_beside_the_first(tmp_path: Path) -> None:
    before = plan(tmp_path, ITEMS)
    other = ITEMS.replace('key="id"', 'key=("id", "no")').replace(
        "Table(", "Table[Item, str, int]("
    )
    wanted = plan(tmp_path, other, before)
    (old,), (new,) = before.tables, wanted.tables
    assert new.physical.startswith(f"{old.physical}-")
    assert "! table items  key: id (S) -> id (S), no (N)" in told(difference(before, wanted))
    assert difference(before, wanted).destroys == ("table items",)
    # From then on it keeps its name.
    assert plan(tmp_path, other, wanted).tables == wanted.tables


def test_another_memory_is_a_change_with_a_price(tmp_path: Path) -> None:
    before = plan(tmp_path, ITEMS + READ)
    wanted = plan(tmp_path, ITEMS + READ.replace('}")', '}", memory_mb=1024)'), before)
    found = difference(before, wanted)
    assert "~ function things.read  memory: 256 MB -> 1,024 MB" in told(found)
    assert found.cost.load > found.cost.load_before
    assert "a month (+$0.07)" in told(found)


def test_new_code_alone_is_said_so() -> None:
    graph = graph_of("hello")
    before = planned(graph, "dev", TARGET, {"notes.write": "a", "notes.read": "b"})
    wanted = planned(graph, "dev", TARGET, {"notes.write": "c", "notes.read": "b"}, before)
    assert [one.line for one in difference(before, wanted).changes] == [
        "~ function notes.write  new code"
    ]


def test_a_small_app_costs_nothing_at_rest_and_a_large_one_says_what() -> None:
    assert idle(plan_of("hello")) == 0
    # Lambda asks five empty queues all the time, and SQS counts each question.
    assert round(idle(plan_of("letters")), 2) == 0.90


def test_the_figure_that_a_function_tells_is_a_metric_with_a_price() -> None:
    """All but the one that answers where no route is."""
    plan = plan_of("hello")
    assert len([one for one in plan.functions if one.kind != "default"]) == 4
    assert round(under(plan, Load(calls=0)), 6) == 4 * 0.30


def test_every_price_has_a_date_and_a_source() -> None:
    assert all(price.read_on >= "2026-01-01" and price.source for price in PRICES.values())
    assert under(plan_of("hello")) > 0


def test_a_table_that_is_followed_from_now_on_stays_the_same_table(tmp_path: Path) -> None:
    follow = """
from skylift import Change

@items.on_change(timeout_s=5, attempts_max=3)
async def follow(change: Change[Item]) -> None: ...
"""
    before = plan(tmp_path, ITEMS)
    found = difference(before, plan(tmp_path, ITEMS + follow, before))
    assert not found.destroys
    said = told(found)
    assert "~ table items  changes: told as before and after" in said
    assert "called by changes of items, up to 10, 10 a shard, again 12 times after a crash" in said
    assert "things.follow may now: be told of changes in items, bury in things.follow.dead" in said
    undone = difference(plan(tmp_path, ITEMS + follow), plan(tmp_path, ITEMS))
    assert undone.destroys == ("dead letters things.follow.dead", "ledger of the app")


def test_a_table_gets_a_stream_without_being_another() -> None:
    """As CloudFormation's schema has it: what is not said there is changed in place."""
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", "AWS::DynamoDB::Table").schema
    assert "StreamSpecification" in schema["properties"]
    assert "/properties/StreamSpecification" not in schema["createOnlyProperties"]
