"""The same random writes and reads here and on AWS: every answer and every error must be the same,
to the letter.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal

import pytest
from msgspec import Struct

from skylift import Condition, DeclarationError, SkyliftError, Table, attr, now, transaction
from skylift.testing.inside import inside
from skylift.testing.stand import Stand
from tests.rehearsal.clocked import ClockedMinistack
from tests.rehearsal.stand import AwsStand

pytestmark = pytest.mark.long

ROUNDS = 250


class Size(Struct):
    width: int
    unit: str | None = None


class Thing(Struct, rename="camel"):
    room_id: str
    no: int
    owner: str | None = None
    ends_at: float | None = None
    hits: int = 0
    price: Decimal = Decimal(0)
    tags: set[str] = set()
    marks: dict[str, int] = {}
    raw: bytes | None = None
    size: Size | None = None
    state: Literal["open", "done"] = "open"
    either: int | str | None = None


things = Table[Thing, str, int](
    "things",
    Thing,
    key=("room_id", "no"),
    indexes={"by_owner": ("owner", "no"), "by_hits": ("room_id", "hits")},
    ttl="ends_at",
)

Deed = Callable[[], Awaitable[Any]]


class Chance:
    """Draws the same for both, from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.of = self._random.choice
        self.some = lambda parts: self._random.sample(parts, self._random.randint(0, 2))

    def key(self) -> tuple[str, int]:
        return self.of(["r", "s"]), self.of([1, 2, 3])

    def value(self, field: str) -> Any:
        hour = timedelta(hours=self.of([-1, 1])).total_seconds()
        return self.of(
            {
                "owner": ["ann", "bob", "", None],
                "ends_at": [None, None, now().timestamp() + hour],
                "hits": [0, 1, 7, -3, 10**30],
                "price": [Decimal("0.1"), Decimal("1.50"), Decimal(3)],
                "tags": [set(), {"a"}, {"a", "b"}],
                "marks": [{}, {"x": 1}],
                "raw": [None, b"", b"ab", b"\xff"],
                "size": [None, Size(1), Size(2, "cm")],
                "state": ["open", "done"],
                "either": [None, 1, "1"],
                "size.width": [1, 5],
                "size.unit": ["mm", None],
                "marks.x": [1, 2],
                "marks.y": [3],
            }[field]
        )

    def thing(self) -> Thing:
        room, no = self.key()
        return Thing(room, no, **{field: self.value(field) for field in self.some(PLAIN)})

    def condition(self) -> Condition:
        field: Any = attr(self.of([*PLAIN, "size.width", "size.unit", "marks.x"]))
        leaf: Condition = self.of(
            [
                field.missing(),
                field.present(),
                field == self.of(["ann", 1, b"ab", Decimal("0.1"), {"a"}, Size(1), "open"]),
                field != self.of(["ann", 1, b"ab", {"a", "b"}]),
                field > self.of([0, "a", b"a"]),
                field.between(self.of([0, 2]), self.of([1, 5])),
                field.contains(self.of(["a", b"a", 1])),
                field.begins_with(self.of(["a", b"a", ""])),
                field.one_of("bob", 7, b"", Decimal(3)),
            ]
        )
        shape = self.of(["leaf", "leaf", "not", "and", "or"])
        if shape == "leaf":
            return leaf
        if shape == "not":
            return ~leaf
        other = self.condition()
        return leaf & other if shape == "and" else leaf | other

    def maybe_condition(self) -> Condition | None:
        return self.condition() if self.of([True, False]) else None

    def update(self) -> dict[str, Any]:
        changes: dict[str, Any] = {
            "set": {field: self.value(field) for field in self.some([*PLAIN, *NESTED])}
        }
        changes["add"] = {field: self.of(ADDED[field]) for field in self.some([*ADDED])}
        changes["remove"] = self.some(["owner", "size", "size.unit", "tags", "marks.x", "ends_at"])
        return {**changes, "if_": self.maybe_condition()}


PLAIN = ["owner", "ends_at", "hits", "price", "tags", "marks", "raw", "size", "state", "either"]
NESTED = ["size.width", "size.unit", "marks.x", "marks.y"]
ADDED: dict[str, list[Any]] = {
    "hits": [1, 10**30],
    "price": [Decimal("0.2"), 1],
    "tags": [{"b"}, set()],
    "marks.x": [2],
    "size.width": [-1],
    "ends_at": [0, 0.5],
    "either": [1],
}


def deed(chance: Chance) -> Deed:
    return chance.of([put, create, update, update, delete, get, listed, queried, together])(chance)


def put(chance: Chance) -> Deed:
    thing, if_ = chance.thing(), chance.maybe_condition()
    return lambda: things.put(thing, if_=if_)


def create(chance: Chance) -> Deed:
    thing = chance.thing()
    return lambda: things.create(thing)


def update(chance: Chance) -> Deed:
    key, changes = chance.key(), chance.update()
    return lambda: things.update(*key, **changes)


def delete(chance: Chance) -> Deed:
    key, if_ = chance.key(), chance.maybe_condition()
    return lambda: things.delete(*key, if_=if_)


def get(chance: Chance) -> Deed:
    keys = [chance.key() for _ in range(3)]
    return lambda: things.get_many(keys)


def listed(chance: Chance) -> Deed:
    async def scanned() -> Any:
        found = [thing async for thing in things.scan()]
        return sorted(found, key=lambda thing: (thing.room_id, thing.no))

    return scanned


def queried(chance: Chance) -> Deed:
    index = chance.of([None, "by_owner", "by_hits"])
    partition = "ann" if index == "by_owner" else "r"
    where: Any = chance.condition()
    if chance.of([True, False]):
        where &= attr("hits" if index == "by_hits" else "no") >= chance.of([0, 2])
    reverse, limit = chance.of([True, False]), chance.of([1, 2, 50])

    async def pages() -> Any:
        found: list[Any] = []
        cursor = None
        while True:
            page = await things.page(
                partition, index=index, where=where, reverse=reverse, limit=limit, cursor=cursor
            )
            found.append(page.items)
            cursor = page.cursor
            if cursor is None:
                return found

    return pages


def together(chance: Chance) -> Deed:
    steps = [
        chance.of(
            [
                lambda tx, one=chance.thing(): things.create(one, tx=tx),
                lambda tx, one=chance.thing(), if_=chance.maybe_condition(): things.put(
                    one, if_=if_, tx=tx
                ),
                lambda tx, key=chance.key(), changes=chance.update(): things.update(
                    *key, **changes, tx=tx
                ),
                lambda tx, key=chance.key(), if_=chance.condition(): things.check(
                    *key, if_=if_, tx=tx
                ),
                lambda tx, key=chance.key(), if_=chance.maybe_condition(): things.delete(
                    *key, if_=if_, tx=tx
                ),
            ]
        )
        for _ in range(chance.of([1, 2, 3]))
    ]

    async def committed() -> None:
        async with transaction() as tx:
            for step in steps:
                await step(tx)

    return committed


async def answer(doing: Deed) -> Any:
    try:
        return await doing()
    except (SkyliftError, DeclarationError) as error:
        return type(error).__name__, str(error)


@pytest.mark.parametrize("seed", range(4))
def test_every_answer_is_the_same_here_and_there(seed: int, clocked: ClockedMinistack) -> None:
    async def play() -> None:
        async with Stand(things) as here, AwsStand(clocked, things) as there:
            here.clock.advance(seconds=there.clock.time() - here.clock.time())
            chance = Chance(seed)
            for number in range(ROUNDS):
                doing = deed(chance)
                with inside(here.ports):
                    expected = await answer(doing)
                with inside(there.ports):
                    found = await answer(doing)
                assert found == expected, f"{doing.__qualname__}, the {number}th"

    asyncio.run(play())
