"""What can be wrong with `feeds(queue)`, of whatever publishes. It is a declaration without a name
of its own: it counts only where the app's modules make it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from ..errors import Mistake
from ..resources.feed import Feed
from ..resources.queue import Queue
from ..signature import shown_type
from .collect import Collected
from .consumer import Wrong


def mistakes(found: Collected) -> Iterator[Mistake]:
    for source in found.resources:
        fed: list[Feed] = getattr(source, "fed", [])
        for feed in fed:
            for reason, remedy in _wrong(feed, found):
                said = f"{source.kind} {source.name!r}: {reason}"
                yield Mistake(feed.place, said, remedy)


def _wrong(feed: Feed, found: Collected) -> Iterator[Wrong]:
    queue = cast(object, feed.queue)
    if not isinstance(queue, Queue):
        yield f"it cannot feed {queue!r}", "feeds() takes a Queue of the app"
        return
    queue = feed.queue
    if all(one is not queue for one in found.resources):
        said = f"queue {queue.name!r} (declared at {queue.place})"
        yield f"{said} is not in the app", "add its module to App(...)"
    if feed.module not in {one.__name__ for one in found.modules}:
        remedy = "call it in a module that is given to App(...), beside what it declares"
        yield f"feeds() is called in {feed.module}, which is not in the app", remedy
    if queue.message is not feed.message:
        held, given = shown_type(queue.message), shown_type(feed.message)
        remedy = f"declare the queue with {given}, and have its consumer take that"
        yield f"it publishes {given}, and queue {queue.name!r} holds {held}", remedy
