"""Dead letters in SQS: a message as it was sent, with what became of it as attributes. One without
them was moved by SQS itself, because nobody came back with it: its function crashed or timed out.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from ...codec.envelope import Opened, Undecodable, opened
from ...ports.delivery import Bury, Letter
from .entries_sqs import BYTES_MAX
from .send_sqs import attributes_size, bytes_of

ERROR_BYTES_MIN = 16  # less says nothing
TEXT_LENGTH_MAX = 128
NUMBERS_LENGTH_MAX = 40
PREFIX = "skylift."  # a foreign sender's attributes have other names
# An attribute is not empty, and holds what a body may.
TAKEN = frozenset("\t\n\r")


def attributes_of(bury: Bury) -> dict[str, str]:
    """As much of the story as goes along. A message of just under a mebibyte leaves no room for any
    of it; then it is all in the log.
    """
    told = {
        "reason": bury.reason,
        "id": bury.id,
        "attempts": str(bury.attempts),
        "sent_at": str(bury.receipt.sent_at),
        "trace": bury.trace,
    }
    # A foreign sender's id or trace may be anything; no more of it than of ours.
    short = {f"{PREFIX}{name}": taken(text[:TEXT_LENGTH_MAX]) for name, text in told.items()}
    said = {name: text for name, text in short.items() if text}
    room = BYTES_MAX - bytes_of(bury.receipt.body)
    if attributes_size(said) > room:
        return {}
    name = f"{PREFIX}error"
    error = fitted(taken(bury.error), room - attributes_size({**said, name: ""}))
    return {**said, name: error} if error else said


def fitted(text: str, bytes_max: int) -> str:
    if bytes_max < ERROR_BYTES_MIN:
        return ""
    return text.encode()[:bytes_max].decode("utf-8", "ignore")


def taken(text: str) -> str:
    """What SQS refuses, as escapes."""
    return "".join([one if _is_taken(one) else ascii(one)[1:-1] for one in text])


def _is_taken(one: str) -> bool:
    return (
        " " <= one <= "\ud7ff" or "\ue000" <= one <= "\ufffd" or one >= "\U00010000" or one in TAKEN
    )


class Lost(Struct, frozen=True):
    """What is said of a letter that nobody has buried: that, and so many attempts, for SQS goes on
    counting whenever somebody looks at it.
    """

    error: str
    attempts: int


class Story(Struct, frozen=True):
    """What became of a message, and its text."""

    body: str
    reason: str
    error: str
    attempts: int
    id: str = ""
    trace: str = ""
    sent_at: float | None = None


def letter_of(
    id: str, body: str, system: Mapping[str, str], given: Mapping[str, str], lost: Lost
) -> Letter:
    """`system`: SentTimestamp and, of a group, MessageGroupId; `given`: the attributes it has."""
    story = story_of(body, given) or Story(body, "lost", lost.error, lost.attempts)
    try:
        envelope = opened(story.body)
    except Undecodable:
        envelope = Opened(b"")
    own, trace = envelope.id or story.id or id, envelope.trace or story.trace
    sent_at = int(system["SentTimestamp"]) / 1000 if story.sent_at is None else story.sent_at
    told = (story.reason, story.error, story.attempts, trace, sent_at)
    return Letter(own, story.body, *told, system.get("MessageGroupId", ""))


def story_of(body: str, given: Mapping[str, str]) -> Story | None:
    """As our entry has told it, as Lambda has, or whoever could not hand the message over; None for
    one that SQS has moved.
    """
    said = story_in(given)
    if said:
        told = (said["reason"], said.get("error", ""), int(said["attempts"]))
        about = (said.get("id", ""), said.get("trace", ""), float(said["sent_at"]))
        return Story(body, *told, *about)
    from .letter_event import story_of_event  # of no letter of ours

    return story_of_event(body, given)


def story_in(given: Mapping[str, str]) -> dict[str, str]:
    """What `attributes_of` has said; nothing when not all of it is there as it says it: whoever may
    send to the queue may have written anything, and a letter must be read to be taken away.
    """
    said = {name.removeprefix(PREFIX): text for name, text in given.items()}
    attempts, sent_at = said.get("attempts", ""), said.get("sent_at", "").replace(".", "", 1)
    is_story = f"{PREFIX}reason" in given and len(attempts + sent_at) < NUMBERS_LENGTH_MAX
    return said if is_story and attempts.isdecimal() and sent_at.isdecimal() else {}
