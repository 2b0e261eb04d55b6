"""What a subscriber does not want does not come: SNS's filter policies, on the message."""

from __future__ import annotations

from typing import Any

from ....function import Function
from ....resources.queue import Queue
from ....resources.topic import Topic
from ...story import story
from .stock import LEASE_S, STANDARD, Author, News, copies, ids, large, news, warn

STOCK = [
    News("plain"),
    News("rain", "rain", 3, tags=["wet"]),
    News("Rain", "Rain", 100, urgent=True, tags=["wet", "cold"]),
    News("rainbow", "rainbow", 100.5, by=Author("Ann", 1990)),
    News("snow", "snow", -7.25, urgent=True, by=Author("Bob")),
    News("raw", "10.0.0.7", 1e9, tags=[""]),
]
WANTED: dict[str, tuple[dict[str, Any], str]] = {
    "a value": ({"about": ["rain"]}, "rain"),
    "one of some": ({"about": ["rain", "snow"]}, "rain snow"),
    "a number": ({"size": [100]}, "Rain"),
    "truth": ({"urgent": [True]}, "Rain snow"),
    "both of two": ({"about": ["snow", "Rain"], "size": [{"numeric": ["<", 0]}]}, "snow"),
    "a beginning": ({"about": [{"prefix": "rain"}]}, "rain rainbow"),
    "an end": ({"about": [{"suffix": "bow"}]}, "rainbow"),
    "any case": ({"about": [{"equals-ignore-case": "RAIN"}]}, "rain Rain"),
    "a wildcard": ({"about": [{"wildcard": "r*b*w"}]}, "rainbow"),
    "another": ({"about": [{"anything-but": ["rain", ""]}]}, "Rain rainbow snow raw"),
    "another beginning": (
        {"about": [{"anything-but": {"prefix": "rain"}}]},
        "plain Rain snow raw",
    ),
    "a range": ({"size": [{"numeric": [">=", 3, "<", 100.5]}]}, "rain Rain"),
    "an equal number": ({"size": [{"numeric": ["=", -7.25]}]}, "snow"),
    "an address": ({"about": [{"cidr": "10.0.0.0/24"}]}, "raw"),
    "a field that is there": ({"by": {"born": [{"exists": True}]}}, "rainbow snow"),
    "a field inside": ({"by": {"name": ["Ann"]}}, "rainbow"),
    "an element": ({"tags": ["cold"]}, "Rain"),
    "either field": (
        {"$or": [{"size": [{"numeric": [">", 100]}]}, {"tags": ["wet"]}]},
        "rain Rain rainbow raw",
    ),
    "a value or a beginning": ({"about": ["snow", {"prefix": "rain"}]}, "rain rainbow snow"),
}


class Choosing:
    """A topic with a subscriber and a queue for each wish."""

    def __init__(self) -> None:
        self.topic = Topic("choosing", News)
        self.functions: dict[str, Function[..., Any]] = {}
        self.queues: dict[str, Queue[News]] = {}
        for at, (wish, (where, _)) in enumerate(WANTED.items()):
            queue = self.queues[wish] = Queue(f"wanted{at}", News, lease_s=LEASE_S)
            self.topic.feeds(queue, where=where)
        for wish in ("a value", "both of two", "either field"):
            self.functions[wish] = self._subscribed(f"take{len(self.functions)}", WANTED[wish][0])

    def _subscribed(self, name: str, where: dict[str, Any]) -> Function[..., Any]:
        async def take(told: News) -> None:
            """The same."""

        take.__name__ = take.__qualname__ = name
        return self.topic.subscriber(where=where)(take)


choosing = Choosing()
OPEN = (choosing.topic, *choosing.queues.values(), *choosing.functions.values())


class FiltersContract:
    @story(*OPEN)
    async def test_a_queue_is_fed_with_what_its_filter_lets_through(self, world: Any) -> None:
        for one in STOCK:
            await choosing.topic.publish(one)
        found = {
            wish: " ".join(await ids(world, queue, len(WANTED[wish][1].split())))
            for wish, queue in choosing.queues.items()
        }
        in_order = {wish: in_stock(said) for wish, said in found.items()}
        assert in_order == {wish: said for wish, (_, said) in WANTED.items()}

    @story(*OPEN)
    async def test_a_subscriber_gets_what_its_filter_lets_through(self, world: Any) -> None:
        for one in STOCK:
            await choosing.topic.publish(one)
        for wish, function in choosing.functions.items():
            wanted = WANTED[wish][1]
            found = await ids(world, function, len(wanted.split()))
            assert in_stock(" ".join(found)) == wanted

    @story(*STANDARD)
    async def test_who_wants_some_and_who_wants_all_do_not_mind_each_other(
        self, world: Any
    ) -> None:
        for one in STOCK:
            await news.publish(one)
        assert in_stock(" ".join(await ids(world, copies, len(STOCK)))) == in_stock(
            " ".join(one.id for one in STOCK)
        )
        assert await ids(world, warn, 1) == ["snow"]
        assert in_stock(" ".join(await ids(world, large, 2))) == "rainbow raw"


def in_stock(said: str) -> str:
    """In the order of publication: a standard topic keeps none."""
    order = [one.id for one in STOCK]
    return " ".join(sorted(said.split(), key=order.index))
