"""One client's connection: requests in order, one task each, answers in the order of the requests.

At most `pipelined_max` requests are under way; then reading stops until an answer is written. A
client that goes away stops nothing: the task runs to its end, as a Lambda does.
"""

from __future__ import annotations

import asyncio
from asyncio import CancelledError, Future, Task
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Protocol, TypeAlias, cast

from ...http import Answer, Request
from ..traffic import Traffic
from .head import Refused
from .intake import Intake
from .limits import Limits, answer_fits, event_fits
from .reply import AS_VERSION, CLOSE, CONTINUE, GATEWAY, KEEP, begun, written
from .streamed import Streamed
from .websocket import Accepted, Doors, WebSocket, agreement, is_asked_for, refusal

AnswerTo: TypeAlias = Callable[[Request], Awaitable[Answer | Streamed]]
OnError: TypeAlias = Callable[[BaseException], None]

REFUSED_MAX = 256  # connections beyond the limit that are told so; more are dropped
DRAINED_BYTES_MIN = 65_536  # in `drain_s`: who reads slower holds memory rather than reads


class Peer(Protocol):
    """What a server has to do with a connection, whatever is spoken over it."""

    tasks: dict[int, Task[None]]

    def check(self, now: float) -> None: ...
    def retire(self) -> None: ...
    def abort(self) -> None: ...


class Shared:
    """What the connections of one server share. `now` and `date` are those of its last round."""

    loop: asyncio.AbstractEventLoop

    def __init__(
        self, answer: AnswerTo, limits: Limits, on_error: OnError, traffic: Traffic
    ) -> None:
        self.answer, self.limits, self.on_error = answer, limits, on_error
        self.traffic = traffic
        self.body_sure_max = limits.body_sure_max
        self.round_s = limits.round_s
        self.doors: Doors | None = None
        self.connections: set[Peer] = set()
        self.now = 0.0
        self.date = b""
        self.emptied = asyncio.Event()
        self.stopping = self.cancelling = False

    def forget(self, connection: Peer) -> None:
        self.connections.discard(connection)
        if not self.connections:
            self.emptied.set()


class Connection(asyncio.Protocol):
    """`taken` requests were read, `written` of them answered; `early` answers await their turn."""

    intake: Intake
    transport: asyncio.Transport

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.taken = self.written = 0
        self.early: dict[int, bytes] = {}
        self.tasks: dict[int, Task[None]] = {}
        self.waiting: dict[int, Future[None]] = {}  # for their turn
        self.flowing: Future[None] | None = None  # it waits for a client that does not read
        self.paused = self.blocked = (
            False  # reading, by us; writing, by a client that does not read
        )
        self.closing = self.lingering = (
            False  # no more is taken; all is said, what comes is dropped
        )
        self.eof = self.lost = False
        self.is_handed_over = False  # it is no connection of HTTP any more
        self.partial = False
        self.since = shared.now  # when the wait began: for a request, for its rest, for the end
        self.sent_bytes = self.drained_bytes = 0
        self.draining_since = 0.0

    # -- what the transport calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        shared = self.shared
        self.transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.intake = Intake(shared.limits, peer[0] if peer else "")
        shared.connections.add(self)
        over = len(shared.connections) - shared.limits.connections_max
        if over > REFUSED_MAX or shared.stopping:
            self.transport.abort()
        elif over > 0:
            self._refuse(503)

    def data_received(self, data: bytes) -> None:
        if not self.closing:
            self.intake.feed(data)
            self._advance()

    def eof_received(self) -> bool:
        self.eof = True
        if self.lingering:
            return False
        self._advance()
        return True  # who has said his last word still listens

    def pause_writing(self) -> None:
        self.blocked = True
        self._pause_reading()

    def resume_writing(self) -> None:
        self.blocked = False
        self._flow()
        self._advance()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = self.closing = True
        self.intake.clear()
        self.early.clear()
        self._flow()
        for turn in list(self.waiting):
            self.waiting.pop(turn).set_result(None)
        if not self.tasks:
            self.shared.forget(self)

    # -- from requests to answers

    def _advance(self) -> None:
        """Start the requests that have come, as far as there is room for more under way."""
        most = self.shared.limits.pipelined_max
        try:
            while not (self.closing or self.blocked or self.taken - self.written >= most):
                request = self.intake.take()
                if request is None:
                    return self._await_more()
                self._start(request)
                if self.is_handed_over:
                    return None
        except Refused as refusal:
            return self._refuse(refusal.status)
        return self._pause_reading()

    def _start(self, request: Request) -> None:
        shared, intake, turn = self.shared, self.intake, self.taken
        self.taken = turn + 1
        if shared.doors is not None and is_asked_for(request):
            accepted = shared.doors(request)
            if accepted is not None:
                return self._hand_over(request, turn, refusal(request) or accepted)
        self.closing = not intake.keep_alive
        if len(request.body) > shared.body_sure_max and not event_fits(request, shared.limits):
            too_large = self._response(GATEWAY[413], request, turn, intake.old)
            return self._write(turn, too_large)
        shared.traffic.began()
        serving = self._serve(request, turn, intake.old)
        self.tasks[turn] = Task(serving, loop=shared.loop, name="http")
        return None

    async def _serve(self, request: Request, turn: int, old: bool) -> None:
        shared = self.shared
        failure: BaseException | None = None
        try:
            answer = await shared.answer(request)
            if isinstance(answer, Streamed):
                response = await self._stream(answer, request, turn, old)
            else:
                response = self._response(answer, request, turn, old)
        except (Exception, CancelledError, GeneratorExit) as error:
            if shared.loop.is_closed():  # it was closed with all that ran
                raise
            failure = error
            response = self._response(GATEWAY[500], request, turn, old)
        shared.traffic.ended()
        del self.tasks[turn]
        self._write(turn, response)
        if failure is not None and not (shared.cancelling and isinstance(failure, CancelledError)):
            shared.on_error(failure)

    async def _stream(self, answer: Streamed, request: Request, turn: int, old: bool) -> bytes:
        """All of it but the end, which is empty. What breaks off is seen to be broken off."""
        if turn != self.written and not self.lost:
            self.waiting[turn] = self.shared.loop.create_future()
            await self.waiting[turn]
        head = begun(answer, self.shared.date, self._about(turn, old))
        if request.method == "HEAD":
            return head
        self._send(head)
        try:
            async with aclosing(answer.parts()) as parts:
                await self._send_all(parts)
        except BaseException:
            self.transport.abort()
            raise
        return b""

    async def _send_all(self, parts: AsyncIterator[bytes]) -> None:
        async for part in parts:
            if self.transport.is_closing():
                return
            self._send(part)
            if self.blocked:
                self.flowing = self.shared.loop.create_future()
                await self.flowing

    def _send(self, data: bytes) -> None:
        self.transport.write(data)
        self.sent_bytes += len(data)

    def _flow(self) -> None:
        if self.flowing is not None and not self.flowing.done():
            self.flowing.set_result(None)
        self.flowing = None

    def _hand_over(self, request: Request, turn: int, accepted: Accepted | Answer) -> None:
        """To a WebSocket, once all before it was answered."""
        if isinstance(accepted, Answer) or self.written != turn or self.closing:
            self.closing = True
            answer = accepted if isinstance(accepted, Answer) else GATEWAY[400]
            return self._write(turn, self._response(answer, request, turn, self.intake.old))
        self.is_handed_over = True
        self.transport.write(agreement(request, accepted.protocol))
        socket = WebSocket(self.shared, self.transport, accepted.speaker)
        self.transport.set_protocol(socket)
        self._resume_reading()
        socket.open(self.intake.rest())
        return self.shared.forget(self)

    def _response(self, answer: Answer, request: Request, turn: int, old: bool) -> bytes:
        shared = self.shared
        if len(answer.body) > shared.body_sure_max and not answer_fits(answer, shared.limits):
            raise ValueError(
                f"{request.method} {request.path}: the answer has {len(answer.body)} bytes, Lambda "
                f"returns at most {shared.limits.answer_bytes_max} (JSON or base64 included). "
                "hint: put it in a bucket and answer with its URL."
            )
        about = self._about(turn, old)
        return written(answer, shared.date, about, head_only=request.method == "HEAD")

    def _about(self, turn: int, old: bool) -> bytes:
        """What the answer says about the connection."""
        if self.closing and turn + 1 == self.taken:
            return CLOSE
        return KEEP if old else AS_VERSION

    def _write(self, turn: int, response: bytes) -> None:
        """Write an answer in its turn, and those that waited for it."""
        if self.transport.is_closing():
            return self.shared.forget(self) if self.lost and not self.tasks else None
        if turn != self.written:
            self.early[turn] = response
            return None
        self._send(response)
        self.written = turn + 1
        waiting = self.waiting.pop(self.written, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)
        if self.early:
            following = self.early.pop(self.written, None)
            if following is not None:
                return self._write(self.written, following)
        if self.written == self.taken:
            self._all_answered()
        return self._advance() if self.paused else None

    # -- between requests

    def _await_more(self) -> None:
        intake, now = self.intake, self.shared.now
        if self.eof:
            if intake.partial:
                raise Refused(400)
            self.closing = True
            return self._all_answered() if self.written == self.taken else None
        if self.paused:
            self.since = now
            self._resume_reading()
        if intake.partial != self.partial:
            self.partial, self.since = intake.partial, now
        if intake.wants_continue and self.written == self.taken:
            self._continue()
        return None

    def _all_answered(self) -> None:
        if self.closing:
            self._finish()
        elif self.intake.wants_continue:
            self._continue()
        else:
            self.since = self.shared.now

    def _continue(self) -> None:
        self.intake.wants_continue, self.since = False, self.shared.now
        self.transport.write(CONTINUE)
        self.sent_bytes += len(CONTINUE)

    def _pause_reading(self) -> None:
        if not (self.paused or self.lingering or self.eof or self.transport.is_closing()):
            self.paused = True
            self.transport.pause_reading()

    def _resume_reading(self) -> None:
        if self.paused and not self.transport.is_closing():
            self.paused = False
            self.transport.resume_reading()

    def _refuse(self, status: int) -> None:
        """Answer in its turn what cannot be read, and read no more."""
        self.closing, self.partial = True, False
        self.intake.clear()
        self._pause_reading()
        turn = self.taken
        self.taken = turn + 1
        self._write(turn, written(GATEWAY[status], self.shared.date, CLOSE))

    def _finish(self) -> None:
        """All is said: close, and drop what still comes until the client closes too.

        To close with input unread would reset the connection and take back the answer.
        """
        if self.transport.is_closing():
            return
        self.lingering, self.since = True, self.shared.now
        if self.eof or self.shared.stopping:
            self.transport.close()
            return
        try:
            self.transport.write_eof()
        except OSError:  # the client has reset the connection, and the transport does not know yet
            self.transport.abort()
        else:
            self._resume_reading()

    # -- called by the server

    def check(self, now: float) -> None:
        """Give up a client that keeps us waiting."""
        if self.lost:
            return None
        limits = self.shared.limits
        waited = now - self.since - self.shared.round_s  # `since` is up to a round old: never early
        left = self.transport.get_write_buffer_size()
        if left:
            return self._check_drain(left, now)
        self.draining_since = 0.0
        if self.lingering:
            if waited > limits.linger_s:
                self.transport.close()
        elif self.partial and not self.paused and not self.intake.wants_continue:
            if waited > limits.receive_s:
                self._refuse(408)
        elif self.written == self.taken and waited > limits.idle_s:
            self.transport.close()
        return None

    def _check_drain(self, left: int, now: float) -> None:
        drained = self.sent_bytes - left
        if not self.draining_since or now - self.draining_since > self.shared.limits.drain_s:
            if self.draining_since and drained - self.drained_bytes < DRAINED_BYTES_MIN:
                return self.transport.abort()
            self.draining_since, self.drained_bytes = now, drained
        return None

    def retire(self) -> None:
        """Take no more requests; close as soon as those under way are answered."""
        self.closing = True
        if self.written == self.taken and not self.lost:
            self.transport.close()

    def abort(self) -> None:
        """Cancel what is under way and drop the client."""
        for task in self.tasks.values():
            task.cancel()
        if not self.lost:
            self.transport.abort()
