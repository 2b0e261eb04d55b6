"""A topic: what is published goes to each of its subscribers and to the queues that it feeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Generic,
    NoReturn,
    ParamSpec,
    TypeAlias,
    TypeVar,
    Unpack,
    overload,
)

from msgspec import Struct

from ..codec import MessageCodec
from ..errors import Invalid
from ..function import Ends, Limits
from ..invocation import Context, fresh_id, granted, invocation
from ..ports import Outgoing, SendPort
from .consumer import Consumer
from .feed import Feed, feed
from .queue import ID_LENGTH_MAX, Queue, is_id
from .resource import Resource
from .transaction import Transaction
from .waits import ASYNC_ATTEMPTS_MAX, ASYNC_WAITS, Delay

if TYPE_CHECKING:
    from .consumer import OfOne

M = TypeVar("M")
P = ParamSpec("P")
R = TypeVar("R")
Where: TypeAlias = Mapping[str, object]  # a filter policy of SNS, on the fields of the message

# SNS takes 1 MiB on request, and Lambda 1 MB with every quotation mark escaped: this much it takes
# whatever the message says.
MESSAGE_BYTES_MAX = 262_144


class Subscription(Struct, frozen=True):
    """The trigger of a topic's subscriber."""

    resource: Topic[Any]
    where: Where | None = None
    attempts_max: int = ASYNC_ATTEMPTS_MAX
    once: bool = False
    once_by: str | None = None
    backoff: Delay = ASYNC_WAITS
    batch: int = 1
    kind: ClassVar[str] = "topic"

    @property
    def message(self) -> type[Any]:
        return self.resource.message

    @property
    def takes(self) -> Any:
        return self.resource.message

    @property
    def runs_once(self) -> bool:
        return self.once or self.once_by is not None


class Topic(Resource, Generic[M]):
    """`Topic("orders", OrderPlaced)`. Each subscriber gets each message that it wants, at least
    once and in no order; one that fails keeps no other waiting.

    `fifo=True` keeps the order within each group and drops a second message with the same dedup id
    within 5 minutes. Then it feeds queues, and calls no functions itself.
    """

    kind = "topic"
    verbs = frozenset(["publish"])

    def __init__(self, name: str, message: type[M], *, fifo: bool = False) -> None:
        self._declare(name)
        self.message, self.fifo = message, fifo
        self.fed: list[Feed] = []
        self._codec: MessageCodec | None = None

    @property
    def codec(self) -> MessageCodec:
        """Made when first asked for: a function that does not touch the topic does not pay."""
        if self._codec is None:
            self._codec = MessageCodec(self.message, f"topic {self.name!r}")
        return self._codec

    def feeds(self, queue: Queue[M], *, where: Where | None = None) -> None:
        """Have each message go into this queue too, or those that `where` lets through. The queue
        holds the same type; one with fifo=True needs a topic with fifo=True. Declared beside the
        topic, in a module of the app.
        """
        self.fed.append(feed(queue, self.message, where))

    # -- verb

    async def publish(
        self,
        message: M,
        *,
        group: str | None = None,
        dedup: str | None = None,
        tx: Transaction | None = None,
    ) -> None:
        """Accepted is durable: when this returns, or the transaction has ended, the message will be
        delivered at least once to each subscriber and queue there is. A repeat after an error may
        deliver it twice.

        A FIFO topic needs a `group`, within which the order is kept; `dedup` is the id by which a
        second message within 5 minutes is dropped. At most 256 KiB (380 KB for all messages of a
        transaction). Invalid for a message outside its type or a limit.
        """
        running = granted(self.name, "publish")
        self._check(group, dedup)
        id, outgoing = self._outgoing(message, group, dedup)
        if tx is not None:
            tx.send(self.name, id, outgoing)
            return
        port: SendPort = running.ports.adapters[self.name]
        (error,) = await port.send([outgoing])
        if error is not None:
            raise error
        running.note_sent([(self.name, id)])

    # -- trigger

    @overload
    def subscriber(self, handler: Callable[[M], Ends], /) -> Consumer[[M], Ends, M]: ...
    @overload
    def subscriber(
        self, handler: Callable[[M, Context], Ends], /
    ) -> Consumer[[M, Context], Ends, M]: ...
    @overload
    def subscriber(
        self, handler: Callable[[Context, M], Ends], /
    ) -> Consumer[[Context, M], Ends, M]: ...
    @overload
    def subscriber(
        self,
        *,
        where: Where | None = ...,
        attempts_max: int = ...,
        once: bool = ...,
        once_by: str | None = ...,
        **limits: Unpack[Limits],
    ) -> OfOne[M]: ...
    def subscriber(
        self,
        handler: Any = None,
        *,
        where: Where | None = None,
        attempts_max: int = ASYNC_ATTEMPTS_MAX,
        once: bool = False,
        once_by: str | None = None,
        **limits: Unpack[Limits],
    ) -> Any:
        """A function that is given each message that `where` lets through, at least once and at
        most `attempts_max` times: the second after a minute, the third after two more.

        With `once=True` a message that was handled is not handled again within 24 hours; `once_by`
        names the field that tells which messages are the same.
        """
        trigger = Subscription(self, where, attempts_max, once, once_by)

        def declare(handler: Callable[P, R], /) -> Consumer[P, R, M]:
            return Consumer(handler, trigger, limits, self.message)

        return declare if handler is None else declare(handler)

    # -- what the verb does

    def _outgoing(self, message: M, group: str | None, dedup: str | None) -> tuple[str, Outgoing]:
        """The message's id, and what is published: the message itself, so that filters and foreign
        subscribers find its fields.
        """
        running = invocation()
        id = fresh_id(running.ports)
        content = self.codec.content(message)
        text = self.codec.marked(content, id, running.ports.clock.now(), running.trace)
        if len(text) * 4 > MESSAGE_BYTES_MAX:
            size = len(text.encode())
            if size > MESSAGE_BYTES_MAX:
                reason = f"the message has {size:,} bytes, limit {MESSAGE_BYTES_MAX:,}"
                self._refuse(f"{reason}. hint: put it in a table and publish the key")
        return id, Outgoing(text, group or "", dedup or "")

    def _check(self, group: str | None, dedup: str | None) -> None:
        for option, text in (("group", group), ("dedup", dedup)):
            if text is not None and not self.fifo:
                self._refuse(f"{option}= needs fifo=True. hint: a standard topic keeps no order")
            if text is not None and not is_id(text):
                reason = f"{option}={text!r} is no id: 1 to {ID_LENGTH_MAX} visible ASCII letters"
                self._refuse(reason)
        if self.fifo and group is None:
            self._refuse("fifo=True needs a group. hint: publish(…, group=order_id)")

    def _refuse(self, reason: str) -> NoReturn:
        raise Invalid(f"topic {self.name!r}: {reason}")
