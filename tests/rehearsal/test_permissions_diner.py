"""Nothing missing, nothing spare, for functions that are started and those that start them; see
`test_permissions.py`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.deployment import Deployment
from tests.rehearsal.ministack import Ministack
from tests.rehearsal.role import Role, Stage, Trial, prove
from tests.rehearsal.test_permissions import relayed, streamed
from tests.rehearsal.trial import COUNT, http, logged, polled, queued, wrong

DINER = Path(__file__).parents[1] / "apps" / "diner"
TEA = {"name": "tea", "needs": "water"}


@pytest.fixture(scope="module")
def diner(guarded: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder = tmp_path_factory.mktemp("diner")
    stage = Stage(Deployment(guarded, DINER, folder / "state"), folder / "bundles")
    item = {"name": {"S": "water"}}
    stage.deployment.client("dynamodb").put_item(TableName=stage.physical("larder"), Item=item)
    return stage


def started(role: Role, body: Any) -> Trial:
    """Lambda calls it with what somebody has started it with."""
    envelope = {"skylift": 1, "id": "m", "type": "Dish", "sent_at": "", "trace": "", "body": body}
    return lambda: wrong(role.behind(envelope))


def dined(role: Role) -> Trial:
    def trial() -> str:
        name = f"meal{next(COUNT)}"
        return http(role, "POST", f"/meals/{name}", name=name, status=204)()

    return trial


def test_who_starts_needs_exactly_what_its_role_allows(diner: Stage) -> None:
    role = Role(diner, "dishes.ask_for")
    prove(role, [http(role, "POST", "/dishes", TEA, status=204), logged(role)])


def test_who_starts_in_a_transaction_may_start_nobody_itself(diner: Stage) -> None:
    role = Role(diner, "dishes.dine")
    prove(role, [dined(role), logged(role)])
    relay = Role(diner, "skylift.relay")
    prove(relay, [relayed(relay), streamed(relay), logged(relay)])


@pytest.mark.parametrize("name", ["bake", "plate"])
def test_what_is_started_needs_exactly_what_its_role_allows(diner: Stage, name: str) -> None:
    role = Role(diner, f"dishes.{name}")
    prove(role, [started(role, TEA), started(role, {"what": 1}), logged(role)])


def test_a_consumer_that_is_started_too_needs_exactly_what_its_role_allows(diner: Stage) -> None:
    role, queue = Role(diner, "dishes.cook"), "orders"
    trials = [
        started(role, TEA),
        queued(role, queue, TEA),
        queued(role, queue, {"name": "pie", "needs": "flour"}, failed=1),
        queued(role, queue, {"what": 1}),
        *(polled(role, queue), logged(role)),
    ]
    prove(role, trials)


def test_a_redrive_of_what_was_started_may_call_exactly_those_functions(diner: Stage) -> None:
    role, names = Role(diner, "dishes.try_again"), ("bake", "plate")

    def trial() -> str:
        for name in names:
            url = diner.url(f"dishes.{name}.dead")
            diner.sqs.purge_queue(QueueUrl=url)
            diner.sqs.send_message(QueueUrl=url, MessageBody=json.dumps(TEA))
        return http(role, "POST", "/spoiled/redrive")()

    try:
        assert not trial()
        statements = enumerate(role.policy["Statement"])
        starting = [no for no, one in statements if "lambda:InvokeFunction" in one["Action"]]
        assert len(starting) == len(names)
        for number in starting:
            with role.without(number, "lambda:InvokeFunction"):
                assert trial()
    finally:
        role.behind.close()
