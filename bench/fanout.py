"""One publication to fifty subscribers, here and deployed to MiniStack on this machine: when who
published is answered, when the last of the fifty has run, and how many run a second.

MiniStack's table is looked into directly, ours by a request: that is in its favour. Where it gives
no answer in time it has published all the same, and is waited for.
"""

from __future__ import annotations

import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.cloud import MINISTACK, Side
from bench.contender import HOST, started
from bench.figure import Measured, Plan, Row, interleaved
from bench.peers.lineup import OURS, skylift
from bench.session import ROOT
from tests.rehearsal.conftest import EMULATOR
from tests.rehearsal.deployment import Deployment
from tests.rehearsal.ministack import Ministack

APP, SUBSCRIBERS = "bench/apps/tidings", 50
SINGLE = {OURS: 10, MINISTACK: 3}  # a round
REST_S, LOOK_S, PATIENCE_S = 0.2, 0.001, 120.0
# Publications at once: a process of its own for each run is more than this machine has, over there.
BURSTS = {OURS: 200, MINISTACK: 1}
Count = Callable[[str], int]  # how many have heard of it


@dataclass(frozen=True)
class Town:
    name: str
    side: Side
    count: Count | None = None

    def warm(self) -> None:
        """Until all have run: fifty cold starts are another figure."""
        self._told(1)

    def single_ms(self) -> tuple[float, float]:
        """Medians of one publication into a town at rest: answered, and heard by the last."""
        answered: list[float] = []
        heard: list[float] = []
        for _ in range(SINGLE[self.name]):
            time.sleep(REST_S)
            first, last = self._told(1)
            answered.append(first * 1e3)
            heard.append(last * 1e3)
        return statistics.median(answered), statistics.median(heard)

    def rate(self) -> float:
        count = BURSTS[self.name]
        return count * SUBSCRIBERS / self._told(count)[1]

    def _told(self, count: int) -> tuple[float, float]:
        """Seconds until the answer, and until the last of all has heard of each."""
        ids = [uuid.uuid4().hex for _ in range(count)]
        with self.side.connected() as ask:
            begun = time.perf_counter()
            status, said = ask("POST", "/words", {"ids": ids})
            answered = time.perf_counter() - begun
            assert status == 202 or (status == 503 and self.name == MINISTACK), said
            for id in ids:
                while self._count(ask, id) < SUBSCRIBERS:
                    assert time.perf_counter() < begun + PATIENCE_S, "not heard"
                    time.sleep(LOOK_S)
        return answered, time.perf_counter() - begun

    def _count(self, ask: Callable[..., tuple[int, Any]], id: str) -> int:
        return self.count(id) if self.count else ask("GET", f"/words/{id}")[1]


def rows(plan: Plan) -> list[Row]:
    rounds = min(plan.rounds, 3)
    with towns() as found:
        for one in found.values():
            one.warm()
        heard: dict[str, list[float]] = {name: [] for name in found}

        def single(name: str) -> float:
            answered, last = found[name].single_ms()
            heard[name].append(last)
            return answered

        answered = interleaved(list(found), rounds, single)
        rates = interleaved(list(found), rounds, lambda name: found[name].rate())
    last = {name: Measured.of(times) for name, times in heard.items()}
    note = "from the request that publishes until the last of fifty handlers has written"
    return [
        _row("publish to 50: the answer, p50", "ms", answered),
        _row("publish to 50: the last has run, p50", "ms", last, note=note),
        _row("publish to 50, many at once", "runs/s", rates, more_is_better=True),
    ]


@contextmanager
def towns() -> Iterator[dict[str, Town]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="bench-fanout-")))
        here = stack.enter_context(started(skylift("serve", APP)))
        emulator = stack.enter_context(Ministack(folder, program=EMULATOR))
        one = Deployment(emulator, ROOT / APP, folder / "state")
        one.deployed()

        def count(id: str) -> int:
            asked = {"TableName": "tidings-dev-heard", "KeyConditionExpression": "id = :id"}
            values = {":id": {"S": id}}
            found = one.client("dynamodb").query(
                **asked, ExpressionAttributeValues=values, Select="COUNT"
            )
            return int(found["Count"])

        yield {
            OURS: Town(OURS, Side(here.port, f"{HOST}:{here.port}")),
            MINISTACK: Town(MINISTACK, Side(emulator.port, one.host), count),
        }


def _row(
    figure: str,
    unit: str,
    found: dict[str, Measured],
    *,
    more_is_better: bool = False,
    note: str = "",
) -> Row:
    peers = {MINISTACK: found[MINISTACK]}
    return Row(figure, unit, found[OURS], peers, None, {}, more_is_better, note)
