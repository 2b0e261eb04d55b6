"""Functions that follow a table: what a change holds is no resource, and what is done with it is
read as anywhere.
"""

from __future__ import annotations

from pathlib import Path

from tests.unit.written_app import loaded, written

SOURCE = """
from __future__ import annotations
from skylift import Change, Context, Dead, Queue, Struct, Table, transaction


class Item(Struct):
    id: str
    marks: dict[str, str] = {}


items = Table("items", Item, key="id")
seen = Table("seen", Item, key="id")
gone = Queue("gone", Item)
PARTS = {"created": seen.put, "updated": seen.put}


async def note(item: Item | None) -> None:
    if item is not None and item.marks.get("secret") is None:
        await seen.create(item)


@items.on_change
async def follow(change: Change[Item], context: Context) -> None:
    if change.after is not None and change.after.marks.get("loud"):
        change.after.marks.update(loud="no")
    for one in (change.before, change.after):
        await note(one)
    match change.kind:
        case "deleted" | "expired":
            async with transaction() as tx:
                if change.before is not None:
                    await gone.send(change.before, tx=tx)
        case kind if change.after is not None:
            await PARTS[kind](change.after)


@follow.dead.consumer
async def bury(letter: Dead[Change[Item]]) -> None:
    change = letter.message
    if change is not None and change.before is not None and change.before.marks.get("kept"):
        await follow.dead.redrive(1)
"""


def test_what_is_done_with_a_change_is_read(tmp_path: Path) -> None:
    with loaded(written(tmp_path, SOURCE)) as graph:
        follow, bury = graph.functions
    assert follow.grants == {("seen", "create"), ("seen", "put"), ("gone", "send")}
    assert ("gone", "send") in follow.together - follow.alone
    assert bury.grants == {("things.follow.dead", "redrive")}
