"""A call that is the same as one before is not read again, and misses nothing by that."""

from __future__ import annotations

from pathlib import Path

from tests.unit.written_app import loaded, written

HEAD = """
from skylift import Api, Table, Struct, gather

class Item(Struct):
    id: str

api = Api("api")
notes = Table("notes", Item, key="id")
orders = Table("orders", Item, key="id")
KEPT: dict[str, object] = {}
"""


def verbs(folder: Path, source: str) -> set[tuple[str, str]]:
    """Of the last handler, all of whose code was read."""
    with loaded(written(folder, HEAD + source)) as graph:
        return {*graph.functions[-1].grants}


def test_helpers_that_call_the_next_one_twice_cost_no_more_than_there_are(tmp_path: Path) -> None:
    chain = "".join(
        f"async def step{at}(id: str):\n    await step{at + 1}(id)\n    await step{at + 1}(id)\n\n"
        for at in range(40)
    )
    last = "async def step40(id: str):\n    await notes.get(id)\n\n"
    route = '@api.get("/x/{id}")\nasync def all_of_them(id: str) -> None:\n    await step0(id)\n'
    assert verbs(tmp_path, chain + last + route) == {("notes", "get")}


def test_what_was_kept_between_two_calls_is_found_by_the_second(tmp_path: Path) -> None:
    source = """
async def ask(name: str):
    table = KEPT.get(name)
    if table is not None:
        await table.get("1")

@api.get("/x")
async def both() -> None:
    await ask("here")
    KEPT["here"] = notes
    await ask("here")
"""
    assert verbs(tmp_path, source) == {("notes", "get")}


def test_a_helper_that_meets_itself_is_read_to_its_end(tmp_path: Path) -> None:
    source = """
async def down(count: int):
    if count:
        await up(count)
    await notes.get("1")

async def up(count: int):
    await down(count)
    await orders.get("1")

@api.get("/x/{count}")
async def all_of_them(count: int) -> None:
    await up(count)
    await down(count)
"""
    assert verbs(tmp_path, source) == {("notes", "get"), ("orders", "get")}


def test_what_a_helper_hands_back_is_called_each_time(tmp_path: Path) -> None:
    source = """
def saying(which: str):
    async def say():
        await (notes if which == "notes" else orders).get("1")
    return say

@api.get("/x")
async def both() -> None:
    saying("notes")
    await saying("notes")()
    await gather(saying("orders")(), saying("orders")())
"""
    assert verbs(tmp_path, source) == {("notes", "get"), ("orders", "get")}


def test_a_dict_that_is_made_in_a_loop_is_read_in_no_time(tmp_path: Path) -> None:
    """Each turn found its keys in other orders, and each order was another dict."""
    source = """
def asked(kind: str, page: int) -> dict[str, object]:
    date = "released" if kind == "film" else "aired"
    found = {"language": "en", "page": page, "sort": "liked", "adult": False, date: "1990"}
    if kind == "film":
        found["minutes"] = 60
    if page:
        found["genres"] = "28"
    return found

@api.get("/x")
async def all_of_them() -> None:
    for kind in ("film", "series"):
        for page in range(5):
            while page:
                found = asked(kind, page)
                if found["page"]:
                    await (notes if found.get("minutes") else orders).get("1")
"""
    assert verbs(tmp_path, source) == {("notes", "get"), ("orders", "get")}
