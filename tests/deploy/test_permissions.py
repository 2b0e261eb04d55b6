"""Least privilege: each function has a role of its own, with the actions its verbs need and no
other, on the things it reaches and no other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from skylift.aws.deploy.names import logical
from skylift.aws.deploy.planning import planned
from skylift.aws.deploy.policy import DEAD, OF_LEDGER, QUERY, QUEUE, SCHEDULES, TABLE
from skylift.resources.dead import DeadLetters
from skylift.resources.queue import Queue
from skylift.resources.table import Table
from skylift.resources.timer import Timer
from tests.deploy.apps import APPS, ROOT, TARGET, plan_of, templates_of
from tests.unit.written_app import loaded, written

OF_GROUP = re.compile(r":schedule/\$\{\w+Timer\}/\*")  # whatever ids are set in a timer's own group
PAGE = (ROOT / "docs" / "aws-permissions.md").read_text("utf-8")


def roles(name: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    made = templates_of(plan_of(name))
    for text in (made.root, *made.nested.values()):
        for role, one in json.loads(text)["Resources"].items():
            if one["Type"] == "AWS::IAM::Role":
                (policy,) = one["Properties"]["Policies"]
                yield role, policy["PolicyDocument"]["Statement"]


def as_list(said: Any) -> list[Any]:
    return said if isinstance(said, list) else [said]


def test_every_verb_has_its_actions() -> None:
    assert TABLE.keys() | QUERY.keys() == Table.verbs
    assert QUEUE.keys() == Queue.verbs
    assert DEAD.keys() == DeadLetters.verbs
    assert SCHEDULES.keys() == Timer.verbs


@pytest.mark.parametrize("name", APPS)
def test_no_role_may_do_everything_or_anything_everywhere(name: str) -> None:
    for role, statements in roles(name):
        for one in statements:
            assert one["Effect"] == "Allow"
            for action in as_list(one["Action"]):
                assert "*" not in action, role
            for resource in as_list(one["Resource"]):
                assert "*" not in OF_GROUP.sub("", json.dumps(resource)), role


@pytest.mark.parametrize("name", APPS)
def test_every_action_is_one_that_the_docs_explain(name: str) -> None:
    actions = {
        action
        for _, statements in roles(name)
        for one in statements
        for action in as_list(one["Action"])
    }
    assert {action for action in actions if f"`{action}`" not in PAGE} == set()


def test_every_use_of_the_ledger_is_explained() -> None:
    assert {word for word in OF_LEDGER if word not in PAGE} == set()


@pytest.mark.parametrize("name", APPS)
def test_each_function_has_its_own_role_and_its_own_log(name: str) -> None:
    found = dict(roles(name))
    functions = plan_of(name).functions
    own = {logical(one.name, "Role") for one in functions}
    assert len(own) == len(functions)
    assert own <= found.keys()
    for one in functions:
        (logs,) = [held for held in one.permissions if held.on == "logs"]
        assert logs.actions == ("logs:CreateLogStream", "logs:PutLogEvents")
        assert logs.arns[0].removeprefix("${").removesuffix("Logs.Arn}") in "".join(
            part.capitalize() for part in one.name.replace("_", ".").split(".")
        )


def actions(folder: Path, source: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """By function and by what it is on, of an app with this module; logs left out."""
    with loaded(written(folder, source)) as graph:
        plan = planned(graph, "dev", TARGET)
    return {
        one.name.removeprefix("things."): {
            "|".join(held.arns): held.actions for held in one.permissions if held.on != "logs"
        }
        for one in plan.functions
    }


HEAD = """
from skylift import Api, Queue, Struct, Table, attr, transaction

class Item(Struct):
    id: str
    owner: str = ""

api = Api("api")
items = Table("items", Item, key="id", indexes={"by_owner": ("owner", "id")})
jobs = Queue("jobs", Item)
steps = Queue("steps", Item, fifo=True)
"""
ITEMS, LEDGER = "${ItemsTable.Arn}", "${Ledger.Arn}"


def test_what_is_only_sent_in_transactions_needs_no_right_to_send(tmp_path: Path) -> None:
    found = actions(
        tmp_path,
        HEAD
        + """
@api.post("/together")
async def together(item: Item) -> None:
    async with transaction() as tx:
        await items.check("a", if_=attr("owner").present(), tx=tx)
        await items.put(item, tx=tx)
        await jobs.send(item, tx=tx)

@api.post("/alone")
async def alone(item: Item) -> None:
    await jobs.send(item)
""",
    )
    assert found["together"] == {
        ITEMS: ("dynamodb:ConditionCheckItem", "dynamodb:PutItem"),
        LEDGER: ("dynamodb:PutItem",),
    }
    assert found["alone"] == {"${JobsQueue.Arn}": ("sqs:SendMessage",)}
    assert found["skylift.relay"]["${JobsQueue.Arn}"] == ("sqs:SendMessage",)


def test_a_query_reaches_the_indexes_and_nothing_else_does(tmp_path: Path) -> None:
    found = actions(
        tmp_path,
        HEAD
        + """
@api.get("/items")
async def listed(owner: str) -> list[Item]:
    await items.get(owner)
    return [item async for item in items.query(owner, index="by_owner")]
""",
    )
    assert found["listed"] == {
        ITEMS: ("dynamodb:GetItem",),
        f"{ITEMS}|{ITEMS}/index/by_owner": ("dynamodb:Query",),
    }


def test_who_runs_once_keeps_its_records_and_counts_what_it_puts_back(tmp_path: Path) -> None:
    found = actions(
        tmp_path,
        HEAD
        + """
@jobs.consumer(once=True)
async def work(item: Item) -> None: ...

@steps.consumer(batch=1)
async def step(item: Item) -> None: ...

@api.put("/once", once=True)
async def once() -> None: ...
""",
    )
    changed, removed = "dynamodb:UpdateItem", "dynamodb:DeleteItem"
    assert found["once"] == {LEDGER: (removed, changed)}
    assert found["work"][LEDGER] == ("dynamodb:BatchGetItem", removed, changed)
    assert LEDGER not in found["step"]


def test_a_consumer_of_dead_letters_reaches_them_alone(tmp_path: Path) -> None:
    found = actions(
        tmp_path,
        HEAD.replace("Api,", "Api, Dead,")
        + """
@jobs.consumer
async def work(item: Item) -> None: ...

@work.dead.consumer
async def mourn(dead: Dead[Item]) -> None: ...

@api.post("/again")
async def again() -> int:
    return await work.dead.redrive()
""",
    )
    assert [*found["mourn"]] == ["${ThingsWorkDead.Arn}"]
    assert found["again"]["${JobsQueue.Arn}"] == ("sqs:SendMessage",)
    assert "sqs:SendMessage" not in found["again"]["${ThingsWorkDead.Arn}"]


def test_who_sets_a_timer_touches_its_own_group_and_lends_its_role_to_scheduler_alone(
    tmp_path: Path,
) -> None:
    source = (
        HEAD.replace("Struct, Table", "Struct, Table, Timer, now")
        + """
ringing = Timer("ringing", Item)

@ringing.on_due
async def ring(item: Item) -> None: ...

@api.post("/wake")
async def wake(item: Item) -> None:
    await ringing.set(item.id, now(), item)

@api.post("/sleep")
async def sleep(item: Item) -> None:
    await ringing.cancel(item.id)

@api.post("/together")
async def together(item: Item) -> None:
    async with transaction() as tx:
        await ringing.cancel(item.id, tx=tx)
"""
    )
    found = actions(tmp_path, source)
    arn = "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule/"
    own, queue = arn + "${RingingTimer}/*", "${RingingDue.Arn}"
    assert found["wake"] == {
        own: tuple(f"scheduler:{verb}Schedule" for verb in ("Create", "Delete", "Update")),
        "${RingingTimerRole.Arn}": ("iam:PassRole",),
        queue: ("sqs:SendMessage",),
    }
    assert found["sleep"] == {own: ("scheduler:DeleteSchedule",)}
    assert found["together"] == {LEDGER: ("dynamodb:PutItem",)}
    assert found["skylift.relay"][own] == ("scheduler:DeleteSchedule",)
    assert queue in found["ring"]
    with loaded(written(tmp_path, source)) as graph:
        plan = planned(graph, "dev", TARGET)
    template = json.loads(templates_of(plan).root)["Resources"]
    (passed,) = [
        one
        for one in template["ThingsWakeRole"]["Properties"]["Policies"][0]["PolicyDocument"][
            "Statement"
        ]
        if one["Action"] == ["iam:PassRole"]
    ]
    assert passed["Condition"] == {
        "StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}
    }
    trust = template["RingingTimerRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"]["StringEquals"]["aws:SourceArn"] == {
        "Fn::GetAtt": ["RingingTimer", "Arn"]
    }
