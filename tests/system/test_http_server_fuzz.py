"""The connection against 100,000 streams, valid and mutated, split anywhere, on no socket.

Whatever comes: no exception, every whole request answered once and in order, none after a refusal.
The splitting makes no difference, and llhttp, the parser of Node.js, reads the same requests.
"""

from __future__ import annotations

import asyncio
import re
from random import Random
from typing import Any

import httptools
import pytest

from skylift.http import Answer, Request
from skylift.local.http.connection import Connection, Shared
from skylift.local.http.head import Refused
from skylift.local.http.intake import Intake
from skylift.local.http.limits import Limits
from skylift.local.traffic import Traffic
from skylift.system import SystemClock
from tests.system.streams import Seen, split, stream

STREAMS = 25_000  # for each seed
SEEDS = (1, 2, 3, 4)
BATCH = 100
ROUNDS_MAX = 100  # nine parts and nine requests need fewer
LIMITS = Limits(head_bytes_max=300, event_bytes_max=20_000, pipelined_max=3)
RESPONSE = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n((?:[a-z-]+: [^\r\n]*\r\n)*)\r\n")
# Where llhttp stops and we go on: methods it does not know, and a blank after `chunked`.
LLHTTP_ALONE = (
    "Invalid method encountered",
    "Expected space after method",
    "Request has invalid `Transfer-Encoding`",
)


class Memory:
    """A transport that keeps what it is given. It delivers no more than the connection wants."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.written = bytearray()
        self.reading, self.ended, self.closed = True, False, False

    def get_extra_info(self, _: str) -> tuple[str, int]:
        return self.name, 0

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self.closed

    def write(self, data: bytes) -> None:
        assert not self.ended, "written after the end"
        assert not self.closed, "written after the close"
        self.written += data

    def write_eof(self) -> None:
        assert not self.ended
        self.ended = True

    def pause_reading(self) -> None:
        assert self.reading
        self.reading = False

    def resume_reading(self) -> None:
        assert not self.reading
        self.reading = True

    def close(self) -> None:
        self.closed = True

    abort = close


class Stream:
    """Bytes on their way to one connection, and what the handler saw of them."""

    def __init__(self, number: int, dice: Random) -> None:
        self.sent, self.meant = stream(number, dice)
        self.parts = split(self.sent, dice)[::-1]
        self.half_closes = dice.random() < 0.5
        self.seen: list[Seen] = []
        self.transport = Memory(str(number))

    def open(self, shared: Shared) -> None:
        self.connection = Connection(shared)
        self.connection.connection_made(self.transport)  # type: ignore[arg-type]

    def step(self) -> bool:
        """Deliver the next part if it is wanted; False when nothing is left to do."""
        transport = self.transport
        if transport.closed:
            return False
        if transport.reading and self.parts:
            self.connection.data_received(self.parts.pop())
        elif transport.reading and self.half_closes:
            self.half_closes = False
            if not self.connection.eof_received():
                transport.close()
        return bool(self.parts or self.half_closes or self.connection.tasks)


async def run(streams: list[Stream], dice: Random) -> list[Any]:
    """Deliver them all at once; what went wrong."""
    by_name = {one.transport.name: one for one in streams}
    errors: list[Any] = []

    async def answer(request: Request) -> Answer:
        seen = by_name[request.ip].seen
        number = len(seen)
        seen.append(Seen(request.method, request.path, request.body))
        for _ in range(dice.choice((0, 0, 1, 3))):
            await asyncio.sleep(0)
        return Answer(200, (), b"%d" % number)

    shared = Shared(answer, LIMITS, errors.append, Traffic(SystemClock()))
    shared.loop = asyncio.get_running_loop()
    shared.loop.set_exception_handler(lambda _, context: errors.append(context))
    for one in streams:
        one.open(shared)
    going = streams
    for _ in range(ROUNDS_MAX):
        going = [one for one in going if one.step()]
        await asyncio.sleep(0)
    assert not going, "none hangs"
    return errors


def check(stream: Stream) -> None:
    answers, refusals = answers_of(stream)
    assert answers == list(range(len(stream.seen))), "each answered once, in order"
    assert len(refusals) <= 1, "refused once"
    if refusals:
        assert stream.transport.ended or stream.transport.closed, "closed after a refusal"
    if stream.meant:
        assert stream.seen == stream.meant
    assert stream.seen == read_at_once(stream.sent), "however it was split"
    agrees_with_llhttp(stream)


def answers_of(stream: Stream) -> tuple[list[int], list[int]]:
    """What the handler's answers counted, and the statuses of refusals, which come last."""
    written, at = bytes(stream.transport.written), 0
    answers: list[int] = []
    refusals: list[int] = []
    while at < len(written):
        found = RESPONSE.match(written, at)
        assert found, "a response"
        at = found.end()
        if found[1] == b"100":
            continue
        length = int(re.findall(rb"content-length: (\d+)\r\n", found[2])[0])
        if found[1] == b"200":
            to_head = stream.seen[len(answers)].method == "HEAD"
            body = b"%d" % len(answers) if to_head else written[at : at + length]
            at += 0 if to_head else length
            assert not refusals, "nothing after a refusal"
            answers.append(int(body))
        else:
            refusals.append(int(found[1]))
            at += length
    return answers, refusals


def read_at_once(sent: bytes) -> list[Seen]:
    intake = Intake(LIMITS, "")
    intake.feed(sent)
    seen: list[Seen] = []
    try:
        while (request := intake.take()) is not None:
            seen.append(Seen(request.method, request.path, request.body))
            if not intake.keep_alive:
                break
    except Refused:
        pass
    return seen


class Llhttp:
    """Reads requests until it disagrees with the bytes."""

    def __init__(self, sent: bytes) -> None:
        self.read: list[Seen] = []
        self.stopped = ""
        self.parser: Any = httptools.HttpRequestParser(self)
        try:
            self.parser.feed_data(sent)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as stopped:
            self.stopped = str(stopped)

    def on_message_begin(self) -> None:
        self.url = self.body = b""

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        path = re.sub(rb"^https?://[^/?]*", b"", self.url).partition(b"?")[0] or b"/"
        self.read.append(Seen(self.parser.get_method().decode(), path.decode("latin-1"), self.body))


def agrees_with_llhttp(stream: Stream) -> None:
    """What we take, llhttp takes too and reads the same."""
    read = Llhttp(stream.sent)
    for ours, theirs in zip(stream.seen, read.read, strict=False):
        assert ours == theirs
    if len(read.read) < len(stream.seen):
        assert read.stopped in LLHTTP_ALONE


@pytest.mark.parametrize("seed", SEEDS)
def test_streams_of_requests_valid_and_mutated(seed: int) -> None:
    print(f"seed {seed}, {STREAMS} streams")
    dice = Random(seed)
    seen = 0

    async def main() -> None:
        nonlocal seen
        for first in range(0, STREAMS, BATCH):
            streams = [Stream(number, dice) for number in range(first, first + BATCH)]
            errors = await run(streams, dice)
            assert errors == []
            for one in streams:
                try:
                    check(one)
                except AssertionError as error:
                    error.add_note(f"seed {seed}, stream {one.transport.name}: {one.sent!r}")
                    raise
                seen += len(one.seen)

    asyncio.run(main())
    print(f"{seen} requests seen")
    assert seen > STREAMS
