"""The local HTTP server: it listens, makes its rounds and stops gracefully."""

from __future__ import annotations

import asyncio
import socket
from datetime import datetime

from ...ports import Clock
from ..traffic import Traffic
from .connection import AnswerTo, Connection, OnError, Shared
from .limits import Limits
from .websocket import Doors

BACKLOG = 1024
UNSENT_BYTES_MAX = 65_536  # in the kernel, whose megabytes of buffer would hide a slow reader
CANCELLED_S_MAX = 1.0  # for cancelled requests to end
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class HttpServer:
    """Serves `answer`, one task a request.

    `answer` may be replaced while running: requests under way finish on the old one. An exception
    out of it is answered with 500 and handed to `on_error`; so is an answer that cannot be sent.
    """

    def __init__(
        self,
        answer: AnswerTo,
        clock: Clock,
        *,
        on_error: OnError,
        limits: Limits | None = None,
        traffic: Traffic | None = None,
        doors: Doors | None = None,
    ) -> None:
        self.port = 0
        self._clock = clock
        self._shared = Shared(answer, limits or Limits(), on_error, traffic or Traffic(clock))
        self._shared.doors = doors

    @property
    def answer(self) -> AnswerTo:
        return self._shared.answer

    @answer.setter
    def answer(self, answer: AnswerTo) -> None:
        self._shared.answer = answer

    @property
    def connections(self) -> int:
        """Open ones, and closed ones whose requests are still running."""
        return len(self._shared.connections)

    async def start(self, host: str, port: int) -> None:
        """Listen; port 0 takes a free one. OSError when the address cannot be had."""
        shared = self._shared
        loop = shared.loop = asyncio.get_running_loop()
        self._refresh()
        self._server = await loop.create_server(
            lambda: Connection(shared), host, port, backlog=BACKLOG
        )
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            for listening in self._server.sockets:  # every connection inherits it
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES_MAX)
        self.port = self._server.sockets[0].getsockname()[1]
        self._next_round = loop.call_later(shared.round_s, self._round)

    async def stop(self, grace_s: float) -> None:
        """Stop accepting, close what is idle, answer what is under way with `connection: close`.

        What has not ended after `grace_s` is cancelled and its connection closed.
        """
        shared = self._shared
        shared.stopping = True
        self._server.close()
        for connection in list(shared.connections):
            connection.retire()
        if shared.connections:
            shared.emptied.clear()
            try:
                await asyncio.wait_for(shared.emptied.wait(), grace_s)
            except TimeoutError:
                await self._cancel()
        self._next_round.cancel()

    async def _cancel(self) -> None:
        shared = self._shared
        shared.cancelling = True
        tasks = [task for connection in shared.connections for task in connection.tasks.values()]
        for connection in list(shared.connections):
            connection.abort()
        if tasks:
            await asyncio.wait(tasks, timeout=CANCELLED_S_MAX)
        await asyncio.sleep(0)

    def _round(self) -> None:
        shared = self._shared
        self._refresh()
        for connection in list(shared.connections):
            connection.check(shared.now)
        self._next_round = shared.loop.call_later(shared.round_s, self._round)

    def _refresh(self) -> None:
        self._shared.now = self._shared.loop.time()
        self._shared.date = _date_line(self._clock.now())


def _date_line(now: datetime) -> bytes:
    day, month = DAYS[now.weekday()], MONTHS[now.month - 1]
    return f"date: {day}, {now.day:02} {month} {now:%Y %H:%M:%S} GMT\r\n".encode()
