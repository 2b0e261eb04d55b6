"""How many wishes become one order: plurality, approval, Borda, instant runoff, ratings. Nothing
here knows who voted or for what; a ballot is a list of options, the dearest first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256

from skylift import Struct

Ballots = Sequence[Sequence[str]]


class Round(Struct, frozen=True):
    counts: dict[str, int]  # ballots whose dearest option still there this is
    exhausted: int  # ballots that name none of them
    out: str | None = None  # who leaves after it; nobody after the last


class Runoff(Struct, frozen=True):
    order: list[str]  # the winner first
    rounds: list[Round]  # until one has more than half


class Rating(Struct, frozen=True):
    mean: float
    count: int


def plurality(options: Sequence[str], ballots: Ballots) -> dict[str, int]:
    """How many want it most."""
    counts = dict.fromkeys(options, 0)
    for ballot in ballots:
        if ballot:
            counts[ballot[0]] += 1
    return counts


def approval(options: Sequence[str], ballots: Ballots) -> dict[str, int]:
    """How many can live with it."""
    counts = dict.fromkeys(options, 0)
    for ballot in ballots:
        for option in set(ballot):
            counts[option] += 1
    return counts


def borda(options: Sequence[str], ballots: Ballots) -> dict[str, float]:
    """A point for each option that it is ranked above. Options that a ballot leaves out share what
    is left of its points, so that nobody gains by ranking few.
    """
    points = dict.fromkeys(options, 0.0)
    for ballot in ballots:
        unranked = len(options) - len(ballot)
        shared = dict.fromkeys(options, (unranked - 1) / 2)
        ranked = {one: float(len(options) - 1 - at) for at, one in enumerate(ballot)}
        for option, gained in (shared | ranked if ballot else {}).items():
            points[option] += gained
    return points


def instant_runoff(options: Sequence[str], ballots: Ballots, seed: str) -> Runoff:
    """Who is the dearest of the fewest leaves, and his ballots pass on, until one is left. Of
    several with the fewest leaves who had fewer in the round before, or the one before that; then
    who has fewer points of `borda`; then by lot, which the seed draws and nobody can foresee.
    """
    remaining, gone, rounds = list(options), list[str](), list[Round]()
    points = borda(options, ballots)
    while len(remaining) > 1:
        counts, exhausted = _dearest(remaining, ballots)
        fewest = min(counts.values())
        last = [one for one in remaining if counts[one] == fewest]
        out = _loser(last, rounds, points, seed)
        rounds.append(Round(counts, exhausted, out))
        remaining.remove(out)
        gone.append(out)
    counts, exhausted = _dearest(remaining, ballots)
    rounds.append(Round(counts, exhausted))
    return Runoff([*remaining, *reversed(gone)], _until_decided(rounds))


def rating(options: Sequence[str], ballots: Iterable[Mapping[str, int]]) -> dict[str, Rating]:
    given: dict[str, list[int]] = {option: [] for option in options}
    for ballot in ballots:
        for option, stars in ballot.items():
            given[option].append(stars)
    return {
        option: Rating(sum(stars) / len(stars) if stars else 0.0, len(stars))
        for option, stars in given.items()
    }


def by_score(options: Sequence[str], score: Callable[[str], float]) -> list[str]:
    """The best first; those that are level as they were named."""
    return sorted(options, key=lambda one: -score(one))


def _dearest(remaining: Sequence[str], ballots: Ballots) -> tuple[dict[str, int], int]:
    counts, exhausted = dict.fromkeys(remaining, 0), 0
    for ballot in ballots:
        dearest = next((one for one in ballot if one in counts), None)
        if dearest is None:
            exhausted += 1
        else:
            counts[dearest] += 1
    return counts, exhausted


def _loser(last: list[str], rounds: Sequence[Round], points: Mapping[str, float], seed: str) -> str:
    def standing(option: str) -> tuple[list[int], float, str]:
        before = [one.counts[option] for one in reversed(rounds)]
        return before, points[option], sha256(f"{seed}/{option}".encode()).hexdigest()

    return min(last, key=standing)


def _until_decided(rounds: Sequence[Round]) -> list[Round]:
    for at, one in enumerate(rounds, 1):
        if 2 * max(one.counts.values()) > sum(one.counts.values()):
            return [*rounds[: at - 1], Round(one.counts, one.exhausted)]
    return list(rounds)
