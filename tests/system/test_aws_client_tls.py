"""Whom the client believes. The authority of these tests signed localhost.pem, elsewhere.pem (of
another host) and expired.pem.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from skylift.aws.runtime import tls
from skylift.aws.runtime.client import Client
from skylift.aws.runtime.errors import translated
from skylift.aws.runtime.failure import CLOSED, GARBLED, TIMED_OUT, UNREACHABLE, UNTRUSTED, Failure
from skylift.aws.runtime.wait import drive
from skylift.errors import DeclarationError, Unavailable
from tests.system.aws_stage import (
    CERTIFICATES,
    Act,
    Spent,
    Stage,
    Talk,
    answer,
    answers,
    client,
    once,
    soon,
)

OK = {"ok": 1}
AUTHORITY = str(CERTIFICATES / "ca.pem")


@contextmanager
def met(*acts: Act, certificate: str = "localhost", **more: str) -> Iterator[tuple[Stage, Client]]:
    with Stage(*acts, certificate=certificate) as stage:
        one = client(stage, **{"AWS_CA_BUNDLE": AUTHORITY} | more)
        try:
            yield stage, one
        finally:
            one.close()


def got(one: Client, **more: Any) -> Any:
    return drive(
        one.call("GetItem", {}, dict[str, Any], **{"deadline": soon(), "effect": "none"} | more)
    )


def failed(one: Client, **more: Any) -> Failure:
    with pytest.raises(Failure) as raised:
        got(one, **more)
    return raised.value


def test_a_bundle_that_is_named_is_believed_and_the_connection_kept() -> None:
    with met(answers(answer())) as (stage, one):
        assert [got(one) for _ in range(10)] == [OK] * 10
        assert stage.connections == 1


def test_an_address_is_checked_as_a_name_is() -> None:
    with Stage(answers(answer()), certificate="localhost") as stage:
        url = stage.url.replace("localhost", "127.0.0.1")
        one = client(stage, AWS_CA_BUNDLE=AUTHORITY, AWS_ENDPOINT_URL=url)
        assert got(one) == OK
        one.close()


@pytest.mark.parametrize("certificate", ["elsewhere", "expired"])
@pytest.mark.parametrize("effect", ["none", "single"])
def test_a_certificate_of_another_host_or_time_is_not_believed(
    certificate: str, effect: str
) -> None:
    with met(answers(answer()), certificate=certificate) as (stage, one):
        failure = failed(one, effect=effect)
        assert (failure.code, failure.unknown) == (UNTRUSTED, False)
        assert (stage.connections, stage.asked) == (1, [])  # no second try: it will not change
        assert isinstance(translated(failure), Unavailable)


@pytest.fixture
def no_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The system believes nobody."""
    (tmp_path / "none").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))


@pytest.mark.usefixtures("no_store")
def test_without_a_bundle_an_authority_nobody_knows_is_not_believed() -> None:
    with met(answers(answer()), AWS_CA_BUNDLE="") as (stage, one):
        assert failed(one).code == UNTRUSTED
        assert (stage.connections, stage.asked) == (2, [])  # by AWS's roots, and by the system's


@pytest.mark.usefixtures("no_store")
def test_the_systems_store_is_asked_when_awss_roots_do_not_vouch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", AUTHORITY)
    with met(once(answer()), AWS_CA_BUNDLE="") as (stage, one):
        assert got(one) == OK
        assert stage.connections == 2
        time.sleep(0.05)
        assert got(one) == OK
        assert stage.connections == 3  # from now on it is the system's at once


@pytest.mark.usefixtures("no_store")
def test_a_bundle_that_is_named_is_all_that_is_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", AUTHORITY)
    with met(answers(answer()), AWS_CA_BUNDLE=tls.ROOTS) as (stage, one):
        assert failed(one).code == UNTRUSTED
        assert stage.connections == 1


def test_a_bundle_that_cannot_be_read_is_the_authors_mistake(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    for bundle in (tmp_path / "missing.pem", tmp_path / "empty.pem"):
        with (
            met(answers(answer()), AWS_CA_BUNDLE=str(bundle)) as (_, one),
            pytest.raises(DeclarationError, match="AWS_CA_BUNDLE"),
        ):
            got(one)


def test_the_roots_that_are_shipped_are_awss_five() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(tls.ROOTS)
    names = {
        dict(part[0] for part in found["subject"])["commonName"] for found in context.get_ca_certs()
    }
    assert names == {
        *(f"Amazon Root CA {number}" for number in (1, 2, 3, 4)),
        "Starfield Services Root Certificate Authority - G2",
    }


def test_our_context_is_as_strict_as_the_standard_librarys() -> None:
    ours = tls._bare_context()
    theirs = ssl.create_default_context()
    assert (ours.check_hostname, ours.verify_mode) == (True, ssl.CERT_REQUIRED)
    assert ours.minimum_version == theirs.minimum_version == ssl.TLSVersion.TLSv1_2
    assert ours.options == theirs.options
    assert [cipher["name"] for cipher in ours.get_ciphers()] == [
        cipher["name"] for cipher in theirs.get_ciphers()
    ]


def test_a_server_that_speaks_no_tls_is_unreachable() -> None:
    with Stage(lambda talk: talk.send(b"220 ready\r\n")) as stage:
        url = stage.url.replace("http:", "https:")
        one = client(stage, AWS_CA_BUNDLE=AUTHORITY, AWS_ENDPOINT_URL=url)
        failure = failed(one)
        assert (failure.code, failure.unknown) == (UNREACHABLE, False)


def test_a_server_that_speaks_tls_gives_no_plain_answer() -> None:
    with Stage(answers(answer()), certificate="localhost") as stage:
        one = client(stage, AWS_ENDPOINT_URL=stage.url.replace("https:", "http:"))
        assert failed(one, effect="single").code in (GARBLED, CLOSED)
        one.close()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
def test_an_old_tls_is_refused() -> None:
    with Stage(answers(answer()), certificate="localhost") as stage:
        assert stage.tls
        stage.tls.minimum_version = ssl.TLSVersion.TLSv1
        stage.tls.maximum_version = ssl.TLSVersion.TLSv1_1
        one = client(stage, AWS_CA_BUNDLE=AUTHORITY)
        assert failed(one).code == UNREACHABLE


def test_a_handshake_that_does_not_go_on_ends_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, Stage() as stage:
        url = f"https://localhost:{silent.getsockname()[1]}"
        one = client(stage, AWS_CA_BUNDLE=AUTHORITY, AWS_ENDPOINT_URL=url)
        began = time.monotonic()
        failure = failed(one, deadline=soon(0.5), effect="single")
        assert (failure.code, failure.unknown) == (TIMED_OUT, False)
        assert time.monotonic() - began < 1.2


def test_a_large_exchange_is_whole() -> None:
    def echoes(talk: Talk) -> None:
        while True:
            talk.send(answer(talk.asked().body))

    with met(echoes) as (_, one):
        for size in (16_383, 16_384, 16_385, 3_000_000):
            sent = {"a": "x" * size}
            assert drive(one.call("X", sent, dict[str, str], deadline=soon(10))) == sent


def ends_rudely(part: bytes) -> Act:
    """The connection ends without TLS's goodbye, as an attacker may end it."""

    def act(talk: Talk) -> None:
        talk.asked()
        talk.send(part)
        talk.cut()

    return act


@pytest.mark.parametrize(("kept", "code"), [(0, CLOSED), (30, GARBLED)])
def test_an_answer_cut_short_is_not_taken_for_whole(kept: int, code: str) -> None:
    with met(ends_rudely(answer()[:kept])) as (_, one):
        failure = failed(one, effect="single")
        assert (failure.code, failure.unknown) == (code, True)


def test_a_connection_whose_peer_said_goodbye_is_replaced() -> None:
    def polite(talk: Talk) -> None:
        talk.asked()
        talk.send(answer())
        talk.goodbye()

    with met(polite) as (stage, one):
        for _ in range(2):
            assert got(one, effect="single") == OK
            time.sleep(0.05)
        assert stage.connections == 2


def test_a_drip_within_tls_is_left_at_the_deadline() -> None:
    def drips(talk: Talk) -> None:
        talk.asked()
        while True:
            talk.send(b"x")
            time.sleep(0.02)

    with met(drips, AWS_CA_BUNDLE=AUTHORITY) as (_, one):
        began = time.monotonic()
        failure = failed(one, deadline=soon(0.5), effect="single")
        assert (failure.code, failure.unknown) == (TIMED_OUT, True)
        assert time.monotonic() - began < 1.2


def test_nothing_is_slept_over_a_certificate() -> None:
    with Stage(answers(answer()), certificate="elsewhere") as stage:
        one = client(stage, spent := Spent(0.5), AWS_CA_BUNDLE=AUTHORITY)
        failed(one)
        assert spent.slept == []
