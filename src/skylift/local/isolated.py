"""`isolate=True`: plain functions run in processes of their own, which can be killed.

A process is started when it is first needed, serves one call after another and is ended when idle
for a while, when a call is given up, when the code was loaded anew, and with the app, however that
ends. It is a fresh interpreter, never a fork of this one with its threads.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, cast

from .carried import packed_call, unpacked
from .isolated_child import LENGTH_BYTES

IDLE_S = 60.0
LOOK_S = 0.005  # between two looks at a process that was killed
START = """\
import sys
sys.path[:] = {path!r}
from skylift.local.isolated_child import serve
serve({connection}, {parent})
"""


class ProcessEnded(Exception):
    """The process of a call ended before it answered; that call alone fails."""


class Processes:
    """The worker processes of one app, as many as there are processors; calls beyond wait."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._room = asyncio.Semaphore(os.cpu_count() or 1)
        self._alive: set[Child] = set()
        self._idle: list[Child] = []  # the last to rest is the first to work again
        self._killed: list[subprocess.Popen[bytes]] = []
        self._closed = self._watching = False

    async def run(self, call: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
        packed = packed_call(call, arguments)
        async with self._room:
            child = self._idle.pop() if self._idle else await self._started()
            try:
                answer = await child.answer(packed)
            except BaseException:  # its deadline, most of all
                self._end(child)
                raise
            self._rest(child)
        return unpacked(answer, call.__name__)

    def renew(self) -> None:
        """The code was loaded anew: processes with the old go, busy ones when they have
        answered.
        """
        for child in list(self._alive):
            child.outdated = True
        for child in self._idle[:]:
            self._end(child)

    def close(self) -> None:
        """End all. What one still computes is lost."""
        self._closed = True
        for child in list(self._alive):
            self._end(child)
        for process in self._killed:
            process.wait()

    async def _started(self) -> Child:
        if self._closed:
            raise ProcessEnded("the app is stopping")
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                child = Child(self._loop, _spawned(theirs.fileno()), self._end)
            except BaseException:
                ours.close()
                raise
        self._alive.add(child)
        try:
            await self._loop.create_unix_connection(lambda: child, sock=ours)
        except BaseException:
            ours.close()
            self._end(child)
            raise
        return child

    def _rest(self, child: Child) -> None:
        if child.outdated or self._closed:
            return self._end(child)
        child.idle_since = self._loop.time()
        self._idle.append(child)
        if not self._watching:
            self._watching = True
            self._loop.call_later(IDLE_S, self._end_idle)
        return None

    def _end_idle(self) -> None:
        now = self._loop.time()
        while self._idle and self._idle[0].idle_since + IDLE_S <= now:
            self._end(self._idle[0])
        self._watching = bool(self._alive)
        if self._watching:
            since = self._idle[0].idle_since if self._idle else now
            self._loop.call_at(since + IDLE_S, self._end_idle)

    def _end(self, child: Child) -> None:
        if child in self._idle:
            self._idle.remove(child)
        if child in self._alive:
            self._alive.remove(child)
            child.kill()
            self._killed.append(child.process)
            if len(self._killed) == 1:
                self._loop.call_later(LOOK_S, self._reap)

    def _reap(self) -> None:
        """What was killed is in the process table until somebody has asked for it."""
        self._killed = [process for process in self._killed if process.poll() is None]
        if self._killed:
            self._loop.call_later(LOOK_S, self._reap)


class Child(asyncio.Protocol):
    """One process, and the socket it is spoken to through."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        process: subprocess.Popen[bytes],
        on_end: Callable[[Child], None],
    ) -> None:
        self.process, self.outdated, self.idle_since = process, False, 0.0
        self._loop, self._on_end = loop, on_end
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[bytes | None] | None = None
        self._received = bytearray()

    async def answer(self, call: bytes) -> bytes:
        """What it says to a call; ProcessEnded when it ends instead."""
        assert self._transport is not None
        self._answer = self._loop.create_future()
        self._transport.writelines([len(call).to_bytes(LENGTH_BYTES, "big"), call])
        answer = await self._answer
        if answer is None:
            raise ProcessEnded(await self._ending())
        return answer

    def kill(self) -> None:
        """It and the programs it runs, at once."""
        if self.process.returncode is None:  # else the number may be another's by now
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        if self._transport is not None:
            self._transport.abort()

    # -- what the transport calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        length = LENGTH_BYTES + int.from_bytes(self._received[:LENGTH_BYTES], "big")
        if len(self._received) >= max(length, LENGTH_BYTES):
            self._tell(bytes(self._received[LENGTH_BYTES:length]))
            self._received.clear()

    def connection_lost(self, exc: Exception | None) -> None:
        self._tell(None)
        self._on_end(self)

    def _tell(self, answer: bytes | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    async def _ending(self) -> str:
        """How it ended. It has closed its socket, and be it on the way out."""
        self.kill()
        while (code := self.process.poll()) is None:
            await asyncio.sleep(LOOK_S)
        if code >= 0:
            return f"its process ended with exit code {code}"
        name = signal.Signals(-code).name
        why = ": out of memory, or killed by somebody" if -code == signal.SIGKILL else ""
        return f"its process was ended by {name}{why}"


def _spawned(connection: int) -> subprocess.Popen[bytes]:
    """A fresh interpreter with this one's path, in a process group of its own: the terminal's
    Ctrl-C is for the app, and the programs a handler runs end with it.
    """
    code = START.format(
        path=[str(one) for one in sys.path], connection=connection, parent=os.getpid()
    )
    flags = ["-B"] if sys.dont_write_bytecode else []
    return subprocess.Popen(
        [sys.executable, *flags, "-c", code],
        stdin=subprocess.DEVNULL,
        pass_fds=[connection],
        process_group=0,
    )
