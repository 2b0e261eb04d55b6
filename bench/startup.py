"""From the command to the first 200, and the memory held then. Memory is read after a short while,
when what is loaded behind the first answer has been loaded too.
"""

from __future__ import annotations

import time

from bench.contender import started
from bench.figure import Measured, Plan, Row, interleaved
from bench.peers.lineup import BARE, FASTAPI, OURS, granian, skylift, uvicorn

CONTENDERS = {
    OURS: skylift("dev", "apps/hello"),
    FASTAPI: uvicorn(FASTAPI, "bench.peers.fastapi_notes:app"),
    BARE: granian(BARE, "bench.peers.asgi_notes:app"),
}
START_S, MEMORY_MB = 0.45, 60.0
SETTLE_S = 0.5


def rows(plan: Plan) -> list[Row]:
    rss: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    pss: dict[str, list[float]] = {name: [] for name in CONTENDERS}

    def first_answer(name: str) -> float:
        with started(CONTENDERS[name]) as running:
            time.sleep(SETTLE_S)
            rss[name].append(running.session.memory_mb("Rss"))
            pss[name].append(running.session.memory_mb("Pss"))
            return running.started_s

    times = interleaved(list(CONTENDERS), plan.rounds + 2, first_answer)
    resident = {name: Measured.of(found) for name, found in rss.items()}
    proportional = {name: Measured.of(found) for name, found in pss.items()}
    return [
        _row("dev to the first 200", "s", times, START_S),
        _row("memory then, RSS", "MB", resident, MEMORY_MB),
        _row("memory then, PSS", "MB", proportional, None),
    ]


def _row(figure: str, unit: str, found: dict[str, Measured], limit: float | None) -> Row:
    peers = {name: one for name, one in found.items() if name != OURS}
    return Row(figure, unit, found[OURS], peers, limit)
