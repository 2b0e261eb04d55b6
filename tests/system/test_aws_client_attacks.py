"""The client against a server that lies, breaks off, drips or hangs: the right error or a right
answer, before the deadline, and never somebody else's answer.
"""

from __future__ import annotations

import itertools
import socket
import time
import zlib
from random import Random
from typing import Any

import pytest

from skylift.aws.runtime.answer import Answer
from skylift.aws.runtime.client import Client
from skylift.aws.runtime.environment import is_header_text
from skylift.aws.runtime.failure import CLOSED, GARBLED, TIMED_OUT, UNREACHABLE, Failure
from skylift.aws.runtime.wait import drive
from skylift.aws.runtime.wire import Connection
from skylift.system import SystemClock
from tests.system.aws_stage import (
    Act,
    Spent,
    Stage,
    Talk,
    answer,
    answers,
    client,
    drips,
    error,
    hangs,
    met,
    once,
    resets,
    soon,
)

OK = {"ok": 1}
HEAD = b"HTTP/1.1 200 OK\r\n"


def got(one: Client, **more: Any) -> Any:
    return drive(one.call("PutItem", {"a": 1}, dict[str, Any], **{"deadline": soon()} | more))


def failed(one: Client, **more: Any) -> Failure:
    with pytest.raises(Failure) as raised:
        got(one, **more)
    return raised.value


def endless(part: bytes) -> Act:
    def act(talk: Talk) -> None:
        talk.asked()
        while True:
            talk.send(part)

    return act


GARBAGE = {
    "not HTTP": once(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    "noise": once(Random(1).randbytes(4096)),
    "another version": once(b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"),
    "a status of letters": once(b"HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n"),
    "a status too long": once(b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"),
    "half a head": once(HEAD + b"Content-Le"),
    "half a body": once(HEAD + b'Content-Length: 8\r\n\r\n{"ok'),
    "a body without an end": once(HEAD + b'\r\n{"ok":1}'),
    "two lengths": once(HEAD + b'Content-Length: 8\r\nContent-Length: 9\r\n\r\n{"ok":1}'),
    "a length of words": once(HEAD + b'Content-Length: eight\r\n\r\n{"ok":1}'),
    "a negative length": once(HEAD + b'Content-Length: -8\r\n\r\n{"ok":1}'),
    "a length and chunks": once(
        HEAD + b"Content-Length: 8\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n"
    ),
    "an unknown coding": once(HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    "compressed": once(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b"),
    "called compressed": once(answer(b'{"ok":1}', 200, "Content-Encoding: br")),
    "a chunk without a size": once(HEAD + b"Transfer-Encoding: chunked\r\n\r\n\r\n{}\r\n"),
    "a chunk of minus one": once(HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n"),
    "a chunk that is longer": once(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}}\r\n0\r\n"),
    "half the chunks": once(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"),
    "a header without a name": once(HEAD + b": x\r\nContent-Length: 2\r\n\r\n{}"),
    "a header in two lines": once(HEAD + b"a: b\r\n c: d\r\nContent-Length: 2\r\n\r\n{}"),
    "a header with a null": once(HEAD + b"a: \0\r\nContent-Length: 2\r\n\r\n{}"),
    "a huge header": once(HEAD + b"a: " + b"x" * 70_000 + b"\r\nContent-Length: 2\r\n\r\n{}"),
    "headers without end": endless(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 1000),
    "interim answers without end": endless(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "trailers without end": endless(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"a: b\r\n" * 9999
    ),
    "a body of a terabyte": once(HEAD + b"Content-Length: 1099511627776\r\n\r\n"),
    "chunks of more than a body may be": endless(
        HEAD
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + (b"100000\r\n" + b"x" * (1 << 20) + b"\r\n") * 40
    ),
    "no JSON": once(answer(b"<html>welcome</html>")),
    "half a JSON": once(answer(b'{"ok":')),
    "JSON of another shape": once(answer(b"[1]")),
    "no text": once(answer(b'{"ok":"\xff\xfe"}')),
    "JSON nested beyond reason": once(answer(b"[" * 500_000)),
    "a wrong checksum": once(answer(b'{"ok":1}', 200, "x-amz-crc32: 1", crc=False)),
    "a checksum that is none": once(answer(b'{"ok":1}', 200, "x-amz-crc32: yes", crc=False)),
    "a reset within the body": resets(HEAD + b'Content-Length: 8\r\n\r\n{"ok'),
    "a reset within the head": resets(b"HTTP/1.1 2"),
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_is_no_answer_and_a_single_call_may_have_happened(kind: str) -> None:
    with met(GARBAGE[kind], answers(answer())) as (stage, one):
        failure = failed(one)
        assert (failure.code, failure.unknown) == (GARBLED, True), failure
        assert len(stage.asked) == 1  # not sent again
        assert got(one, effect="none") == OK


@pytest.mark.parametrize("kind", GARBAGE)
def test_a_repeatable_call_is_made_again_after_garbage(kind: str) -> None:
    with met(GARBAGE[kind], answers(answer()), spent=(spent := Spent())) as (_, one):
        assert got(one, effect="repeatable") == OK
        assert len(spent.slept) == 1


@pytest.mark.parametrize(("effect", "unknown"), [("repeatable", True), ("none", False)])
def test_garbage_without_end_is_given_up_after_three_attempts(effect: str, unknown: bool) -> None:
    with met(GARBAGE["noise"]) as (stage, one):
        failure = failed(one, effect=effect)
        assert (failure.code, failure.unknown) == (GARBLED, unknown)
        assert len(stage.asked) == 3


@pytest.mark.parametrize("status", [400, 503])
def test_a_damaged_refusal_is_not_believed(status: int) -> None:
    lie = answer(
        b'{"__type":"x#ConditionalCheckFailedException"}', status, "x-amz-crc32: 1", crc=False
    )
    with met(once(lie), answers(answer())) as (_, one):
        assert got(one, effect="repeatable") == OK
    with met(answers(lie, answer())) as (stage, one):
        if status == 400:  # it was refused, whatever the reason
            assert got(one) == OK
        else:
            assert failed(one).unknown
            assert len(stage.asked) == 1


def test_a_checksum_is_of_the_body_that_came() -> None:
    right = f"x-amz-crc32: {zlib.crc32(b'{}')}"
    with met(answers(answer(b"{}", 200, right, crc=False))) as (_, one):
        assert got(one) == {}


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, Stage() as stage:
        stage.port = taken.getsockname()[1]
        taken.close()
        one = client(stage, spent := Spent(0.5))
        failure = failed(one)
        assert (failure.code, failure.unknown) == (UNREACHABLE, False)
        assert spent.slept == [0.025, 0.05]  # nothing was sent: even a single call is tried again


def test_a_host_that_does_not_exist_is_unreachable() -> None:
    with Stage() as stage:
        one = client(stage, AWS_ENDPOINT_URL="http://nowhere.invalid")
        failure = failed(one)
        assert (failure.code, failure.unknown) == (UNREACHABLE, False)


def test_a_connection_nobody_accepts_ends_in_time() -> None:
    with Stage(backlog=0) as stage:
        pending = [socket.socket() for _ in range(4)]
        for filler in pending:  # its queue is full: who comes next is not even refused
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", stage.port))
        one = client(stage)
        began = time.monotonic()
        failure = failed(one, deadline=soon(0.6))
        assert (failure.code, failure.unknown) == (TIMED_OUT, False)
        assert 0.55 < time.monotonic() - began < 1.2
        for filler in pending:
            filler.close()


def resets_unread(talk: Talk) -> None:
    talk.reached()
    talk.reset()


@pytest.mark.parametrize("size", [10, 8_000_000])
def test_a_reset_before_anything_was_read(size: int) -> None:
    """A small request has left before the reset comes; a large one has not, and was not done."""
    with met(resets_unread, answers(answer()), spent=(spent := Spent())) as (stage, one):
        if size > 1000:
            assert drive(one.call("X", "x" * size, dict[str, int], deadline=soon())) == OK
            assert len(spent.slept) == 1
        else:
            failure = failed(one)
            assert failure.code == CLOSED
            assert len(stage.asked) == 0


@pytest.mark.parametrize("act", [resets(), once(b"")], ids=["reset", "closed"])
def test_an_end_instead_of_an_answer(act: Act) -> None:
    with met(act, answers(answer())) as (_, one):
        failure = failed(one)
        assert (failure.code, failure.unknown) == (CLOSED, True)
    with met(act, answers(answer())) as (_, one):
        assert got(one, effect="repeatable") == OK


@pytest.mark.parametrize(
    "act",
    [
        hangs,
        drips(answer() * 100),
        drips(b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
        drips(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 100),
    ],
    ids=["hangs", "drips", "drips interim answers", "drips chunks"],
)
@pytest.mark.parametrize(("effect", "unknown"), [("single", True), ("none", False)])
def test_a_server_that_takes_its_time_is_left_at_the_deadline(
    act: Act, effect: str, unknown: bool
) -> None:
    with met(act) as (_, one):
        began = time.monotonic()
        failure = failed(one, deadline=soon(0.5), effect=effect)
        assert 0.45 < time.monotonic() - began < 1.2
        assert (failure.code, failure.unknown) == (TIMED_OUT, unknown)


def test_a_repeatable_call_leaves_a_hanging_attempt_in_time_for_another() -> None:
    with met(hangs, answers(answer())) as (stage, one):
        began = time.monotonic()
        assert got(one, deadline=soon(4.5), effect="repeatable") == OK
        assert 1.4 < time.monotonic() - began < 3
        assert stage.connections == 2


def test_a_server_that_reads_nothing_is_left_at_the_deadline() -> None:
    def stares(_: Talk) -> None:
        time.sleep(0.8)

    with met(stares) as (_, one):
        began = time.monotonic()
        with pytest.raises(Failure) as raised:
            drive(one.call("X", "x" * 16_000_000, dict[str, int], deadline=soon(0.5)))
        assert 0.45 < time.monotonic() - began < 1.2
        assert (raised.value.code, raised.value.unknown) == (TIMED_OUT, False)


def test_an_answer_that_comes_too_late_is_nobodys() -> None:
    def late(talk: Talk) -> None:
        talk.asked()
        time.sleep(0.3)
        talk.send(answer(b'{"late":1}'))
        talk.asked()

    with met(late, answers(answer())) as (_, one):
        assert failed(one, deadline=soon(0.1)).code == TIMED_OUT
        time.sleep(0.3)
        assert [got(one), got(one)] == [OK, OK]


@pytest.mark.parametrize("extra", [answer(b'{"smuggled":1}'), b"\r\n", b"x"])
@pytest.mark.parametrize("pause_s", [0.0, 0.05])
def test_what_follows_an_answer_is_not_the_next_ones(extra: bytes, pause_s: float) -> None:
    def says_more(talk: Talk) -> None:
        talk.asked()
        if not pause_s:
            talk.send(answer() + extra)
        else:
            talk.send(answer())
            time.sleep(pause_s)
            talk.send(extra)
        talk.asked()

    with met(says_more, answers(answer(b'{"next":1}'))) as (stage, one):
        assert got(one) == OK
        time.sleep(pause_s * 2)
        assert got(one) == {"next": 1}
        assert stage.connections == 2


def test_a_refusal_that_comes_before_the_call_was_read_is_heard() -> None:
    def refuses(talk: Talk) -> None:
        talk.send(error("RequestEntityTooLarge", 413))
        time.sleep(0.2)

    with met(refuses, answers(answer())) as (stage, one):
        with pytest.raises(Failure, match="RequestEntityTooLarge") as raised:
            drive(one.call("X", "x" * 30_000_000, dict[str, int], deadline=soon()))
        assert not raised.value.unknown
        assert stage.connections == 1
        assert got(one) == OK


@pytest.mark.parametrize("status", [301, 302, 307, 308, 304])
def test_a_redirection_is_not_followed(status: int) -> None:
    elsewhere = answer(b"", status, "Location: http://169.254.169.254/latest/meta-data")
    with met(answers(elsewhere)) as (stage, one):
        failure = failed(one)
        assert (failure.code, failure.status) == (f"Http{status}", status)
        assert len(stage.asked) == 1


@pytest.mark.parametrize(
    "body", [b"<html><h1>503 Service Unavailable</h1></html>", b"", b"[]", b"[" * 500_000, b"\xff"]
)
def test_what_a_load_balancer_says_is_a_failure_of_its_status(body: bytes) -> None:
    page = answer(body, 503)
    with met(once(page), answers(answer())) as (_, one):
        failure = failed(one)
        assert (failure.code, failure.unknown) == ("Http503", True)
    with met(once(page), answers(answer())) as (_, one):
        assert got(one, effect="none") == OK


def test_a_server_that_closes_whenever_it_likes_costs_reads_nothing() -> None:
    """After an answer, before one, in the middle of one: from a seed, every read is answered."""
    dice = Random(7)

    def moody(talk: Talk) -> None:
        for _ in range(dice.randrange(1, 4)):
            talk.asked()
            talk.send(answer())
        if dice.random() < 0.5:
            talk.asked()
        talk.reset() if dice.random() < 0.5 else talk.close()

    with met(moody) as (stage, one):
        assert [got(one, effect="none") for _ in range(300)] == [OK] * 300
        assert stage.connections > 60


def test_what_would_end_a_header_cannot_get_into_one() -> None:
    assert not any(map(is_header_text, ("a\r\nx: y", "a b", "a\0", "é", "\x7f")))
    with Stage(answers(answer())) as stage:
        one = client(stage)
        with pytest.raises(AssertionError):
            drive(one.call("X\r\nx-evil: 1", {}, dict[str, int], deadline=soon()))
        assert stage.asked == []


def test_a_fuzzed_server_never_gets_more_than_a_failure_out_of_the_client() -> None:
    dice = Random(11)
    whole = [answer(), error("ThrottlingException"), error("InternalServerError", 500)]
    counter = itertools.count()

    def mutated(talk: Talk) -> None:
        talk.asked()
        said = bytearray(dice.choice(whole))
        for _ in range(dice.randrange(1, 6)):
            place = dice.randrange(len(said) + 1)
            said[place : place + dice.randrange(4)] = dice.choice(
                (b"", b"\r\n", b"\0", b"9", b":", dice.randbytes(3))
            )
        next(counter)
        talk.send(bytes(said))

    with met(mutated) as (_, one):
        for _ in range(300):
            try:
                assert isinstance(
                    got(one, effect=dice.choice(("none", "repeatable", "single"))), dict
                )
            except Failure:
                continue
    assert next(counter) > 300


class Broken:
    """A connection that cannot be written to, with what can still be read from it."""

    def __init__(self, said: bytes | None) -> None:
        self._said = said

    def write(self, data: memoryview, /) -> int:
        raise BrokenPipeError

    def read(self, count: int, /) -> bytes:
        if self._said is None:
            raise TimeoutError
        said, self._said = self._said, b""
        return said


def exchanged(said: bytes | None) -> Answer:
    with socket.socket() as plain:
        connection = Connection(plain, SystemClock(), Broken(said))
        return drive(connection.exchange(b"POST / HTTP/1.1\r\n\r\n", time.monotonic() + 5))


def test_an_answer_to_what_was_not_sent_whole_is_the_connections_last() -> None:
    found = exchanged(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
    assert (found.status, found.is_last) == (413, True)


@pytest.mark.parametrize(
    ("said", "code"), [(None, TIMED_OUT), (b"", CLOSED), (b"HTTP/1.1 2", GARBLED)]
)
def test_what_was_not_sent_whole_was_not_done(said: bytes | None, code: str) -> None:
    with pytest.raises(Failure) as raised:
        exchanged(said)
    assert (raised.value.code, raised.value.unknown) == (code, False)
