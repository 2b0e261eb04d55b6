"""Changes of a table: what an item was and what it has become. A function follows them item by
item, in order, at least once. Whatever an item may hold, both are stored as the table stores it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Generic,
    Literal,
    ParamSpec,
    TypeAlias,
    TypeVar,
    cast,
    get_args,
)

from msgspec import DecodeError, Raw, Struct, json

from ..codec import ItemCodec
from ..codec.envelope import VERSION, Envelope, Opened, Undecodable
from ..codec.shape import utc_text
from ..errors import Invalid
from ..function import Limits
from .backoff import Backoff
from .consumer import Consumer

if TYPE_CHECKING:
    from datetime import datetime

    from .table import Table

T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")

Kind: TypeAlias = Literal["created", "updated", "deleted", "expired"]
KINDS = get_args(Kind)
TYPE = "Change"  # of the message, whatever the item's
NOTHING = Raw(b"null")
WAIT_S_MAX = 60  # on AWS the function itself waits


class Change(Struct, Generic[T], frozen=True):
    """One write to one item. `kind`: "created" (there was none `before`), "updated", "deleted" by
    a function, or "expired" (its `ttl` has passed; there is none `after`).
    """

    kind: Kind
    before: T | None
    after: T | None


class Observation(Struct, frozen=True):
    """The trigger of a function that follows a table."""

    resource: Table[Any, *tuple[Any, ...]]
    attempts_max: int = 5
    backoff: Backoff = Backoff(max_s=30)
    once: bool = False
    batch: int = 1
    once_by: None = None
    kind: ClassVar[str] = "change"

    @property
    def runs_once(self) -> bool:
        return self.once

    @property
    def message(self) -> type[Any]:
        item: Any = self.resource.item
        return Change[item] if isinstance(item, type) else item  # the table's own mistake

    @property
    def takes(self) -> Any:
        return self.message

    @property
    def codec(self) -> ChangeCodec:
        return ChangeCodec(self.resource.item, f"a change of table {self.resource.name!r}")


def following(
    table: Table[Any, *tuple[Any, ...]], trigger: dict[str, Any], limits: Limits
) -> Callable[[Callable[P, R]], Consumer[P, R, Change[Any]]]:
    """The decorator of a function that follows the table."""
    observed = Observation(table, **trigger)

    def declare(handler: Callable[P, R], /) -> Consumer[P, R, Change[Any]]:
        return Consumer(handler, observed, limits, observed.message)

    return declare


class Told(Struct, frozen=True):
    """A change as it travels: the stored texts of the item."""

    kind: Kind
    before: Raw
    after: Raw


class ChangeCodec:
    """The changes of one table. `place` names it in errors."""

    type_name = TYPE

    def __init__(self, item: type[Any], place: str) -> None:
        self._items, self.place = ItemCodec(item, place), place

    def content(self, change: Change[Any]) -> str:
        """The text of one that somebody starts the function with; Invalid for what is none."""
        if not isinstance(cast(object, change), Change) or change.kind not in KINDS:
            raise Invalid(f"{self.place}: expected a Change of {', '.join(KINDS)}, got {change!r}")
        items = (change.before, change.after)
        texts = [None if one is None else self._items.encode(one, is_item=False) for one in items]
        return told(change.kind, *texts).decode()

    def enclosed(self, content: str, id: str, sent_at: datetime, trace: str) -> str:
        return enclosed(content.encode(), id, sent_at, trace)

    def decode(self, opened: Opened) -> Change[Any]:
        """The change; Undecodable when its items are none of the table's any more."""
        try:
            told = READ.decode(opened.body)
            return Change(told.kind, self._item(told.before), self._item(told.after))
        except Invalid as error:
            raise Undecodable(error.detail) from error
        except (DecodeError, UnicodeError, RecursionError) as error:
            raise Undecodable(f"{self.place}: it is none: {error}") from error
        except Exception as error:  # of the author's __post_init__, which may raise anything
            raise Undecodable(f"{self.place}: {type(error).__name__}: {error}") from error

    def _item(self, text: Raw) -> Any:
        return None if bytes(text) == b"null" else self._items.accept(bytes(text))


def told(kind: Kind, before: str | bytes | None, after: str | bytes | None) -> bytes:
    """The text of a change of an item with these texts."""
    texts = [NOTHING if one is None else Raw(one) for one in (before, after)]
    text = WRITTEN(Told(kind, *texts))
    for letter, escape in UNTAKEN.items() if UNTAKEN_START in text else ():
        text = text.replace(letter, escape)
    return text


def enclosed(content: bytes, id: str, sent_at: datetime, trace: str) -> str:
    """The envelope around it."""
    return WRITTEN(Envelope(VERSION, id, TYPE, utc_text(sent_at), trace, Raw(content))).decode()


# What SQS takes as escapes only, where a change becomes a dead letter.
UNTAKEN = {b"\xef\xbf\xbe": b"\\ufffe", b"\xef\xbf\xbf": b"\\uffff"}
UNTAKEN_START = b"\xef\xbf"
READ, WRITTEN = json.Decoder(Told), json.Encoder().encode
