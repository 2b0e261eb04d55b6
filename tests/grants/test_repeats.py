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


def each(folder: Path, source: str) -> list[set[tuple[str, str]]]:
    """The verbs of every handler: what one of them read is known when the next one is."""
    with loaded(written(folder, HEAD + source)) as graph:
        return [{*function.grants} for function in graph.functions]


def test_two_handlers_that_give_a_helper_the_same_may_both_do_what_it_does(tmp_path: Path) -> None:
    source = """
async def ask(tables):
    for table in tables:
        await table.get("1")

@api.get("/x")
async def one() -> None:
    await ask([notes])

@api.get("/y")
async def two() -> None:
    await ask([orders])

@api.get("/z")
async def three() -> None:
    await ask([notes])
    await ask([orders])
"""
    both = {("notes", "get"), ("orders", "get")}
    assert each(tmp_path, source) == [{("notes", "get")}, {("orders", "get")}, both]


def test_one_object_given_twice_is_not_two_that_are_alike(tmp_path: Path) -> None:
    source = """
class Box:
    def __init__(self, table):
        self.table = table

async def ask(left, right):
    right.table = orders
    await left.table.get("1")

@api.get("/x")
async def apart() -> None:
    await ask(Box(notes), Box(notes))

@api.get("/y")
async def same() -> None:
    box = Box(notes)
    await ask(box, box)
"""
    assert each(tmp_path, source) == [{("notes", "get")}, {("orders", "get")}]


def test_what_a_helper_made_can_be_changed_in_one_handler_alone(tmp_path: Path) -> None:
    source = """
def boxes(table):
    return {"first": [table], "second": [table]}

@api.get("/x")
async def changes() -> None:
    found = boxes(notes)
    found["first"][0] = orders
    await found["first"][0].get("1")
    await found["second"][0].put(Item("1"))

@api.get("/y")
async def leaves() -> None:
    await boxes(notes)["first"][0].get("1")
"""
    assert each(tmp_path, source) == [
        {("orders", "get"), ("notes", "put")},
        {("notes", "get")},
    ]


def test_a_helper_that_is_interrupted_leaves_what_it_was_given_half_done(tmp_path: Path) -> None:
    source = """
class Box:
    table = notes

def change(box, name):
    box.table = orders
    if name:
        raise KeyError(name)
    box.table = notes

@api.get("/x/{name}")
async def one(name: str) -> None:
    box = Box()
    change(box, name)
    await box.table.get("1")

@api.get("/y/{name}")
async def two(name: str) -> None:
    box = Box()
    box.table = notes
    try:
        change(box, name)
    except KeyError:
        await box.table.get("1")
"""
    one, two = each(tmp_path, source)
    assert one == {("notes", "get")}
    assert ("orders", "get") in two


def test_what_one_handler_keeps_is_found_by_the_helper_of_another(tmp_path: Path) -> None:
    """Whoever writes is read with one of them, and not with the other."""
    source = """
class Box:
    table = notes

BOX = Box()

def change():
    BOX.table = orders

async def ask():
    table: Table[Item, str] = BOX.table
    await table.get("1")

@api.get("/x")
async def writes() -> None:
    change()
    await ask()

@api.get("/y", uses=(notes.get, orders.get))
async def finds() -> None:
    await ask()
"""
    both = {("notes", "get"), ("orders", "get")}
    assert each(tmp_path, source) == [both, both]


def test_helpers_that_are_given_lists_cost_no_more_than_there_are(tmp_path: Path) -> None:
    chain = "".join(
        f"async def step{at}(rows):\n    await step{at + 1}([*rows])\n"
        f"    await step{at + 1}([*rows])\n\n"
        for at in range(40)
    )
    last = "async def step40(rows):\n    await rows[0].get('1')\n\n"
    routes = '@api.get("/x")\nasync def one() -> None:\n    await step0([notes])\n\n'
    routes += '@api.get("/y")\nasync def two() -> None:\n    await step0([orders])\n\n'
    assert each(tmp_path, chain + last + routes) == [{("notes", "get")}, {("orders", "get")}]
