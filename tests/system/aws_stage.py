"""A server on loopback that does to each connection what its script says: answers, lies, breaks."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from skylift.aws.runtime.client import Client, World
from skylift.system import SystemClock

CERTIFICATES = Path(__file__).with_name("certificates")
ENVIRONMENT = {
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
}


class Asked(NamedTuple):
    head: str
    body: bytes

    def header(self, name: str) -> str:
        for line in self.head.split("\r\n")[1:]:
            said, _, value = line.partition(":")
            if said.lower() == name:
                return value.strip()
        return ""


class Talk:
    """One connection, seen from the server."""

    def __init__(self, found: socket.socket, asked: list[Asked]) -> None:
        self._socket, self._all, self._buffer = found, asked, b""

    def asked(self) -> Asked:
        """The next whole request; EOFError when the client has gone."""
        while b"\r\n\r\n" not in self._buffer:
            self._more()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        found = Asked(head.decode(), b"")
        length = int(found.header("content-length"))
        while len(self._buffer) < length:
            self._more()
        found = found._replace(body=self._buffer[:length])
        self._buffer = self._buffer[length:]
        self._all.append(found)
        return found

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def reached(self) -> None:
        """Something has come; nothing of it is read."""
        self._socket.recv(1, socket.MSG_PEEK)

    def reset(self) -> None:
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def close(self) -> None:
        self._socket.close()

    def goodbye(self) -> None:
        """TLS's own end of a connection; the client need not answer it."""
        assert isinstance(self._socket, ssl.SSLSocket)
        with contextlib.suppress(OSError):
            self._socket.unwrap()

    def cut(self) -> None:
        """The end of a connection below TLS, as anybody on the way may bring it about."""
        time.sleep(0.02)  # what was sent arrives before
        self._socket.shutdown(socket.SHUT_RDWR)

    def _more(self) -> None:
        piece = self._socket.recv(65_536)
        if not piece:
            raise EOFError
        self._buffer += piece


Act = Callable[[Talk], None]


class Stage:
    """Plays an act for every connection: the first for the first, the last for all that follow."""

    def __init__(self, *acts: Act, certificate: str = "", backlog: int = 128) -> None:
        self.acts = acts
        self.asked: list[Asked] = []
        self.connections = 0
        self.ended = threading.Event()
        self.broke: list[BaseException] = []
        self.tls = tls(certificate) if certificate else None
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=backlog)
        self.port = int(self._listening.getsockname()[1])
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        if acts:
            self._begin(self._accept)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}"

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for found in self._open:
            with contextlib.suppress(OSError):
                found.shutdown(socket.SHUT_RDWR)
            found.close()
        for thread in self._threads:
            thread.join(5)
        assert not self.broke, self.broke

    def _begin(self, call: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=call, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.ended.is_set():
            try:
                found, _ = self._listening.accept()
            except OSError:
                return
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            act = self.acts[min(self.connections, len(self.acts) - 1)]
            self.connections += 1
            self._open.append(found)
            self._begin(self._play, found, act)

    def _play(self, found: socket.socket, act: Act) -> None:
        try:
            if self.tls:
                found = self.tls.wrap_socket(found, server_side=True)
                self._open.append(found)
            act(Talk(found, self.asked))
        except (OSError, EOFError):
            pass  # the client had enough
        except BaseException as error:
            self.broke.append(error)
        finally:
            found.close()


class Spent:
    """A sleep that is not slept, and chance that always falls the same way."""

    def __init__(self, chance: float = 0.0) -> None:
        self.slept: list[float] = []
        self._drawn = round(chance * 2**32).to_bytes(4, "big") if chance else bytes(4)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def token_bytes(self, count: int) -> bytes:
        assert count == 4
        return self._drawn


def tls(certificate: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{certificate}.pem")
    return context


def client(stage: Stage, spent: Spent | None = None, **more: str) -> Client:
    """A client of DynamoDB that finds it on the stage; closed with the test by its caller."""
    spent = spent or Spent()
    environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL": stage.url, **more}
    return Client("dynamodb", environment, World(SystemClock(), spent, spent.sleep))


@contextlib.contextmanager
def met(*acts: Act, spent: Spent | None = None) -> Iterator[tuple[Stage, Client]]:
    """A server that does these, and a client of it."""
    with Stage(*acts) as stage:
        one = client(stage, spent)
        try:
            yield stage, one
        finally:
            one.close()


def soon(seconds: float = 5) -> float:
    return time.time() + seconds


def answer(body: bytes = b'{"ok":1}', status: int = 200, *headers: str, crc: bool = True) -> bytes:
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", *headers]
    if crc:
        lines.append(f"x-amz-crc32: {zlib.crc32(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def error(code: str, status: int = 400, *headers: str, more: str = "") -> bytes:
    body = f'{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"no"{more}}}'
    return answer(body.encode(), status, *headers)


def answers(*parts: bytes) -> Act:
    """Each request, by whatever connection, gets the next of these; the last again and again."""
    left = iter([*parts[:-1]])

    def act(talk: Talk) -> None:
        while True:
            talk.asked()
            talk.send(next(left, parts[-1]))

    return act


def once(part: bytes) -> Act:
    """One answer, and the connection is closed without a word."""

    def act(talk: Talk) -> None:
        talk.asked()
        talk.send(part)

    return act


def hangs(talk: Talk) -> None:
    talk.asked()
    talk.asked()  # which never comes: it waits until the client goes


def drips(part: bytes, every_s: float = 0.02) -> Act:
    def act(talk: Talk) -> None:
        talk.asked()
        for byte in part:
            talk.send(bytes([byte]))
            time.sleep(every_s)

    return act


def resets(part: bytes = b"", *, reads: bool = True) -> Act:
    """A reset after these bytes of an answer."""

    def act(talk: Talk) -> None:
        if reads:
            talk.asked()
        talk.send(part)
        if part:
            time.sleep(0.02)  # a reset overtakes what was sent before it
        talk.reset()

    return act
