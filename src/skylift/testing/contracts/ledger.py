"""What every LedgerPort must do, and StorePort with its once records. Bind it with a fixture
`open_world` whose worlds have their `ports` and a `clock` to be moved.
"""

from __future__ import annotations

from typing import Any, Protocol

import pytest
from msgspec import Struct

from ...counted import Counted
from ...errors import Conflict, Expired
from ...ports import Batch, Create, Found, OnceMark, Ports
from ...resources.table import Table
from ..story import story


class Clock(Protocol):
    def time(self) -> float: ...
    def advance(self, **units: float) -> None: ...


class LedgerWorld(Protocol):
    ports: Ports
    clock: Clock


class Paid(Struct):
    id: str


paid = Table("paid", Paid, key="id")
A, B = OnceMark("key", "a"), OnceMark("key", "b")
BEGUN = Found("begun")


async def begin(world: LedgerWorld, *marks: OnceMark, fingerprint: str = "") -> list[Found]:
    """Runs that must end within 10 s."""
    return await world.ports.ledger.begin(marks, world.clock.time() + 10, fingerprint)


async def count(world: LedgerWorld, key: str = "key", *, n: int) -> Counted:
    """In a minute."""
    return await world.ports.ledger.count(key, n, 60.0)


def writing(mark: OnceMark, id: str = "1") -> Batch:
    return Batch([("paid", Create(Paid(id)))], (), mark)


class LedgerContract:
    @story(paid)
    async def test_a_run_has_its_key_for_itself(self, world: Any) -> None:
        assert await begin(world, A) == [BEGUN]
        (found,) = await begin(world, B)
        assert (found.state, found.until) == ("running", pytest.approx(world.clock.time() + 10))
        assert await begin(world, OnceMark("another", "b")) == [BEGUN]

    @story(paid)
    async def test_who_has_begun_may_ask_again(self, world: Any) -> None:
        """The answer to the first time may have been lost."""
        assert await begin(world, A) == [BEGUN]
        assert await begin(world, A) == [BEGUN]

    @story(paid)
    async def test_what_has_finished_is_known_for_a_day(self, world: Any) -> None:
        await begin(world, A)
        world.clock.advance(seconds=5)
        assert await world.ports.ledger.finish([A], b"stored") == [True]
        for _ in range(2):
            world.clock.advance(hours=11, minutes=59)
            assert await begin(world, B) == [Found("finished", b"stored")]
        world.clock.advance(minutes=3)
        assert await begin(world, B) == [BEGUN]

    @story(paid)
    async def test_what_has_finished_may_have_stored_nothing(self, world: Any) -> None:
        await begin(world, A)
        await world.ports.ledger.finish([A])
        assert await begin(world, B) == [Found("finished")]

    @story(paid)
    async def test_what_was_given_up_is_begun_again(self, world: Any) -> None:
        await begin(world, A)
        await world.ports.ledger.abandon([A])
        assert await begin(world, B) == [BEGUN]

    @story(paid)
    async def test_what_has_finished_is_not_given_up(self, world: Any) -> None:
        await begin(world, A)
        await world.ports.ledger.finish([A], b"stored")
        await world.ports.ledger.abandon([A])
        assert await begin(world, B) == [Found("finished", b"stored")]

    @story(paid)
    async def test_a_run_that_is_late_is_taken_over(self, world: Any) -> None:
        await begin(world, A)
        world.clock.advance(seconds=9.9)
        assert (await begin(world, B))[0].state == "running"
        world.clock.advance(seconds=0.2)
        assert await begin(world, B) == [BEGUN]
        await world.ports.ledger.abandon([A])
        assert (await begin(world, A))[0].state == "running"
        assert await world.ports.ledger.finish([A], b"of the late one") == [False]
        assert await world.ports.ledger.finish([B], b"stored") == [True]
        assert await world.ports.ledger.finish([A], b"of the late one") == [False]
        assert await begin(world, A) == [Found("finished", b"stored")]

    @story(paid)
    async def test_a_late_run_that_nobody_took_over_may_finish(self, world: Any) -> None:
        await begin(world, A)
        world.clock.advance(seconds=11)
        assert await world.ports.ledger.finish([A], b"stored") == [True]
        assert await begin(world, B) == [Found("finished", b"stored")]

    @story(paid)
    async def test_a_key_is_that_of_one_request(self, world: Any) -> None:
        await begin(world, A, fingerprint="one")
        assert (await begin(world, B, fingerprint="two"))[0].state == "other"
        assert (await begin(world, B, fingerprint="one"))[0].state == "running"
        await world.ports.ledger.finish([A], b"stored")
        assert (await begin(world, B, fingerprint="two"))[0].state == "other"
        assert await begin(world, B, fingerprint="one") == [Found("finished", b"stored")]

    @story(paid)
    async def test_each_of_many_is_by_itself(self, world: Any) -> None:
        marks = [OnceMark(key, "a") for key in ("running", "finished", "given up", "late")]
        assert await begin(world, *marks) == [BEGUN] * 4
        assert await world.ports.ledger.finish(marks[1:2]) == [True]
        await world.ports.ledger.abandon(marks[2:3])
        again = [OnceMark(mark.key, "b") for mark in marks]
        found = await begin(world, *again, OnceMark("new", "b"))
        states = [one.state for one in found]
        assert states == ["running", "finished", "begun", "running", "begun"]
        assert await world.ports.ledger.finish([marks[0], marks[2]]) == [True, False]

    @story(paid)
    async def test_a_transaction_finishes_its_run(self, world: Any) -> None:
        await begin(world, A)
        await world.ports.store.commit(writing(A))
        assert await paid.get("1") == Paid("1")
        (found,) = await begin(world, B)
        assert (found.state, found.result) == ("finished", None)
        assert found.until == pytest.approx(world.clock.time() + 10), "a result may still come"
        assert await world.ports.ledger.finish([A], b"stored") == [True]
        assert await begin(world, B) == [Found("finished", b"stored")]

    @story(paid)
    async def test_a_run_is_finished_for_a_day_after_its_transaction(self, world: Any) -> None:
        await begin(world, A)
        await world.ports.store.commit(writing(A))
        await world.ports.ledger.abandon([A])
        world.clock.advance(hours=23, minutes=59)
        assert (await begin(world, B))[0].state == "finished"
        world.clock.advance(minutes=2)
        assert await begin(world, B) == [BEGUN]

    @story(paid)
    async def test_a_transaction_that_fails_finishes_nothing(self, world: Any) -> None:
        await paid.put(Paid("1"))
        await begin(world, A)
        with pytest.raises(Conflict):
            await world.ports.store.commit(writing(A))
        assert (await begin(world, B))[0].state == "running"
        await world.ports.store.commit(writing(A, "2"))
        assert (await begin(world, B))[0].state == "finished"

    @story(paid)
    async def test_a_run_that_was_taken_over_writes_nothing(self, world: Any) -> None:
        await begin(world, A)
        world.clock.advance(seconds=11)
        await begin(world, B)
        with pytest.raises(Expired):
            await world.ports.store.commit(writing(A))
        assert await paid.get("1") is None
        await world.ports.store.commit(writing(B))
        with pytest.raises(Expired):
            await world.ports.store.commit(writing(A, "2"))
        assert await paid.get("2") is None

    @story(paid)
    async def test_a_run_is_finished_by_one_transaction(self, world: Any) -> None:
        await begin(world, A)
        commit = world.ports.store.commit
        asked = [_is_written(commit, writing(A)), _is_written(commit, writing(A, "2"))]
        assert sorted(await world.ports.workers.gather(asked)) == [False, True]
        await _refused(commit, writing(A, "3"))
        one, two, three = await paid.get_many([("1",), ("2",), ("3",)])
        assert (one is None, three) == (two is not None, None)

    @story(paid)
    async def test_the_key_of_cursors_stays(self, world: Any) -> None:
        key = await world.ports.ledger.seal_key()
        assert len(key) == 32
        assert await world.ports.ledger.seal_key() == key

    @story(paid)
    async def test_a_run_given_up_writes_nothing(self, world: Any) -> None:
        await begin(world, A)
        await world.ports.ledger.abandon([A])
        await _refused(world.ports.store.commit, writing(A))
        assert await paid.get("1") is None

    # -- counts

    @story(paid)
    async def test_no_more_than_so_many_are_accepted(self, world: Any) -> None:
        found = [await count(world, n=3) for _ in range(5)]
        assert [one.is_accepted for one in found] == [True, True, True, False, False]
        assert [one.left for one in found] == [2, 1, 0, 0, 0]
        assert all(0 < one.free_s <= 60.1 for one in found)

    @story(paid)
    async def test_each_key_is_counted_for_itself(self, world: Any) -> None:
        assert (await count(world, "a", n=1)).is_accepted
        assert (await count(world, "b", n=1)).is_accepted
        assert not (await count(world, "a", n=1)).is_accepted

    @story(paid)
    async def test_the_window_slides(self, world: Any) -> None:
        """Never are there more in any window: not at the end of one and the start of the next."""
        assert (await count(world, n=2)).is_accepted
        world.clock.advance(seconds=40)
        assert (await count(world, n=2)).is_accepted
        world.clock.advance(seconds=15)
        refused = await count(world, n=2)
        assert not refused.is_accepted
        assert refused.free_s == pytest.approx(5, abs=2)
        world.clock.advance(seconds=refused.free_s + 0.1)
        assert (await count(world, n=2)).is_accepted
        assert not (await count(world, n=2)).is_accepted
        world.clock.advance(seconds=61)
        assert [(await count(world, n=2)).is_accepted for _ in range(3)] == [True, True, False]

    @story(paid)
    async def test_what_is_refused_does_not_count(self, world: Any) -> None:
        assert (await count(world, n=1)).is_accepted
        for _ in range(5):
            world.clock.advance(seconds=10)
            assert not (await count(world, n=1)).is_accepted
        world.clock.advance(seconds=11)
        assert (await count(world, n=1)).is_accepted

    @story(paid)
    async def test_many_at_once_are_no_more_than_one_after_another(self, world: Any) -> None:
        asked = [count(world, n=5) for _ in range(20)]
        found: list[Counted] = await world.ports.workers.gather(asked)
        assert sum(one.is_accepted for one in found) == 5

    @story(paid)
    async def test_large_numbers_are_as_exact_and_are_free_a_little_later(self, world: Any) -> None:
        n, slot_s = 100, 60 / 64
        for _ in range(2):
            found = [await count(world, n=n) for _ in range(n + 3)]
            assert sum(one.is_accepted for one in found) == n
            world.clock.advance(seconds=60 + 2 * slot_s)

    @story(paid)
    async def test_who_comes_now_and_then_is_always_accepted(self, world: Any) -> None:
        for _ in range(140):
            assert (await count(world, n=100)).left == 99
            world.clock.advance(seconds=62)


async def _is_written(commit: Any, batch: Batch) -> bool:
    """Which of several is first is not said: on its way each may be held up."""
    try:
        await commit(batch)
    except Expired:
        return False
    return True


async def _refused(commit: Any, batch: Batch) -> None:
    with pytest.raises(Expired):
        await commit(batch)
