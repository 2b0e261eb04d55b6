"""A timer: a message that is delivered at its time, to the timer's function, unless it is replaced
or cancelled before.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Generic,
    NoReturn,
    ParamSpec,
    TypeVar,
    Unpack,
    cast,
    overload,
)

from msgspec import Raw, Struct, json

from ..codec import MessageCodec
from ..codec.shape import utc_text
from ..errors import Invalid
from ..function import Ends, Limits
from ..invocation import Context, fresh_id, granted, invocation
from ..ports import Outgoing, TimerPort
from .backoff import Backoff
from .consumer import Consumer
from .queue import ID_LENGTH_MAX, RECEIVES_FREE, RECEIVES_MAX, is_id
from .resource import Resource
from .transaction import Transaction

if TYPE_CHECKING:
    from .consumer import OfOne

M = TypeVar("M")
P = ParamSpec("P")
R = TypeVar("R")

MESSAGE_BYTES_MAX = 262_144  # Scheduler's input, the envelope included
YEARS = (1970, 2199)  # Scheduler's
RECEIVES_EARLY = 2  # of a message that has come before its time, which is no attempt
CONTEXT, ESCAPED = "<aws.", "\\u003caws."  # Scheduler fills in what is written as <aws.scheduler.…>


class Due(Struct, frozen=True):
    """The trigger of a timer's function."""

    resource: Timer[Any]
    attempts_max: int = 5
    backoff: Backoff = Backoff()
    once: bool = False
    once_by: str | None = None
    batch: int = 1
    kind: ClassVar[str] = "timer"

    @property
    def message(self) -> type[Any]:
        return self.resource.message

    @property
    def takes(self) -> Any:
        return self.resource.message

    @property
    def runs_once(self) -> bool:
        return self.once or self.once_by is not None

    @property
    def receives_max(self) -> int:
        """After which SQS takes a message for lost."""
        free = RECEIVES_EARLY + RECEIVES_FREE * self.runs_once
        return min(self.attempts_max + free, RECEIVES_MAX)


class Order(Struct, frozen=True, omit_defaults=True):
    """A verb in a transaction, as it travels in the body of an Outgoing. Without a body: cancel."""

    id: str
    at: float = 0  # seconds since the epoch
    body: Raw = Raw()


class Timer(Resource, Generic[M]):
    """`Timer("closing", CloseRoom)`. Each id has at most one time that it waits for; any number of
    ids may wait. What is due is delivered at least once, never early, and at most 60 s late.
    """

    kind = "timer"
    verbs = frozenset(["set", "cancel"])

    def __init__(self, name: str, message: type[M]) -> None:
        self._declare(name)
        self.message = message
        self._codec: MessageCodec | None = None

    @property
    def codec(self) -> MessageCodec:
        """Made when first asked for: a function that does not touch the timer does not pay."""
        if self._codec is None:
            self._codec = MessageCodec(self.message, f"timer {self.name!r}")
        return self._codec

    # -- verbs

    async def set(
        self, id: str, at: datetime, message: M, *, tx: Transaction | None = None
    ) -> None:
        """Have the message delivered at `at`, instead of what this id waited for. A time that has
        passed is now. A repeat changes nothing.

        When this returns, or the transaction has ended, it is durable. On AWS what is due within
        the next minute may be on its way already: then it comes too. At most 256 KB (380 KB for all
        messages of a transaction), and years from 1970 to 2199. Invalid for a message outside its
        type or a limit, or a time without its zone.
        """
        running = granted(self.name, "set")
        self._check_id(id)
        due = self._due(at)
        message_id, body = self._enclosed(message, due)
        if tx is not None:
            order = Order(id, due.timestamp(), Raw(body.encode()))
            tx.send(self.name, message_id, ordered(order))
            return
        port: TimerPort = running.ports.adapters[self.name]
        await port.set(id, due.timestamp(), body)
        running.note_sent([(self.name, message_id)])

    async def cancel(self, id: str, *, tx: Transaction | None = None) -> None:
        """Nothing is delivered for this id, unless it is set again. Nothing happens when it waits
        for nothing. On AWS what is due within the next minute may be on its way already.
        """
        running = granted(self.name, "cancel")
        self._check_id(id)
        if tx is not None:
            tx.send(self.name, "", ordered(Order(id)))
            return
        port: TimerPort = running.ports.adapters[self.name]
        await port.cancel(id)

    # -- trigger

    @overload
    def on_due(self, handler: Callable[[M], Ends], /) -> Consumer[[M], Ends, M]: ...
    @overload
    def on_due(
        self, handler: Callable[[M, Context], Ends], /
    ) -> Consumer[[M, Context], Ends, M]: ...
    @overload
    def on_due(
        self, handler: Callable[[Context, M], Ends], /
    ) -> Consumer[[Context, M], Ends, M]: ...
    @overload
    def on_due(
        self,
        *,
        attempts_max: int = ...,
        backoff: Backoff = ...,
        once: bool = ...,
        once_by: str | None = ...,
        **limits: Unpack[Limits],
    ) -> OfOne[M]: ...
    def on_due(
        self,
        handler: Any = None,
        *,
        attempts_max: int = 5,
        backoff: Backoff = Backoff(),
        once: bool = False,
        once_by: str | None = None,
        **limits: Unpack[Limits],
    ) -> Any:
        """The function that is given each message when it is due, at least once and at most
        `attempts_max` times. A timer has one.

        With `once=True` a message that was handled is not handled again within 24 hours; `once_by`
        names the field that tells which messages are the same.
        """
        trigger = Due(self, attempts_max, backoff, once, once_by)

        def declare(handler: Callable[P, R], /) -> Consumer[P, R, M]:
            return Consumer(handler, trigger, limits, self.message)

        return declare if handler is None else declare(handler)

    # -- what the verbs share

    def _enclosed(self, message: M, due: datetime) -> tuple[str, str]:
        """The message's id, and its envelope, which says when it is due: on AWS it may arrive
        before, and is put back until then.
        """
        running = invocation()
        id = fresh_id(running.ports)
        content = self.codec.content(message)
        text = self.codec.enclosed(content, id, running.ports.clock.now(), running.trace)
        text = f'{{"due":"{utc_text(due)}",{text[1:]}'
        if CONTEXT in text:
            text = text.replace(CONTEXT, ESCAPED)
        size = len(text.encode())
        if size > MESSAGE_BYTES_MAX:
            reason = f"the message has {size:,} bytes, limit {MESSAGE_BYTES_MAX:,}"
            self._refuse(f"{reason} (Scheduler's). hint: put it in a table and send the key")
        return id, text

    def _due(self, at: datetime) -> datetime:
        if not isinstance(cast(object, at), datetime):
            self._refuse(f"at={at!r} is no datetime. hint: now() + timedelta(hours=1)")
        if at.utcoffset() is None:
            self._refuse(f"at={at!r} has no zone. hint: begin with skylift.now()")
        first, last = YEARS
        due = at.astimezone(UTC) if first <= at.year <= last else None
        if due is None or not first <= due.year <= last:
            self._refuse(f"at={at.isoformat()}, allowed are the years {first} to {last}")
        return due

    def _check_id(self, id: str) -> None:
        if not is_id(id):
            reason = f"id={id!r} is no id: 1 to {ID_LENGTH_MAX} visible ASCII letters"
            self._refuse(reason)

    def _refuse(self, reason: str) -> NoReturn:
        raise Invalid(f"timer {self.name!r}: {reason}")


def ordered(order: Order) -> Outgoing:
    """One id's orders keep their order."""
    return Outgoing(json.encode(order).decode(), order.id)


def order_of(outgoing: Outgoing) -> Order:
    return json.decode(outgoing.body, type=Order)
