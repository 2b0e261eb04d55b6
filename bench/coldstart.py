"""The cold start of a deployed function: POST, validate, write one item, answer. Instructions are
counted from the start of the process to its end after the first answer, where valgrind is; they
are the same in every round. Time is what a caller waits, medians.

Everybody talks to the same DynamoDB on loopback and has bytecode beside the source. Over TLS each
trusts what it ships: five roots here, 127 with botocore.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench.cold import (
    Function,
    Packed,
    Start,
    bare_interpreter,
    certificates,
    packed,
    runtime_client,
)
from bench.fake_dynamodb import CERTIFICATES, FakeDynamodb, fake_dynamodb
from bench.figure import Measured, Plan, Row, interleaved
from bench.peers.gateway import EVENT, REST_EVENT
from bench.session import ROOT

OURS, DATACLASS, HELLO = "Struct", "dataclasses", "hello's write"
BARE, BOTO3 = "bare interpreter", "boto3"
POWERTOOLS, FASTAPI, CHALICE = "Powertools", "FastAPI+Mangum", "Chalice"
PLACES = json.dumps({"notes": "notes", "counting": "https://sqs.eu-south-2.amazonaws.com/1/c"})
STAGE = {"SKYLIFT_STAGE": "dev", "SKYLIFT_LEDGER": "ledger", "SKYLIFT_RESOURCES": PLACES}
FUNCTIONS = {
    OURS: Function("skylift_function", EVENT, "bench/apps/coldstruct", variables=STAGE),
    DATACLASS: Function("skylift_function", EVENT, "bench/apps/colddata", variables=STAGE),
    HELLO: Function("skylift_function", EVENT, "apps/hello", variables=STAGE),
    BOTO3: Function("notes", EVENT, source="cold_boto3", distributions=("boto3",)),
    POWERTOOLS: Function(
        "notes",
        EVENT,
        source="cold_powertools",
        distributions=("boto3", "aws-lambda-powertools", "pydantic"),
    ),
    FASTAPI: Function(
        "notes", EVENT, source="cold_mangum", distributions=("boto3", "fastapi", "mangum")
    ),
    CHALICE: Function("notes", REST_EVENT, source="cold_chalice", distributions=("chalice",)),
}
OWN = (OURS, DATACLASS, HELLO)
SHORT = (*OWN, BOTO3)  # a peer's count takes a minute: the others stand beside boto3 over HTTP
LIMITS = {  # of instructions, in bare interpreters
    ("HTTP", OURS): 4.2,
    ("HTTP", DATACLASS): 5.0,
    ("TLS", OURS): 6.0,
}
SHARE_OF_BOTO3 = 12.0
ROOTS = ROOT / "src" / "skylift" / "aws" / "runtime" / "roots.pem"
TIMED_ROUNDS = 3  # for each round of the plan: one takes under a second


def rows(plan: Plan) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="skylift-cold-") as folder:
        bench = Coldstart(Path(folder).resolve())
        found = [bench.sizes()]
        if shutil.which("valgrind"):
            found += [*bench.counted(), bench.shares()]
        else:
            print("no valgrind: instructions are not counted", file=sys.stderr)
        return [*found, *bench.timed(plan.rounds * TIMED_ROUNDS)]


class Coldstart:
    """Everybody's function in a folder of its own, and the interpreter that starts them."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._python = bare_interpreter(home)
        runtime_client(home)
        self._packed: dict[str, Packed | None] = {BARE: None}
        for at, (name, function) in enumerate(FUNCTIONS.items()):
            self._packed[name] = packed(function, home / f"function{at}")
        botocore = next(one for one in self._found(BOTO3) if one.name == "cacert.pem")
        test = CERTIFICATES / "ca.pem"
        self._trusted = certificates(home, iter((ROOTS, test)))
        self._trusted_by_peers = certificates(home, iter((botocore, test)))

    def sizes(self) -> Row:
        """Zips, without boto3, which the runtime brings."""
        kilobytes = {
            name: Measured.of([one.zip_bytes / 1e3]) for name, one in self._packed.items() if one
        }
        del kilobytes[BOTO3]
        peers = {name: one for name, one in kilobytes.items() if name != OURS}
        note = "zips without boto3, which the runtime brings; Chalice's with its command line"
        return Row("bundle", "kB", kilobytes[OURS], peers, note=note)

    def counted(self) -> Iterator[Row]:
        for over in ("HTTP", "TLS"):
            with self._started(over) as start:
                bare = start(BARE).instructions(None, self._home)
                names = list(FUNCTIONS) if over == "HTTP" else SHORT
                found = _each(names, partial(self._ratio, start, bare))
            note = f"a bare interpreter: {bare / 1e6:.1f} M instructions"
            yield from _by_peer(f"cold start over {over}", "x bare", found, over, note)

    def shares(self) -> Row:
        """What is above the imports of AWS's own runtime client, which every function pays."""
        with self._started("HTTP", under_client=True) as start:
            client = start(BARE).instructions(None, self._home)
            found = _each(SHORT, lambda name: (self._count(start(name), name) - client) / 1e6)
        peers = {name: one for name, one in found.items() if name != OURS}
        note = f"the client alone: {client / 1e6:.0f} M instructions"
        times = {BOTO3: SHARE_OF_BOTO3}
        return Row("above the client", "M instr", found[OURS], peers, None, times, note=note)

    def timed(self, rounds: int) -> Iterator[Row]:
        for over in ("HTTP", "TLS"):
            with self._started(over) as start:
                found = interleaved(
                    list(self._packed),
                    rounds,
                    lambda name: start(name).milliseconds(self._packed[name], self._home),
                )
            peers = {name: one for name, one in found.items() if name != OURS}
            yield Row(f"cold start over {over}, time", "ms", found[OURS], peers)

    def _ratio(self, start: Callable[[str], Start], bare: float, name: str) -> float:
        return self._count(start(name), name) / bare

    def _count(self, start: Start, name: str) -> float:
        return start.instructions(self._packed[name], self._home)

    def _found(self, name: str) -> Iterator[Path]:
        one = self._packed[name]
        assert one is not None
        return one.folder.rglob("*.pem")

    @contextmanager
    def _started(
        self, over: str, *, under_client: bool = False
    ) -> Iterator[Callable[[str], Start]]:
        """How to start one of them, while there is a DynamoDB; it was asked by each, once."""
        with fake_dynamodb(over_tls=over == "TLS") as fake:

            def start(name: str) -> Start:
                trusted = self._trusted if name in OWN else self._trusted_by_peers
                file = trusted if over == "TLS" else None
                return Start(self._python, fake.url, file, under_client)

            yield start
            _check(fake)


def _check(fake: FakeDynamodb) -> None:
    assert fake.asked
    assert all(b"notes" in body for body in fake.asked), fake.asked[-1:]


def _each(names: Sequence[str], measure: Callable[[str], float]) -> dict[str, Measured]:
    return {name: Measured.of([measure(name)]) for name in names}


def _by_peer(
    figure: str, unit: str, found: Mapping[str, Measured], over: str, note: str
) -> Iterator[Row]:
    """A row for each of ours that has a target, and one that says what the example app costs."""
    peers = {name: one for name, one in found.items() if name not in OWN}
    for name in OWN:
        limit = LIMITS.get((over, name))
        yield Row(f"{figure}, {name}", unit, found[name], peers, limit, note=note)
        peers, note = {}, ""  # said once
