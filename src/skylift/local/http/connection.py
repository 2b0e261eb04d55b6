"""One client's connection: bytes in, requests in order, one task each, answers in the order of the requests.

At most `pipelined_max` requests are under way; then reading stops until an answer is written. A client that goes away
does not stop its request: the task runs to its end, as a Lambda does, and the answer is dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

from ...http import Answer, Request
from .body import ChunkedBody, SizedBody
from .head import LINE, Fields, Refused, fields_of, is_hopeless, request_of
from .limits import Limits, answer_fits, event_fits
from .reply import CONTINUE, GATEWAY, written

AnswerTo = Callable[[Request], Awaitable[Answer]]

CLOSE, KEEP, DEFAULT = b"connection: close\r\n", b"connection: keep-alive\r\n", b""
DRAINED_BYTES_MIN = 65_536  # in `drain_s`; a client that reads slower is holding memory, not reading
CR = 13


class Service:
    """What the connections of one server share. `now` and `date` are as old as the server's last tick."""

    __slots__ = ("answer", "connections", "date", "limits", "loop", "now", "on_error", "stopping")

    def __init__(
        self, answer: AnswerTo, limits: Limits, on_error: Callable[[BaseException], None]
    ) -> None:
        self.answer, self.limits, self.on_error = answer, limits, on_error
        self.connections: set[Connection] = set()
        self.loop: asyncio.AbstractEventLoop
        self.now = 0.0
        self.date = b""
        self.stopping = False


class Connection(asyncio.Protocol):
    """`taken` requests were read and `written` of them answered; `early` holds answers whose turn has not come."""

    __slots__ = ()
