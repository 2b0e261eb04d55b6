"""Messages to text and back. What travels is an envelope in JSON that says what the message is,
when and by which trace it was sent; or, where others look at its fields, the message itself with
that as its last member; any other JSON is a foreign sender's message, and is read too.
The bytes are the same on every backend and for ever: messages outlive the code that sent them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from msgspec import DecodeError, Raw, Struct, ValidationError, json

from ..errors import Invalid
from .item import ItemCodec, in_short
from .shape import utc_text

MESSAGE_BYTES_MAX = 1_048_576  # SQS, the envelope included
VERSION = 1
MARK = "skylift"  # the member that says what an envelope says


class Envelope(Struct, frozen=True):
    skylift: int
    id: str
    type: str
    sent_at: str
    trace: str
    body: Raw
    due: str = ""  # of a timer's


class Sign(Struct, frozen=True):
    """By which any version of an envelope is known."""

    skylift: Raw = Raw()


class Opened(Struct, frozen=True):
    """The text of the message itself, and what its envelope says; a foreign one says nothing."""

    body: bytes
    id: str = ""
    type: str = ""
    trace: str = ""
    sent_at: str = ""
    due: str = ""


class Undecodable(Exception):
    """No message of this type: the reason says what was found instead."""


class MessageCodec:
    """The messages of one queue. `place` names it in errors."""

    def __init__(self, message: type[Any], place: str) -> None:
        self._items = ItemCodec(message, place)
        self.type_name = message.__name__
        self.place = place

    def content(self, message: Any) -> str:
        """The text of the message alone; Invalid names the value that may not be sent."""
        text = self._items.encode(message, is_item=False)
        if "\ufffe" in text or "\uffff" in text:  # SQS takes them as escapes only
            return text.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
        return text

    def enclosed(self, content: str, id: str, sent_at: datetime, trace: str) -> str:
        """The envelope around it; Invalid when it is larger than a queue takes."""
        text = (
            f'{{"skylift":{VERSION},"id":"{id}","type":"{self.type_name}",'
            f'"sent_at":"{utc_text(sent_at)}","trace":"{trace}","body":{content}}}'
        )
        check_size(text, self.place)
        return text

    def marked(self, content: str, id: str, sent_at: datetime, trace: str) -> str:
        """The message, an object, with all of that as its last member: who filters by its fields
        finds them at the top. How large it may be is for whoever publishes it.
        """
        said = (
            f'"{MARK}":{{"version":{VERSION},"id":"{id}","type":"{self.type_name}",'
            f'"sent_at":"{utc_text(sent_at)}","trace":"{trace}"}}'
        )
        return f"{content[:-1]},{said}}}" if len(content) > len("{}") else f"{{{said}}}"

    def decode(self, opened: Opened) -> Any:
        """The message; Undecodable when it is none of ours any more."""
        try:
            message = self._items.accept(opened.body)
            if opened.type == self.type_name:
                return message
            content = self.content(message)  # nothing gets in that could not have been sent
        except Invalid as error:
            raise Undecodable(f"{error.detail}{self._sent_as(opened)}") from error
        except Exception as error:  # of the author's __post_init__, which may raise anything
            said = f"{type(error).__name__}: {error}"
            raise Undecodable(f"{self.place}: {said}{self._sent_as(opened)}") from error
        # A renamed type reads all of it.
        if opened.type and content.encode() != unmarked(opened.body):
            raise Undecodable(f"it cannot be read as {self.type_name}{self._sent_as(opened)}")
        return message

    def _sent_as(self, opened: Opened) -> str:
        return f" (it was sent as {opened.type})" if opened.type not in ("", self.type_name) else ""


def opened(text: str | bytes) -> Opened:
    """What an envelope holds; a text that is no envelope is all message."""
    try:
        envelope = ENVELOPES.decode(text)
    except ValidationError as error:
        sign = sign_of(text)
        whole = text.encode() if isinstance(text, str) else text
        if sign[:1] == b"{":
            return _marked(whole, sign)
        if sign:
            raise Undecodable(f"its envelope cannot be read: {in_short(error)}") from error
        return Opened(whole)
    except NO_JSON as error:
        raise Undecodable(f"it is no JSON: {in_short(error)}") from error
    if envelope.skylift != VERSION:
        raise Undecodable(f"it is an envelope of version {envelope.skylift}, known is {VERSION}")
    said = (envelope.id, envelope.type, envelope.trace, envelope.sent_at, envelope.due)
    return Opened(bytes(envelope.body), *said)


def _marked(body: bytes, sign: bytes) -> Opened:
    said: dict[str, Any] = json.decode(sign)
    if said.get("version") != VERSION:
        raise Undecodable(f"it was marked by version {said.get('version')}, known is {VERSION}")
    id, type_, trace, sent_at = (said.get(name) for name in ("id", "type", "trace", "sent_at"))
    if not all(isinstance(one, str) for one in (id, type_, trace, sent_at)):
        raise Undecodable(f"its member {MARK!r} lacks one of id, type, trace and sent_at")
    return Opened(body, str(id), str(type_), str(trace), str(sent_at))


def unmarked(body: bytes) -> bytes:
    """The message without what is said of it, as it was written."""
    place = body.rfind(b'"%s":{' % MARK.encode())
    if place < 0 or sign_of(body)[:1] != b"{":
        return body
    return body[:place].rstrip(b",") + b"}"


def sign_of(text: str | bytes) -> bytes:
    """What is said of ours, of whatever version; nothing of what is no JSON."""
    try:
        return bytes(SIGNS.decode(text).skylift)
    except NO_JSON:
        return b""


def moment(text: str) -> datetime | None:
    """What `sent_at` says, when it is a time: others may have written it."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def check_size(text: str, place: str, bytes_max: int = MESSAGE_BYTES_MAX) -> None:
    if len(text) * 4 <= bytes_max:
        return
    size = len(text.encode())
    if size > bytes_max:
        raise Invalid(
            f"{place}: the message has {size:,} bytes, limit {bytes_max:,}. "
            "hint: put it in a bucket or a table and send the key"
        )


NO_JSON = (DecodeError, UnicodeError, RecursionError)
ENVELOPES, SIGNS = json.Decoder(Envelope), json.Decoder(Sign)
