"""Dead letters that others than we have written: Lambda, of an event whose attempts are over, with
the event and the error in a record; a topic, a bus or a schedule, of what they could not hand over.
What is in them is the message as it was sent, and a redrive sends that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from msgspec import DecodeError, json

from ...codec.envelope import moment
from .event import Arrived, arrived
from .letter_sqs import Story

ERROR_LENGTH_MAX = 2_000  # of what a letter says about why
OURS = "Unfinished"  # the error by which our entry asks for another attempt: its text says which
# Our own word for a deadline that has passed, Lambda's, and what it says when the process is gone.
NEVER_BACK = ("TimedOut: ", "Sandbox.Timedout: ", "Runtime.ExitError: ", "Runtime.OutOfMemory: ")
# How services name the error of a delivery: EventBridge and Scheduler, SNS.
CODES = (("ERROR_CODE", "ERROR_MESSAGE"), ("ErrorCode", "ErrorMessage"))


def story_of_event(body: str, given: Mapping[str, str]) -> Story | None:
    try:
        said: Any = json.decode(body)
    except (DecodeError, UnicodeError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    record = cast("dict[str, Any]", said)
    if is_record(record):
        return _of_lambda(record)
    error = undelivered(given)
    return _told(arrived(record), "lost", error, 0) if error else None


def is_record(said: Mapping[str, Any]) -> bool:
    """Of a call whose attempts are over, as Lambda sends it to a function's destination."""
    about: Any = said.get("requestContext")
    return isinstance(about, dict) and "condition" in about and "requestPayload" in said


def _of_lambda(record: Mapping[str, Any]) -> Story:
    about, response = record["requestContext"], record.get("responsePayload")
    error = _error_in(cast("Mapping[str, Any]", response if isinstance(response, dict) else {}))
    condition = str(about["condition"])
    is_lost = not error or error.startswith(NEVER_BACK) or condition != "RetriesExhausted"
    count: Any = about.get("approximateInvokeCount")
    return _told(
        arrived(record["requestPayload"]),
        *("lost" if is_lost else "failed", error or f"Lambda gave it up: {condition}"),
        count if isinstance(count, int) else 0,
    )


def _error_in(response: Mapping[str, Any]) -> str:
    kind, text = str(response.get("errorType") or ""), str(response.get("errorMessage") or "")
    said = text if kind in (OURS, "") else f"{kind}: {text}"
    return said[:ERROR_LENGTH_MAX]


def undelivered(given: Mapping[str, str]) -> str:
    """Why a service could not hand it over, when it says so."""
    for code, message in CODES:
        if code in given:
            said = f"it could not be handed over: {given[code]}: {given.get(message, '')}"
            return said[:ERROR_LENGTH_MAX]
    return ""


def _told(found: Arrived, reason: str, error: str, attempts: int) -> Story:
    sent_at = moment(found.sent_at) if found.sent_at else None
    since = None if sent_at is None else sent_at.timestamp()
    return Story(found.text, reason, error, attempts, found.id, sent_at=since)
