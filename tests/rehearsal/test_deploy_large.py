"""An app that is too large for one stack, and what `skylift diff` says of it before and after."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.deployment import Deployment
from tests.rehearsal.ministack import Ministack

ROOT = Path(__file__).parents[2]
CHANGES = 4


@pytest.fixture(scope="module")
def every(ministack: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("every")
    shutil.copytree(ROOT / "tests" / "apps" / "every", folder / "every")
    one = Deployment(ministack, folder / "every", folder / "state")
    first = one.skylift("diff", "--check", "--json")
    assert first.code == CHANGES, first.err
    assert first.json["is_new"]
    print(f"the first deploy took {one.deployed()['took_s']:.1f} s")
    yield one
    assert one.skylift("destroy", "--yes").code == 0


def test_routes_of_nested_stacks_answer(every: Deployment) -> None:
    assert every.ask("GET", "/paths/int/7").status == 200
    assert every.ask("HEAD", "/paths/int/7").status == 200
    assert every.ask("GET", "/nowhere").status == 404


def test_functions_of_nested_stacks_reach_what_is_in_the_apps_own(every: Deployment) -> None:
    taken = every.ask("POST", "/halls/large/seats/7", {"owner": "ada"})
    assert taken.status == 201, taken
    assert every.ask("GET", "/halls/large/seats/7").json["owner"] == "ada"


def test_nothing_changes_until_something_does(every: Deployment) -> None:
    same = every.skylift("diff", "--check")
    assert (same.code, same.out) == (0, "every dev: nothing changes\n")
    paths = every.app / "paths.py"
    source = paths.read_text("utf-8")
    paths.write_text(source + '\n\n@api.get("/more")\nasync def more() -> int:\n    return 1\n')
    changed = every.skylift("diff", "--check", "--json")
    assert changed.code == CHANGES
    told = {one["thing"]: one["deed"] for one in changed.json["changes"]}
    assert told["route of api GET, HEAD /more"] == "added"
    assert told["function paths.more"] == "added"
    # It is not deployed here: MiniStack's update of a nested stack forgets the attributes of what
    # it leaves alone (cloudformation/provisioners.py, _cfn_nested_stack_deploy), so that the role
    # of an unchanged function finds no ARN of its log.
    paths.write_text(source)


def test_new_code_reaches_functions_of_nested_stacks(every: Deployment) -> None:
    assert every.ask("GET", "/paths/int/7").json == 7
    paths = every.app / "paths.py"
    source = paths.read_text("utf-8")
    same = "async def integer(value: int) -> int:\n    return value"
    assert same in source
    paths.write_text(source.replace(same, f"{same} + 1"))
    assert "~ function paths.integer  new code" in every.skylift("diff").out
    assert every.deployed()["outcome"] == "code"
    assert every.ask("GET", "/paths/int/7").json == 8
