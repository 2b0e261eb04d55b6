"""Events as Lambda hands them to a function that nobody waits for, and the message in each: a
topic's, a bus's, or what somebody started the function with, be it a schedule. They are told apart
by their shape, for one function may be called in several of these ways; what could not be handed
over lies in the same shapes among the dead letters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, cast

from msgspec import Struct, json

Event: TypeAlias = Mapping[str, Any]


class Arrived(Struct, frozen=True):
    """The text of a message; its id and the time of its sending as the service says them, which
    counts for a foreign sender's.
    """

    text: str
    id: str = ""
    sent_at: str = ""


def arrived(event: Any) -> Arrived:
    """What has no shape that is known here is all message."""
    if isinstance(event, dict):
        said = cast("dict[str, Any]", event)
        for is_of, read in SHAPES:
            if is_of(said):
                return read(said)
    return Arrived(text_of(event))


def text_of(value: Any) -> str:
    """As JSON that a queue takes."""
    try:
        text = json.encode(value).decode()
    except (
        UnicodeEncodeError
    ):  # half of a letter, which is no message: it is to be shown all the same
        from json import dumps

        return dumps(value)
    if "\ufffe" in text or "\uffff" in text:  # SQS takes them as escapes only
        return text.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
    return text


def is_marked(event: Event) -> bool:
    """A text of ours, as it was sent: an envelope, or an object that says so at its end."""
    return "skylift" in event


def _as_sent(event: Event) -> Arrived:
    mark = event["skylift"]
    said = cast("Event", mark if isinstance(mark, dict) else event)
    return Arrived(text_of(event), sent_at=str(said.get("sent_at") or ""))


def _is_of_topic(event: Event) -> bool:
    records = event.get("Records")
    if not isinstance(records, list) or not records:
        return False
    first: Any = cast("list[Any]", records)[0]
    return isinstance(first, dict) and _is_notice(cast("dict[str, Any]", first).get("Sns"))


def _is_notice(notice: Any) -> bool:
    """What SNS says of one message, in an event and where it could not deliver one."""
    if not isinstance(notice, dict):
        return False
    said = cast("dict[str, Any]", notice)
    return isinstance(said.get("Message"), str) and "TopicArn" in said


def noticed(text: str) -> str:
    """A text that is no JSON in a shape that is read as this very text."""
    return text_of({"TopicArn": "", "Message": text})


def _notice(notice: Event) -> Arrived:
    id, sent_at = str(notice.get("MessageId") or ""), str(notice.get("Timestamp") or "")
    return Arrived(notice["Message"], id, sent_at)


def _is_of_bus(event: Event) -> bool:
    return "detail-type" in event and "source" in event and isinstance(event.get("detail"), dict)


def _of_bus(event: Event) -> Arrived:
    """A replay's is the event it was, with the same id: what was done once is not done again."""
    id, sent_at = str(event.get("id") or ""), str(event.get("time") or "")
    return Arrived(text_of(event["detail"]), id, sent_at)


SHAPES: tuple[tuple[Callable[[Event], bool], Callable[[Event], Arrived]], ...] = (
    (is_marked, _as_sent),  # first: the author's own fields may be called like the others'
    (_is_of_topic, lambda event: _notice(event["Records"][0]["Sns"])),
    (_is_notice, _notice),
    (_is_of_bus, _of_bus),
)
