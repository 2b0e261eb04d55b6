"""Genres, named as people say them. A catalogue that numbers them otherwise translates."""

from __future__ import annotations

from typing import Literal

from skylift import Struct

from .people import api


class Genre(Struct, frozen=True):
    id: str
    name_en: str
    name_es: str


GENRES = [
    Genre("action", "Action", "Acción"),
    Genre("adventure", "Adventure", "Aventura"),
    Genre("animation", "Animation", "Animación"),
    Genre("comedy", "Comedy", "Comedia"),
    Genre("crime", "Crime", "Crimen"),
    Genre("documentary", "Documentary", "Documental"),
    Genre("drama", "Drama", "Drama"),
    Genre("family", "Family", "Familia"),
    Genre("fantasy", "Fantasy", "Fantasía"),
    Genre("history", "History", "Historia"),
    Genre("horror", "Horror", "Terror"),
    Genre("music", "Music", "Música"),
    Genre("mystery", "Mystery", "Misterio"),
    Genre("romance", "Romance", "Romance"),
    Genre("science_fiction", "Science fiction", "Ciencia ficción"),
    Genre("thriller", "Thriller", "Suspense"),
    Genre("war", "War", "Guerra"),
    Genre("western", "Western", "Wéstern"),
]
IDS = frozenset(one.id for one in GENRES)


@api.get("/genres")
async def list_genres(kind: Literal["movie", "series"] = "movie") -> list[Genre]:
    """Both kinds have them all, some of them rarely."""
    return GENRES
