"""A deck, built from what was wanted: titles of a catalogue, or the options of a list. What is
less or other than was wanted is said in a note, and never made up for by titles of a lower quality.
"""

from __future__ import annotations

from typing import Literal

from skylift import Invalid, Struct

from ..decks import Title
from ..genres import IDS
from ..lists import Option, checked
from .choosing import TITLES_MIN, Candidate, ScreenKind, Wanted, drawn
from .seed import seeded
from .shelf import gathered
from .tmdb import key

__all__ = ["TITLES_MIN", "Built", "Note", "Option", "Wanted", "build"]

# FEWER: the catalogue has no more. FROM_CACHE: it could not be asked for all, and the titles are
# those that were kept. FROM_SEED: it could not be asked, and the titles are our own.
Note = Literal["FEWER", "FROM_CACHE", "FROM_SEED"]


class Built(Struct, frozen=True):
    titles: list[Title]
    note: Note | None = None


async def build(wanted: Wanted) -> Built:
    """Invalid with a code when there are too few titles, or options that are none."""
    if wanted.kind == "list":
        return Built(listed(wanted.options))
    if not {*wanted.genres} <= IDS:
        raise Invalid("there is no such genre", code="NO_GENRE")
    token = await key.reveal()
    if token:
        return await _of_tmdb(wanted, wanted.kind, token)
    return _enough(wanted, _drawn(wanted, seeded(wanted.kind)))


def listed(options: list[str | Option]) -> list[Title]:
    said = checked([Option(one) if isinstance(one, str) else one for one in options])
    return [Title(id=f"o{n}", name=one.name, line=one.line) for n, one in enumerate(said, 1)]


async def _of_tmdb(wanted: Wanted, kind: ScreenKind, token: str) -> Built:
    found = await gathered(wanted, kind, token)
    titles = _drawn(wanted, found.titles)
    if found.is_whole and len(titles) >= wanted.least:
        return _enough(wanted, titles)
    if len(titles) == wanted.count:
        return Built(titles, "FROM_CACHE")
    ours = _enough(wanted, _drawn(wanted, seeded(kind)))
    return Built(ours.titles, "FROM_SEED")


def _drawn(wanted: Wanted, candidates: list[Candidate]) -> list[Title]:
    left = [one for one in candidates if not wanted.leaves_out(one.title)]
    return drawn(left, wanted.genres, wanted.count, wanted.seed)


def _enough(wanted: Wanted, titles: list[Title]) -> Built:
    if len(titles) < wanted.least:
        raise Invalid("there are too few titles for a deck", code="TOO_FEW_TITLES")
    return Built(titles, "FEWER" if len(titles) < wanted.count else None)
