"""A function that is given messages, whatever brings them: a queue, a topic, a bus, a timer, a
schedule, a table's changes, or whoever starts it by hand. What it could not do is in `dead`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Generic, ParamSpec, TypeVar, overload

from ..codec.envelope import check_size
from ..function import Ends, Function, Limits, Trigger
from ..invocation import Context, fresh_id, granted
from ..ports import Outgoing

if TYPE_CHECKING:
    from typing import Protocol

    from ..codec import MessageCodec
    from ..ports import SendPort
    from .dead import DeadLetters
    from .transaction import Transaction
    from .waits import Delay

# Lambda keeps a mebibyte, and gives it up to the dead letters together with what it says of it.
START_BYTES_MAX = 1_000_000

M = TypeVar("M")
P = ParamSpec("P")
R = TypeVar("R")

if TYPE_CHECKING:

    class Reaction(Trigger, Protocol):
        """The trigger of such a function."""

        @property
        def message(self) -> type[Any]: ...  # what is stored and travels
        @property
        def takes(self) -> Any: ...  # the type of what the handler is given
        @property
        def batch(self) -> int: ...
        @property
        def attempts_max(self) -> int: ...
        @property
        def backoff(self) -> Delay: ...
        @property
        def once(self) -> bool: ...
        @property
        def once_by(self) -> str | None: ...
        @property
        def runs_once(self) -> bool: ...


class Consumer(Function[P, R], Generic[P, R, M]):
    """Made by a decorator of what brings the messages."""

    __slots__ = ("_codec", "_dead", "_message")

    kind: ClassVar[str] = "function"
    verbs: ClassVar[frozenset[str]] = frozenset(["start"])

    def __init__(
        self, handler: Callable[P, R], trigger: Reaction, limits: Limits, message: type[M]
    ) -> None:
        super().__init__(handler, trigger, limits)
        self._message, self._dead = message, None
        self._codec: Any = None

    @property
    def codec(self) -> MessageCodec:
        """Of what it is given. Made when first asked for, as `dead` is."""
        if self._codec is None:
            self._codec = codec_of(self.trigger, self._message, self.name)
        return self._codec

    async def start(self, payload: M, *, tx: Transaction | None = None) -> None:
        """Have it called with this, and wait for nothing. Accepted is durable: when this returns,
        or the transaction has ended, it will be called at least once, whatever else calls it. It
        has three attempts at most, a minute and two minutes apart, and then the dead letters.

        At most 1 MB (380 KB for all messages of a transaction). Invalid for what is no message of
        its type. A repeat after an error may start it twice.
        """
        running = granted(self.name, "start")
        ports, id = running.ports, fresh_id(running.ports)
        content = self.codec.content(payload)
        text = self.codec.enclosed(content, id, ports.clock.now(), running.trace)
        check_size(text, self.name, START_BYTES_MAX)
        outgoing = Outgoing(text)
        if tx is not None:
            tx.send(self.name, id, outgoing)
            return
        port: SendPort = ports.adapters[self.name]
        (error,) = await port.send([outgoing])
        if error is not None:
            raise error
        running.note_sent([(self.name, id)])

    @property
    def dead(self) -> DeadLetters[M]:
        """Made when first asked for: a function that never does so does not pay."""
        if self._dead is None:
            from .dead import DeadLetters

            self._dead: DeadLetters[M] | None = DeadLetters(self, self._message)
        return self._dead


def codec_of(trigger: Trigger, message: type[Any], place: str) -> MessageCodec:
    """Of what a function with this trigger is given; one that is no message has its own."""
    own: Any = getattr(trigger, "codec", None)
    if own is not None:
        return own
    from ..codec import MessageCodec

    return MessageCodec(message, place)


if TYPE_CHECKING:

    class OfOne(Protocol[M]):
        """Takes a handler of one message, plain or async, that may ask for its Context."""

        @overload
        def __call__(self, handler: Callable[[M], Ends], /) -> Consumer[[M], Ends, M]: ...
        @overload
        def __call__(
            self, handler: Callable[[M, Context], Ends], /
        ) -> Consumer[[M, Context], Ends, M]: ...
        @overload
        def __call__(
            self, handler: Callable[[Context, M], Ends], /
        ) -> Consumer[[Context, M], Ends, M]: ...
