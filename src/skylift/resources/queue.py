"""A queue: what is sent is delivered to its consumer, at least once, in spite of everything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Generic,
    Literal,
    ParamSpec,
    TypeVar,
    Unpack,
    cast,
    overload,
)

from msgspec import Struct

from ..codec import MessageCodec
from ..errors import Invalid, PartlyDone, SkyliftError
from ..function import Ends, Limits
from ..invocation import Context, fresh_id, granted, invocation, reach
from ..ports import Outgoing, QueuePort
from .backoff import Backoff
from .consumer import Consumer
from .resource import Resource
from .transaction import Transaction

if TYPE_CHECKING:
    from typing import Protocol

    from .consumer import OfOne

M = TypeVar("M")
P = ParamSpec("P")
R = TypeVar("R")

DAY_S = 86_400
DELAY_S_MAX = 900
ID_LENGTH_MAX = 128  # of a group or dedup id

RECEIVES_FREE = 10  # of a message that another run may hold up at no cost
RECEIVES_MAX = 1000  # SQS's limit


class Consumption(Struct, frozen=True):
    """The trigger of a queue's consumer."""

    resource: Queue[Any]
    batch: int = 1
    attempts_max: int = 5
    backoff: Backoff = Backoff()
    once: bool = False
    once_by: str | None = None
    kind: ClassVar[str] = "queue"

    @property
    def message(self) -> type[Any]:
        return self.resource.message

    @property
    def runs_once(self) -> bool:
        return self.once or self.once_by is not None

    @property
    def receives_max(self) -> int:
        """After which SQS takes a message for lost. In a batch of one FIFO group the last may be
        put back, unhandled, in every attempt of each one before it.
        """
        held_up = self.batch if self.resource.fifo else 1
        receives = self.attempts_max * held_up + RECEIVES_FREE * self.runs_once
        return min(receives, RECEIVES_MAX)

    @property
    def takes(self) -> Any:
        """The type of what the handler is given."""
        message: Any = self.resource.message
        return message if self.batch == 1 else list[Delivery[message]]


class Delivery(Generic[M]):
    """One message of a batch. What is not marked by `fail` is done when the handler returns."""

    __slots__ = ("attempt", "error", "id", "message")

    def __init__(self, message: M, id: str, attempt: int) -> None:
        self.message, self.id, self.attempt = message, id, attempt
        self.error: str | None = None

    def fail(self, reason: str = "") -> None:
        """This one comes back after its backoff, or is buried with the reason on its last attempt.
        In a FIFO queue what comes after it in its group comes back too.
        """
        self.error = reason or "the handler marked it as failed"


if TYPE_CHECKING:

    class OfMany(Protocol[M]):
        """Takes a handler of a batch, plain or async, that may ask for its Context."""

        @overload
        def __call__(
            self, handler: Callable[[list[Delivery[M]]], Ends], /
        ) -> Consumer[[list[Delivery[M]]], Ends, M]: ...
        @overload
        def __call__(
            self, handler: Callable[[list[Delivery[M]], Context], Ends], /
        ) -> Consumer[[list[Delivery[M]], Context], Ends, M]: ...
        @overload
        def __call__(
            self, handler: Callable[[Context, list[Delivery[M]]], Ends], /
        ) -> Consumer[[Context, list[Delivery[M]]], Ends, M]: ...


class Queue(Resource, Generic[M]):
    """`Queue("orders", Order)`. Messages are kept until they are handled, buried as dead letters
    after `attempts_max` attempts, or `retention_s` old.

    `fifo=True` keeps the order within each group and drops a second message with the same dedup
    id within 5 minutes; with `dedup="content"` two messages that say the same have the same id.
    """

    kind = "queue"
    verbs = frozenset(["send", "send_many"])

    def __init__(
        self,
        name: str,
        message: type[M],
        *,
        fifo: bool = False,
        lease_s: float | None = None,
        retention_s: float = 4 * DAY_S,
        dedup: Literal["content"] | None = None,
    ) -> None:
        self._declare(name)
        self.message, self.fifo = message, fifo
        self.lease_s, self.retention_s, self.dedup = lease_s, retention_s, dedup
        self._codec: MessageCodec | None = None

    @property
    def codec(self) -> MessageCodec:
        """Made when first asked for: a function that does not touch the queue does not pay."""
        if self._codec is None:
            self._codec = MessageCodec(self.message, f"queue {self.name!r}")
        return self._codec

    # -- verbs

    async def send(
        self,
        message: M,
        *,
        delay_s: float = 0,
        group: str | None = None,
        dedup: str | None = None,
        tx: Transaction | None = None,
    ) -> None:
        """Accepted is durable: when this returns, or the transaction has ended, the message will be
        delivered at least once. A repeat after an error may deliver it twice.

        `group` orders a FIFO queue; on another it shares the consumer fairly between groups. At
        most 1 MiB (380 KB for all messages of a transaction), `delay_s` up to 900 and not with
        FIFO. Invalid for a message outside its type or a limit.
        """
        running = granted(self.name, "send")
        id, outgoing = self._outgoing(message, delay_s, group, dedup)
        if tx is not None:
            tx.send(self.name, id, outgoing)
            return
        port: QueuePort = running.ports.adapters[self.name]
        (error,) = await port.send([outgoing])
        if error is not None:
            raise error
        running.note_sent([(self.name, id)])

    async def send_many(self, messages: Sequence[M], *, group: str | None = None) -> None:
        """Send each; not atomic. What was not accepted is retried, then PartlyDone says which."""
        port = cast(QueuePort, reach(self.name, "send_many"))
        failed: dict[int, Exception] = {}
        ready: list[tuple[int, str, Outgoing]] = []
        for at, message in enumerate(messages):
            try:
                ready.append((at, *self._outgoing(message, 0, group, None)))
            except SkyliftError as error:
                failed[at] = error
        errors = await port.send([outgoing for _, _, outgoing in ready])
        for (at, _, _), error in zip(ready, errors, strict=True):
            if error is not None:
                failed[at] = error
        invocation().note_sent((self.name, id) for at, id, _ in ready if at not in failed)
        if failed:
            done = [message for at, message in enumerate(messages) if at not in failed]
            raise PartlyDone(done, [(messages[at], failed[at]) for at in sorted(failed)])

    # -- trigger

    @overload
    def consumer(self, handler: Callable[[M], Ends], /) -> Consumer[[M], Ends, M]: ...
    @overload
    def consumer(
        self, handler: Callable[[M, Context], Ends], /
    ) -> Consumer[[M, Context], Ends, M]: ...
    @overload
    def consumer(
        self, handler: Callable[[Context, M], Ends], /
    ) -> Consumer[[Context, M], Ends, M]: ...
    @overload
    def consumer(
        self,
        *,
        batch: Literal[1] = ...,
        attempts_max: int = ...,
        backoff: Backoff = ...,
        once: bool = ...,
        once_by: str | None = ...,
        **limits: Unpack[Limits],
    ) -> OfOne[M]: ...
    @overload
    def consumer(
        self,
        *,
        batch: int,
        attempts_max: int = ...,
        backoff: Backoff = ...,
        once: bool = ...,
        once_by: str | None = ...,
        **limits: Unpack[Limits],
    ) -> OfMany[M]: ...
    def consumer(
        self,
        handler: Any = None,
        *,
        batch: int = 1,
        attempts_max: int = 5,
        backoff: Backoff = Backoff(),
        once: bool = False,
        once_by: str | None = None,
        **limits: Unpack[Limits],
    ) -> Any:
        """The function that handles each message, at least once and at most `attempts_max` times.

        With `batch=n` it takes up to n at a time, as a list of Delivery. With `once=True` a message
        that was handled is not handled again within 24 hours; `once_by` names the field that tells
        which messages are the same.
        """
        trigger = Consumption(self, batch, attempts_max, backoff, once, once_by)

        def declare(handler: Callable[P, R], /) -> Consumer[P, R, M]:
            return Consumer(handler, trigger, limits, self.message)

        return declare if handler is None else declare(handler)

    # -- what the verbs share

    def _outgoing(
        self, message: M, delay_s: float, group: str | None, dedup: str | None
    ) -> tuple[str, Outgoing]:
        """The message's id, and what is stored."""
        self._check(delay_s, group, dedup)
        running = invocation()
        content = self.codec.content(message)
        id = fresh_id(running.ports)  # by age: where ids are stored, new ones lie together
        text = self.codec.enclosed(content, id, running.ports.clock.now(), running.trace)
        if self.dedup == "content" and dedup is None:
            dedup = digest(content)
        return id, Outgoing(text, group or "", dedup or "", delay_s)

    def _check(self, delay_s: float, group: str | None, dedup: str | None) -> None:
        said = f"queue {self.name!r}"
        for option, text in (("group", group), ("dedup", dedup)):
            if text is not None and not is_id(text):
                reason = f"{option}={text!r} is no id: 1 to {ID_LENGTH_MAX} visible ASCII letters"
                raise Invalid(f"{said}: {reason}")
        if self.fifo:
            if group is None:
                raise Invalid(f"{said}: fifo=True needs a group. hint: send(…, group=order_id)")
            if delay_s:
                raise Invalid(f"{said}: a FIFO queue has no delay_s, it would break the order")
        elif dedup is not None:
            raise Invalid(f"{said}: dedup= needs fifo=True. hint: once_by= on the consumer")
        if not 0 <= delay_s <= DELAY_S_MAX:
            raise Invalid(
                f"{said}: delay_s={delay_s!r}, allowed are 0 to {DELAY_S_MAX}. "
                "hint: a Timer waits longer"
            )


def is_id(text: object) -> bool:
    if not isinstance(text, str):
        return False
    return 0 < len(text) <= ID_LENGTH_MAX and all("!" <= letter <= "~" for letter in text)


def digest(content: str) -> str:
    from hashlib import sha256  # only where the content is the id

    return sha256(content.encode()).hexdigest()
