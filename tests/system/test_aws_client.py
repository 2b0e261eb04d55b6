"""The client over sockets, against a server that keeps to HTTP."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
from msgspec import Struct, json

from skylift.aws.runtime.client import Client
from skylift.aws.runtime.failure import CLOSED, TOO_LATE, Failure
from skylift.aws.runtime.wait import drive
from tests.system.aws_stage import (
    Spent,
    Stage,
    Talk,
    answer,
    answers,
    client,
    error,
    once,
    soon,
)

OK = {"ok": 1}


class Found(Struct):
    ok: int


@pytest.fixture
def opened() -> Iterator[list[Client]]:
    """Clients to close when the test is over."""
    clients: list[Client] = []
    yield clients
    for one in clients:
        one.close()


def got(one: Client, **more: Any) -> Any:
    return drive(
        one.call(
            "GetItem", {"a": 1}, dict[str, Any], **{"deadline": soon(), "effect": "none"} | more
        )
    )


def test_a_call_is_signed_and_says_what_it_asks(opened: list[Client]) -> None:
    with Stage(answers(answer())) as stage:
        opened.append(one := client(stage, AWS_SESSION_TOKEN="token"))
        assert drive(one.call("PutItem", {"a": "é"}, Found, deadline=soon())) == Found(1)
        (asked,) = stage.asked
    assert asked.head.startswith("POST / HTTP/1.1\r\n")
    assert asked.header("host") == f"localhost:{stage.port}"
    assert asked.header("x-amz-target") == "DynamoDB_20120810.PutItem"
    assert asked.header("content-type") == "application/x-amz-json-1.0"
    assert asked.header("x-amz-security-token") == "token"
    assert "Credential=AKIDEXAMPLE/" in asked.header("authorization")
    assert asked.header("accept-encoding") == "identity"
    assert json.decode(asked.body) == {"a": "é"}


def test_a_connection_is_used_again(opened: list[Client]) -> None:
    with Stage(answers(answer())) as stage:
        opened.append(one := client(stage))
        assert [got(one) for _ in range(20)] == [OK] * 20
        assert stage.connections == 1


@pytest.mark.parametrize("said", ["Connection: close", "connection: Close, x"])
def test_a_connection_that_is_to_close_is_not_used_again(said: str, opened: list[Client]) -> None:
    with Stage(answers(answer(b'{"ok":1}', 200, said))) as stage:
        opened.append(one := client(stage))
        assert [got(one), got(one)] == [OK, OK]
        assert stage.connections == 2


@pytest.mark.parametrize("effect", ["none", "repeatable", "single"])
def test_a_connection_closed_while_it_was_idle_is_replaced(
    effect: str, opened: list[Client]
) -> None:
    with Stage(once(answer())) as stage:
        opened.append(one := client(stage, spent := Spent()))
        for _ in range(3):
            assert got(one, effect=effect) == OK
            time.sleep(0.05)  # its end arrives
        assert (stage.connections, spent.slept) == (3, [])


def closes_as_it_is_asked_again(talk: Talk) -> None:
    talk.asked()
    talk.send(answer())
    talk.asked()
    talk.close()


@pytest.mark.parametrize("effect", ["none", "repeatable"])
def test_a_connection_that_closes_under_a_repeatable_call_costs_no_attempt(
    effect: str, opened: list[Client]
) -> None:
    with Stage(closes_as_it_is_asked_again, answers(answer())) as stage:
        opened.append(one := client(stage, spent := Spent()))
        assert [got(one, effect=effect), got(one, effect=effect)] == [OK, OK]
        assert (stage.connections, len(stage.asked), spent.slept) == (2, 3, [])


def test_a_single_call_whose_connection_closes_under_it_may_have_happened(
    opened: list[Client],
) -> None:
    with Stage(closes_as_it_is_asked_again, answers(answer())) as stage:
        opened.append(one := client(stage))
        got(one)
        with pytest.raises(Failure) as raised:
            got(one, effect="single")
        assert (raised.value.code, raised.value.unknown) == (CLOSED, True)
        assert len(stage.asked) == 2  # it was not sent again
        assert got(one, effect="single") == OK


@pytest.mark.parametrize("pieces", [[b"ok"], [b"{", b'"ok"', b":1}"]])
def test_an_answer_in_chunks_is_read(pieces: list[bytes], opened: list[Client]) -> None:
    body = b"".join(b"%X;x=y\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with Stage(answers(head + body + b"0\r\nX-Trailer: 1\r\n\r\n")) as stage:
        opened.append(one := client(stage))
        if pieces == [b"ok"]:
            with pytest.raises(Failure, match="JSON is malformed"):
                got(one)
        else:
            assert [got(one), got(one)] == [OK, OK]
            assert stage.connections == 1


def test_an_answer_without_a_body_says_nothing_more(opened: list[Client]) -> None:
    with Stage(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as stage:
        opened.append(one := client(stage))
        assert got(one) == {}


def test_interim_answers_are_passed_over(opened: list[Client]) -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    with Stage(answers(interim + answer())) as stage:
        opened.append(one := client(stage))
        assert [got(one), got(one)] == [OK, OK]


def test_a_large_call_and_a_large_answer_arrive_whole(opened: list[Client]) -> None:
    large = json.encode({"ok": "x" * 16_000_000})
    with Stage(answers(answer(large))) as stage:
        opened.append(one := client(stage))
        found = drive(one.call("X", {"a": "y" * 4_000_000}, dict[str, str], deadline=soon(20)))
        assert len(found["ok"]) == 16_000_000
        assert len(stage.asked[0].body) == 4_000_008


def test_threads_share_a_client_and_get_their_own_answers(opened: list[Client]) -> None:
    def echoes(talk: Talk) -> None:
        while True:
            talk.send(answer(talk.asked().body))

    with Stage(echoes) as stage:
        opened.append(one := client(stage))

        def asks(number: int) -> bool:
            found = drive(one.call("X", {"n": number}, dict[str, int], deadline=soon()))
            return found == {"n": number}

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(asks, range(800)))
        assert stage.connections <= 8


def test_no_more_than_some_connections_are_kept(opened: list[Client]) -> None:
    together = threading.Barrier(20)

    def waits(talk: Talk) -> None:
        while True:
            asked = talk.asked()
            if b"together" in asked.body:
                together.wait(10)
            talk.send(answer())

    with Stage(waits) as stage:
        opened.append(one := client(stage))

        def asks() -> Found:
            return drive(one.call("X", "together", Found, deadline=soon(15)))

        with ThreadPoolExecutor(20) as pool:
            calls = [pool.submit(asks) for _ in range(20)]
            assert [call.result() for call in calls] == [Found(1)] * 20
        assert len(one._wire._idle) == 16


def test_the_deadline_has_passed_before_anything_is_sent(opened: list[Client]) -> None:
    with Stage(answers(answer())) as stage:
        opened.append(one := client(stage))
        with pytest.raises(Failure) as raised:
            got(one, deadline=time.time() - 1)
        assert (raised.value.code, raised.value.unknown) == (TOO_LATE, False)
        assert stage.connections == 0


def as_of(at: float) -> str:
    return format_datetime(datetime.fromtimestamp(at, UTC), usegmt=True)


def strict(ahead_s: float) -> Any:
    """A service whose clock is ahead of ours, and which minds."""

    def act(talk: Talk) -> None:
        while True:
            stamp = talk.asked().header("x-amz-date")
            now = time.time() + ahead_s
            sent = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
            date = f"Date: {as_of(now)}"
            is_fresh = abs(now - sent) < 300
            talk.send(
                answer(b'{"ok":1}', 200, date)
                if is_fresh
                else error("InvalidSignatureException", 400, date)
            )

    return act


@pytest.mark.parametrize("ahead_s", [3600, -3600, 86_400 * 400, 301])
def test_a_clock_that_is_wrong_is_corrected_once_and_for_all(
    ahead_s: float, opened: list[Client]
) -> None:
    with Stage(strict(ahead_s)) as stage:
        opened.append(one := client(stage, spent := Spent()))
        assert got(one, effect="single") == OK
        assert got(one, effect="single") == OK
        assert (len(stage.asked), spent.slept) == (3, [])


def test_a_clock_is_corrected_but_once_a_call(opened: list[Client]) -> None:
    refusals = [
        error("RequestTimeTooSkewed", 403, f"Date: {as_of(time.time() + hours * 3600)}")
        for hours in (1, 3, 9, 27)
    ]
    with Stage(answers(*refusals)) as stage:
        opened.append(one := client(stage))
        with pytest.raises(Failure, match="RequestTimeTooSkewed"):
            got(one)
        assert len(stage.asked) == 2


@pytest.mark.parametrize("date", ["", "Date: yesterday", "Date: Fri, 99 Nov 2026 14:00:00 GMT"])
def test_a_refused_signature_without_a_time_is_final(date: str, opened: list[Client]) -> None:
    headers = [date] if date else []
    with Stage(answers(error("InvalidSignatureException", 400, *headers))) as stage:
        opened.append(one := client(stage))
        with pytest.raises(Failure, match="InvalidSignatureException"):
            got(one)
        assert len(stage.asked) == 1


def test_a_refused_signature_with_the_right_time_is_final(opened: list[Client]) -> None:
    date = f"Date: {as_of(time.time())}"
    with Stage(answers(error("SignatureDoesNotMatch", 403, date))) as stage:
        opened.append(one := client(stage))
        with pytest.raises(Failure, match="SignatureDoesNotMatch"):
            got(one)
        assert len(stage.asked) == 1


def test_a_first_call_loads_nothing_heavy() -> None:
    import subprocess

    from tests.tidy.test_cold_start import HEAVY

    program = """
import sys, time
before = set(sys.modules)
from skylift.aws.runtime.client import Client, World
from skylift.aws.runtime.wait import drive
from skylift.system import SystemClock, SystemEntropy
environment = {"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s"}
environment |= {"AWS_ENDPOINT_URL": sys.argv[1], "AWS_CA_BUNDLE": sys.argv[2]}
one = Client("dynamodb", environment, World(SystemClock(), SystemEntropy(), time.sleep))
print(drive(one.call("GetItem", {}, dict, deadline=time.time() + 10)), file=sys.stderr)
one.close()
print(*set(sys.modules) - before)
"""
    from tests.system.aws_stage import CERTIFICATES

    for certificate in ("", "localhost"):
        with Stage(answers(answer()), certificate=certificate) as stage:
            command = [sys.executable, "-I", "-c", program, stage.url, CERTIFICATES / "ca.pem"]
            run = subprocess.run(command, capture_output=True, text=True)
        assert run.stderr.strip() == "{'ok': 1}"
        loaded = set(run.stdout.split())
        assert ("_ssl" in loaded) == bool(certificate)
        assert loaded & HEAVY == set()
        assert {name for name in loaded if name.endswith((".retry", ".errors"))} == {
            "skylift.errors"
        }
