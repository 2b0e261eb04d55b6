"""Bytes in, whole requests out: one when asked for one, however many the buffer holds.

It knows no socket and no loop: what it takes is a function of the bytes, however they were split.
"""

from __future__ import annotations

from ...http import Request
from .body import ChunkedBody, SizedBody
from .head import LINE, Fields, Refused, fields_of, is_hopeless, request_of
from .limits import Limits

CR = 13
NO_FIELDS = Fields(b"", {})
NO_BODY = SizedBody(0)


class Intake:
    """`old` (HTTP/1.0), `keep_alive` and `wants_continue` speak of the request read last.

    `partial` is true when a request has begun to come and is not whole.
    """

    def __init__(self, limits: Limits, ip: str) -> None:
        self._limits, self._ip = limits, ip
        self._buffer, self._at = b"", 0  # what came in, and how far it was taken
        self._fields = NO_FIELDS  # of the last request: a client repeats its headers to the byte
        self._request: Request | None = None  # whose body is still coming
        self._body: SizedBody | ChunkedBody = NO_BODY
        self.old = self.wants_continue = self.partial = False
        self.keep_alive = True

    def feed(self, data: bytes) -> None:
        rest = self._buffer[self._at :]
        self._buffer, self._at = rest + data if rest else data, 0

    def rest(self) -> bytes:
        """What came behind the last request; it is not HTTP any more."""
        rest = self._buffer[self._at :]
        self.clear()
        return rest

    def clear(self) -> None:
        self._buffer, self._at, self._request = b"", 0, None
        self.wants_continue = self.partial = False

    def take(self) -> Request | None:
        """The next request if it is whole; Refused if it never can be."""
        if self._request is not None:
            return self._take_body(self._request)
        buffer, at = self._buffer, self._at
        if at < len(buffer) and buffer[at] == CR:
            at = self._after_blank_lines()
        if at == len(buffer):
            self.partial = False
            return None
        head_max = self._limits.head_bytes_max + 2  # with the blank line
        end = buffer.find(b"\r\n\r\n", at, at + head_max)
        if end < 0:
            self._check_unfinished()
            return None
        line = LINE.match(buffer, at, end + 2)
        if line is None:
            raise Refused(400)
        block = buffer[line.end() : end + 2]
        if block != self._fields.block:
            self._fields = fields_of(block)
        self._at = end + 4
        return self._begin(request_of(line, self._fields, self._ip), line[3] == b"0")

    def _after_blank_lines(self) -> int:
        while self._buffer.startswith(b"\r\n", self._at):
            self._at += 2
        return self._at

    def _check_unfinished(self) -> None:
        if len(self._buffer) - self._at >= self._limits.head_bytes_max + 2:
            raise Refused(431)
        if is_hopeless(self._buffer, self._at):
            raise Refused(400)
        self.partial = True

    def _begin(self, request: Request, old: bool) -> Request | None:
        """The head is read: the request is whole if its body is here too."""
        fields, buffer, at = self._fields, self._buffer, self._at
        self.old = old
        self.keep_alive = fields.keep_alive if fields.keep_alive is not None else not old
        length, bytes_max = fields.length, self._limits.event_bytes_max
        if length is None:
            self._body = ChunkedBody(bytes_max, self._limits.head_bytes_max)
        elif length > bytes_max:
            raise Refused(413)
        elif length <= len(buffer) - at:
            if length:
                request.body = buffer[at : at + length]
                self._at = at + length
            return request
        else:
            self._body = SizedBody(length)
        self._request = request
        self.wants_continue = fields.expects and not old
        return self._take_body(request)

    def _take_body(self, request: Request) -> Request | None:
        self._at, whole = self._body.take(self._buffer, self._at)
        self.partial = not whole
        if not whole:
            return None
        request.body = bytes(self._body.taken)
        self._request, self._body, self.wants_continue = None, NO_BODY, False
        return request
