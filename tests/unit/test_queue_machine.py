"""Queues against a model: whatever is sent, claimed, settled, lost by a crash, buried and sent
back, nothing accepted vanishes, nothing is held twice at once, and a group keeps its order.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from skylift import Conflict, Queue, Struct, Table, transaction
from skylift.codec.envelope import opened
from skylift.local import later, line
from skylift.local.queue import SqliteQueue
from skylift.ports.delivery import Bury, Counts, Done, Held, Letter, Retry, Settled
from skylift.testing.stand import Stand

pytestmark = pytest.mark.long  # left out of `make check`

T = TypeVar("T")
LEASE_S, DEDUP_S, RETENTION_S = 30.0, 300.0, 4000.0
IN_MEMORY = Path("/dev/shm")  # where there are files without a disk below them

NARROW: dict[tuple[Any, str], int] = {
    (line, "AHEAD"): 2,
    (line, "SHARED_AHEAD"): 2,
    (line, "SHARED_AHEAD_BYTES"): 500,
    (line, "FAIR_GROUPS_MAX"): 2,
    (line, "GROUP_STEPS"): 1,
    (line, "PLAIN_STEP"): 2,
    (later, "AHEAD"): 1,
    (later, "GROUP_STEPS"): 1,
}


class Parcel(Struct):
    no: int


class Note(Struct):
    id: str


plain = Queue("plain", Parcel, lease_s=LEASE_S, retention_s=RETENTION_S)
ordered = Queue("ordered", Parcel, fifo=True, lease_s=LEASE_S, retention_s=RETENTION_S)
notes = Table("notes", Note, key="id")


@plain.consumer
async def sort(parcel: Parcel) -> None: ...


@ordered.consumer
async def file(parcel: Parcel) -> None: ...


@dataclass(eq=False)
class Message:
    """What the model knows of one. `place` orders it among all; it changes when it is redriven."""

    no: int
    group: str
    sent_at: float
    place: int
    due: float = 0
    attempts: int = 0
    held: Held | None = None
    until: float = 0
    is_removed: bool = False  # by its age, while it was in flight


@dataclass
class Model:
    """One queue."""

    fifo: bool
    lease_s: float = LEASE_S
    retention_s: float = RETENTION_S
    alive: list[Message] = field(default_factory=list[Message])  # in the order of their places
    dead: list[tuple[Message, str]] = field(default_factory=list[tuple[Message, str]])
    doubles: dict[str, float] = field(default_factory=dict[str, float])
    suspects: list[Message] = field(default_factory=list[Message])
    stale: list[Any] = field(default_factory=list[Any])  # receipts that mean nothing any more
    ids: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def flying(self) -> list[Message]:
        return [one for one in self.alive if one.held is not None]

    def claimable(self, now: float) -> list[Message]:
        """In order. Of a FIFO queue: of each group with nothing in flight, up to the first whose
        time has not come.
        """
        if not self.fifo:
            return [one for one in self.alive if self.is_ready(one, now)]
        shut, found = {one.group for one in self.flying}, list[Message]()
        for one in self.alive:
            if one.group in shut or self.is_old(one, now):
                continue
            if self.is_ready(one, now):
                found.append(one)
            else:
                shut.add(one.group)
        return found

    def is_ready(self, one: Message, now: float) -> bool:
        return one.held is None and one.due <= now and not self.is_old(one, now)

    def is_old(self, one: Message, now: float) -> bool:
        return one.sent_at + self.retention_s <= now

    def counts(self, now: float) -> Counts:
        waiting = [one for one in self.alive if one.held is None]
        ready = sum(one.due <= now for one in waiting)
        return Counts(ready, len(self.flying), len(waiting) - ready, len(self.dead))

    def hold(self, one: Message, held: Held, until: float) -> None:
        assert one.held is None
        one.held, one.until = held, until

    def release(self, one: Message, due: float, *, counts: bool) -> None:
        assert one.held is not None
        self.stale.append(one.held.receipt)
        one.held, one.due, one.attempts = None, due, one.attempts + counts
        if one.is_removed:
            self.alive.remove(one)

    def remove(self, one: Message) -> None:
        assert one.held is not None
        self.stale.append(one.held.receipt)
        self.alive.remove(one)

    def reopened(self, *, charged: bool) -> None:
        self.suspects = []
        for one in self.flying:
            if charged:
                self.suspects.append(one)
            one.held, one.attempts = None, one.attempts + charged
            if one.is_removed:
                self.alive.remove(one)
        self.suspects = [one for one in self.suspects if not one.is_removed]
        self.stale = []


QUEUES = st.sampled_from([plain, ordered])
GROUPS = st.sampled_from(["a", "b", "c"])
OUTCOMES = st.sampled_from(["done", "done", "retry", "soon", "late", "lease", "back", "bury"])


class Depot(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        base = IN_MEMORY if IN_MEMORY.is_dir() else None
        self.folder = Path(tempfile.mkdtemp(prefix="skylift-", dir=base))
        self.runner = asyncio.Runner()
        self.patch = pytest.MonkeyPatch()
        self.stand = self.stand_at(self.folder / "0")
        self.models = {plain.name: Model(fifo=False), ordered.name: Model(fifo=True)}
        self.sent = self.places = self.looks = 0

    @initialize(
        counts=st.tuples(st.integers(0, 6), st.integers(0, 6)), group=GROUPS, narrow=st.booleans()
    )
    def begin(self, counts: tuple[int, int], group: str, narrow: bool) -> None:
        """In a narrow depot little is read ahead, and few groups are known at a time."""
        if narrow:
            self.looks = 50
            for module, name in NARROW:
                self.patch.setattr(module, name, NARROW[module, name])
        self.run(self.stand.__aenter__())
        for queue, count in zip((plain, ordered), counts, strict=True):
            self.send_many(queue, count, group)

    def teardown(self) -> None:
        if hasattr(self.stand, "ports"):
            self.run(self.stand.__aexit__())
        self.runner.close()
        self.patch.undo()
        shutil.rmtree(self.folder)

    # -- the world

    def run(self, story: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(story)

    def at_once(self, story: Coroutine[Any, Any, T]) -> T:
        """Of a story that waits for nothing."""
        try:
            story.send(None)
        except StopIteration as stop:
            return stop.value
        raise AssertionError("it waits")

    def stand_at(self, folder: Path) -> Stand:
        folder.mkdir(exist_ok=True)
        return Stand(plain, ordered, notes, sort.dead, file.dead, path=folder / "state.db")

    def port(self, queue: Queue[Parcel]) -> SqliteQueue:
        return self.stand.ports.adapters[queue.name]

    @property
    def now(self) -> float:
        return self.stand.clock.time()

    def reopen(self, folder: Path) -> None:
        stand = self.stand_at(folder)
        stand.clock, stand.entropy = self.stand.clock, self.stand.entropy
        self.stand = stand
        self.run(stand.__aenter__())
        for queue in (plain, ordered):
            model, port = self.models[queue.name], self.port(queue)
            port.lease_s = model.lease_s

    # -- sending

    def accepted(self, queue: Queue[Parcel], no: int, group: str, due: float = 0) -> None:
        self.places += 1
        message = Message(no, group, self.now, self.places, due)
        self.models[queue.name].alive.append(message)

    def next_parcel(self) -> Parcel:
        self.sent += 1
        return Parcel(self.sent)

    @rule(delay_s=st.sampled_from([0, 0, 0, 5, 60]), group=st.none() | GROUPS)
    def send(self, delay_s: float, group: str | None) -> None:
        parcel = self.next_parcel()
        self.run(plain.send(parcel, delay_s=delay_s, group=group))
        self.accepted(plain, parcel.no, group or "", self.now + delay_s if delay_s else 0)

    @rule(group=GROUPS, dedup=st.sampled_from([None, None, "x", "y"]))
    def send_in_order(self, group: str, dedup: str | None) -> None:
        parcel, model = self.next_parcel(), self.models[ordered.name]
        self.run(ordered.send(parcel, group=group, dedup=dedup))
        if dedup is not None:
            if model.doubles.get(dedup, 0) > self.now:
                return
            model.doubles[dedup] = self.now + DEDUP_S
        self.accepted(ordered, parcel.no, group)

    @rule(queue=QUEUES, count=st.integers(1, 6), group=GROUPS)
    def send_many(self, queue: Queue[Parcel], count: int, group: str) -> None:
        parcels = [self.next_parcel() for _ in range(count)]
        self.run(queue.send_many(parcels, group=group))
        for parcel in parcels:
            self.accepted(queue, parcel.no, group)

    @rule(to=st.lists(st.tuples(QUEUES, GROUPS), min_size=1, max_size=5), fails=st.booleans())
    def send_in_a_transaction(self, to: list[tuple[Queue[Parcel], str]], fails: bool) -> None:
        parcels = [self.next_parcel() for _ in to]

        async def attempt() -> None:
            async with transaction() as tx:
                for parcel, (queue, group) in zip(parcels, to, strict=True):
                    await queue.send(parcel, group=group, tx=tx)
                await notes.create(Note("first" if fails else str(parcels[0].no)), tx=tx)

        if fails:
            self.run(notes.put(Note("first")))
            try:
                self.run(attempt())
            except Conflict:
                return
            raise AssertionError("it was committed")
        self.run(attempt())
        for parcel, (queue, group) in zip(parcels, to, strict=True):
            self.accepted(queue, parcel.no, group)

    # -- receiving

    @rule(queue=QUEUES, count=st.integers(1, 5))
    def claim(self, queue: Queue[Parcel], count: int) -> None:
        claimable = self.models[queue.name].claimable(self.now)
        held = self.at_once(self.port(queue).claim(count))
        for _ in range(self.looks):  # a queue may have to look further for what it has
            held += self.at_once(self.port(queue).claim(count - len(held)))
        assert len(held) == min(count, len(claimable))
        self.hold(queue, held, claimable)

    @rule(queue=QUEUES)
    def handle_all(self, queue: Queue[Parcel]) -> None:
        model = self.models[queue.name]
        while claimable := model.claimable(self.now):
            self.claim(queue, len(claimable))
            self.settle(queue, [(at, "done") for at in range(len(model.flying))])

    @rule(queue=QUEUES)
    def claim_a_suspect(self, queue: Queue[Parcel]) -> None:
        model = self.models[queue.name]
        claimable = model.claimable(self.now)
        expected: list[Message] = []
        while model.suspects and not expected:
            suspect = model.suspects.pop(0)
            is_first = all(
                one.place >= suspect.place for one in claimable if one.group == suspect.group
            )
            if suspect in claimable and (is_first or not model.fifo):
                expected = [suspect]
        held = self.port(queue).take_suspect()
        assert [no_of(one) for one in held] == [one.no for one in expected]
        self.hold(queue, held, expected)

    def hold(
        self, queue: Queue[Parcel], held: Sequence[Held], claimable: Sequence[Message]
    ) -> None:
        model = self.models[queue.name]
        for one in held:
            no = no_of(one)
            message = next(message for message in claimable if message.no == no)
            model.hold(message, one, self.now + model.lease_s)
            assert (one.attempt, one.group) == (message.attempts + 1, message.group)
            assert abs(one.sent_at - message.sent_at) < 1e-5
            assert model.ids.setdefault(one.id, no) == no, "an id was used again"
        if model.fifo:
            for group in {one.group for one in held}:
                got = [no_of(one) for one in held if one.group == group]
                assert got == [one.no for one in claimable if one.group == group][: len(got)]

    @rule(
        queue=QUEUES, picks=st.lists(st.tuples(st.integers(0, 5), OUTCOMES), min_size=1, max_size=4)
    )
    def settle(self, queue: Queue[Parcel], picks: list[tuple[int, str]]) -> None:
        chosen = self.chosen(queue, picks)
        self.run(self.port(queue).settle([self.settled(*pick) for pick in chosen]))
        for message, outcome in chosen:
            self.carry_out(self.models[queue.name], message, outcome)

    def chosen(
        self, queue: Queue[Parcel], picks: list[tuple[int, str]]
    ) -> list[tuple[Message, str]]:
        flying = self.models[queue.name].flying
        found: dict[int, tuple[Message, str]] = {}
        for at, outcome in picks:
            if at < len(flying):
                found.setdefault(at, (flying[at], outcome))
        return list(found.values())

    def settled(self, message: Message, outcome: str) -> Settled:
        assert message.held is not None
        return self.settled_as(outcome, message.held.receipt, message.no)

    def settled_as(self, outcome: str, receipt: Any, no: int) -> Settled:
        return {
            "done": Done(receipt),
            "retry": Retry(receipt, 0),
            "soon": Retry(receipt, 2),
            "late": Retry(receipt, 100),
            "lease": Retry(receipt, None),
            "back": Retry(receipt, 0, counts=False),
            "bury": Bury(receipt, f"id {no}", "failed", "why", 1),
        }[outcome]

    def carry_out(self, model: Model, message: Message, outcome: str) -> None:
        if outcome == "done":
            model.remove(message)
        elif outcome == "bury":
            model.remove(message)
            model.dead.append((message, "failed"))
        elif outcome == "back":
            due = message.due if model.fifo else self.now
            model.release(message, due, counts=False)
        else:
            due = {"retry": self.now, "soon": self.now + 2, "late": self.now + 100}
            model.release(message, due.get(outcome, message.until), counts=True)

    @rule(queue=QUEUES, outcome=OUTCOMES)
    def settle_what_is_over(self, queue: Queue[Parcel], outcome: str) -> None:
        stale = self.models[queue.name].stale
        settled = [self.settled_as(outcome, receipt, 0) for receipt in stale]
        self.run(self.port(queue).settle(settled))

    # -- dead letters

    @rule(queue=QUEUES, limit=st.sampled_from([None, None, 1, 2]))
    def redrive(self, queue: Queue[Parcel], limit: int | None) -> None:
        model, dead = self.models[queue.name], self.dead(queue)
        moved, model.dead = model.dead[:limit], model.dead[len(model.dead[:limit]) :]
        assert self.run(dead.redrive(limit)) == len(moved)
        for message, _ in moved:
            self.accepted(queue, message.no, message.group)

    @rule(queue=QUEUES)
    def purge_dead(self, queue: Queue[Parcel]) -> None:
        model = self.models[queue.name]
        assert self.run(self.dead(queue).purge()) == len(model.dead)
        model.dead = []

    @rule(queue=QUEUES)
    def purge(self, queue: Queue[Parcel]) -> None:
        model = self.models[queue.name]
        waiting = len(model.alive) - len(model.flying)
        assert self.run(self.port(queue).purge()) == waiting
        model.alive = model.flying

    def dead(self, queue: Queue[Parcel]) -> Any:
        return self.stand.ports.adapters[(sort if queue is plain else file).dead.name]

    # -- time, and what happens to a process

    @rule(seconds=st.sampled_from([0.5, 2, 5, 29, 31, 61, 301]))
    def time_passes(self, seconds: float) -> None:
        self.stand.clock.advance(seconds=seconds)
        self.leases_end()

    def leases_end(self) -> None:
        async def look(port: SqliteQueue) -> None:
            assert await port.claim(0) == []
            await port.settle([])  # what ended is written in this very commit

        for queue in (plain, ordered):
            model = self.models[queue.name]
            self.run(look(self.port(queue)))
            for message in model.flying:
                if message.until <= self.now:
                    model.release(message, self.now, counts=True)

    @rule(seconds=st.sampled_from([2000, 5000]))
    def messages_grow_old(self, seconds: float) -> None:
        self.stand.clock.advance(seconds=seconds)
        self.leases_end()
        for queue in (plain, ordered):
            model = self.models[queue.name]
            self.run(self.port(queue).sweep(self.now))
            model.alive = [
                one for one in model.alive if one.held or not model.is_old(one, self.now)
            ]

    @rule(queue=QUEUES, lease_s=st.sampled_from([5.0, 30.0, 90.0]))
    def declare_again(self, queue: Queue[Parcel], lease_s: float) -> None:
        port, fifo = self.port(queue), queue is ordered
        declared = Queue(queue.name, Parcel, fifo=fifo, lease_s=lease_s, retention_s=RETENTION_S)
        port.admit(declared)
        port.declare(declared)
        self.models[queue.name].lease_s = lease_s

    @rule()
    def stop_and_start(self) -> None:
        folder = self.stand._path  # pyright: ignore[reportPrivateUsage]
        assert folder is not None
        self.run(self.stand.__aexit__())
        self.reopen(folder.parent)
        for model in self.models.values():
            model.reopened(charged=False)

    @rule(
        unsent=st.integers(0, 2),
        picks=st.lists(st.tuples(st.integers(0, 5), OUTCOMES), max_size=2),
        queue=QUEUES,
    )
    def crash(self, unsent: int, picks: list[tuple[int, str]], queue: Queue[Parcel]) -> None:
        """Killed while sends and settlements have not returned: what becomes of those is open to
        the store, but here nothing of a tick is written before its end.
        """
        was = self.stand._path  # pyright: ignore[reportPrivateUsage]
        assert was is not None
        image = self.folder / str(int(was.parent.name) + 1)
        settled = [self.settled(*pick) for pick in self.chosen(queue, picks)]

        async def die() -> None:
            sends = [
                asyncio.ensure_future(queue.send(self.next_parcel(), group="a"))
                for _ in range(unsent)
            ]
            settling = asyncio.ensure_future(self.port(queue).settle(settled))
            shutil.copytree(was.parent, image)
            await asyncio.gather(settling, *sends)
            await self.stand.__aexit__()

        self.run(die())
        self.reopen(image)
        for model in self.models.values():
            model.reopened(charged=True)

    # -- what always holds

    @invariant()
    def counts_are_true(self) -> None:
        for queue in (plain, ordered):
            model = self.models[queue.name]
            assert self.at_once(self.port(queue).counts()) == model.counts(self.now)

    @invariant()
    def dead_letters_stand_in_the_order_of_their_death(self) -> None:
        for queue in (plain, ordered):
            letters: list[Letter] = self.at_once(self.dead(queue).peek(100))
            dead = self.models[queue.name].dead
            assert [letter.id for letter in letters] == [f"id {one.no}" for one, _ in dead]
            assert [letter.group for letter in letters] == [one.group for one, _ in dead]


def no_of(held: Held | Letter) -> int:
    return plain.codec.decode(opened(held.body)).no


TestDepot = Depot.TestCase
TestDepot.settings = settings(max_examples=2000, stateful_step_count=15, deadline=None)
