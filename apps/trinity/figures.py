"""What the votes of a room say, in numbers, as values: all of them are counted, none is made up.
Who liked what is in none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import combinations

from skylift import Struct

from .model import Tally


class Agreement(Struct, frozen=True):
    """How often two who both said yes or no to a title said the same."""

    a: str
    b: str
    both: int  # titles
    share: int | None  # percent of them; None of none


class TitleCount(Struct, frozen=True, kw_only=True):
    title_id: str
    likes: int
    supers: int  # of the likes
    nopes: int
    skips: int


class Sums(Struct, frozen=True, kw_only=True):
    votes: int
    likes: int
    nopes: int
    skips: int


def counts(tallies: Iterable[Tally], voters: set[str]) -> list[TitleCount]:
    """Of each title, what was liked by most first, of these voters."""
    ranked = sorted(tallies, key=lambda one: one.rank(voters))
    return [
        TitleCount(
            title_id=one.title_id,
            likes=len(one.likers & voters),
            supers=len(one.supers & voters),
            nopes=len(one.nopes & voters),
            skips=len(one.skips & voters),
        )
        for one in ranked
    ]


def sums(counted: Iterable[TitleCount]) -> Sums:
    found = [*counted]
    likes = sum(one.likes for one in found)
    nopes = sum(one.nopes for one in found)
    skips = sum(one.skips for one in found)
    return Sums(votes=likes + nopes + skips, likes=likes, nopes=nopes, skips=skips)


def agreements(tallies: Iterable[Tally], people: Sequence[str]) -> list[Agreement]:
    """Of each pair, in the order of `people`. A skip says neither yes nor no."""
    liked: dict[str, set[str]] = {who: set() for who in people}
    refused: dict[str, set[str]] = {who: set() for who in people}
    for one in tallies:
        for said, by in ((liked, one.likers), (refused, one.nopes)):
            for who in by & said.keys():
                said[who].add(one.title_id)
    return [_agreement(a, b, liked, refused) for a, b in combinations(people, 2)]


def _agreement(
    a: str, b: str, liked: dict[str, set[str]], refused: dict[str, set[str]]
) -> Agreement:
    both = (liked[a] | refused[a]) & (liked[b] | refused[b])
    same = (liked[a] & liked[b]) | (refused[a] & refused[b])
    return Agreement(a, b, len(both), round(100 * len(same) / len(both)) if both else None)


def seconds(start: datetime | None, end: datetime | None) -> int | None:
    """Between two moments, when there were both."""
    return round((end - start).total_seconds()) if start is not None and end is not None else None
