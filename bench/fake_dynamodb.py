"""A DynamoDB on loopback that says yes to every write, over HTTP or TLS, so that a cold start is
the function's own. It keeps connections alive as the service does.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator

from bench.session import ROOT

CERTIFICATES = ROOT / "tests" / "system" / "certificates"
ANSWER = (
    b"HTTP/1.1 200 OK\r\nServer: Server\r\nDate: Fri, 20 Nov 2026 14:00:00 GMT\r\n"
    b"Content-Type: application/x-amz-json-1.0\r\nContent-Length: 2\r\n"
    b"Connection: keep-alive\r\nx-amzn-RequestId: ABCDEF\r\nx-amz-crc32: 2745614147\r\n\r\n{}"
)


class FakeDynamodb:
    def __init__(self, *, over_tls: bool) -> None:
        self._context = None
        if over_tls:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(CERTIFICATES / "localhost.pem")
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._is_ending = False
        self.asked: list[bytes] = []  # the bodies of the requests
        port = self._listening.getsockname()[1]
        self.url = f"https://localhost:{port}" if over_tls else f"http://127.0.0.1:{port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._is_ending = True
        self._listening.close()

    def _accept(self) -> None:
        while not self._is_ending:
            try:
                found, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(found,), daemon=True).start()

    def _serve(self, found: socket.socket) -> None:
        with contextlib.suppress(OSError), found:
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            talk = found
            if self._context is not None:
                talk = self._context.wrap_socket(found, server_side=True)
            for body in _bodies(talk):
                self.asked.append(body)
                talk.sendall(ANSWER)


def _bodies(talk: socket.socket) -> Iterator[bytes]:
    with talk.makefile("rb") as stream:
        while line := stream.readline():
            length = 0
            while line not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
                line = stream.readline()
            yield stream.read(length)


@contextlib.contextmanager
def fake_dynamodb(*, over_tls: bool) -> Iterator[FakeDynamodb]:
    fake = FakeDynamodb(over_tls=over_tls)
    try:
        yield fake
    finally:
        fake.close()
