"""A figure: what we measured, what a peer did in the same run, what the design asks for.

A measurement is a median with its lowest and highest round, because a machine that does other
things as well is the rule.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

NOISY = 0.25  # of the median between lowest and highest round: then the row says so


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    rounds: int
    seconds: float  # of load in one round
    items: int  # the growth figure goes up to
    kills: int
    cuts: int  # of power


@dataclass(frozen=True)
class Measured:
    median: float
    low: float
    high: float

    @classmethod
    def of(cls, rounds: Sequence[float]) -> Measured:
        return cls(statistics.median(rounds), min(rounds), max(rounds))

    @property
    def noise(self) -> float:
        return (self.high - self.low) / self.median if self.median else 0.0


@dataclass(frozen=True)
class Row:
    """One line of the table. `limit`: what ours may be at most. `times`: how many times better
    than a peer ours must be.
    """

    figure: str
    unit: str
    ours: Measured
    peers: Mapping[str, Measured] = field(default_factory=dict[str, Measured])
    limit: float | None = None
    times: Mapping[str, float] = field(default_factory=dict[str, float])
    more_is_better: bool = False
    note: str = ""

    def ratio(self, peer: str) -> float:
        """How many times better than this peer we are."""
        ours, theirs = self.ours.median, self.peers[peer].median
        better, worse = (ours, theirs) if self.more_is_better else (theirs, ours)
        return better / worse if worse else float("inf")

    @property
    def target(self) -> str:
        said = [] if self.limit is None else [f"≤ {shown(self.limit)} {self.unit}".strip()]
        return ", ".join(said + [f"≥ {least:g}x {peer}" for peer, least in self.times.items()])

    @property
    def met(self) -> bool | None:
        """None when the design asks for nothing here."""
        if self.limit is None and not self.times:
            return None
        within = self.limit is None or self.ours.median <= self.limit
        return within and all(self.ratio(peer) >= least for peer, least in self.times.items())

    def cells(self) -> list[str]:
        peers = ", ".join(f"{name} {spread(one)}" for name, one in self.peers.items())
        ratios = ", ".join(f"{self.ratio(peer):.2f}x" for peer in self.peers)
        met = {True: "yes", False: "NO", None: ""}[self.met]
        noisy = any(one.noise > NOISY for one in (self.ours, *self.peers.values()))
        return [
            self.figure,
            self.target,
            f"{spread(self.ours)} {self.unit}".strip(),
            peers,
            ratios,
            f"{met} (noisy)".strip() if noisy else met,
        ]

    def as_json(self) -> dict[str, Any]:
        return {
            "figure": self.figure,
            "unit": self.unit,
            "target": self.target,
            "ours": vars(self.ours),
            "peers": {name: vars(one) for name, one in self.peers.items()},
            "ratios": {name: round(self.ratio(name), 3) for name in self.peers},
            "met": self.met,
            "note": self.note,
        }


HEADINGS = ["figure", "target", "ours", "peer(s)", "ratio", "met?", "python -m bench …"]


def table(figures: Mapping[str, Sequence[Row]]) -> str:
    """All rows; the last column names the command that measures this one alone."""
    rows = [row for found in figures.values() for row in found]
    cells = [[*row.cells(), name] for name, found in figures.items() for row in found]
    lines = [HEADINGS, *cells]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    text = [
        " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    text.insert(1, "-+-".join("-" * width for width in widths))
    notes = [f"{row.figure}: {row.note}" for row in rows if row.note]
    return "\n".join([*text, "", *notes] if notes else text)


def interleaved(
    names: Sequence[str], rounds: int, measure: Callable[[str], float]
) -> dict[str, Measured]:
    """Every contender once a round, so that a slow minute hits all of them."""
    found: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds):
        for name in names if turn % 2 == 0 else reversed(names):
            found[name].append(measure(name))
    return {name: Measured.of(values) for name, values in found.items()}


def shown(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def spread(one: Measured) -> str:
    """The median, and half the way from the lowest to the highest round."""
    return f"{shown(one.median)} ±{one.noise / 2:.0%}" if one.noise else shown(one.median)
