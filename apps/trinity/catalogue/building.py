"""A deck, built from what was wanted: titles of a catalogue, or the options of a list. What is
less than was wanted is said in a note, and never made up for by titles of a lower quality.
"""

from __future__ import annotations

from typing import Literal

from skylift import Invalid, Struct

from ..decks import Title

TITLES_MIN = 10  # a deck of fewer is none
OPTIONS_MIN, OPTIONS_MAX = 2, 100

# FEWER: the catalogue has no more. FROM_CACHE, FROM_SEED: it could not be asked.
Note = Literal["FEWER", "FROM_CACHE", "FROM_SEED"]


class Option(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    line: str = ""


class Wanted(Struct, frozen=True, kw_only=True):
    seed: str  # of chance: the room's id, so that the same room has the same deck
    kind: Literal["movie", "series", "list"] = "movie"
    genres: list[str] = []
    count: int = 50
    options: list[str | Option] = []  # of a list
    without: set[str] = set()  # titles that are in the deck already


class Built(Struct, frozen=True):
    titles: list[Title]
    note: Note | None = None


async def build(wanted: Wanted) -> Built:
    """Invalid with a code when there are too few titles, or options that are none."""
    if wanted.kind == "list":
        return Built(listed(wanted.options))
    titles = [one for one in SAMPLE if one.id not in wanted.without][: wanted.count]
    if len(titles) < TITLES_MIN:
        raise Invalid("there are too few titles for a deck", code="TOO_FEW_TITLES")
    return Built(titles, "FEWER" if len(titles) < wanted.count else None)


def listed(options: list[str | Option]) -> list[Title]:
    said = [Option(one) if isinstance(one, str) else one for one in options]
    if not OPTIONS_MIN <= len(said) <= OPTIONS_MAX:
        raise Invalid(f"a list has {OPTIONS_MIN} to {OPTIONS_MAX} options", code="OPTIONS")
    return [Title(id=f"o{n}", name=one.name, line=one.line) for n, one in enumerate(said, 1)]


SAMPLE = [
    Title(id=f"{name.lower().replace(' ', '-')}-{year}", name=name, year=year, minutes=minutes)
    for name, year, minutes in (
        ("The Matrix", 1999, 136),
        ("Inception", 2010, 148),
        ("Parasite", 2019, 132),
        ("Pulp Fiction", 1994, 154),
        ("Fargo", 1996, 98),
        ("Gladiator", 2000, 155),
        ("Up", 2009, 96),
        ("Get Out", 2017, 104),
        ("Arrival", 2016, 116),
        ("Moonlight", 2016, 111),
        ("Whiplash", 2014, 106),
        ("Whale Rider", 2002, 101),
    )
]
