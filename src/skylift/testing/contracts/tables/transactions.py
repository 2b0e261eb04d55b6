"""Writes that happen together or not at all."""

from __future__ import annotations

import pytest

from ....conditions import attr
from ....errors import Conflict, Invalid, NotFound
from ....resources.gather import gather
from ....resources.transaction import transaction
from ...story import World, story
from .stock import Note, Seat, notes, seats


async def create_many(numbers: range, text: str = "") -> None:
    async with transaction() as tx:
        for number in numbers:
            await notes.create(Note(str(number), text), tx=tx)


class TransactionsContract:
    @story(notes, seats)
    async def test_all_its_writes_are_applied(self, world: World) -> None:
        await notes.put(Note("gone"))
        await notes.put(Note("changed", words=1))
        async with transaction() as tx:
            await notes.create(Note("new"), tx=tx)
            await notes.put(Note("put"), if_=attr("id").missing(), tx=tx)
            await notes.update("changed", add={"words": 1}, tx=tx)
            await notes.delete("gone", tx=tx)
            await seats.create(Seat("r", 1), tx=tx)
            await seats.check("r", 2, if_=attr("no").missing(), tx=tx)
        found = await notes.get_many([("new",), ("put",), ("changed",), ("gone",)])
        assert found == [Note("new"), Note("put"), Note("changed", words=2), None]
        assert await seats.get("r", 1) == Seat("r", 1)

    @story(notes, seats)
    async def test_none_is_applied_when_one_cannot_be(self, world: World) -> None:
        await notes.put(Note("taken", "first"))
        await seats.put(Seat("r", 1, "ann"))

        async def attempt(fails: str) -> None:
            async with transaction() as tx:
                await notes.create(Note("new"), tx=tx)
                await notes.update("taken", set={"text": "second"}, tx=tx)
                if fails == "create":
                    await seats.create(Seat("r", 1, "bob"), tx=tx)
                if fails == "update":
                    await seats.update("r", 2, set={"owner": "bob"}, tx=tx)
                if fails == "check":
                    await seats.check("r", 1, if_=attr("owner") == "bob", tx=tx)
                if fails == "delete":
                    await seats.delete("r", 1, if_=attr("owner") == "bob", tx=tx)
                if fails == "value":
                    await seats.put(Seat("r", 1, owner=""), tx=tx)
                await notes.create(Note("last"), tx=tx)

        for fails, error, said in (
            ("create", Conflict, "seats: there is 'r', 1 already"),
            ("update", NotFound, "seats: there is no 'r', 2"),
            ("check", Conflict, "seats: the condition does not hold for 'r', 1"),
            ("delete", Conflict, "seats: the condition does not hold for 'r', 1"),
            ("value", Invalid, "owner: a key cannot be empty"),
        ):
            with pytest.raises(error, match=said):
                await attempt(fails)
            assert [note async for note in notes.scan()] == [Note("taken", "first")]
            assert [seat async for seat in seats.scan()] == [Seat("r", 1, "ann")]

    @story(notes)
    async def test_the_first_action_that_fails_decides_the_error(self, world: World) -> None:
        await notes.put(Note("taken"))

        async def attempt(*verbs: str) -> None:
            async with transaction() as tx:
                for verb in verbs:
                    if verb == "create":
                        await notes.create(Note("taken"), tx=tx)
                    else:
                        await notes.update("absent", set={"words": 1}, tx=tx)

        with pytest.raises(NotFound):
            await attempt("update", "create")
        with pytest.raises(Conflict):
            await attempt("create", "update")

    @story(notes)
    async def test_inside_verbs_give_none_and_reads_see_the_state_before(
        self, world: World
    ) -> None:
        await notes.put(Note("a", words=1))
        async with transaction() as tx:
            await notes.update("a", set={"words": 2}, tx=tx)
            await notes.create(Note("b"), tx=tx)
            assert await notes.get("a") == Note("a", words=1)
            assert await notes.get("b") is None
        assert await notes.get_many([("a",), ("b",)]) == [Note("a", words=2), Note("b")]

    @story(notes)
    async def test_an_exception_in_the_block_sends_nothing(self, world: World) -> None:
        async def fail() -> None:
            async with transaction() as tx:
                await notes.create(Note("a"), tx=tx)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()
        assert await notes.get("a") is None

    @story(notes)
    async def test_an_empty_transaction_does_nothing(self, world: World) -> None:
        async with transaction():
            pass

    @story(notes, seats)
    async def test_an_item_is_in_a_transaction_once(self, world: World) -> None:
        async def repeat() -> None:
            async with transaction() as tx:
                await notes.create(Note("a"), tx=tx)
                await seats.create(Seat("a", 1), tx=tx)
                await notes.check("a", if_=attr("id").missing(), tx=tx)

        with pytest.raises(Invalid, match="each item once"):
            await repeat()
        assert await notes.get("a") is None
        assert await seats.get("a", 1) is None

    @story(notes)
    async def test_a_transaction_takes_99_actions(self, world: World) -> None:
        await create_many(range(99))
        with pytest.raises(Invalid, match="at most 99"):
            await create_many(range(100, 200))
        assert len([note async for note in notes.scan()]) == 99

    @story(notes)
    async def test_a_transaction_takes_4_mb(self, world: World) -> None:
        text = "x" * (390 * 1024)
        await create_many(range(10), text)
        with pytest.raises(Invalid, match="limit 4,194,304"):
            await create_many(range(10, 21), text)
        assert len([note async for note in notes.scan()]) == 10

    @story(notes)
    async def test_transactions_at_once_do_not_lose_each_others_writes(self, world: World) -> None:
        await notes.put(Note("from", words=100))
        await notes.put(Note("to", words=0))

        async def move(words: int) -> bool:
            try:
                async with transaction() as tx:
                    enough = attr("words") >= words
                    await notes.update("from", add={"words": -words}, if_=enough, tx=tx)
                    await notes.update("to", add={"words": words}, tx=tx)
            except Conflict:
                return False
            return True

        moved = await gather(*(move(30) for _ in range(8)))
        assert sum(moved) == 3
        found = await notes.get_many([("from",), ("to",)])
        assert [note.words for note in found if note] == [10, 90]
