"""Dead letters: what a function could not do, in one place a function, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Generic,
    ParamSpec,
    TypeVar,
    Unpack,
    cast,
    overload,
)

from msgspec import Struct

from ..codec.envelope import Undecodable, moment, opened
from ..errors import Invalid
from ..function import Ends, Function, Limits
from ..invocation import Context, reach
from ..ports import DeadPort
from ..ports.delivery import Letter
from .backoff import Backoff
from .consumer import codec_of
from .resource import Resource

M = TypeVar("M")
P = ParamSpec("P")
R = TypeVar("R")

PEEK_MAX = 100


class Dead(Struct, Generic[M], frozen=True):
    """A message that was given up. `message` is None when it could not be read: `body` is what was
    sent.

    `reason`: "undecodable", "failed" (the last attempt raised `error`), or "lost" (the last attempt
    never came back: a crash, or the deadline).
    """

    id: str
    message: M | None
    body: str
    reason: str
    error: str
    attempts: int
    trace: str
    first_sent: datetime


class Burial(Struct, frozen=True):
    """The trigger of a consumer of dead letters."""

    resource: DeadLetters[Any]
    attempts_max: int = 5
    backoff: Backoff = Backoff()
    kind: ClassVar[str] = "dead"

    @property
    def message(self) -> type[Any]:
        return self.resource.message

    @property
    def takes(self) -> Any:
        message: Any = self.resource.message
        return Dead[message]


if TYPE_CHECKING:
    from typing import Protocol

    from ..codec import MessageCodec

    class OfLetters(Protocol[M]):
        """Takes a handler of one dead letter, plain or async, that may ask for its Context."""

        @overload
        def __call__(self, handler: Callable[[Dead[M]], Ends], /) -> Function[[Dead[M]], Ends]: ...
        @overload
        def __call__(
            self, handler: Callable[[Dead[M], Context], Ends], /
        ) -> Function[[Dead[M], Context], Ends]: ...
        @overload
        def __call__(
            self, handler: Callable[[Context, Dead[M]], Ends], /
        ) -> Function[[Context, Dead[M]], Ends]: ...


class DeadLetters(Resource, Generic[M]):
    """The dead letters of one function: `count.dead`."""

    kind = "dead"
    verbs = frozenset(["peek", "redrive", "purge"])

    def __init__(self, function: Function[..., Any], message: type[M]) -> None:
        self.function, self.message = function, message
        self.place, self.module = function.place, function.handler.__module__
        self._codec: MessageCodec | None = None

    @property
    def name(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        return f"{self.function.name}.dead"

    @property
    def codec(self) -> MessageCodec:
        """Made when first asked for: a function that reads no dead letter does not pay."""
        if self._codec is None:
            self._codec = codec_of(self.function.trigger, self.message, self.name)
        return self._codec

    async def peek(self, limit: int = 10) -> list[Dead[M]]:
        """The oldest letters, at most `limit` (1 to 100). Nothing is taken away."""
        port = cast(DeadPort, reach(self.name, "peek"))
        if not 1 <= limit <= PEEK_MAX:
            raise Invalid(f"{self.name}: limit is {limit}, allowed are 1 to {PEEK_MAX}")
        return [self.read(letter) for letter in await port.peek(limit)]

    async def redrive(self, limit: int | None = None) -> int:
        """Send the oldest letters back to where they came from, with all attempts before them; how
        many. Their ids stay: what is done once is not done again.
        """
        port = cast(DeadPort, reach(self.name, "redrive"))
        if limit is not None and limit < 1:
            raise Invalid(f"{self.name}: limit is {limit}, allowed are 1 and more")
        return await port.redrive(limit)

    async def purge(self) -> int:
        """Delete all letters; how many there were."""
        return await cast(DeadPort, reach(self.name, "purge")).purge()

    @overload
    def consumer(self, handler: Callable[[Dead[M]], Ends], /) -> Function[[Dead[M]], Ends]: ...
    @overload
    def consumer(
        self, handler: Callable[[Dead[M], Context], Ends], /
    ) -> Function[[Dead[M], Context], Ends]: ...
    @overload
    def consumer(
        self, handler: Callable[[Context, Dead[M]], Ends], /
    ) -> Function[[Context, Dead[M]], Ends]: ...
    @overload
    def consumer(
        self, *, attempts_max: int = ..., backoff: Backoff = ..., **limits: Unpack[Limits]
    ) -> OfLetters[M]: ...
    def consumer(
        self,
        handler: Any = None,
        *,
        attempts_max: int = 5,
        backoff: Backoff = Backoff(),
        **limits: Unpack[Limits],
    ) -> Any:
        """The function that is given each dead letter. One it fails on `attempts_max` times stays
        among the dead letters, and is not offered again until it was redriven.
        """
        trigger = Burial(self, attempts_max, backoff)

        def declare(handler: Callable[P, R], /) -> Function[P, R]:
            return Function(handler, trigger, limits)

        return declare if handler is None else declare(handler)

    def read(self, letter: Letter) -> Dead[M]:
        """What a stored letter says."""
        message: M | None = None
        first_sent = datetime.fromtimestamp(letter.sent_at, UTC)
        try:
            envelope = opened(letter.body)
            first_sent = moment(envelope.sent_at) or first_sent
            message = self.codec.decode(envelope)
        except Undecodable:
            pass  # the letter's reason says it, and its body what it was
        return Dead(
            *(letter.id, message, letter.body, letter.reason, letter.error),
            *(letter.attempts, letter.trace, first_sent),
        )
