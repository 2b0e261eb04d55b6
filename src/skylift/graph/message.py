"""What can be wrong with a type of messages, whatever carries them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..codec.declared import declared_as
from ..codec.envelope import MARK
from ..signature import is_structured, shown_type
from .consumer import Wrong
from .unsound import REASON, REMEDY, is_unsound


def wrong(message: Any) -> Iterator[Wrong]:
    if not isinstance(message, type) or not is_structured(message):
        remedy = "a message is a class with fields: Struct, dataclass, TypedDict or pydantic model"
        yield f"{shown_type(message)} cannot be a message", remedy
    elif is_unsound(message):
        yield f"{message.__name__}: {REASON}", REMEDY
    else:
        try:
            yield from declared_as(message).mistakes
        except re.error as error:
            remedy = "a pattern of Meta is a regular expression of Python's"
            yield f"{message.__name__} has a wrong pattern: {error}", remedy


def wrong_to_mark(message: Any) -> Iterator[Wrong]:
    """Of one that says in a member of its own what an envelope says."""
    found = list(wrong(message))
    yield from found
    if found:
        return
    objects = declared_as(message).root.objects
    names = [field[1] for each in objects for field in each.fields]
    names += [each.tag[0] for each in objects if each.tag]
    if not objects:
        remedy = "what is published is an object whose fields filters can name: give it fields"
        yield f"{message.__name__} is no object in JSON", remedy
    elif MARK in names:
        remedy = f"{MARK!r} is the member that says by which trace a message was sent: rename it"
        yield f"{message.__name__} has a field that is {MARK!r} in JSON", remedy
