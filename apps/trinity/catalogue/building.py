"""A deck, built from what was wanted: titles of a catalogue, or the options of a list. What is
less than was wanted is said in a note, and never made up for by titles of a lower quality.
"""

from __future__ import annotations

from typing import Literal

from skylift import Invalid, Struct

from ..decks import Title
from ..genres import IDS
from ..lists import Option, checked
from .choosing import drawn
from .seed import seeded

TITLES_MIN = 10  # a deck of fewer is refused

# FEWER: the catalogue has no more. FROM_CACHE, FROM_SEED: it could not be asked.
Note = Literal["FEWER", "FROM_CACHE", "FROM_SEED"]


class Wanted(Struct, frozen=True, kw_only=True):
    seed: str  # of chance: the room's id, so that the same room has the same deck
    kind: Literal["movie", "series", "list"] = "movie"
    genres: list[str] = []
    count: int = 50
    options: list[str | Option] = []  # of a list
    without: set[str] = set()  # titles that are in the deck already
    least: int = TITLES_MIN


class Built(Struct, frozen=True):
    titles: list[Title]
    note: Note | None = None


async def build(wanted: Wanted) -> Built:
    """Invalid with a code when there are too few titles, or options that are none."""
    if wanted.kind == "list":
        return Built(listed(wanted.options))
    if not {*wanted.genres} <= IDS:
        raise Invalid("there is no such genre", code="NO_GENRE")
    candidates = [one for one in seeded(wanted.kind) if one.title.id not in wanted.without]
    titles = drawn(candidates, wanted.genres, wanted.count, wanted.seed)
    if len(titles) < wanted.least:
        raise Invalid("there are too few titles for a deck", code="TOO_FEW_TITLES")
    return Built(titles, "FEWER" if len(titles) < wanted.count else None)


def listed(options: list[str | Option]) -> list[Title]:
    said = checked([Option(one) if isinstance(one, str) else one for one in options])
    return [Title(id=f"o{n}", name=one.name, line=one.line) for n, one in enumerate(said, 1)]
