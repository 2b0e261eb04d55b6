"""One client's WebSocket (RFC 6455), once its handshake was accepted. What it cannot take in time
is not kept for it: it is told why, and closed.
"""

from __future__ import annotations

import asyncio
import re
from asyncio import CancelledError, Task
from base64 import b64encode
from collections.abc import Callable, Coroutine
from hashlib import sha1
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from ...engine.answer import gateway
from ...http import Answer, Request
from .frame import (
    FAILED,
    GOING_AWAY,
    POLICY,
    PONG,
    TEXT,
    TRY_LATER,
    Broken,
    Closed,
    Frames,
    Ping,
    closing,
    framed,
)

if TYPE_CHECKING:
    from .connection import Shared

MESSAGE_BYTES_MAX = 32_768  # of a client, who sends tokens and names
UNREAD_BYTES_MAX = 1_048_576  # by one client; less when there are many
UNREAD_ALL_BYTES_MAX = 268_435_456  # by all of them together
CLOSED_S = 5.0  # for a client to say that it has closed too
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
KEY = re.compile(r"[A-Za-z0-9+/]{22}==")
TOO_SLOW = "too slow: events could not be delivered"


class Speaker(Protocol):
    """What is spoken over it. All of it is called on the loop, and waits for nothing."""

    def opened(self, socket: WebSocket) -> None: ...
    def received(self, text: str) -> None: ...
    def passed(self, now: float) -> None: ...  # some time, in seconds of the loop
    def ended(self) -> None: ...  # once, whoever has ended it


class Accepted:
    """A handshake that is granted: in this protocol, to whoever speaks it."""

    __slots__ = ("protocol", "speaker")

    def __init__(self, protocol: str, speaker: Speaker) -> None:
        self.protocol, self.speaker = protocol, speaker


# What stands behind a path for a WebSocket; None where it is none.
Doors: TypeAlias = Callable[[Request], Accepted | Answer | None]


def is_asked_for(request: Request) -> bool:
    return request.headers.get("upgrade", "").lower() == "websocket"


def refusal(request: Request) -> Answer | None:
    """Why this handshake is none; None when it is sound."""
    headers = request.headers
    options = [one.strip().lower() for one in headers.get("connection", "").split(",")]
    if request.method != "GET" or request.body or "upgrade" not in options:
        return gateway(400, "Bad Request")
    if headers.get("sec-websocket-version") != "13":
        return Answer(426, (("sec-websocket-version", "13"),), b"")
    if not KEY.fullmatch(headers.get("sec-websocket-key", "")):
        return gateway(400, "Bad Request")
    return None


def agreement(request: Request, protocol: str) -> bytes:
    """The answer after which frames are spoken."""
    key = request.headers["sec-websocket-key"].encode()
    proof = b64encode(sha1(key + GUID, usedforsecurity=False).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
        b"sec-websocket-accept: %b\r\nsec-websocket-protocol: %b\r\n\r\n"
    ) % (proof, protocol.encode())


class WebSocket(asyncio.Protocol):
    """It stands among the connections of a server, and is looked at in its rounds."""

    def __init__(self, shared: Shared, transport: asyncio.Transport, speaker: Speaker) -> None:
        self._shared, self._transport, self._speaker = shared, transport, speaker
        self._frames = Frames(MESSAGE_BYTES_MAX)
        self.tasks: dict[int, Task[None]] = {}  # one at most: what is said next waits for it
        self.lost = self._is_paused = self._is_blocked = False
        self._closed_at: float | None = None
        self._partial_since: float | None = None
        self._unread_since: float | None = None

    def open(self, rest: bytes) -> None:
        """Speak; `rest` came with the handshake."""
        self._shared.connections.add(self)
        self._speaker.opened(self)
        if rest:
            self.data_received(rest)

    # -- what the transport calls

    def data_received(self, data: bytes) -> None:
        self._frames.feed(data)
        self._advance()

    def eof_received(self) -> bool:
        return False  # a client that is gone is gone

    def pause_writing(self) -> None:
        """A client that does not read is not read from either."""
        self._is_blocked = True
        self._set_reading()

    def resume_writing(self) -> None:
        self._is_blocked = False
        self._unread_since = None
        self._advance()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self._speaker.ended()
        if not self.tasks:
            self._shared.forget(self)

    # -- what a speaker may do

    @property
    def is_open(self) -> bool:
        return not self.lost and self._closed_at is None and not self._transport.is_closing()

    def send(self, text: bytes) -> None:
        """Never waits. Who leaves too much unread is closed, and gets nothing any more."""
        if not self.is_open:
            return
        share = UNREAD_ALL_BYTES_MAX // max(1, len(self._shared.connections))
        if self._transport.get_write_buffer_size() > min(UNREAD_BYTES_MAX, share):
            self.close(TRY_LATER, TOO_SLOW)
            return
        self._transport.write(framed(TEXT, text))

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Take no more messages until it is done. A client that goes away does not stop it."""
        self._is_paused = True
        self.tasks[0] = Task(self._done(work), loop=self._shared.loop, name="websocket")

    async def _done(self, work: Coroutine[Any, Any, None]) -> None:
        shared = self._shared
        try:
            await work
        except (Exception, CancelledError, GeneratorExit) as error:
            if shared.loop.is_closed():  # it was closed with all that ran
                raise
            if not (shared.cancelling and isinstance(error, CancelledError)):
                shared.on_error(error)
            self.close(FAILED, "internal error")
        self.tasks.clear()
        self._is_paused = False
        if self.lost:
            shared.forget(self)
        else:
            self._advance()

    def close(self, code: int, reason: str) -> None:
        """Say so, and wait a moment for the client to agree."""
        if not self.is_open:
            return
        self._transport.write(closing(code, reason))
        self._closed_at = self._shared.loop.time()
        self._speaker.ended()
        self._set_reading()

    # -- called by the server

    def check(self, now: float) -> None:
        if self.lost:
            return
        if self._closed_at is not None and now - self._closed_at > CLOSED_S:
            self._transport.abort()
            return
        limits = self._shared.limits
        if self._is_blocked:
            self._unread_since = self._unread_since or now
            if now - self._unread_since > limits.drain_s:
                self.close(TRY_LATER, TOO_SLOW)
        if not self._frames.partial or self._is_paused or self._is_blocked:
            self._partial_since = None
        elif self._partial_since is None:
            self._partial_since = now
        elif now - self._partial_since > limits.receive_s:
            self.close(POLICY, "too slow: a message did not arrive whole")
        if self.is_open:
            self._speaker.passed(now)

    def retire(self) -> None:
        self.close(GOING_AWAY, "the server stops: come again")

    def abort(self) -> None:
        for task in self.tasks.values():
            task.cancel()
        if not self.lost:
            self._transport.abort()

    # -- from bytes to messages

    def _advance(self) -> None:
        try:
            while not (self.lost or self._is_paused or self._is_blocked):
                event = self._frames.take()
                if event is None:
                    break
                if isinstance(event, Closed):
                    self._closed(event.code)
                    return
                if isinstance(event, Ping):
                    self._transport.write(framed(PONG, event.data))
                elif self.is_open:
                    self._speaker.received(event.text)
        except Broken as broken:
            self._frames = Frames(0)
            self.close(broken.code, broken.reason)
        self._set_reading()

    def _closed(self, code: int) -> None:
        """The client has: answer in kind, unless it was an answer."""
        if self.is_open:
            self._transport.write(closing(code, ""))
        self._closed_at = self._closed_at or self._shared.loop.time()
        self._transport.close()

    def _set_reading(self) -> None:
        if self._transport.is_closing():
            return
        is_wanted = not (self._is_paused or self._is_blocked)
        if is_wanted is not self._transport.is_reading():
            (self._transport.resume_reading if is_wanted else self._transport.pause_reading)()
