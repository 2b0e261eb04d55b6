"""A client of WebSockets that sends what a test says, right or wrong."""

from __future__ import annotations

import json
import os
import socket
from base64 import b64encode, urlsafe_b64encode
from types import TracebackType
from typing import Any

REALTIME = "/_skylift/channels/event/realtime"
PROTOCOL = "aws-appsync-event-ws"
PATIENCE_S = 20.0
CONTINUED, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


class Ended(Exception):
    """The server closed: with this code and reason, or without a word (0)."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


class Refused(Exception):
    def __init__(self, status: int, head: str) -> None:
        super().__init__(head)
        self.status, self.head = status, head


def header(**said: object) -> str:
    text = json.dumps(said).encode()
    return "header-" + urlsafe_b64encode(text).decode().rstrip("=")


def handshake(*protocols: str, path: str = REALTIME, **headers: str) -> bytes:
    said = {
        "host": "localhost",
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": b64encode(os.urandom(16)).decode(),
        "sec-websocket-protocol": ", ".join(protocols),
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in said.items() if value)
    return f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode()


def frame(opcode: int, payload: bytes, *, last: bool = True, masked: bool = True) -> bytes:
    length, bit = len(payload), 0x80 if masked else 0
    head = bytes([0x80 * last | opcode])
    if length < 126:
        head += bytes([bit | length])
    elif length < 65_536:
        head += bytes([bit | 126]) + length.to_bytes(2, "big")
    else:
        head += bytes([bit | 127]) + length.to_bytes(8, "big")
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


class Socket:
    """Connected once it was made; Refused when the handshake was."""

    def __init__(
        self, port: int, token: str = "", *, sent: bytes | None = None, receives: int = 0
    ) -> None:
        self.token = token
        self._socket = socket.socket()
        if receives:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
        self._socket.settimeout(PATIENCE_S)
        self._socket.connect(("127.0.0.1", port))
        self._read = b""
        self._socket.sendall(sent or handshake(PROTOCOL, header(host="x", Authorization=token)))
        while b"\r\n\r\n" not in self._read:
            more = self._socket.recv(65_536)
            if not more:
                raise Refused(0, self._read.decode())
            self._read += more
        head, _, self._read = self._read.partition(b"\r\n\r\n")
        self.head = head.decode()
        status = int(self.head.split()[1])
        if status != 101:
            self._socket.close()
            raise Refused(status, self.head)

    def wait(self, patience_s: float) -> None:
        self._socket.settimeout(patience_s)

    def send(self, raw: bytes) -> None:
        self._socket.sendall(raw)

    def say(self, **message: Any) -> None:
        self.send(frame(TEXT, json.dumps(message).encode()))

    def frame(self) -> tuple[int, bytes]:
        head = self._take(2)
        assert head[0] & 0x70 == 0, "no extension"
        assert not head[1] & 0x80, "a server masks nothing"
        length = head[1] & 0x7F
        if length >= 126:
            length = int.from_bytes(self._take(2 if length == 126 else 8), "big")
        return head[0] & 0x0F, self._take(length)

    def hear(self) -> dict[str, Any]:
        """The next message; Ended when it is the last word."""
        opcode, payload = self.frame()
        if opcode == CLOSE:
            code = int.from_bytes(payload[:2], "big")
            raise Ended(code, payload[2:].decode())
        assert opcode == TEXT
        return json.loads(payload)

    def ask(self, **message: Any) -> dict[str, Any]:
        self.say(**message)
        return self.hear()

    def subscribe(self, channel: str, id: str = "1", **more: Any) -> dict[str, Any]:
        return self.ask(type="subscribe", id=id, channel=channel, **more)

    def events(self, count: int) -> list[Any]:
        return [json.loads(self.hear()["event"][0]) for _ in range(count)]

    def end(self) -> Ended:
        """What it ends with."""
        try:
            while True:
                self.hear()
        except Ended as ended:
            return ended

    def _take(self, count: int) -> bytes:
        while len(self._read) < count:
            try:
                more = self._socket.recv(65_536)
            except ConnectionResetError:
                more = b""
            if not more:
                raise Ended(0)
            self._read += more
        taken, self._read = self._read[:count], self._read[count:]
        return taken

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Socket:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
