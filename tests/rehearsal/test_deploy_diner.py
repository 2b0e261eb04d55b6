"""A diner on AWS: functions that are started, alone and in a transaction; what fails is tried
again by Lambda, given up with its reason, and goes through once redriven.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.deployment import Deployment, Reply
from tests.rehearsal.ministack import Ministack

DINER = Path(__file__).parents[1] / "apps" / "diner"


@pytest.fixture(scope="module")
def diner(ministack: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    one = Deployment(ministack, DINER, tmp_path_factory.mktemp("diner"))
    one.deployed()  # attempts are a second and two seconds apart there
    assert one.ask("PUT", "/larder/water").status == 204
    yield one
    assert one.skylift("destroy", "--yes").code == 0


def served(diner: Deployment, name: str) -> Any:
    return diner.until(f"/served/{name}", lambda reply: reply.status == 200).json


def test_what_is_started_runs_and_nobody_waits(diner: Deployment) -> None:
    assert diner.ask("POST", "/dishes", {"name": "tea", "needs": "water"}).status == 204
    tea = served(diner, "tea")
    assert (tea["by"], tea["attempt"], tea["attempts_max"]) == ("cook", 1, 3)
    assert diner.ask("POST", "/bakes", {"name": "rolls", "needs": "water"}).status == 204
    assert served(diner, "rolls")["attempts_max"] == 2


def test_its_queue_goes_on_bringing_it_messages(diner: Deployment) -> None:
    assert diner.ask("POST", "/orders", {"name": "rice", "needs": "water"}).status == 204
    assert served(diner, "rice")["attempts_max"] == 5


def test_in_a_transaction_all_are_started_or_none(diner: Deployment) -> None:
    assert diner.ask("POST", "/meals/lunch").status == 204
    assert served(diner, "lunch.soup")["by"] == "cook"
    assert served(diner, "lunch.bread")["by"] == "bake"
    assert diner.ask("POST", "/meals/lunch").status == 409


def test_what_fails_is_given_up_with_its_reason_and_goes_through_once_redriven(
    diner: Deployment,
) -> None:
    wanted = {"/dishes": "eggs", "/bakes": "flour", "/plates": "parsley"}
    for path, needs in wanted.items():
        assert diner.ask("POST", path, {"name": f"with.{needs}", "needs": needs}).status == 204

    def all_are_there(reply: Reply) -> bool:
        return len(reply.json) == len(wanted)

    found = {one["name"]: one for one in diner.until("/spoiled", all_are_there).json}
    for name, one in found.items():
        needs = name.removeprefix("with.")
        assert (one["reason"], one["attempts"]) == ("failed", 3)  # it always says three
        assert f"LookupError: no {needs} " in one["error"]
        assert "(dishes.py:" in one["error"]
        assert diner.ask("PUT", f"/larder/{needs}").status == 204
    assert diner.ask("POST", "/spoiled/redrive").json == len(wanted)
    assert served(diner, "with.eggs")["attempts_max"] == 5  # back in its queue
    assert served(diner, "with.flour")["attempt"] == 1
    assert diner.ask("GET", "/spoiled").json == []
