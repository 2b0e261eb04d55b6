"""What there is to choose from, by a part of its name: our own catalogue, whatever decks come from.
Accents and case do not matter to who types.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated
from unicodedata import combining, normalize

from skylift import Meta

from ..decks import Title
from ..people import api
from .choosing import ScreenKind, is_good
from .seed import seeded


@api.get("/titles")
async def search(
    q: Annotated[str, Meta(max_length=100)] = "",
    kind: ScreenKind = "movie",
    genre: str | None = None,
    year: int | None = None,
    limit: Annotated[int, Meta(ge=1, le=50)] = 20,
) -> list[Title]:
    """What begins with it first, then what has it at the start of a word, newer before older."""
    wanted = folded(q)
    found = [
        (place, -(title.year or 0), title.id, title)
        for name, title in _named(kind)
        if (place := _place(wanted, name)) is not None
        if genre in (None, *title.genres) and year in (None, title.year)
    ]
    found.sort(key=lambda one: one[:3])
    return [title for *_, title in found[:limit]]


@cache  # what is in our catalogue stays as it is while the process lives
def _named(kind: ScreenKind) -> list[tuple[str, Title]]:
    """With their names as they are looked for."""
    return [(folded(one.title.name), one.title) for one in seeded(kind) if is_good(one)]


def folded(text: str) -> str:
    """In small letters, without accents, one space between words."""
    plain = "".join(one for one in normalize("NFKD", text) if not combining(one))
    return " ".join(plain.casefold().split())


def _place(wanted: str, name: str) -> int | None:
    if name.startswith(wanted):
        return 0
    if f" {wanted}" in name:
        return 1
    return 2 if wanted in name else None
