"""What can be wrong with a Topic, its subscribers and the queues it feeds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from ..errors import Mistake
from ..function import Function
from ..patterns import filter_policy
from ..resources.feed import Feed
from ..resources.queue import Queue
from ..resources.topic import Subscription, Topic
from . import message
from .consumer import Wrong, invoked_mistakes

FILTERS_MAX = 200  # of one topic of SNS


def mistakes(topic: Topic[Any], functions: list[Function[..., Any]]) -> Iterator[Mistake]:
    said = f"topic {topic.name!r}"
    for reason, remedy in [*_topic(topic), *_filters(topic, functions)]:
        yield Mistake(topic.place, f"{said}: {reason}", remedy)
    for function in functions:
        yield from invoked_mistakes(function)
        call = f"{function.handler.__name__}()"
        for reason, remedy in _subscriber(topic, cast(Subscription, function.trigger)):
            yield Mistake(function.place, f"{call}: {reason}", remedy)
    for at, feed in enumerate(topic.fed):
        for reason, remedy in _feed(topic, feed, topic.fed[:at]):
            yield Mistake(feed.place, f"{said}: {reason}", remedy)


def _topic(topic: Topic[Any]) -> Iterator[Wrong]:
    yield from message.wrong_to_mark(topic.message)
    fifo = cast(object, topic.fifo)
    if not isinstance(fifo, bool):
        yield f"fifo={fifo!r}", "fifo is True or False"


def _filters(topic: Topic[Any], functions: list[Function[..., Any]]) -> Iterator[Wrong]:
    wheres = [cast(Subscription, one.trigger).where for one in functions]
    count = sum(where is not None for where in (*wheres, *(feed.where for feed in topic.fed)))
    if count > FILTERS_MAX:
        remedy = "SNS takes no more; let the handlers look at the message"
        yield f"it has {count} subscribers with where=, limit {FILTERS_MAX}", remedy


def _subscriber(topic: Topic[Any], trigger: Subscription) -> Iterator[Wrong]:
    if topic.fifo is True:
        remedy = "SNS cannot: write topic.feeds(queue) and a consumer of that queue"
        yield f"topic {topic.name!r} has fifo=True, and so calls no functions", remedy
    yield from _where(topic, trigger.where)


def _feed(topic: Topic[Any], feed: Feed, before: list[Feed]) -> Iterator[Wrong]:
    yield from _where(topic, feed.where)
    if not isinstance(cast(object, feed.queue), Queue):
        return  # told with the feeds of all others
    if feed.queue.fifo is True and topic.fifo is False:
        reason = f"queue {feed.queue.name!r} has fifo=True, and the topic has not"
        yield reason, "say fifo=True on both, or on neither"
    twin = next((one for one in before if one.queue is feed.queue), None)
    if twin is not None:
        reason = f"it feeds queue {feed.queue.name!r} already, at {twin.place}"
        yield reason, 'a queue subscribes once: say both in one where={"$or": […]}'


def _where(topic: Topic[Any], where: Any) -> Iterator[Wrong]:
    if isinstance(cast(object, topic.message), type):
        yield from filter_policy(where, topic.message).mistakes
