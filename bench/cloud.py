"""The same apps here and deployed to MiniStack on this machine: what a request takes, how many
messages are handled a second, how long one waits that comes into a system at rest.

MiniStack's table is looked into directly, ours by a request: that is in its favour.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.contender import HOST, started
from bench.figure import Measured, Plan, Row, interleaved
from bench.peers.lineup import OURS, skylift
from bench.session import ROOT
from tests.rehearsal.conftest import EMULATOR
from tests.rehearsal.deployment import Deployment
from tests.rehearsal.ministack import Ministack

MINISTACK = "MiniStack"
HELLO, COURIER = "apps/hello", "bench/apps/courier"
TIMES_HTTP, TIMES_RATE = 25.0, 8.0
REQUESTS, IDLE = 60, 15  # a round
BURSTS = {OURS: 10_000, MINISTACK: 400}
PATIENCE_S, LOOK_S, REST_S = 60.0, 0.001, 0.2


@dataclass(frozen=True)
class Side:
    """An app that runs: where it is asked, and how one sees that a burst was handled."""

    port: int
    host: str
    is_done: Callable[[str], bool] | None = None

    @contextmanager
    def connected(self) -> Iterator[Callable[..., tuple[int, Any]]]:
        wire = HTTPConnection(HOST, self.port, timeout=PATIENCE_S)
        said = {"Host": self.host, "Content-Type": "application/json"}

        def ask(method: str, path: str, body: object = None) -> tuple[int, Any]:
            wire.request(method, path, None if body is None else json.dumps(body), said)
            answer = wire.getresponse()
            return answer.status, json.loads(answer.read())

        try:
            yield ask
        finally:
            wire.close()

    def request_ms(self) -> float:
        """The median of writing a note: an item and a message in a transaction."""
        times: list[float] = []
        with self.connected() as ask:
            for number in range(REQUESTS):
                begun = time.perf_counter()
                status, told = ask("POST", "/notes", {"text": f"note {number}"})
                times.append((time.perf_counter() - begun) * 1e3)
                assert status == 201, told
        return statistics.median(times)

    def burst_s(self, count: int, *, from_answer: bool = False) -> float:
        """From the request to send so many messages until the last of them was handled."""
        with self.connected() as ask:
            begun = time.perf_counter()
            status, sent = ask("POST", "/bursts", {"count": count})
            assert status == 202, sent
            begun = time.perf_counter() if from_answer else begun
            while not self._sees(ask, sent["id"]):
                assert time.perf_counter() < begun + PATIENCE_S, "not handled"
                time.sleep(LOOK_S)
        return time.perf_counter() - begun

    def _sees(self, ask: Callable[..., tuple[int, Any]], id: str) -> bool:
        return self.is_done(id) if self.is_done else ask("GET", f"/bursts/{id}")[0] == 200

    def idle_ms(self) -> float:
        times: list[float] = []
        for _ in range(IDLE):
            time.sleep(REST_S)
            times.append(self.burst_s(1, from_answer=True) * 1e3)
        return statistics.median(times)


def rows(plan: Plan) -> list[Row]:
    rounds = min(plan.rounds, 3)
    with sides(HELLO) as hello:
        requests = interleaved(list(hello), rounds, lambda name: hello[name].request_ms())
    with sides(COURIER) as courier:
        for side in courier.values():
            side.burst_s(1)  # a cold start is another figure
        rates = interleaved(
            list(courier), rounds, lambda name: BURSTS[name] / courier[name].burst_s(BURSTS[name])
        )
        idle = interleaved(list(courier), rounds, lambda name: courier[name].idle_ms())
    http = {MINISTACK: TIMES_HTTP}
    rate = {MINISTACK: TIMES_RATE}
    note = "from the request that sends them until the last was handled, in batches of 10"
    return [
        _row("HTTP p50, here and there", "ms", requests, http),
        _row("queue, here and there", "msg/s", rates, rate, more_is_better=True, note=note),
        _row("idle p50, here and there", "ms", idle, {}),
    ]


@contextmanager
def sides(app: str) -> Iterator[dict[str, Side]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="bench-cloud-")))
        here = stack.enter_context(started(skylift("serve", app)))
        emulator = stack.enter_context(Ministack(folder, program=EMULATOR))
        one = Deployment(emulator, ROOT / app, folder / "state")
        one.deployed()
        table = f"{Path(app).name}-dev-done"

        def is_done(id: str) -> bool:
            found = one.client("dynamodb").get_item(TableName=table, Key={"id": {"S": id}})
            return "Item" in found

        yield {
            OURS: Side(here.port, f"{HOST}:{here.port}"),
            MINISTACK: Side(emulator.port, one.host, is_done),
        }


def _row(
    figure: str,
    unit: str,
    found: dict[str, Measured],
    times: dict[str, float],
    *,
    more_is_better: bool = False,
    note: str = "",
) -> Row:
    peers = {MINISTACK: found[MINISTACK]}
    return Row(figure, unit, found[OURS], peers, None, times, more_is_better, note)
