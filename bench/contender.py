"""Contenders: servers started as processes of their own on free loopback ports, and stopped again.

A contender is ready when its health route has answered 200.
"""

from __future__ import annotations

import re
import socket
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.session import Session

HOST = "127.0.0.1"
BIN = Path(sys.executable).parent
START_S_MAX = 120.0  # a large app is read first, on a machine that does other things as well
LOOK_S = 0.001  # between two looks whether it answers


@dataclass(frozen=True)
class Contender:
    """How one is started: `command` of a port and a folder for its state."""

    name: str
    command: Callable[[int, Path], Sequence[str]]
    health: str = "/health"
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


class Running:
    """A contender that has answered; `started_s` is how long that took from the fork."""

    def __init__(self, contender: Contender, folder: Path) -> None:
        self.name, self.port, self.folder = contender.name, free_port(), folder
        environment = {"NOTES_DB": str(folder / "notes.db"), **contender.environment}
        command = contender.command(self.port, folder)
        begun = time.perf_counter()
        self.session = Session(command, folder / "said.txt", environment)
        try:
            self._wait(contender.health)
        except BaseException:
            self.session.stop()
            raise
        self.started_s = time.perf_counter() - begun

    def _wait(self, health: str) -> None:
        request = asked("GET", health)
        until = time.perf_counter() + START_S_MAX
        while time.perf_counter() < until and not self.session.has_ended:
            if answer(self.port, request).startswith(b"HTTP/1.1 200"):
                return
            time.sleep(LOOK_S)
        raise RuntimeError(f"{self.name} does not answer {health}:\n{self.session.said()}")


@contextmanager
def started(contender: Contender) -> Generator[Running]:
    with TemporaryDirectory(prefix="bench-") as folder:
        running = Running(contender, Path(folder))
        try:
            yield running
        finally:
            running.session.stop()


@contextmanager
def all_started(contenders: Sequence[Contender]) -> Generator[Mapping[str, Running]]:
    """All of them at once: an idle one costs nothing, and rounds can be interleaved."""
    with ExitStack() as stack:
        yield {one.name: stack.enter_context(started(one)) for one in contenders}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def asked(method: str, path: str, body: bytes = b"") -> bytes:
    kind = "content-type: application/json\r\n" if body else ""
    length = f"content-length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nhost: bench\r\n{kind}{length}\r\n".encode() + body


def is_whole(received: bytes) -> bool:
    head, end, body = received.partition(b"\r\n\r\n")
    if end and head.startswith(b"HTTP/1.1 204"):
        return True
    length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    return bool(end) and length is not None and len(body) >= int(length[1])


def answer(port: int, request: bytes, seconds_max: float = 5.0) -> bytes:
    """The answer to one request on a connection of its own; nothing when nobody listens."""
    try:
        with socket.create_connection((HOST, port), seconds_max) as wire:
            wire.sendall(request)
            received = b""
            while not is_whole(received):
                more = wire.recv(65_536)
                if not more:
                    return b""
                received += more
            return received
    except OSError:
        return b""
