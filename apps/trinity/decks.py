"""What a room chooses from, fixed when it is made: titles of the catalogue, or any list. Here it
is kept and read; `catalogue.building` builds it.
"""

from __future__ import annotations

from datetime import datetime

from skylift import Struct, Table

from .judging import tallies
from .model import Tally


class Title(Struct, frozen=True, kw_only=True):
    """A film, a series, or an option of a list, which has a name and perhaps a line more."""

    id: str
    name: str
    line: str = ""  # one sentence
    line_es: str = ""  # the same in Spanish, where it is known
    year: int | None = None
    minutes: int | None = None
    language: str | None = None  # in which it was made
    genres: list[str] = []
    rating: float | None = None
    tier: int = 1  # 1 has all genres that were asked for, 2 some of them, 3 is of its kind


def is_borrowed(title: Title) -> bool:
    """From a catalogue whose terms say for how long it may be kept."""
    return title.id.startswith("tmdb-")


def known_as(title: Title) -> str:
    """The same film has another id in another catalogue."""
    return f"{title.name.casefold()} ({title.year})"


class Deck(Struct, frozen=True, kw_only=True):
    """A part of what a room has; another comes when it is extended."""

    room_id: str
    part: int
    titles: list[Title]
    expires_at: datetime | None = None


decks = Table[Deck, str, int]("decks", Deck, key=("room_id", "part"), ttl="expires_at")


async def lay(room_id: str, titles: list[Title], expires_at: datetime, *, part: int = 1) -> None:
    """The deck, or one more part of it, and a tally for each title. Before the room says so, nobody
    sees it; what a crash leaves of it expires.
    """
    await tallies.put_many(
        [Tally(room_id=room_id, title_id=one.id, expires_at=expires_at) for one in titles]
    )
    await decks.put(Deck(room_id=room_id, part=part, titles=titles, expires_at=expires_at))


async def titles_of(room_id: str) -> list[Title]:
    return [title async for deck in decks.query(room_id) for title in deck.titles]
