"""What a client of channels speaks: the protocol of AppSync Events, word for word, so that AWS's
own clients work here and ours works there. One message of a client is seen to at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from msgspec import MsgspecError, Struct, json

from ..engine.answer import gateway
from ..engine.guard import Guards
from ..errors import BadRequest, SkyliftError
from ..http import Answer, Request
from ..resources.channel import SUBSCRIPTIONS_MAX
from ..token import Refused, decoded
from .channel import MemoryChannel
from .http.frame import POLICY
from .http.websocket import Accepted, WebSocket

REALTIME_PATH = "/_skylift/channels/event/realtime"
PROTOCOL = "aws-appsync-event-ws"
HEADER = "header-"
TIMEOUT_MS = 300_000  # without a word, after which a client gives us up
KEEP_ALIVE_S = 60.0
ID = re.compile(r"[A-Za-z0-9\-_+]{1,128}")
ACK = json.encode({"type": "connection_ack", "connectionTimeoutMs": TIMEOUT_MS})
KEEP_ALIVE = b'{"type":"ka"}'
PUBLISHING = "publish: only the functions of an app publish"


class Message(Struct):
    """Of a client; members that are not here say nothing to us."""

    type: str
    id: str = ""
    channel: str = ""
    authorization: dict[str, Any] | None = None


class Live(Protocol):
    """The channels as they are now: a reload changes them under who is connected."""

    @property
    def guards(self) -> Guards: ...
    @property
    def channels(self) -> Mapping[str, MemoryChannel]: ...


class Subscription:
    """One of a client's, to one path."""

    __slots__ = ("_before", "_socket", "channel", "path")

    def __init__(self, socket: WebSocket, id: str, path: str, channel: MemoryChannel) -> None:
        self._socket, self._before = socket, b'{"type":"data","id":"%b","event":[' % id.encode()
        self.path, self.channel = path, channel

    def deliver(self, event: bytes) -> None:
        self._socket.send(b"%b%b]}" % (self._before, event))

    def end(self) -> None:
        self.channel.unsubscribe(self.path, self)


class Realtime:
    """Speaks with one client. `authorization` came with the handshake."""

    def __init__(self, live: Live, authorization: str) -> None:
        self._live, self._authorization = live, authorization
        self._subscriptions: dict[str, Subscription] = {}
        self._kept_at: float | None = None
        self._is_ended = False

    # -- what the WebSocket calls

    def opened(self, socket: WebSocket) -> None:
        self._socket = socket
        socket.run(self._connected())

    def received(self, text: str) -> None:
        try:
            message = json.decode(text, type=Message)
        except (MsgspecError, RecursionError) as error:
            return self._refuse("error", None, "BadRequestException", f"no message: {error}")
        act = ACTS.get(message.type)
        if act is None:
            reason = f"unknown frame type: {message.type[:50]}"
            return self._refuse("error", message.id, "UnsupportedOperation", reason)
        return act(self, message)

    def passed(self, now: float) -> None:
        if self._kept_at is None:
            self._kept_at = now
        elif now - self._kept_at >= KEEP_ALIVE_S:
            self._kept_at = now
            self._socket.send(KEEP_ALIVE)

    def ended(self) -> None:
        self._is_ended = True
        while self._subscriptions:
            self._subscriptions.popitem()[1].end()

    # -- what a client asks for

    async def _connected(self) -> None:
        try:
            await self._live.guards.connecting(self._authorization)
        except SkyliftError as error:
            self._refuse("connection_error", None, "UnauthorizedException", str(error))
            self._socket.close(POLICY, "unauthorized")

    def _begin(self, _: Message) -> None:
        self._socket.send(ACK)

    def _subscribe(self, message: Message) -> None:
        reason = self._unsound(message)
        if reason is not None:
            return self._refuse("subscribe_error", message.id, *reason)
        return self._socket.run(self._subscribed(message))

    async def _subscribed(self, message: Message) -> None:
        live, id, path = self._live, message.id, message.channel
        authorization = said(message.authorization)
        if message.authorization is None:
            authorization = self._authorization
        try:
            name = await live.guards.subscribing(path, authorization)
        except SkyliftError as error:
            is_bad = isinstance(error, BadRequest)
            kind = "BadRequestException" if is_bad else "UnauthorizedException"
            return self._refuse("subscribe_error", id, kind, str(error))
        if not self._is_ended:  # he may have gone while the guard was asked
            subscription = Subscription(self._socket, id, path, live.channels[name])
            self._subscriptions[id] = subscription
            self._socket.send(json.encode({"type": "subscribe_success", "id": id}))
            subscription.channel.subscribe(path, subscription)
        return None

    def _unsound(self, message: Message) -> tuple[str, str] | None:
        if not ID.fullmatch(message.id):
            return "BadRequestException", "an id has 1 to 128 letters, digits, -, _ and +"
        if message.id in self._subscriptions:
            return "BadRequestException", f"Subscription id '{message.id}' is already in use"
        if len(self._subscriptions) >= SUBSCRIPTIONS_MAX:
            reason = f"a connection has {SUBSCRIPTIONS_MAX} subscriptions at most"
            return "MaxSubscriptionsReachedException", reason
        return None

    def _unsubscribe(self, message: Message) -> None:
        found = self._subscriptions.pop(message.id, None)
        if found is None:
            reason = f"Unknown operation id {message.id[:128]}"
            return self._refuse("unsubscribe_error", message.id, "UnknownOperationError", reason)
        found.end()
        return self._socket.send(json.encode({"type": "unsubscribe_success", "id": message.id}))

    def _publish(self, message: Message) -> None:
        self._refuse("publish_error", message.id, "UnauthorizedException", PUBLISHING)

    def _ignore(self, _: Message) -> None:
        """A client keeps alive what we keep alive."""

    def _refuse(self, type: str, id: str | None, error: str, reason: str) -> None:
        about = {"id": id[:128]} if id else {}
        told = {"type": type, **about, "errors": [{"errorType": error, "message": reason}]}
        self._socket.send(json.encode(told))


ACTS: dict[str, Callable[[Realtime, Message], None]] = {
    "connection_init": Realtime._begin,  # pyright: ignore[reportPrivateUsage]
    "subscribe": Realtime._subscribe,  # pyright: ignore[reportPrivateUsage]
    "unsubscribe": Realtime._unsubscribe,  # pyright: ignore[reportPrivateUsage]
    "publish": Realtime._publish,  # pyright: ignore[reportPrivateUsage]
    "ka": Realtime._ignore,  # pyright: ignore[reportPrivateUsage]
}


def door(request: Request, live: Live) -> Accepted | Answer | None:
    """Who speaks behind this path; None where nobody does, an Answer to who is not understood."""
    if request.path != REALTIME_PATH:
        return None
    offered = request.headers.get("sec-websocket-protocol", "").split(",")
    protocols = [one.strip() for one in offered]
    headers = [one for one in protocols if one.startswith(HEADER)]
    if PROTOCOL not in protocols or len(headers) > 1:
        return gateway(400, "Bad Request")
    try:
        authorization = said(_header(headers[0])) if headers else ""
    except (Refused, MsgspecError, UnicodeError, RecursionError):
        return gateway(400, "Bad Request")
    return Accepted(PROTOCOL, Realtime(live, authorization))


def said(authorization: Mapping[str, Any] | None) -> str:
    """The token in what a client says of itself, whatever else is in it."""
    for name, value in (authorization or {}).items():
        if name.lower() == "authorization" and isinstance(value, str):
            return value
    return ""


def _header(protocol: str) -> dict[str, Any]:
    text = decoded(protocol.removeprefix(HEADER).encode("ascii"))
    return json.decode(text, type=dict[str, Any])
