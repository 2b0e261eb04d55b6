"""Records of a table's stream as changes of its items. What our writers leave beside an item tells
whose trace it is and when it was written, and is no change by itself; of what others have written,
and of what was deleted, the stream's own time counts, to the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeAlias

from msgspec import Struct

from ...engine.change import is_same, stories
from ...resources.change import enclosed, told
from .value_dynamodb import WRITER, Layout, object_of, text_of

Record: TypeAlias = Mapping[str, Any]

SERVICE = "dynamodb.amazonaws.com"  # what removes what has expired
EARLIER = "-expired"  # of two changes in one record


class Written(Struct, frozen=True):
    """One change, as it is delivered. `item` is another text for each key."""

    id: str
    item: str
    body: str
    sent_at: float


def changes_in(record: Record, layout: Layout) -> list[Written]:
    """None where only what is hidden has changed; two where an item was written over after it had
    expired. A record that is no table's raises what reading it raises.
    """
    said, event = record["dynamodb"], str(record["eventID"])
    old, new = said.get("OldImage"), said.get("NewImage")
    before, after = object_of(old) if old else None, object_of(new) if new else None
    trace, at_us = writing(new or {}, float(said.get("ApproximateCreationDateTime", 0)))
    is_over = is_expiry(record) or (before is not None and layout.is_over(before, at_us))
    same = partial(is_same, shape=layout.codec.shape)
    item = str(sorted(said["Keys"].items()))
    at, found = at_us / 1e6, list[Written]()
    for kind, was, became in stories(before, after, same, is_over=is_over):
        id = event + EARLIER * (kind == "expired" and after is not None)
        texts = [None if tree is None else text_of(tree) for tree in (was, became)]
        moment = datetime.fromtimestamp(at, UTC)
        found.append(Written(id, item, enclosed(told(kind, *texts), id, moment, trace), at))
    return found


def writing(new: Record, at: float) -> tuple[str, int]:
    """By which trace, and when in microseconds, this was written."""
    trace, _, us = str(new.get(WRITER, {}).get("S", "")).rpartition(" ")
    return (trace, int(us)) if us.isdecimal() else ("", int(at * 1_000_000))


def is_expiry(record: Record) -> bool:
    identity: Any = record.get("userIdentity") or {}
    return record["eventName"] == "REMOVE" and identity.get("principalId") == SERVICE


def sequence_of(record: Record) -> str:
    return str(record["dynamodb"]["SequenceNumber"])
