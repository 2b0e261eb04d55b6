"""An HTTP answer, read from a connection by a strict grammar and within bounds. Whoever sends
something else, too much of it or less than he said is not believed.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

HEAD_BYTES_MAX = 1 << 16
BODY_BYTES_MAX = 1 << 25  # DynamoDB's largest answer is 16 MB of items, in JSON somewhat more
LINE_BYTES_MAX = 1 << 10  # of a chunk's size
INTERIM_MAX = 8  # 1xx before the answer itself
DIGITS_MAX = 12
CONTROLS = frozenset(map(chr, (*range(9), *range(10, 32), 127)))
TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
BODILESS = (204, 304)


class Answer(Struct, frozen=True):
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes
    is_last: bool  # the connection is not to be used again


class Unread(Exception):
    """There was no answer to read, or no more of it; `began` when some of one had come."""

    def __init__(self, reason: str, *, began: bool = True) -> None:
        super().__init__(reason)
        self.began = began


class Reader:
    """Reads one answer; `receive` gives the next bytes, none at the end."""

    __slots__ = ("_began", "_buffer", "_receive")

    def __init__(self, receive: Callable[[], bytes]) -> None:
        self._receive = receive
        self._buffer = bytearray()
        self._began = False

    def answer(self, body_bytes_max: int = BODY_BYTES_MAX) -> Answer:
        for _ in range(INTERIM_MAX):
            version, status, headers = head_of(self._until(b"\r\n\r\n", HEAD_BYTES_MAX))
            if status >= 200:
                break
        else:
            raise Unread("interim answers only")
        body = b"" if status in BODILESS else self._body(headers, body_bytes_max)
        is_last = version == "HTTP/1.0" or "close" in headers.get("connection", "").lower()
        return Answer(status, headers, body, is_last or bool(self._buffer))

    def _body(self, headers: dict[str, str], bytes_max: int) -> bytes:
        coding, length = headers.get("transfer-encoding"), headers.get("content-length")
        if coding is None and length is not None:
            return self._exactly(_number(length, 10), bytes_max)
        if length is not None or coding is None or coding.lower() != "chunked":
            raise Unread("the answer does not say where it ends")
        return self._chunks(bytes_max)

    def _chunks(self, bytes_max: int) -> bytes:
        chunks: list[bytes] = []
        left = bytes_max
        while size := _number(self._line().partition(";")[0].strip(), 16):
            chunks.append(self._exactly(size, left))
            left -= size
            if self._line():
                raise Unread("a chunk does not end where it says")
        for _ in range(HEAD_BYTES_MAX // LINE_BYTES_MAX):
            if not self._line():  # what comes before the empty line are trailers
                return b"".join(chunks)
        raise Unread("too many trailers")

    def _line(self) -> str:
        return self._until(b"\r\n", LINE_BYTES_MAX)

    def _until(self, mark: bytes, bytes_max: int) -> str:
        """What stands before the mark, which is taken too."""
        seen = 0
        while (end := self._buffer.find(mark, seen, bytes_max)) < 0:
            seen = max(0, len(self._buffer) - len(mark) + 1)
            if len(self._buffer) >= bytes_max:
                raise Unread(f"more than {bytes_max:,} bytes of headers")
            self._more()
        taken = self._buffer[:end].decode("latin-1")
        del self._buffer[: end + len(mark)]
        return taken

    def _exactly(self, count: int, count_max: int) -> bytes:
        if count > count_max:
            raise Unread(f"a body of more than {count_max:,} bytes")
        while len(self._buffer) < count:
            self._more()
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _more(self) -> None:
        piece = self._receive()
        if not piece:
            raise Unread("the connection ended before the answer did", began=self._began)
        self._began = True
        self._buffer += piece


def head_of(text: str) -> tuple[str, int, dict[str, str]]:
    """Version, status and headers. A header said twice is one, its values joined by commas."""
    first, *lines = text.split("\r\n")
    version, _, rest = first.partition(" ")
    number = rest[:3]
    is_status = len(number) == 3 and number.isascii() and number.isdigit() and number[0] in "12345"
    if version not in ("HTTP/1.1", "HTTP/1.0") or not is_status or rest[3:4] not in ("", " "):
        raise Unread("no HTTP answer")
    headers: dict[str, str] = {}
    for line in lines:
        sent, colon, value = line.partition(":")
        is_sound = colon and sent and TOKEN.issuperset(sent) and CONTROLS.isdisjoint(value)
        if not is_sound:
            raise Unread("a header that is none")
        name, value = sent.lower(), value.strip(" \t")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return version, int(number), headers


def _number(text: str, base: int) -> int:
    digits = "0123456789abcdefABCDEF" if base == 16 else "0123456789"
    if not 0 < len(text) <= DIGITS_MAX or text.strip(digits):
        raise Unread("a length that is none")
    return int(text, base)
