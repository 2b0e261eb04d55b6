"""What only the SQLite queues promise: state that outlives a process, a claim that costs no write,
declarations that change, and a memory that stays small.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from skylift import App, DeclarationError, Queue, Struct, Table, Unavailable
from skylift.codec.envelope import opened
from skylift.graph.build import build
from skylift.local import line
from skylift.local.backend import LocalBackend
from skylift.local.database import Database
from skylift.local.queue import SqliteQueue
from skylift.ports.delivery import Bury, Counts, Done, Held, Retry
from skylift.resources.resource import Resource
from skylift.testing.stand import CountingEntropy, Failures, Stand, StandClock

LEASE_S = 30


class Job(Struct):
    no: int
    text: str = ""


class Note(Struct):
    id: str


class Other(Struct):
    key: str


jobs = Queue("jobs", Job, lease_s=LEASE_S, retention_s=600)
steps = Queue("steps", Job, fifo=True, lease_s=LEASE_S)


@jobs.consumer
async def work(job: Job) -> None: ...


Story = Callable[[Stand], Coroutine[Any, Any, None]]


def played(story: Story, *resources: Resource, path: Path | None = None) -> None:
    async def play() -> None:
        async with Stand(*resources, path=path) as stand:
            await story(stand)

    asyncio.run(play())


def port(stand: Stand, queue: Queue[Job] = jobs) -> SqliteQueue:
    return stand.ports.adapters[queue.name]


def numbers(held: list[Held]) -> list[int]:
    return [jobs.codec.decode(opened(one.body)).no for one in held]


async def ticks() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def drained(queue: SqliteQueue, count: int = 3) -> list[tuple[str, int]]:
    """Groups and numbers in the order in which they come; all are done then."""
    found: list[tuple[str, int]] = []
    while held := queue.take(count):
        found += zip([one.group for one in held], numbers(held), strict=True)
        await queue.settle([Done(one.receipt) for one in held])
    return found


def killed(path: Path) -> Path:
    """What a process leaves that is killed now: its state, to be opened by another."""
    image = path.parent.with_name(f"{path.parent.name} killed")
    shutil.copytree(path.parent, image)
    return image / path.name


@pytest.fixture
def state(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    return tmp_path / "state" / "state.db"


# -- ids


def test_an_id_is_not_used_again_though_all_messages_are_gone(state: Path) -> None:
    """A run of a foreign message is known by it."""
    ids: list[str] = []

    async def story(stand: Stand) -> None:
        await jobs.send_many([Job(1), Job(2)])
        held = port(stand).take(2)
        ids.extend(one.id for one in held)
        await port(stand).settle([Done(one.receipt) for one in held])

    for _ in range(3):
        played(story, jobs, path=state)
    assert len(set(ids)) == 6


# -- after an unclean stop


def test_what_was_in_flight_has_lost_an_attempt_and_runs_alone(state: Path) -> None:
    async def before(stand: Stand) -> None:
        await jobs.send_many([Job(no) for no in range(4)])
        held = port(stand).take(2)
        assert numbers(held) == [0, 1]
        killed(state)

    async def after(stand: Stand) -> None:
        queue = port(stand)
        assert await queue.counts() == Counts(ready=4, in_flight=0, delayed=0, dead=0)
        for no in range(2):
            (held,) = queue.take_suspect()
            assert (numbers([held]), held.attempt) == ([no], 2)
            await queue.settle([Done(held.receipt)])
        assert queue.take_suspect() == []
        assert [(one.attempt, numbers([one])) for one in queue.take(4)] == [(1, [2]), (1, [3])]

    played(before, jobs, path=state)
    played(after, jobs, path=state.parent.with_name("state killed") / state.name)


def test_a_suspect_that_was_read_ahead_is_given_once(state: Path) -> None:
    async def before(stand: Stand) -> None:
        await jobs.send_many([Job(no) for no in range(4)])
        port(stand).take(3)
        killed(state)

    async def after(stand: Stand) -> None:
        queue = port(stand)
        assert numbers(queue.take(1)) == [0]  # the others are read ahead now
        for no in (1, 2):
            (suspect,) = queue.take_suspect()
            assert numbers([suspect]) == [no]
            await queue.settle([Done(suspect.receipt)])
        assert queue.take_suspect() == []
        assert await drained(queue) == [("", 3)]

    played(before, jobs, path=state)
    played(after, jobs, path=state.parent.with_name("state killed") / state.name)


def test_a_suspect_whose_group_waited_is_given_once(state: Path) -> None:
    async def before(stand: Stand) -> None:
        await steps.send_many([Job(0), Job(1)], group="a")
        (held,) = port(stand, steps).take(1)
        await port(stand, steps).settle([Retry(held.receipt, 20)])
        stand.clock.advance(seconds=20)
        assert numbers(port(stand, steps).take(1)) == [0]
        killed(state)

    async def after(stand: Stand) -> None:
        queue = port(stand, steps)  # this clock is 20 s behind
        assert queue.take(1) == []  # the group is seen to wait for its first message
        stand.clock.advance(seconds=20)
        (suspect,) = queue.take_suspect()
        assert (numbers([suspect]), suspect.attempt) == ([0], 3)
        assert queue.take(5) == []
        await queue.settle([Done(suspect.receipt)])
        assert await drained(queue) == [("a", 1)]

    played(before, steps, path=state)
    played(after, steps, path=state.parent.with_name("state killed") / state.name)


def test_a_start_that_fails_leaves_what_was_in_flight_to_the_next(state: Path) -> None:
    async def before(stand: Stand) -> None:
        await jobs.send(Job(1))
        port(stand).take(1)
        killed(state)

    async def failing() -> None:
        database = Database(image)
        with pytest.raises(DeclarationError, match="holds messages and is FIFO now"):
            SqliteQueue(database, Queue("jobs", Job, fifo=True), StandClock())
        await database.close()

    async def after(stand: Stand) -> None:
        (held,) = port(stand).take_suspect()
        assert held.attempt == 2

    played(before, jobs, path=state)
    image = state.parent.with_name("state killed") / state.name
    asyncio.run(failing())
    played(after, jobs, path=image)


def test_a_clean_stop_costs_no_attempt(state: Path) -> None:
    async def before(stand: Stand) -> None:
        await jobs.send(Job(1))
        assert port(stand).take(1)[0].attempt == 1

    async def after(stand: Stand) -> None:
        assert port(stand).take_suspect() == []
        assert port(stand).take(1)[0].attempt == 1

    played(before, jobs, path=state)
    played(after, jobs, path=state)


# -- what could not be written


def test_a_lease_whose_end_could_not_be_written_ends_later() -> None:
    async def story(stand: Stand) -> None:
        await jobs.send(Job(1))
        port(stand).take(1)
        stand.clock.advance(seconds=LEASE_S)
        stand.database.execute("PRAGMA query_only=1")
        for _ in range(3):
            assert port(stand).take(1) == []
            await ticks()
            stand.clock.advance(seconds=2)
        stand.database.execute("PRAGMA query_only=0")
        assert port(stand).take(1) == []
        await ticks()
        assert port(stand).take(1)[0].attempt == 2

    played(story, jobs)


def test_a_message_that_was_not_written_is_not_sent() -> None:
    async def story(stand: Stand) -> None:
        stand.database.execute("PRAGMA query_only=1")
        with pytest.raises(Unavailable):
            await steps.send(Job(1), group="a", dedup="x")
        stand.database.execute("PRAGMA query_only=0")
        assert await port(stand, steps).counts() == Counts(0, 0, 0, 0)
        await steps.send(Job(2), group="a", dedup="x")
        assert await drained(port(stand, steps)) == [("a", 2)]

    played(story, steps)


def test_what_was_asked_for_in_the_last_tick_is_written_when_the_state_is_closed(
    state: Path,
) -> None:
    async def before(stand: Stand) -> None:
        sending = asyncio.ensure_future(jobs.send(Job(1)))
        await asyncio.sleep(0)  # it has begun
        assert not sending.done()

    async def after(stand: Stand) -> None:
        assert numbers(port(stand).take(1)) == [1]

    played(before, jobs, path=state)
    played(after, jobs, path=state)


# -- declarations that change


def test_a_shorter_lease_holds_for_what_is_claimed_from_then_on() -> None:
    async def story(stand: Stand) -> None:
        queue = port(stand)
        await jobs.send_many([Job(1), Job(2)])
        queue.take(1)
        shorter = Queue("jobs", Job, lease_s=5)
        queue.admit(shorter)
        queue.declare(shorter)
        assert numbers(queue.take(1)) == [2]
        stand.clock.advance(seconds=5)
        queue.take(0)
        await ticks()
        assert [(one.attempt, numbers([one])) for one in queue.take(2)] == [(2, [2])]

    played(story, jobs)


def test_a_queue_that_holds_messages_does_not_become_fifo() -> None:
    async def story(stand: Stand) -> None:
        turned = Queue("jobs", Job, fifo=True)
        await jobs.send(Job(1))
        (held,) = port(stand).take(1)
        with pytest.raises(DeclarationError, match="holds messages and is FIFO now"):
            port(stand).admit(turned)
        await port(stand).settle([Done(held.receipt)])
        port(stand).admit(turned)
        port(stand).declare(turned)
        await turned.send(Job(2), group="a")
        assert await drained(port(stand)) == [("a", 2)]

    played(story, jobs)


def test_letters_without_a_group_go_back_to_a_queue_that_became_fifo() -> None:
    async def story(stand: Stand) -> None:
        queue = port(stand)
        await jobs.send_many([Job(1), Job(2)])
        for held in queue.take(2):
            await queue.settle([Bury(held.receipt, held.id, "failed", "why", 1)])
        turned = Queue("jobs", Job, fifo=True)
        queue.admit(turned)
        queue.declare(turned)
        assert await work.dead.redrive() == 2
        assert [no for _, no in await drained(queue)] == [1, 2]

    played(story, jobs, work.dead)


def app_of(*resources: Resource) -> App:
    things = ModuleType("things")
    vars(things).update({f"thing{at}": one for at, one in enumerate(resources)})
    return App("app", things)


def test_a_declaration_that_fails_elsewhere_changes_no_queue() -> None:
    """Old code runs on, and it sends without a group."""

    async def play() -> None:
        backend = LocalBackend(None, StandClock(), CountingEntropy(), Failures())
        notes = Table("notes", Note, key="id")
        backend.ports(build(app_of(jobs, notes)))
        turned, another = Queue("jobs", Job, fifo=True), Table("notes", Other, key="key")
        with pytest.raises(DeclarationError, match="is stored with the key id"):
            backend.ports(build(app_of(turned, another)))
        queue = backend.queues["jobs"]
        assert queue.declared is jobs
        assert queue.lease_s == LEASE_S
        await backend.close()

    asyncio.run(play())


# -- bounds


def test_more_groups_than_are_known_at_a_time_are_served_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(line, "FAIR_GROUPS_MAX", 4)
    monkeypatch.setattr(line, "ORDERED_GROUPS_MAX", 4)

    async def story(stand: Stand) -> None:
        for queue in (jobs, steps):
            for group in range(20):
                await queue.send_many([Job(no) for no in range(3)], group=f"g{group}")
            found = await drained(port(stand, queue), 5)
            for group in range(20, 40):  # they come while the others are handled
                await queue.send(Job(0), group=f"g{group - 10}")
                found += await drained(port(stand, queue), 1)
            assert len(found) == 80
            for group in range(20):
                first = [no for one, no in found if one == f"g{group}"][:3]
                assert first == [0, 1, 2]

    played(story, jobs, steps)


def test_a_group_that_was_passed_over_is_read_from_its_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(line, "FAIR_GROUPS_MAX", 16)
    sizes = {f"g{no}": size for no, size in enumerate([1, *[2] * 3, *[4] * 12, *[1] * 3])}

    async def story(stand: Stand) -> None:
        queue = port(stand)
        assert queue.take(1) == []  # all groups were found: there are none
        sizes["a"] = 1
        for group, size in sizes.items():
            await jobs.send_many([Job(no) for no in range(size)], group=group)
        held = [queue.take(1)[0] for _ in range(17)]  # now there is room for one group more
        await jobs.send(Job(1), group="a")  # whose first message is unread
        found = [(one.group, *numbers([one])) for one in held] + await drained(queue, 1)
        sizes["a"] = 2
        assert sorted(found) == sorted(
            (group, no) for group, size in sizes.items() for no in range(size)
        )

    played(story, jobs)


def test_what_has_no_group_is_found_behind_many_that_have_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The loop is not held up while it is looked for."""
    monkeypatch.setattr(line, "PLAIN_STEP", 5)

    async def story(stand: Stand) -> None:
        queue = port(stand)
        await jobs.send_many([Job(no) for no in range(40)], group="a")
        await jobs.send(Job(40))
        assert [one.group for one in queue.take(3)] == ["a"] * 3
        at = queue.next_at()
        assert at is not None
        assert at <= stand.clock.time()
        await jobs.send(Job(41))
        found: list[tuple[str, int]] = []
        for _ in range(10):
            found += await drained(queue, 1)
        assert sorted(no for group, no in found if group == "") == [40, 41]
        assert len(found) == 39
        assert queue.next_at() == stand.clock.time() + LEASE_S

    played(story, jobs)


def test_what_is_read_ahead_of_many_groups_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "SHARED_AHEAD_BYTES", 10_000)

    async def story(stand: Stand) -> None:
        for group in range(50):
            await jobs.send_many([Job(no, "x" * 1000) for no in range(4)], group=f"g{group}")
        found: list[tuple[str, int]] = []
        most = 0
        while held := port(stand).take(1):
            found.append((held[0].group, numbers(held)[0]))
            await port(stand).settle([Done(held[0].receipt)])
            ahead: Any = port(stand)._line  # pyright: ignore[reportPrivateUsage]
            most = max(most, sum(len(row.body) for rows in ahead._ahead.values() for row in rows))
        assert len(set(found)) == 200
        assert 0 < most < 20_000

    played(story, jobs)


def test_messages_that_are_no_doubles_leave_nothing_behind() -> None:
    async def story(stand: Stand) -> None:
        count = "SELECT count(*) FROM dedup"
        await steps.send_many([Job(no) for no in range(10)], group="a")
        assert stand.database.execute(count).get == 0
        for no in range(10):
            await steps.send(Job(no), group="a", dedup=f"d{no}")
            stand.clock.advance(seconds=60)
        assert stand.database.execute(count).get == 10
        assert await port(stand, steps).sweep(stand.clock.time(), limit=3) == 3
        while await port(stand, steps).sweep(stand.clock.time(), limit=3):
            pass
        assert stand.database.execute(count).get == 4

    played(story, steps)


# -- what is swept


def test_an_old_message_is_not_given_before_it_is_swept() -> None:
    async def story(stand: Stand) -> None:
        queue = port(stand)
        await jobs.send_many([Job(no) for no in range(3)], group="a")
        await jobs.send(Job(3))
        await jobs.send(Job(4), delay_s=300)
        assert len(queue.take(1)) == 1  # others are read ahead
        stand.clock.advance(seconds=600)
        await jobs.send(Job(5))
        assert numbers(queue.take(10)) == [5]
        assert await queue.sweep(stand.clock.time()) == 4
        assert await queue.counts() == Counts(ready=1, in_flight=1, delayed=0, dead=0)
        assert numbers(queue.take(10)) == []

    played(story, jobs)


def test_what_is_being_handled_is_not_swept() -> None:
    async def story(stand: Stand) -> None:
        queue = port(stand)
        queue.lease_s = 3600
        await jobs.send_many([Job(1), Job(2)])
        first, second = queue.take(2)
        stand.clock.advance(seconds=601)
        assert await queue.sweep(stand.clock.time()) == 0
        assert await queue.counts() == Counts(ready=0, in_flight=2, delayed=0, dead=0)
        await queue.settle([Bury(first.receipt, "1", "failed", "why", 1), Retry(second.receipt, 0)])
        assert queue.take(2) == []
        assert await queue.sweep(stand.clock.time()) == 1
        assert await queue.counts() == Counts(ready=0, in_flight=0, delayed=0, dead=1)

    played(story, jobs)


def test_a_group_does_not_wait_for_what_is_gone() -> None:
    async def story(stand: Stand) -> None:
        queue = port(stand, steps)
        for ends in ("purged", "old"):
            await steps.send(Job(0), group="a")
            (held,) = queue.take(1)
            await queue.settle([Retry(held.receipt, 6 * 86_400)])
            assert queue.take(1) == []
            if ends == "purged":
                assert await queue.purge() == 1
            else:
                stand.clock.advance(days=5)
                assert await queue.sweep(stand.clock.time()) == 1
            await steps.send(Job(1), group="a")
            assert await drained(queue) == [("a", 1)]

    played(story, steps)


def test_a_purge_takes_what_was_read_ahead_and_leaves_what_is_in_flight() -> None:
    async def story(stand: Stand) -> None:
        queues: list[Queue[Job]] = [jobs, steps]
        for queue in queues:
            one = port(stand, queue)
            await queue.send_many([Job(no) for no in range(10)], group="a")
            (held,) = one.take(1)
            assert await one.purge() == 9
            assert one.take(10) == []
            await queue.send(Job(10), group="a")
            if queue is jobs:
                assert await drained(one) == [("a", 10)]
            await one.settle([Retry(held.receipt, 0)])
            found = await drained(one, 1)
            assert found == ([("a", 0)] if queue is jobs else [("a", 0), ("a", 10)])

    played(story, jobs, steps)
