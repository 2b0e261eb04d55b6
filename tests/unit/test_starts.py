"""What cannot be started is refused where somebody would start it, with what to do instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from skylift import DeclarationError
from tests.unit.written_app import loaded, written

SOURCE = """
from skylift import Api, Change, Dead, Queue, Struct, Table

class Item(Struct):
    id: str

api = Api("api")
jobs = Queue("jobs", Item)
steps = Queue("steps", Item, fifo=True)
items = Table("items", Item, key="id")

@api.post("/items")
async def write(item: Item) -> None: ...

@jobs.consumer
async def work(item: Item) -> None: ...

@work.dead.consumer
async def mourn(letter: Dead[Item]) -> None: ...

@steps.consumer
async def step(item: Item) -> None: ...

@items.on_change
async def follow(change: Change[Item]) -> None: ...

@api.post("/again")
async def again(item: Item) -> None:
    await {call}(item)
"""


@pytest.mark.parametrize(
    ("call", "reason", "remedy"),
    [
        ("step.start", "starts things.step, which takes its messages in the order", "steps.send("),
        ("follow.start", "starts things.follow, which follows a table", "write to the table"),
        ("write.start", "things.write has no start: it is given no messages", "send it a message"),
        ("mourn.start", "things.mourn has no start: it is given no messages", "have both call"),
        ("write.dead.peek", "things.write has no dead: it is given no messages", "have both call"),
    ],
)
def test_what_cannot_be_started_is_refused(
    tmp_path: Path, call: str, reason: str, remedy: str
) -> None:
    with (
        pytest.raises(DeclarationError) as raised,
        loaded(written(tmp_path, SOURCE.format(call=call))),
    ):
        pass
    (mistake,) = raised.value.mistakes
    assert reason in mistake.reason
    assert remedy in mistake.remedy
    assert "things.py:" in mistake.place


def test_what_takes_messages_may_be_started(tmp_path: Path) -> None:
    with loaded(written(tmp_path, SOURCE.format(call="work.start"))) as graph:
        assert graph.started == {"things.work"}
