"""Bytes to one endpoint and its answers, over plain sockets that are kept open. Whatever fails is a
Failure, and it says whether the request had left whole: only then can it have been carried out.

`socket` is not imported: it costs 31 M instructions, `_socket` 1.4 M.
"""

from __future__ import annotations

from _socket import IPPROTO_TCP, MSG_PEEK, SOCK_STREAM, TCP_NODELAY, getaddrinfo, socket
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from ...ports import Clock
from .answer import Answer, Reader, Unread
from .environment import Endpoint
from .failure import CLOSED, GARBLED, TIMED_OUT, UNREACHABLE, UNTRUSTED, Failure
from .wait import Wait

if TYPE_CHECKING:
    from .tls import Secured, Trust

CONNECT_S_MAX = 3.0
IDLE_MAX = 16
# AWS closes what lies idle, and a frozen function does not hear of it: its next request is lost
# then. One that may be repeated costs a round trip more; any other had better go by a fresh one.
IDLE_S_MAX = 300.0
IDLE_S_MAX_SINGLE = 10.0
PIECE_BYTES = 1 << 16


class PlainSocket(socket):
    __slots__ = ("__weakref__",)  # TLS holds on to it by one


class Connection:
    """One connection; one exchange at a time."""

    __slots__ = ("_clock", "_read", "_socket", "_until", "_write", "idle_since")

    def __init__(self, plain: socket, clock: Clock, secured: Secured | None = None) -> None:
        self._socket, self._clock = plain, clock
        self._read: Callable[[int], bytes] = secured.read if secured else plain.recv
        self._write: Callable[[memoryview], int] = secured.write if secured else plain.send
        self._until = self.idle_since = 0.0

    async def exchange(self, message: bytes, until: float) -> Answer:
        self._until = until
        unsent = self._send(message)
        # Over TLS the first to come may be a ticket, and no answer: then the reader blocks for it.
        await Wait((self._socket.fileno(),), until)
        try:
            # It may have been refused before it was read to its end, and that is an answer too.
            answer = Reader(self._receive).answer()
        except TimeoutError as error:
            raise Failure(TIMED_OUT, "no answer in time", unknown=not unsent) from error
        except Unread as error:
            code = GARBLED if error.began else CLOSED
            raise Failure(code, str(unsent or error), unknown=not unsent) from (unsent or error)
        return answer if unsent is None else replace(answer, is_last=True)

    def is_fit(self, idle_s_max: float) -> bool:
        """Still open, as far as anybody here can know: nothing has come, not even an end."""
        if not 0 <= self._clock.time() - self.idle_since <= idle_s_max:
            return False
        self._socket.settimeout(0)
        try:
            self._socket.recv(1, MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        self._socket.close()

    def _send(self, message: bytes) -> OSError | None:
        """Nothing when all of it has left."""
        left = memoryview(message)
        try:
            while left:
                self._socket.settimeout(self._left())
                left = left[self._write(left) :]
        except TimeoutError as error:
            raise Failure(TIMED_OUT, "the request could not be sent in time") from error
        except OSError as error:
            return error
        return None

    def _receive(self) -> bytes:
        self._socket.settimeout(self._left())
        try:
            return self._read(PIECE_BYTES)
        except TimeoutError:
            raise
        except OSError:
            return b""  # a reset, or an end of TLS without a goodbye, is an end

    def _left(self) -> float:
        left = self._until - self._clock.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class Wire:
    """Connections to one endpoint, kept between calls. Threads may share it: each takes its own."""

    def __init__(self, endpoint: Endpoint, clock: Clock, *, bundle: str = "") -> None:
        self._endpoint, self._clock, self._bundle = endpoint, clock, bundle
        self._idle: list[Connection] = []
        self._trust: Trust | None = None

    async def exchange(self, message: bytes, until: float, *, is_repeatable: bool) -> Answer:
        """The answer before `until`, a monotonic time. A kept connection that turns out to be
        closed is replaced once, when nothing was sent on it or the message may be sent twice.
        """
        kept = self._kept(IDLE_S_MAX if is_repeatable else IDLE_S_MAX_SINGLE)
        if kept is not None:
            try:
                return await self._over(kept, message, until)
            except Failure as failure:
                if failure.code != CLOSED or (failure.unknown and not is_repeatable):
                    raise
        return await self._over(self._opened(until), message, until)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    async def _over(self, connection: Connection, message: bytes, until: float) -> Answer:
        try:
            answer = await connection.exchange(message, until)
        except BaseException:
            connection.close()
            raise
        # Who is in trouble closes without saying so: the next attempt had better not go there.
        if answer.is_last or answer.status >= 500 or len(self._idle) >= IDLE_MAX:
            connection.close()
        else:
            connection.idle_since = self._clock.time()
            self._idle.append(connection)
        return answer

    def _kept(self, idle_s_max: float) -> Connection | None:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            if connection.is_fit(idle_s_max):
                return connection
            connection.close()

    def _opened(self, until: float) -> Connection:
        """At the first of the host's addresses that answers. (A name server that does not answer
        is beyond our time-outs: the C library waits for it.)
        """
        endpoint = self._endpoint
        broke: OSError | None = None
        try:
            places = getaddrinfo(endpoint.host.encode(), endpoint.port, 0, SOCK_STREAM)
            for family, kind, protocol, _, address in places:
                connect = partial(self._connected, (family, kind, protocol), address, until)
                try:
                    return self._secured(connect) if endpoint.is_tls else self._plain(connect)
                except OSError as error:
                    broke = error
        except OSError as error:
            broke = error
        code = TIMED_OUT if isinstance(broke, TimeoutError) else UNREACHABLE
        where = f"{endpoint.host}:{endpoint.port}"
        raise Failure(code, f"no connection to {where}: {broke}") from broke

    def _plain(self, connect: Callable[[], socket]) -> Connection:
        return Connection(connect(), self._clock)

    def _secured(self, connect: Callable[[], socket]) -> Connection:
        from .tls import Trust, Unvouched  # at the first call that needs it

        if self._trust is None:
            self._trust = Trust(self._bundle)
        try:
            plain, secured = self._trust.secured(connect, self._endpoint.host)
        except Unvouched as error:
            raise Failure(UNTRUSTED, f"{self._endpoint.host}: {error}") from error
        return Connection(plain, self._clock, secured)

    def _connected(self, kind: tuple[int, int, int], address: Any, until: float) -> socket:
        left = min(until - self._clock.monotonic(), CONNECT_S_MAX)
        if left <= 0:
            raise TimeoutError("no time left")
        plain = PlainSocket(*kind)
        try:
            plain.settimeout(left)
            plain.connect(address)
            plain.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        except BaseException:
            plain.close()
            raise
        return plain
