"""The two constructors. A pattern is written with the field names of the message's class; what is
deployed, and what `matches` is given, has the names of its JSON.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from msgspec import json

from ..codec.declared import declared_as
from ..codec.shape import Shape
from . import grammar
from .grammar import Grammar
from .match import Matches, everything, matcher
from .read import Reading
from .wrong import Wrong

RULE_CHARACTERS_MAX = 2_048
OR_COMBINATIONS_MAX = 1_000


class Pattern(NamedTuple):
    """`matches` takes the decoded JSON of one message. While there are `mistakes`, each with what
    to do about it, it matches nothing.
    """

    document: dict[str, Any]  # as it is deployed, for the message alone; empty matches all
    matches: Matches
    mistakes: tuple[Wrong, ...] = ()


def event_pattern(where: Any, message_type: type[Any]) -> Pattern:
    """`where=` of a bus: what EventBridge compares with an event's detail."""
    reading = _read(where, message_type, grammar.BUS)
    if reading is None:
        return EVERYTHING
    mistakes = reading.mistakes or [*_too_many(reading), *_too_long(reading, message_type)]
    return _pattern(reading, mistakes)


def filter_policy(where: Any, message_type: type[Any]) -> Pattern:
    """`where=` of a topic: what SNS compares with a message's body."""
    reading = _read(where, message_type, grammar.TOPIC)
    if reading is None:
        return EVERYTHING
    return _pattern(reading, reading.mistakes or list(grammar.beyond_topic(reading.document)))


def deployed(detail_type: str, document: dict[str, Any]) -> dict[str, Any]:
    """The pattern of a rule, for events of one type."""
    said: dict[str, Any] = {"detail-type": [detail_type]}
    return {**said, "detail": document} if document else said


def _read(where: Any, message_type: type[Any], of: Grammar) -> Reading | None:
    if where is None:
        return None
    declared = declared_as(message_type)
    # A type with mistakes of its own has no shape to check against; it is told elsewhere.
    shape = Shape() if declared.mistakes else declared.root
    return Reading(where, shape, of)


def _pattern(reading: Reading, mistakes: list[Wrong]) -> Pattern:
    if mistakes:
        return Pattern({}, _nothing, tuple(mistakes))
    return Pattern(reading.document, matcher(reading.alternatives))


def _too_many(reading: Reading) -> list[Wrong]:
    count = _product(reading.document)
    if count <= OR_COMBINATIONS_MAX:
        return []
    reason = f"where: its $or make {count:,} combinations, limit {OR_COMBINATIONS_MAX:,}"
    return [Wrong(reason, "EventBridge takes no more; use several functions")]


def _too_long(reading: Reading, message_type: type[Any]) -> list[Wrong]:
    text = json.encode(deployed(message_type.__name__, reading.document)).decode()
    if len(text) <= RULE_CHARACTERS_MAX:
        return []
    reason = (
        f"where: the rule's pattern has {len(text):,} characters, limit {RULE_CHARACTERS_MAX:,}"
    )
    return [Wrong(reason, "EventBridge takes no more: name fewer values, or a prefix of them")]


def _product(part: Any) -> int:
    """As AWS counts: the branches of every $or, multiplied, whether they meet or not."""
    found = 1
    if isinstance(part, dict):
        for name, value in cast("dict[str, Any]", part).items():
            found *= len(value) if name == "$or" else 1
            found *= _product(value)
    elif isinstance(part, list):
        for value in cast("list[Any]", part):
            found *= _product(value)
    return found


def _nothing(_: Any) -> bool:
    return False


EVERYTHING = Pattern({}, everything)
