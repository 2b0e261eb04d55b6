"""Contenders: servers started as processes of their own on free loopback ports, and stopped again.

A contender is ready when its health route has answered 200. Each runs in a session of its own, so
that the processes it starts are counted and stopped with it.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

HOST = "127.0.0.1"
ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
TICKS = os.sysconf("SC_CLK_TCK")
START_S_MAX = 30.0
STOP_S_MAX = 10.0
LOOK_S = 0.001  # between two looks whether it answers


@dataclass(frozen=True)
class Contender:
    """How one is started: `command` of a port and a folder for its state."""

    name: str
    command: Callable[[int, Path], Sequence[str]]
    health: str = "/health"


class Running:
    """A contender that has answered; `started_s` is how long that took from the fork."""

    def __init__(self, contender: Contender, folder: Path) -> None:
        self.name, self.port, self._said = contender.name, free_port(), folder / "said.txt"
        environment = os.environ | {"NOTES_DB": str(folder / "notes.db")}
        begun = time.perf_counter()
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(
                contender.command(self.port, folder),
                cwd=ROOT,
                env=environment,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        try:
            self._wait(contender.health)
        except BaseException:
            self.stop()
            raise
        self.started_s = time.perf_counter() - begun

    def _wait(self, health: str) -> None:
        request = asked("GET", health)
        until = time.perf_counter() + START_S_MAX
        while time.perf_counter() < until and self.process.poll() is None:
            if answer(self.port, request).startswith(b"HTTP/1.1 200"):
                return
            time.sleep(LOOK_S)
        raise RuntimeError(f"{self.name} does not answer {health}:\n{self._said.read_text()}")

    def processes(self) -> Iterator[tuple[Path, list[str]]]:
        """The session's processes, each with the fields of /proc/PID/stat after the name."""
        for place in Path("/proc").glob("[0-9]*"):
            try:
                fields = (place / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has ended
            if int(fields[3]) == self.process.pid:
                yield place, fields

    def cpu_s(self) -> float:
        return sum(int(fields[11]) + int(fields[12]) for _, fields in self.processes()) / TICKS

    def memory_mb(self, kind: str = "Rss") -> float:
        """Resident ("Rss") or proportional ("Pss") memory of the session, in 10^6 bytes."""
        total = 0
        for place, _ in self.processes():
            for line in (place / "smaps_rollup").read_text().splitlines():
                if line.startswith(f"{kind}:"):
                    total += int(line.split()[1])
        return total * 1024 / 1e6

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)  # what it has left behind
        except ProcessLookupError:
            pass
        self.process.wait()


@contextmanager
def started(contender: Contender) -> Generator[Running]:
    with TemporaryDirectory(prefix="bench-") as folder:
        running = Running(contender, Path(folder))
        try:
            yield running
        finally:
            running.stop()


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
    length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    return bool(end) and length is not None and len(body) >= int(length[1])


def answer(port: int, request: bytes) -> bytes:
    """The answer to one request on a connection of its own; nothing when nobody listens."""
    try:
        with socket.create_connection((HOST, port), 5) as wire:
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
