"""Bodies that did not arrive with their head: taken as they come, refused before they outgrow."""

from __future__ import annotations

import re

from .head import TOKEN, Refused, fields_of

SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;" + TOKEN + rb"(?:=" + TOKEN + rb")?)*\r\n")
SIZE_LINE_MAX = 256
NO_TRAILERS = frozenset(["connection", "content-length", "host", "transfer-encoding"])
SIZE, CRLF, TRAILERS = 0, -1, -2  # what comes next when no data of a chunk is left


class SizedBody:
    """A body of a declared length, which the caller has bounded."""

    __slots__ = ("length", "taken")

    def __init__(self, length: int) -> None:
        self.length = length
        self.taken = bytearray()

    def take(self, buffer: bytes, at: int) -> tuple[int, bool]:
        """Where the rest of the buffer begins, and whether the body is whole."""
        end = min(len(buffer), at + self.length - len(self.taken))
        self.taken += memoryview(buffer)[at:end]
        return end, len(self.taken) == self.length


class ChunkedBody:
    """A chunked body. Trailers must follow the headers' grammar and are dropped."""

    __slots__ = ("_bytes_max", "_left", "_trailer_bytes_max", "taken")

    def __init__(self, bytes_max: int, trailer_bytes_max: int) -> None:
        self._bytes_max, self._trailer_bytes_max = bytes_max, trailer_bytes_max
        self._left = SIZE
        self.taken = bytearray()

    def take(self, buffer: bytes, at: int) -> tuple[int, bool]:
        """Where the rest of the buffer begins, and whether the body is whole."""
        going = True
        while going and self._left != TRAILERS:
            at, going = self._step(buffer, at)
        return self._trailers(buffer, at) if going else (at, False)

    def _step(self, buffer: bytes, at: int) -> tuple[int, bool]:
        if self._left == SIZE:
            return self._size(buffer, at)
        if self._left == CRLF:
            end = buffer[at : at + 2]
            if not b"\r\n".startswith(end):
                raise Refused(400)
            if len(end) < 2:
                return at, False
            self._left = SIZE
            return at + 2, True
        data = memoryview(buffer)[at : at + self._left]
        self.taken += data
        self._left = self._left - len(data) or CRLF
        return at + len(data), self._left == CRLF

    def _size(self, buffer: bytes, at: int) -> tuple[int, bool]:
        line = SIZE_LINE.match(buffer, at, at + SIZE_LINE_MAX)
        if line is None:
            if len(buffer) - at >= SIZE_LINE_MAX or buffer.find(b"\n", at) >= 0:
                raise Refused(400)
            return at, False
        size = int(line[1], 16)
        if len(self.taken) + size > self._bytes_max:
            raise Refused(413)
        self._left = size or TRAILERS
        return line.end(), True

    def _trailers(self, buffer: bytes, at: int) -> tuple[int, bool]:
        if buffer.startswith(b"\r\n", at):
            return at + 2, True
        end = buffer.find(b"\r\n\r\n", at, at + self._trailer_bytes_max)
        if end < 0:
            if len(buffer) - at >= self._trailer_bytes_max:
                raise Refused(431)
            return at, False
        if not NO_TRAILERS.isdisjoint(fields_of(buffer[at : end + 2]).headers):
            raise Refused(400)
        return end + 4, True
