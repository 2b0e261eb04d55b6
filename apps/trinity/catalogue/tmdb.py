"""The catalogue of TMDB, for who has a key to it: what is asked of it, and what its answers mean.
Nothing here waits, and nothing knows what is kept or how often it may be asked.
"""

from __future__ import annotations

from typing import Literal

from msgspec import DecodeError, Raw
from msgspec.json import decode

from skylift import Secret, Setting, Struct

from ..decks import Title
from .choosing import LANGUAGES, MINUTES_MIN, VOTES_MIN, YEAR_MIN, Candidate, ScreenKind

key = Secret("tmdb", optional=True)  # its "API read access token"; without one we have our own
address = Setting("tmdb_url", str, "https://api.themoviedb.org")

NAME_MAX, LINE_MAX = 100, 200  # characters, as of a list
Language = Literal["en-US", "es-ES"]
SPOKEN: tuple[Language, ...] = ("en-US", "es-ES")

# Its numbers. Of series it has fewer genres, and some stand for two of ours.
NUMBERS: dict[ScreenKind, dict[str, int]] = {
    "movie": {
        "action": 28, "adventure": 12, "animation": 16, "comedy": 35, "crime": 80,
        "documentary": 99, "drama": 18, "family": 10751, "fantasy": 14, "history": 36,
        "horror": 27, "music": 10402, "mystery": 9648, "romance": 10749,
        "science_fiction": 878, "thriller": 53, "war": 10752, "western": 37,
    },
    "series": {
        "action": 10759, "adventure": 10759, "animation": 16, "comedy": 35, "crime": 80,
        "documentary": 99, "drama": 18, "family": 10751, "fantasy": 10765, "mystery": 9648,
        "science_fiction": 10765, "war": 10768, "western": 37,
    },
}  # fmt: skip
ALSO: dict[ScreenKind, dict[int, str]] = {"movie": {}, "series": {10762: "family"}}  # for children


class Unreachable(Exception):
    """No answer that could be used. The text says why, and never with what key it was asked."""

    def __init__(self, why: str, *, may_pass: bool = False, after_s: float | None = None) -> None:
        super().__init__(why)
        self.may_pass, self.after_s = may_pass, after_s  # worth another try, and not before


class Found(Struct, frozen=True):
    """A title as its lists have it; films have a title, series a name."""

    id: int
    title: str | None = None
    name: str | None = None
    overview: str | None = None
    release_date: str | None = None
    first_air_date: str | None = None
    genre_ids: list[int] = []
    original_language: str | None = None
    poster_path: str | None = None
    vote_average: float = 0.0
    vote_count: int = 0
    adult: bool = False


class Listing(Struct, frozen=True):
    results: list[Raw]
    total_pages: int


class Query(Struct, frozen=True):
    """One page of what is liked most, of a kind and genres: "28,12" has both, "28|12" either."""

    kind: ScreenKind
    genres: str
    page: int

    @property
    def id(self) -> str:
        return f"{self.kind}:{self.genres}:{self.page}"


class Learnt(Struct, frozen=True):
    titles: list[Candidate]
    pages: int  # that there are


def tiers(kind: ScreenKind, genres: list[str]) -> list[str]:
    """How it is asked for what has all genres, any of them, or is of its kind. Of a genre that it
    does not know it has no title.
    """
    known = {str(NUMBERS[kind][one]): None for one in genres if one in NUMBERS[kind]}
    has_all = all(one in NUMBERS[kind] for one in genres)
    asked = [",".join(known) if has_all else "", "|".join(known)]
    return [*dict.fromkeys(one for one in asked if one), ""]


def path_of(query: Query, language: Language) -> str:
    is_film = query.kind == "movie"
    date = "primary_release_date" if is_film else "first_air_date"
    asked: dict[str, str | int] = {
        "language": language,
        "page": query.page,
        "sort_by": "popularity.desc",
        "include_adult": "false",
        "with_original_language": "|".join(LANGUAGES),
        "vote_count.gte": VOTES_MIN,
        f"{date}.gte": f"{YEAR_MIN}-01-01",
    }
    if is_film:
        asked["with_runtime.gte"] = MINUTES_MIN
    if query.genres:
        asked["with_genres"] = query.genres
    said = "&".join(f"{name}={value}" for name, value in asked.items())
    return f"/3/discover/{'movie' if is_film else 'tv'}?{said.replace('|', '%7C')}"


def learnt(kind: ScreenKind, bodies: list[bytes]) -> Learnt:
    """Of one page in both languages. Unreachable when it is no listing; a title that is not as
    TMDB says its titles are is left out.
    """
    try:
        english, spanish = (decode(body, type=Listing) for body in bodies)
    except DecodeError as error:
        raise Unreachable("its answer cannot be read") from error
    lines = {one.id: one.overview or "" for one in _found(spanish)}
    titles = [_candidate(kind, one, lines.get(one.id, "")) for one in _found(english)]
    return Learnt(titles, english.total_pages)


def _found(listing: Listing) -> list[Found]:
    found: list[Found] = []
    for raw in listing.results:
        try:
            found.append(decode(raw, type=Found))
        except DecodeError:
            continue
    return found


def _candidate(kind: ScreenKind, one: Found, line_es: str) -> Candidate:
    is_film = kind == "movie"
    name, date = (one.title, one.release_date) if is_film else (one.name, one.first_air_date)
    title = Title(
        id=f"tmdb-{kind}-{one.id}",
        name=shortened(name or "", NAME_MAX),
        line=shortened(one.overview or "", LINE_MAX),
        line_es=shortened(line_es, LINE_MAX),
        year=int(date[:4]) if date and date[:4].isdecimal() else None,
        language=one.original_language,
        genres=_genres(kind, one.genre_ids),
        rating=round(one.vote_average, 1),
    )
    return Candidate(
        title=title,
        kind=kind,
        is_adult=one.adult,
        has_poster=bool(one.poster_path),
        votes=one.vote_count,
    )


def _genres(kind: ScreenKind, numbers: list[int]) -> list[str]:
    ours = [name for name, number in NUMBERS[kind].items() if number in numbers]
    return [*dict.fromkeys([*ours, *(ALSO[kind][one] for one in numbers if one in ALSO[kind])])]


def shortened(text: str, most: int) -> str:
    """On one line; at a space, with a sign that there was more."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0].rstrip(",.;:") + "…"
