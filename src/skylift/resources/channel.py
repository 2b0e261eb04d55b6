"""A channel: what is published now reaches who has subscribed and is connected now, at most once.
What somebody missed is read elsewhere: a table with a `seq`, over HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Concatenate,
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
from ..errors import Invalid, did_you_mean
from ..function import Function, Limits
from ..invocation import granted
from ..user import Caller
from .resource import Resource

if TYPE_CHECKING:
    from ..ports import ChannelPort
    from .users import Users

E = TypeVar("E")
F = TypeVar("F")
P = ParamSpec("P")

EVENT_BYTES_MAX = 245_760  # 240 KB, as AppSync Events takes it
SEGMENTS_MAX = 5  # the channel's name is the first
SEGMENT_LENGTH_MAX = 50
SUBSCRIPTIONS_MAX = 200  # of one connection
TRANSACTION = "tx"
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")

Guard: TypeAlias = Callable[Concatenate[Caller, P], Coroutine[Any, Any, bool]]


class Guarded(Struct, frozen=True):
    """The trigger of a guard: somebody wants to subscribe."""

    resource: Channel[Any, ...]
    kind: ClassVar[str] = "guard"


class Channel(Resource, Generic[E, P]):
    """`Channel("live", "rooms/{id}/{epoch}", RoomEvent, guard=may_watch)`: who may subscribe to one
    room is what `async def may_watch(caller: Caller, id: str, epoch: str) -> bool` answers, once
    for each subscription. It takes what the template names; a `Caller | None` lets ask who brings
    no token. With `guard=None` nobody may subscribe.

    Who was let in stays until he leaves. To turn everybody out, publish to another epoch: a segment
    of the template that the guard compares. `auth=` says whose tokens count where an app has
    several Users.
    """

    kind = "channel"
    verbs = frozenset(["publish"])

    @overload
    def __init__(
        self,
        name: str,
        template: str,
        event: type[E],
        *,
        guard: Guard[P],
        auth: Users | None = ...,
        **limits: Unpack[Limits],
    ) -> None: ...
    @overload
    def __init__(
        self: Channel[F, ...],
        name: str,
        template: str,
        event: type[F],
        *,
        guard: None,
        auth: Users | None = ...,
    ) -> None: ...
    def __init__(
        self,
        name: str,
        template: str,
        event: type[Any],
        *,
        guard: Any,
        auth: Users | None = None,
        **limits: Unpack[Limits],
    ) -> None:
        self._declare(name)
        self.template, self.event, self.auth = template, event, auth
        self.guard: Function[..., Any] | None = None
        if guard is not None:
            self.guard = Function(guard, Guarded(self), limits)
        self._codec: MessageCodec | None = None

    @property
    def codec(self) -> MessageCodec:
        """Made when first asked for: a function that does not touch the channel does not pay."""
        if self._codec is None:
            self._codec = MessageCodec(self.event, f"channel {self.name!r}")
        return self._codec

    @property
    def ids(self) -> list[str]:
        """What the template leaves open, in its order."""
        return [one[1:-1] for one in self.template.split("/") if is_open(one)]

    # -- verb

    async def publish(self, event: E, /, *given: P.args, **ids: P.kwargs) -> None:
        """To everybody who has subscribed to these very ids and is connected: best effort, at most
        once, in no promised order. Nothing is kept for who is not, and nothing tells who got it.

        At most 240 KB. An id has 1 to 50 of the letters a-z, A-Z, 0-9 and -. Invalid for an event
        outside its type or a limit. It takes no part in a transaction: publish after the block.
        """
        running = granted(self.name, "publish")
        if TRANSACTION in ids and TRANSACTION not in self.ids:
            self._refuse("it is best effort and has no tx=. hint: publish after the transaction")
        path = self.path(self._named(given, ids))
        text = self.codec.content(event)
        if len(text) * 4 > EVENT_BYTES_MAX:
            size = len(text.encode())
            if size > EVENT_BYTES_MAX:
                reason = f"the event has {size:,} bytes, limit {EVENT_BYTES_MAX:,}"
                self._refuse(f"{reason}. hint: put it in a table and publish the key")
        port: ChannelPort = running.ports.adapters[self.name]
        await port.publish(path, text)

    # -- names

    def path(self, ids: Mapping[str, object]) -> str:
        """`/live/rooms/r1/7`; Invalid when an id is missing, unknown or none."""
        wanted = self.ids
        for name in ids:
            if name not in wanted:
                self._refuse(f"it has no id {name!r}. hint: {did_you_mean(name, wanted)}")
        for name in wanted:
            if name not in ids:
                self._refuse(f"the id {name!r} is missing")
            if not is_segment(ids[name]):
                letters = f"1 to {SEGMENT_LENGTH_MAX} of a-z, A-Z, 0-9 and -"
                self._refuse(f"{name}={ids[name]!r} is no id: {letters}")
        filled = [str(ids[one[1:-1]]) if is_open(one) else one for one in self.template.split("/")]
        return "/".join(["", self.name, *filled])

    def matched(self, path: str) -> dict[str, str] | None:
        """The ids in a path of this channel; None when it is none of its paths."""
        name, *segments = path.removeprefix("/").split("/")
        wanted = self.template.split("/")
        if name != self.name or len(segments) != len(wanted) or not path.startswith("/"):
            return None
        found: dict[str, str] = {}
        for segment, part in zip(segments, wanted, strict=True):
            if not is_segment(segment):
                return None
            if is_open(part):
                found[part[1:-1]] = segment
            elif segment != part:
                return None
        return found

    def _named(self, given: Sequence[object], ids: Mapping[str, object]) -> dict[str, object]:
        """Those without a name are in the guard's order."""
        if not given:
            return dict(ids)
        names: tuple[str, ...] = ()
        if self.guard is not None:
            code: Any = getattr(self.guard.handler, "__code__", None)
            names = code.co_varnames[1 : code.co_argcount] if code else ()
        if len(given) > len(names):
            self._refuse(f"it has {len(names)} ids. hint: name them, as in publish(event, id=…)")
        return {**dict(zip(names, given, strict=False)), **ids}

    def _refuse(self, reason: str) -> NoReturn:
        raise Invalid(f"channel {self.name!r}: {reason}")


def is_segment(text: object) -> bool:
    return (
        isinstance(text, str) and 0 < len(text) <= SEGMENT_LENGTH_MAX and LETTERS.issuperset(text)
    )


def is_open(segment: str) -> bool:
    return segment.startswith("{") and segment.endswith("}")
