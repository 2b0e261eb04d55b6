"""Warm dispatch: one API Gateway event (HTTP API, payload 2.0) decoded, routed, validated, handled
without I/O and encoded again (Chalice: a REST API, payload 1.0, which carries every header twice).
Each contender runs in a process of its own.

"bytes" is what the runtime API delivers and takes; "dict" is what a handler under AWS's Python
runtime client sees, whose json.loads and json.dumps are then nobody's share.
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial

from bench.figure import Plan, Row, interleaved
from bench.session import ROOT

OURS, ALONE = "skylift", "msgspec decode alone"
FASTAPI, POWERTOOLS, CHALICE = "FastAPI+Mangum", "Powertools", "Chalice"
TARGET_US = 8.0
TIMES = {FASTAPI: 12.0, POWERTOOLS: 7.0}
TIMEOUT_S = 60


def rows(plan: Plan) -> list[Row]:
    return [_row(plan, "bytes", limit=TARGET_US), _row(plan, "dict", limit=None)]


def _row(plan: Plan, form: str, limit: float | None) -> Row:
    names = [OURS, FASTAPI, POWERTOOLS, CHALICE] + ([ALONE] if form == "bytes" else [])
    found = interleaved(names, plan.rounds, partial(_dispatched, plan.seconds / 4, form))
    peers = {name: found[name] for name in names if name != OURS}
    return Row(f"warm dispatch, {form}", "us", found[OURS], peers, limit, TIMES)


def _dispatched(seconds: float, form: str, name: str) -> float:
    command = [sys.executable, "-m", "bench.peers.dispatched", name, form, str(seconds)]
    said = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=TIMEOUT_S
    )
    return float(said.stdout)
