"""A bus: events of any type, each to the functions and queues that asked for its type and what is
in it. An event is an object whose class says what has happened; the class's name is what AWS calls
the detail-type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, ParamSpec, TypeAlias, TypeVar, Unpack

from msgspec import Struct, json

from ..codec import MessageCodec
from ..codec.envelope import MARK, sign_of
from ..errors import Invalid
from ..function import Limits
from ..invocation import fresh_id, granted, invocation
from ..ports import Outgoing, SendPort
from .consumer import Consumer
from .feed import Feed, feed
from .queue import Queue
from .resource import Resource
from .transaction import Transaction
from .waits import ASYNC_ATTEMPTS_MAX, ASYNC_WAITS, Delay

if TYPE_CHECKING:
    from .consumer import OfOne

E = TypeVar("E")
P = ParamSpec("P")
R = TypeVar("R")
Where: TypeAlias = Mapping[str, object]  # an event pattern of EventBridge, on the event's fields

# EventBridge takes less than 1 MiB with what it puts around an event; so does Lambda.
EVENT_BYTES_MAX = 1_000_000
TYPE_LENGTH_MAX = 128


class Rule(Struct, frozen=True):
    """The trigger of a function that is given events."""

    resource: Bus
    message: type[Any]
    where: Where | None = None
    attempts_max: int = ASYNC_ATTEMPTS_MAX
    once: bool = False
    once_by: str | None = None
    backoff: Delay = ASYNC_WAITS
    batch: int = 1
    kind: ClassVar[str] = "bus"

    @property
    def event(self) -> str:
        """The detail-type."""
        return self.message.__name__

    @property
    def takes(self) -> Any:
        return self.message

    @property
    def runs_once(self) -> bool:
        return self.once or self.once_by is not None


class Mark(Struct, frozen=True):
    type: str = ""


class Marked(Struct, frozen=True):
    skylift: Mark = Mark()


MARKED = json.Decoder(Marked)


def type_of(body: str) -> str:
    """What an event is, as the mark in its text says it."""
    return MARKED.decode(body).skylift.type


class Bus(Resource):
    """`Bus("events")`. Each function and queue gets the events it asked for, at least once and in
    no order; one that fails keeps no other waiting.

    `archive_days` is how long events are kept, for `skylift bus replay`. `shared` names the app
    that owns the bus: others write the same line, and publish to it and listen on it as it does.
    """

    kind = "bus"
    verbs = frozenset(["publish"])

    def __init__(self, name: str, *, archive_days: int = 0, shared: str | None = None) -> None:
        self._declare(name)
        self.archive_days, self.shared = archive_days, shared
        self.fed: list[Feed] = []
        self._codecs: dict[type[Any], MessageCodec] = {}

    def feeds(self, queue: Queue[E], event: type[E], *, where: Where | None = None) -> None:
        """Have each event of this type go into the queue too, or those that `where` lets through.
        The queue holds the same type, and is none with fifo=True. Declared beside the bus, in a
        module of the app.
        """
        self.fed.append(feed(queue, event, where))

    # -- verb

    async def publish(self, event: object, *, tx: Transaction | None = None) -> None:
        """Accepted is durable: when this returns, or the transaction has ended, the event will be
        delivered at least once to each function and queue that asked for it. A repeat after an
        error may deliver it twice.

        At most 1,000,000 bytes as JSON (380 KB for all messages of a transaction). Invalid for an
        event outside its type or a limit.
        """
        running = granted(self.name, "publish")
        id, outgoing = self._outgoing(event)
        if tx is not None:
            tx.send(self.name, id, outgoing)
            return
        port: SendPort = running.ports.adapters[self.name]
        (error,) = await port.send([outgoing])
        if error is not None:
            raise error
        running.note_sent([(self.name, id)])

    # -- trigger

    def on(
        self,
        event: type[E],
        *,
        where: Where | None = None,
        attempts_max: int = ASYNC_ATTEMPTS_MAX,
        once: bool = False,
        once_by: str | None = None,
        **limits: Unpack[Limits],
    ) -> OfOne[E]:
        """A function that is given each event of this type that `where` lets through, at least once
        and at most `attempts_max` times: the second after a minute, the third after two more.

        With `once=True` an event that was handled is not handled again within 24 hours; `once_by`
        names the field that tells which events are the same.
        """
        trigger = Rule(self, event, where, attempts_max, once, once_by)

        def declare(handler: Callable[P, R], /) -> Consumer[P, R, E]:
            return Consumer(handler, trigger, limits, event)

        return declare  # type: ignore[return-value]

    # -- what the verb does

    def _outgoing(self, event: object) -> tuple[str, Outgoing]:
        """The event's id, and what is published: the event itself, so that patterns and foreign
        subscribers find its fields.
        """
        codec = self._codecs.get(type(event)) or self._codec_of(event)
        running = invocation()
        id = fresh_id(running.ports)
        content = codec.content(event)
        text = codec.marked(content, id, running.ports.clock.now(), running.trace)
        if len(text) * 4 > EVENT_BYTES_MAX and (size := len(text.encode())) > EVENT_BYTES_MAX:
            reason = f"the event has {size:,} bytes, limit {EVENT_BYTES_MAX:,}"
            self._refuse(f"{reason}. hint: put it in a table and publish the key")
        return id, Outgoing(text)

    def _codec_of(self, event: object) -> MessageCodec:
        """Made at the first event of a class: of what is published nothing else is declared."""
        cls = type(event)
        if cls.__module__ == "builtins" or isinstance(event, type):
            given = (
                f"the class {event.__name__}" if isinstance(event, type) else f"a {cls.__name__}"
            )
            reason = f"{given} is no event: an event is an object whose class says what happened"
            self._refuse(f"{reason}. hint: class RoomOpened(Struct): …")
        if len(cls.__name__) > TYPE_LENGTH_MAX:
            self._refuse(f"{cls.__name__} has more than {TYPE_LENGTH_MAX} letters. hint: rename it")
        codec = MessageCodec(cls, f"bus {self.name!r}")
        content = codec.content(event)
        if content[:1] != "{":
            self._refuse(f"{cls.__name__} is no object in JSON. hint: give it fields")
        if sign_of(content):
            self._refuse(f"{cls.__name__} has a field that is {MARK!r} in JSON. hint: rename it")
        self._codecs[cls] = codec
        return codec

    def _refuse(self, reason: str) -> NoReturn:
        raise Invalid(f"bus {self.name!r}: {reason}")
