"""More than DynamoDB reads or takes in one go."""

from __future__ import annotations

from typing import Any

import pytest

from skylift import attr
from skylift.testing.contracts.tables.stock import Measure, Note, measures, notes
from skylift.testing.story import Declared, OpenWorld, story
from tests.rehearsal.clocked import ClockedMinistack
from tests.rehearsal.stand import AwsStand

LARGE = 300_000  # bytes: four items are more than the 1 MB of one page


@pytest.fixture
def open_world(clocked: ClockedMinistack) -> OpenWorld:
    def opened(*declared: Declared) -> AwsStand:
        return AwsStand(clocked, *declared)

    return opened


class TestLarge:
    @story(measures)
    async def test_a_query_goes_on_after_each_megabyte(self, world: Any) -> None:
        await measures.put_many([Measure(1, no, "x" * LARGE) for no in range(10)])  # type: ignore[arg-type]
        assert [one.at async for one in measures.query(1)] == [*range(10)]  # type: ignore[arg-type]
        page = await measures.page(1, limit=9)
        assert [one.at for one in page.items] == [*range(9)]
        rest = await measures.page(1, limit=9, cursor=page.cursor)
        assert ([one.at for one in rest.items], rest.cursor) == ([9], None)
        none = attr("note") == "nothing like it"
        assert (await measures.page(1, where=none)).items == []
        last = [one.at async for one in measures.query(1, reverse=True, limit=2)]  # type: ignore[arg-type]
        assert last == [9, 8]

    @story(notes)
    async def test_batches_are_as_large_as_they_may_travel(self, world: Any) -> None:
        """A control character is one byte in an item and six on its way."""
        texts = {f"{no:02}": "\x01" * LARGE for no in range(30)}
        await notes.put_many([Note(id, text) for id, text in texts.items()])
        found = await notes.get_many([(id,) for id in list(texts)[:10]])
        assert [one.text == texts[one.id] for one in found if one] == [True] * 10
        assert len([one async for one in notes.scan()]) == 30

    @story(notes)
    async def test_of_two_writes_of_one_item_in_a_batch_the_later_counts(self, world: Any) -> None:
        await notes.put_many([Note("a", "first"), Note("b"), Note("a", "second")])
        assert await notes.get("a") == Note("a", "second")
