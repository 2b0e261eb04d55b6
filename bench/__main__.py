"""`python -m bench [NAME…] [--quick] [--rounds N] [--json FILE]`: measure, compare, print."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from msgspec import json

from bench.figure import Plan, Row, table

FIGURES = {  # name -> module with rows(plan)
    "http": "over_http",
    "dispatch": "dispatch",
    "startup": "startup",
    "coldstart": "coldstart",
    "reload": "reload",
    "verbs": "verbs",
    "growth": "growth",
    "queue": "queueing",
    "backlog": "backlog",
    "fairness": "fairness",
    "stream": "stream",
    "fanout": "fanout",
    "timers": "timers",
    "channel": "channel",
    "signin": "signin",
    "trinity": "trinity",
    "telemetry": "telemetry",
    "cloud": "cloud",
    "build": "building",
    "crash": "crash",
    "powerloss": "powerloss",
}
FULL = Plan(rounds=7, seconds=2.5, items=1_000_000, kills=100, cuts=60)
QUICK = Plan(rounds=1, seconds=0.6, items=50_000, kills=6, cuts=6)


def main() -> int:
    options = _options()
    plan = QUICK if options.quick else FULL
    if options.rounds:
        plan = replace(plan, rounds=options.rounds)
    begun, before = time.perf_counter(), os.getloadavg()[0]
    found: dict[str, list[Row]] = {}
    for name in options.names or FIGURES:
        print(f"measuring {name}: python -m bench {name}", file=sys.stderr, flush=True)
        found[name] = importlib.import_module(f"bench.{FIGURES[name]}").rows(plan)
    machine = _machine(plan, before)
    print(table(found))
    print(f"\n{machine['text']}; {time.perf_counter() - begun:.0f} s in all")
    if options.json:
        told = {name: [row.as_json() for row in rows] for name, rows in found.items()}
        Path(options.json).write_bytes(json.format(json.encode({"machine": machine, **told})))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(FIGURES))
    parser.add_argument("--rounds", type=int, help=f"of each contender (default {FULL.rounds})")
    parser.add_argument("--quick", action="store_true", help="a minute: one round, less of all")
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
    options = parser.parse_args()
    unknown = set(options.names) - set(FIGURES)
    if unknown:
        parser.error(f"no figure {', '.join(sorted(unknown))}: there is {', '.join(FIGURES)}")
    return options


def _machine(plan: Plan, before: float) -> dict[str, Any]:
    after = os.getloadavg()[0]
    text = (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {plan.rounds} rounds, "
        f"medians ± half the range; load average {before:.1f} before, {after:.1f} after"
    )
    return {"text": text, "cores": os.cpu_count(), "python": platform.python_version()}


if __name__ == "__main__":
    sys.exit(main())
