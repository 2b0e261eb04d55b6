"""Streams of HTTP requests for fuzzing: valid ones with what they mean, and mutated ones."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

METHODS = (b"GET", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"HEAD")
TARGETS = (b"/", b"/a", b"/a/b?c=d&e", b"/%41?%", b"/" + b"p" * 60, b"http://h:1/x?y", b"/;!$'*,")
LINES = (
    *(b"Accept: */*", b"x-a: 1", b"X-A:2", b"Cookie: a=b", b"cookie: c=d", b"X-Empty:"),
    *(b"X-B: \t b ", b"X-~: ~", b"X-High: \xc3\xa9\xff", b"Upgrade-Insecure-Requests: 1"),
    *(b"Expect: 100-continue", b"Connection: keep-alive", b"Content-Type: text/plain"),
)
BYTES = (
    *(b"\r", b"\n", b"\r\n", b"\0", b" ", b"\t", b"\x7f", b"\xff"),
    *(b":", b";", b",", b"/", b"#", b"0", b"1", b"f", b""),
)
WORDS = (
    *(b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"Host: b\r\n", b"\r\n\r\n"),
    *(b"Connection: close\r\n", b" x\r\n", b"0\r\n\r\n", b"HTTP/1.0", b"HTTP/1.1", b"y" * 400),
    b"GET / HTTP/1.1\r\n",
)
JUNK = (b"", b"\0", b"GET", b"junk\r\n\r\n")


class Seen(NamedTuple):
    """A request as a handler saw it, or as it was meant."""

    method: str
    path: str
    body: bytes


def stream(number: int, dice: Random) -> tuple[bytes, list[Seen]]:
    """A quarter of them valid, of these half followed by junk; nothing is meant by the others."""
    made = [valid(dice) for _ in range(dice.choice((1, 1, 2, 3, 9)))]
    sent, meant = b"".join(sent for sent, _ in made), [seen for _, seen in made]
    if number % 4:
        return mutated(sent, dice), []
    if number % 8:
        sent += dice.choice(JUNK)
    return sent, meant


def valid(dice: Random) -> tuple[bytes, Seen]:
    """A request every server must take."""
    method, target = dice.choice(METHODS), dice.choice(TARGETS)
    lines = [b"Host: a", *dice.sample(LINES, dice.randrange(4))]
    body = dice.randbytes(dice.choice((0, 0, 1, 5, 700)))
    sent = body
    if dice.random() < 0.3:
        lines.append(b"Transfer-Encoding: chunked")
        sent = b"".join(chunked(body, dice))
    elif body:
        lines.append(b"Content-Length: %d" % len(body))
    dice.shuffle(lines)
    head = b"\r\n".join([method + b" " + target + b" HTTP/1.1", *lines, b"", b""])
    path = target.removeprefix(b"http://h:1").partition(b"?")[0]
    return head + sent, Seen(method.decode(), path.decode(), body)


def chunked(body: bytes, dice: Random) -> Iterator[bytes]:
    for part in split(body, dice):
        yield b"%x%b\r\n%b\r\n" % (len(part), dice.choice((b"", b";a", b";a=b;c")), part)
    yield dice.choice((b"0\r\n\r\n", b"00\r\nX-T: 1\r\n\r\n"))


def mutated(sent: bytes, dice: Random) -> bytes:
    for _ in range(dice.choice((1, 1, 2, 4))):
        at = dice.randrange(len(sent) + 1)
        end = min(len(sent), at + dice.choice((0, 0, 1, 1, 2, 20)))
        sent = sent[:at] + dice.choice(dice.choice((BYTES, WORDS))) + sent[end:]
    return sent


def split(sent: bytes, dice: Random) -> list[bytes]:
    """The same bytes in at most nine parts, none of them empty."""
    cuts = sorted(dice.randrange(len(sent) + 1) for _ in range(dice.choice((0, 0, 1, 2, 8))))
    ends = zip([0, *cuts], [*cuts, len(sent)], strict=True)
    return [sent[start:end] for start, end in ends if end > start]
