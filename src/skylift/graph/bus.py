"""What can be wrong with a Bus, with its functions and with the queues it feeds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, cast

from ..errors import Mistake
from ..function import Function
from ..patterns import event_pattern
from ..resources.bus import TYPE_LENGTH_MAX, Bus, Rule
from ..resources.queue import Queue
from ..signature import is_structured, shown_type
from . import message
from .consumer import Wrong, invoked_mistakes
from .limits import is_whole
from .name import APP_NAME

ARCHIVE_DAYS_MAX = 3_650
RULES_MAX = 300  # of one bus of EventBridge
WILDCARD_RULES_MAX = 30  # of those, with a wildcard


class Asked(NamedTuple):
    """Who asked for events of a type: each is a rule on AWS."""

    event: Any
    where: Any
    place: str
    said: str


def mistakes(bus: Bus, functions: list[Function[..., Any]]) -> Iterator[Mistake]:
    said = f"bus {bus.name!r}"
    asked = [*_functions(functions), *_feeds(bus)]
    for reason, remedy in [*_options(bus), *_rules(asked)]:
        yield Mistake(bus.place, f"{said}: {reason}", remedy)
    for function in functions:
        yield from invoked_mistakes(function)
    for one in asked:
        for reason, remedy in [*_event(one.event), *_where(one), *_namesake(one, asked)]:
            yield Mistake(one.place, f"{one.said}: {reason}", remedy)
    for at, feed in enumerate(bus.fed):
        if not isinstance(cast(object, feed.queue), Queue):
            continue  # told with the feeds of all others
        if feed.queue.fifo is True:
            reason = f"{said}: queue {feed.queue.name!r} has fifo=True, and a bus keeps no order"
            yield Mistake(feed.place, reason, "leave fifo away, or use a Topic with fifo=True")
        twins = (one for one in bus.fed[:at] if one.queue is feed.queue)
        for twin in (one for one in twins if one.message is feed.message):
            reason = f"{said}: it feeds queue {feed.queue.name!r} already, at {twin.place}"
            yield Mistake(feed.place, reason, 'it would hold both: say one where={"$or": […]}')


def not_the_owner(app: str, resources: Iterable[object]) -> Iterator[Mistake]:
    for bus in resources:
        if isinstance(bus, Bus) and bus.shared not in (None, app) and bus.archive_days:
            reason = f"bus {bus.name!r}: archive_days= in an app that does not own it"
            remedy = f"say it in app {bus.shared!r}: the archive is of the whole bus"
            yield Mistake(bus.place, reason, remedy)


def is_own(bus: Bus, app: str) -> bool:
    """The app makes it; one that is shared by another is there already."""
    return bus.shared in (None, app)


def _functions(functions: list[Function[..., Any]]) -> Iterator[Asked]:
    for function in functions:
        rule = cast(Rule, function.trigger)
        said = f"{function.handler.__name__}()"
        yield Asked(rule.message, rule.where, function.place, said)


def _feeds(bus: Bus) -> Iterator[Asked]:
    for feed in bus.fed:
        yield Asked(feed.message, feed.where, feed.place, f"bus {bus.name!r}")


def _options(bus: Bus) -> Iterator[Wrong]:
    if not is_whole(bus.archive_days, 0, ARCHIVE_DAYS_MAX):
        allowed = f"allowed are whole numbers from 0 to {ARCHIVE_DAYS_MAX:,}"
        yield f"archive_days={bus.archive_days!r}, {allowed}", "0 keeps nothing"
    shared = cast(object, bus.shared)
    is_app = isinstance(shared, str) and APP_NAME.fullmatch(shared)
    if shared is not None and not is_app:
        yield f"shared={shared!r} is no name of an app", 'it names the owner: shared="bakery"'


def _rules(asked: list[Asked]) -> Iterator[Wrong]:
    if len(asked) > RULES_MAX:
        yield f"{len(asked)} functions and queues, limit {RULES_MAX}", "use a second bus"
    wild = [one for one in asked if "'wildcard'" in repr(one.where)]
    if len(wild) > WILDCARD_RULES_MAX:
        remedy = "EventBridge takes no more: use prefix or suffix"
        yield f"{len(wild)} rules with a wildcard, limit {WILDCARD_RULES_MAX}", remedy


def _event(event: Any) -> Iterator[Wrong]:
    found = list(message.wrong_to_mark(event))
    yield from found
    if found:
        return
    if is_structured(event) and issubclass(event, dict):
        remedy = "its name is lost when it is published: make it a Struct or a dataclass"
        yield f"{shown_type(event)} is a TypedDict, and so a dict", remedy
    if len(event.__name__) > TYPE_LENGTH_MAX:
        yield f"{event.__name__} has more than {TYPE_LENGTH_MAX} letters", "rename it"


def _where(one: Asked) -> Iterator[Wrong]:
    if isinstance(one.event, type):
        yield from event_pattern(one.where, cast("type[Any]", one.event)).mistakes


def _namesake(one: Asked, asked: list[Asked]) -> Iterator[Wrong]:
    """Another class of that name: their events could not be told apart."""
    name = getattr(one.event, "__name__", None)
    for other in asked:
        if other is one:
            return
        if getattr(other.event, "__name__", None) == name and other.event is not one.event:
            reason = f"{name} is another class than the {name} at {other.place}"
            yield reason, "an event's type is its class's name: rename one of them"
            return
