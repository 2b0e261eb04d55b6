"""Which titles make a deck, as values: only good ones, those of the genres that were asked for
first, and chance among equals, the same for the same seed. Quality is never traded for a genre.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from math import isfinite
from random import Random
from typing import Literal

from msgspec.structs import replace

from skylift import Struct

from ..decks import Title, known_as
from ..genres import IDS
from ..lists import Option

TITLES_MIN = 10  # a deck of fewer is refused
ScreenKind = Literal["movie", "series"]
Tier = Literal[1, 2, 3]  # has all genres that were asked for, any of them, is of its kind

LANGUAGES = ("en", "es", "fr", "it", "de", "pt")
YEAR_MIN, MINUTES_MIN, VOTES_MIN, LINE_MIN = 1990, 60, 50, 20
PLACEHOLDERS = ("no description", "no overview", "sin descripción", "sin sinopsis", "coming soon")


class Wanted(Struct, frozen=True, kw_only=True):
    seed: str  # of chance: the room's id, so that the same room has the same deck
    kind: Literal["movie", "series", "list"] = "movie"
    genres: list[str] = []
    count: int = 50
    options: list[str | Option] = []  # of a list
    without: set[str] = set()  # ids of titles, or what they are known as
    least: int = TITLES_MIN

    def leaves_out(self, title: Title) -> bool:
        return title.id in self.without or known_as(title) in self.without


class Candidate(Struct, frozen=True, kw_only=True):
    """A title of a catalogue, with what is only needed to tell whether it is good enough."""

    title: Title
    kind: ScreenKind
    is_adult: bool = False
    has_poster: bool = True
    votes: int | None = None  # on which its rating rests, where the catalogue has ratings


def is_good(one: Candidate) -> bool:
    title = one.title
    is_told = len(title.line.strip()) >= LINE_MIN and not is_placeholder(title.line)
    is_long = one.kind == "series" or title.minutes is None or title.minutes >= MINUTES_MIN
    return (
        bool(title.id and title.name.strip())
        and is_told
        and is_long
        and title.year is not None
        and title.year >= YEAR_MIN
        and title.language in LANGUAGES
        and bool(IDS & {*title.genres})
        and is_rated(one)
        and one.has_poster
        and not one.is_adult
    )


def is_rated(one: Candidate) -> bool:
    """A catalogue without ratings, as ours is, says nothing against a title."""
    if one.votes is None:
        return one.title.rating is None
    rating = one.title.rating
    return rating is not None and isfinite(rating) and rating > 0 and one.votes >= VOTES_MIN


def is_placeholder(line: str) -> bool:
    return line.strip().lower().startswith(PLACEHOLDERS)


def tier_of(title: Title, genres: Collection[str]) -> Tier:
    asked = {*genres}
    if asked <= {*title.genres}:
        return 1
    return 2 if asked & {*title.genres} else 3


def drawn(
    candidates: Iterable[Candidate], genres: Collection[str], count: int, seed: str
) -> list[Title]:
    """At most so many, each once: tier by tier, in a random order within each."""
    found: dict[str, Title] = {}
    for one in candidates:
        if is_good(one):
            found.setdefault(one.title.id, one.title)
    titles = [found[id] for id in sorted(found)]  # whatever order they came in
    Random(seed).shuffle(titles)
    tiered = [(tier_of(title, genres), title) for title in titles]
    tiered.sort(key=lambda one: one[0])  # keeps the order within a tier
    return [replace(title, tier=tier) for tier, title in tiered[:count]]
