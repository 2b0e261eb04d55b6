"""What signing in costs: how many sign in, what a route's callers notice of it meanwhile, and what
a route that asks who calls takes beyond one that asks nobody.
"""

from __future__ import annotations

import socket
import statistics
import subprocess
import time
from collections.abc import Sequence
from itertools import cycle
from threading import Event, Thread
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet
from msgspec import json

from bench.contender import BIN, HOST, Running, answer, asked, is_whole, started
from bench.figure import Measured, Plan, Row, interleaved
from bench.peers.lineup import skylift
from bench.session import ROOT
from skylift.token import Expected, Verifier, decoded, keys_of, verified

CLUB = "tests/apps/club"
SERVER = skylift("serve", CLUB)
PASSWORD = "a password as people have them"
SIGNING_IN = 8  # clients, each again as soon as it was answered
EVERY_S = 0.01
SLICES = 3  # of a round, in turn at rest and beside those who sign in
GUESTS = 200  # tokens that were never seen before
LOOKS = 300  # at one token, in one measurement
JWKS = "/_skylift/users/members/.well-known/jwks.json"
OPEN = asked("GET", "/open")


def rows(plan: Plan) -> list[Row]:
    with started(SERVER) as server:
        emails = [_joined(server, number) for number in range(SIGNING_IN)]
        beside = _beside(server, emails, plan)
        return [*beside, *_asking(server, plan), _verifying(server, plan)]


def _posted(server: Running, path: str, body: Any) -> Any:
    told = answer(server.port, asked("POST", path, json.encode(body)))
    head, _, text = told.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 2"):
        raise RuntimeError(f"{path} answered {told!r}")
    return json.decode(text) if text else None


def _joined(server: Running, number: int) -> str:
    """The address of a user, whose code lies in the server's own mail store."""
    email = f"member{number}@example.com"
    id = _posted(server, "/register", {"email": email, "password": PASSWORD})["id"]
    state = f"--state={server.folder / 'state'}"
    command = [str(BIN / "skylift"), "mail", CLUB, state, "--json"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    _posted(server, "/confirm", {"id": id, "code": json.decode(told)[-1]["body"][:6]})
    return email


# -- a route beside those who sign in


def _beside(server: Running, emails: Sequence[str], plan: Plan) -> list[Row]:
    rest, busy, rates = list[list[float]](), list[list[float]](), list[float]()
    for _ in range(plan.rounds):
        rest.append([])
        busy.append([])
        for _ in range(SLICES):
            rest[-1] += _paced(server, plan.seconds / SLICES)
            crowd = Crowd(server, emails)
            busy[-1] += _paced(server, plan.seconds / SLICES)
            rates.append(crowd.stopped())
    halves = [_slower(busy[half::2] or busy, rest[half::2] or rest) for half in (0, 1)]
    ratio = Measured(_slower(busy, rest), min(halves), max(halves))
    said = [
        f"p50 {_part(times, 0.5):.2f}, p95 {_part(times, 0.95):.2f} ms {when}"
        for times, when in ((_pooled(rest), "at rest"), (_pooled(busy), "beside them"))
    ]
    return [
        Row(
            f"p95 of a route beside {SIGNING_IN} who sign in",
            "times",
            ratio,
            note=", ".join(said),
        ),
        Row("sign-ins meanwhile", "/s", Measured.of(rates)),
    ]


class Crowd:
    """Clients that sign in, again and again."""

    def __init__(self, server: Running, emails: Sequence[str]) -> None:
        bodies = [json.encode({"email": one, "password": PASSWORD}) for one in emails]
        self._requests = [asked("POST", "/login", body) for body in bodies]
        self._port, self._end, self._counts = server.port, Event(), [0] * SIGNING_IN
        self._began = time.perf_counter()
        self._threads = [Thread(target=self._sign_in, args=(one,)) for one in range(SIGNING_IN)]
        for thread in self._threads:
            thread.start()

    def stopped(self) -> float:
        """How many a second were let in."""
        took = time.perf_counter() - self._began
        rate = sum(self._counts) / took
        self._end.set()
        for thread in self._threads:
            thread.join()
        return rate

    def _sign_in(self, one: int) -> None:
        while not self._end.is_set():
            if answer(self._port, self._requests[one]).startswith(b"HTTP/1.1 200"):
                self._counts[one] += 1


def _paced(server: Running, seconds: float) -> list[float]:
    """Milliseconds of each request, at a steady pace on one connection."""
    found: list[float] = []
    with socket.create_connection((HOST, server.port)) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        begun = time.perf_counter()
        for beat in range(int(seconds / EVERY_S)):
            time.sleep(max(0.0, begun + beat * EVERY_S - time.perf_counter()))
            found.append(_asked_once(wire, OPEN) / 1e3)
    return found


def _asked_once(wire: socket.socket, request: bytes) -> float:
    """Microseconds until it was answered."""
    begun = time.perf_counter()
    wire.sendall(request)
    received = b""
    while not is_whole(received):
        received += wire.recv(65_536)
    took = time.perf_counter() - begun
    if not received.startswith(b"HTTP/1.1 2"):
        raise RuntimeError(f"answered {received!r}")
    return took * 1e6


# -- a route that asks who calls


def _asking(server: Running, plan: Plan) -> list[Row]:
    """On one connection, in turn with a route that asks nobody."""
    tokens = [_posted(server, "/guests", {"name": "Guest"})["access"] for _ in range(GUESTS)]
    known = [_with(tokens[0])]
    added: dict[str, list[float]] = {"known": [], "new": []}
    with socket.create_connection((HOST, server.port)) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _each(wire, known, 1)
        share = GUESTS // plan.rounds
        for turn in range(plan.rounds):
            fresh = [_with(one) for one in tokens[1:][turn * share : (turn + 1) * share]]
            bare = _each(wire, [OPEN], len(fresh))
            added["new"].append(_each(wire, fresh, len(fresh)) - bare)
            bare = _each(wire, [OPEN], LOOKS)
            added["known"].append(_each(wire, known, LOOKS) - bare)
    return [
        Row(f"added by asking who calls, {told}", "us", Measured.of(added[kind]))
        for kind, told in (("known", "a token seen before"), ("new", "a new token"))
    ]


def _each(wire: socket.socket, requests: Sequence[bytes], count: int) -> float:
    """Microseconds of one request, the median."""
    times = [_asked_once(wire, one) for one, _ in zip(cycle(requests), range(count), strict=False)]
    return statistics.median(times)


def _with(token: str) -> bytes:
    said = f"\r\nauthorization: Bearer {token}\r\n\r\n".encode()
    return asked("GET", "/hello").replace(b"\r\n\r\n", said)


# -- verification alone


def _verifying(server: Running, plan: Plan) -> Row:
    token = _posted(server, "/guests", {"name": "Guest"})["access"]
    jwks = answer(server.port, asked("GET", JWKS)).partition(b"\r\n\r\n")[2]
    keys, theirs = keys_of(jwks), KeySet.import_key_set(json.decode(jwks))
    claims = json.decode(decoded(token.split(".")[1].encode()))
    expected, now = Expected(claims["iss"], claims["client_id"]), claims["iat"]
    verifier = Verifier(keys, expected)
    deeds = {
        "skylift": lambda: verified(token, keys, expected, now),
        "seen before": lambda: verifier.claims(token, now),
        "joserfc on OpenSSL": lambda: jwt.decode(token, theirs, algorithms=["RS256"]),
    }

    def measure(name: str) -> float:
        begun = time.process_time()
        for _ in range(LOOKS):
            deeds[name]()
        return (time.process_time() - begun) / LOOKS * 1e6

    found = interleaved([*deeds], plan.rounds, measure)
    return Row("a token verified", "us", found.pop("skylift"), peers=found)


def _slower(busy: list[list[float]], rest: list[list[float]]) -> float:
    return _part(_pooled(busy), 0.95) / _part(_pooled(rest), 0.95)


def _pooled(rounds: list[list[float]]) -> list[float]:
    return [time for times in rounds for time in times]


def _part(times: list[float], part: float) -> float:
    return sorted(times)[int(len(times) * part)]
