"""The catalogue that is always there: films and series as facts, with a line of our own, one title
a line in movie.json and series.json. One kind is read when it is first asked for, and kept.
"""

from __future__ import annotations

from functools import cache
from os.path import dirname, join

from msgspec.json import decode

from skylift import Struct

from ..decks import Title
from .choosing import Candidate, ScreenKind


class Fact(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A line of the files. The minutes of a series are those of an episode."""

    id: str
    name: str
    year: int
    minutes: int
    language: str
    genres: list[str]
    line: str
    line_es: str


@cache
def seeded(kind: ScreenKind) -> list[Candidate]:
    with open(join(dirname(__file__), f"{kind}.json"), "rb") as file:
        return [
            Candidate(title=_title(fact), kind=kind)
            for fact in decode(file.read(), type=list[Fact])
        ]


def _title(fact: Fact) -> Title:
    return Title(
        id=fact.id,
        name=fact.name,
        line=fact.line,
        line_es=fact.line_es,
        year=fact.year,
        minutes=fact.minutes,
        language=fact.language,
        genres=fact.genres,
    )
