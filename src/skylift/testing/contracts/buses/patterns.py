"""What nobody wants does not come: EventBridge's patterns, on the event."""

from __future__ import annotations

from typing import Any

from ....function import Function
from ....resources.bus import Bus
from ....resources.queue import Queue
from ...story import story
from .stock import ALL, LEASE_S, Owner, RoomOpened, events, ids, invite, large_rooms, welcome

ANN, BOB = Owner("Ann", 1990), Owner("Bob")
STOCK = [
    RoomOpened("chess", "chess", 3, tags=["slow"], seats=[ANN, BOB]),
    RoomOpened("go", "Go", 100, hidden=True, tags=["slow", "old"]),
    RoomOpened("golf", "golf", 100.5, owner=ANN),
    RoomOpened("net", "10.0.0.7", 1e12),
    RoomOpened("odd", "a*b\\c", -7.25, hidden=True, owner=BOB),
    RoomOpened("plain"),
]
WANTED: dict[str, tuple[dict[str, Any], str]] = {
    "a value": ({"topic": ["chess"]}, "chess"),
    "one of some": ({"topic": ["chess", "golf"]}, "chess golf"),
    "nothing in it": ({"topic": [""]}, "plain"),
    "a number": ({"size": [100]}, "go"),
    "a large number": ({"size": [1_000_000_000_000]}, "net"),
    "truth": ({"hidden": [True]}, "go odd"),
    "nothing": ({"owner": [None]}, "chess go net plain"),
    "nothing inside": ({"owner": {"name": [{"exists": False}]}}, "chess go net plain"),
    "two fields": ({"topic": ["chess", "Go"], "size": [{"numeric": [">", 3]}]}, "go"),
    "a beginning": ({"topic": [{"prefix": "go"}]}, "golf"),
    "a beginning in any case": ({"topic": [{"prefix": {"equals-ignore-case": "GO"}}]}, "go golf"),
    "an end": ({"topic": [{"suffix": "ss"}]}, "chess"),
    "an end in any case": ({"topic": [{"suffix": {"equals-ignore-case": "O"}}]}, "go"),
    "any case": ({"topic": [{"equals-ignore-case": "GO"}]}, "go"),
    "a wildcard": ({"topic": [{"wildcard": "c*s"}]}, "chess"),
    "an escaped wildcard": ({"topic": [{"wildcard": "*\\*b\\\\*"}]}, "odd"),
    "another": ({"topic": [{"anything-but": ["chess", ""]}]}, "go golf net odd"),
    "another number": ({"size": [{"anything-but": [0, 3]}]}, "go golf net odd"),
    "another beginning": (
        {"topic": [{"anything-but": {"prefix": ["g", "c"]}}]},
        "go net odd plain",
    ),
    "another end": ({"topic": [{"anything-but": {"suffix": "o"}}]}, "chess golf net odd plain"),
    "another in any case": (
        {"topic": [{"anything-but": {"equals-ignore-case": ["GO", "GOLF"]}}]},
        "chess net odd plain",
    ),
    "no wildcard": ({"topic": [{"anything-but": {"wildcard": "*o*"}}]}, "chess net odd plain"),
    "a range": ({"size": [{"numeric": [">=", 3, "<", 100.5]}]}, "chess go"),
    "an equal number": ({"size": [{"numeric": ["=", -7.25]}]}, "odd"),
    "an address": ({"topic": [{"cidr": "10.0.0.0/24"}]}, "net"),
    "a field inside": ({"owner": {"name": ["Ann"]}}, "golf"),
    "an element": ({"tags": ["old"]}, "go"),
    "no element": ({"tags": [{"exists": False}]}, "golf net odd plain"),
    "one of a list": ({"seats": {"name": ["Bob"], "born": [0]}}, "chess"),
    "no one of a list": ({"seats": {"name": ["Bob"], "born": [1990]}}, ""),
    "either field": (
        {"$or": [{"size": [{"numeric": [">", 1000]}]}, {"tags": ["slow"]}]},
        "chess go net",
    ),
    "either, and a third": (
        {"hidden": [True], "$or": [{"tags": ["old"]}, {"size": [{"numeric": ["<", 0]}]}]},
        "go odd",
    ),
    "a value or a beginning": ({"topic": ["chess", {"prefix": "go"}]}, "chess golf"),
}


class Choosing:
    """A bus with a queue for each wish, and functions for some."""

    def __init__(self) -> None:
        self.bus = Bus("choosing")
        self.functions: dict[str, Function[..., Any]] = {}
        self.queues: dict[str, Queue[RoomOpened]] = {}
        for at, (wish, (where, _)) in enumerate(WANTED.items()):
            queue = self.queues[wish] = Queue(f"wanted{at}", RoomOpened, lease_s=LEASE_S)
            self.bus.feeds(queue, RoomOpened, where=where)
        for wish in ("a value", "two fields", "either field"):
            self.functions[wish] = self._asked(f"take{len(self.functions)}", WANTED[wish][0])

    def _asked(self, name: str, where: dict[str, Any]) -> Function[..., Any]:
        async def take(event: RoomOpened) -> None:
            """The same."""

        take.__name__ = take.__qualname__ = name
        return self.bus.on(RoomOpened, where=where)(take)


choosing = Choosing()
OPEN = (choosing.bus, *choosing.queues.values(), *choosing.functions.values())


class PatternsContract:
    @story(*OPEN)
    async def test_a_queue_is_fed_with_what_its_pattern_lets_through(self, world: Any) -> None:
        for one in STOCK:
            await choosing.bus.publish(one)
        found = {
            wish: " ".join(await ids(world, queue, len(WANTED[wish][1].split())))
            for wish, queue in choosing.queues.items()
        }
        assert found == {wish: said for wish, (_, said) in WANTED.items()}

    @story(*OPEN)
    async def test_a_function_is_given_what_its_pattern_lets_through(self, world: Any) -> None:
        for one in STOCK:
            await choosing.bus.publish(one)
        for wish, function in choosing.functions.items():
            wanted = WANTED[wish][1].split()
            assert await ids(world, function, len(wanted)) == wanted

    @story(*ALL)
    async def test_who_wants_some_and_who_wants_all_do_not_mind_each_other(
        self, world: Any
    ) -> None:
        for one in STOCK:
            await events.publish(one)
        assert await ids(world, welcome, len(STOCK)) == sorted(one.id for one in STOCK)
        assert await ids(world, invite, 1) == ["chess"]
        assert await ids(world, large_rooms, 2) == ["golf", "net"]
