"""Frames of a WebSocket (RFC 6455), bytes in and whole messages out. It knows no socket: what it
takes is a function of the bytes, however they were split. What a client may not send is refused
with the code that says why, and never repaired.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

CONTINUED, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
CONTROL_BYTES_MAX = 125
NORMAL, GOING_AWAY, PROTOCOL, UNSUPPORTED = 1000, 1001, 1002, 1003
INVALID, POLICY, TOO_BIG, FAILED, TRY_LATER = 1007, 1008, 1009, 1011, 1013
RECEIVED = frozenset([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014])


class Broken(Exception):
    """The connection cannot go on: close it with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Ping:
    data: bytes


@dataclass(frozen=True, slots=True)
class Closed:
    code: int


Event: TypeAlias = Text | Ping | Closed


class Frames:
    """`partial` is true while a frame, or a message of several, has begun and is not whole."""

    def __init__(self, message_bytes_max: int) -> None:
        self._max = message_bytes_max
        self._buffer = bytearray()
        self._message: bytearray | None = None

    @property
    def partial(self) -> bool:
        return bool(self._buffer) or self._message is not None

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def take(self) -> Event | None:
        """The next event if it is whole; Broken if it never can be."""
        while True:
            frame = self._frame()
            if frame is None:
                return None
            event = self._event(*frame)
            if event is not None:
                return event

    def _frame(self) -> tuple[int, bool, bytes] | None:
        """Opcode, whether it is the last of its message, and what is in it."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        opcode, is_last, length = buffer[0] & 0x0F, bool(buffer[0] & 0x80), buffer[1] & 0x7F
        self._check_head(buffer[0], buffer[1])
        at = 2
        if length >= 126:
            size = 2 if length == 126 else 8
            at += size
            if len(buffer) < at:
                return None
            least, length = (126 if size == 2 else 65_536), int.from_bytes(buffer[2:at], "big")
            if length < least:
                raise Broken(PROTOCOL, "a length is written longer than it needs to be")
        if opcode < CLOSE and length + len(self._message or b"") > self._max:
            raise Broken(TOO_BIG, f"a message has {self._max} bytes at most")
        end = at + 4 + length
        if len(buffer) < end:
            return None
        payload = unmasked(bytes(buffer[at + 4 : end]), bytes(buffer[at : at + 4]))
        del buffer[:end]
        return opcode, is_last, payload

    def _check_head(self, first: int, second: int) -> None:
        opcode = first & 0x0F
        if first & 0x70:
            raise Broken(PROTOCOL, "an extension is used that was not agreed on")
        if not second & 0x80:
            raise Broken(PROTOCOL, "a client masks its frames")
        if opcode >= CLOSE and (not first & 0x80 or second & 0x7F > CONTROL_BYTES_MAX):
            raise Broken(PROTOCOL, "a control frame is short and whole")
        if opcode not in (CONTINUED, TEXT, BINARY, CLOSE, PING, PONG):
            raise Broken(PROTOCOL, "there is no such kind of frame")
        if opcode == BINARY:
            raise Broken(UNSUPPORTED, "messages are text")
        if opcode < CLOSE and (opcode == CONTINUED) is (self._message is None):
            raise Broken(PROTOCOL, "a message of several frames is continued until its end")

    def _event(self, opcode: int, is_last: bool, payload: bytes) -> Event | None:
        if opcode == PING:
            return Ping(payload)
        if opcode == PONG:
            return None
        if opcode == CLOSE:
            return Closed(_code(payload))
        if self._message is None:
            if is_last:
                return Text(_decoded(payload))
            self._message = bytearray()
        self._message += payload
        if not is_last:
            return None
        whole, self._message = bytes(self._message), None
        return Text(_decoded(whole))


def framed(opcode: int, payload: bytes) -> bytes:
    """A whole message of ours, which is never masked."""
    length = len(payload)
    if length < 126:
        return bytes([0x80 | opcode, length]) + payload
    if length < 65_536:
        return bytes([0x80 | opcode, 126]) + length.to_bytes(2, "big") + payload
    return bytes([0x80 | opcode, 127]) + length.to_bytes(8, "big") + payload


def closing(code: int, reason: str) -> bytes:
    said = reason.encode()[: CONTROL_BYTES_MAX - 2].decode(errors="ignore").encode()
    return framed(CLOSE, code.to_bytes(2, "big") + said)


def unmasked(payload: bytes, mask: bytes) -> bytes:
    """All of it at once, as one number: a loop over bytes would be fifty times slower."""
    length = len(payload)
    key = (mask * (length // 4 + 1))[:length]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(length, "big")


def _decoded(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise Broken(INVALID, "a text is not UTF-8") from None


def _code(payload: bytes) -> int:
    if not payload:
        return NORMAL
    code = int.from_bytes(payload[:2], "big")
    _decoded(payload[2:])
    if len(payload) < 2 or not (code in RECEIVED or 3000 <= code < 5000):
        raise Broken(PROTOCOL, "a close says no code that there is")
    return code
