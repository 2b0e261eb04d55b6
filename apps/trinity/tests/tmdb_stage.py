"""A small TMDB on loopback: it has titles, filters and pages as its documentation says, refuses who
has no key, and misbehaves when it is told to. What it was asked is kept.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from msgspec.json import encode

from skylift.testing import World, running
from trinity.app import app
from trinity.catalogue.building import Built, Wanted
from trinity.catalogue.seed import seeded

TOKEN = "eyJhbGciOiJIUzI1NiJ9.a-token-of-tests.c2VjcmV0"
PER_PAGE, PAGES_MAX = 20, 500
LANGUAGES = ["en", "es", "fr", "it", "de", "pt"]
# As it answers who asks with a wrong key, too often, in vain.
NO_KEY = {
    "status_code": 7,
    "status_message": "Invalid API key: You must be granted a valid key.",
    "success": False,
}
TOO_OFTEN = {
    "status_code": 25,
    "status_message": "Your request count (#) is over the allowed limit of (40).",
}
FAILED = {"success": False, "status_code": 11, "status_message": "Internal error."}
Title = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Asked:
    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass
class Tmdb:
    """`misbehaves` is asked before each answer, with how many requests came before."""

    films: list[Title] = field(default_factory=list[Title])
    series: list[Title] = field(default_factory=list[Title])
    asked: list[Asked] = field(default_factory=list[Asked])
    connections: int = 0
    misbehaves: Callable[[int], Answer | None] = lambda before: None
    silence: Event = field(default_factory=Event)  # set: who waits in it goes on
    drips: bool = False
    url: str = ""

    def answer(self, asked: Asked) -> Answer:
        before = len(self.asked)
        self.asked.append(asked)
        told = self.misbehaves(before)
        if told is not None:
            return told
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return said(NO_KEY, 401)
        kind = asked.path.removeprefix("/3/discover/")
        if kind not in ("movie", "tv"):
            return said({"status_code": 34, "success": False}, 404)
        return self._page(kind, asked.query)

    def _page(self, kind: str, query: dict[str, str]) -> Answer:
        number = int(query.get("page", "1"))
        if not 1 <= number <= PAGES_MAX:
            return said({"status_code": 22, "success": False}, 400)
        found = [
            one for one in (self.films if kind == "movie" else self.series) if fits(one, query)
        ]
        assert query["sort_by"] == "popularity.desc"
        found.sort(key=lambda one: -one["popularity"])
        shown = found[(number - 1) * PER_PAGE : number * PER_PAGE]
        spoken = [in_language(one, query.get("language", "en-US")) for one in shown]
        count = len(found)
        told = {"page": number, "results": spoken, "total_results": count}
        return said(told | {"total_pages": -(-count // PER_PAGE)})


def said(body: object, status: int = 200, **headers: str) -> Answer:
    return Answer(status, encode(body), {name.replace("_", "-"): v for name, v in headers.items()})


def fits(one: Title, query: dict[str, str]) -> bool:
    has = {str(number) for number in one["genre_ids"]}
    asked = query.get("with_genres", "")
    both, either = asked.split(","), asked.split("|")
    date = one.get("release_date") or one.get("first_air_date") or ""
    since = query.get("primary_release_date.gte", query.get("first_air_date.gte", ""))
    return (
        (not asked or ({*both} <= has if "," in asked else bool({*either} & has)))
        and one["original_language"] in query["with_original_language"].split("|")
        and one["vote_count"] >= int(query["vote_count.gte"])
        and date >= since
        and one["runtime"] >= int(query.get("with_runtime.gte", "0"))
        and (query["include_adult"] == "true" or not one["adult"])
    )


def in_language(one: Title, language: str) -> Title:
    shown = {name: value for name, value in one.items() if name not in ("runtime", "overview_es")}
    return shown | ({"overview": one["overview_es"]} if language == "es-ES" else {})


def a_film(number: int, *genres: int, **more: object) -> Title:
    """The lower its number, the better it is liked."""
    return {
        "adult": False,
        "backdrop_path": f"/back{number}.jpg",
        "genre_ids": [*genres],
        "id": number,
        "original_language": LANGUAGES[number % len(LANGUAGES)],
        "original_title": f"Original {number}",
        "overview": f"Somebody looks for number {number} and finds somebody else.",
        "overview_es": f"Alguien busca el número {number} y encuentra a otra persona.",
        "popularity": 10_000.5 - number,
        "poster_path": f"/poster{number}.jpg",
        "release_date": f"{1990 + number % 35}-05-01",
        "title": f"Film {number}",
        "video": False,
        "vote_average": 6.25,
        "vote_count": 800,
        "runtime": 100,
    } | more


def a_series(number: int, *genres: int, **more: object) -> Title:
    film = a_film(number, *genres)
    for name in ("release_date", "title", "original_title", "video"):
        del film[name]
    told: Title = {
        "first_air_date": f"{1990 + number % 35}-05-01",
        "name": f"Series {number}",
        "original_name": f"Original {number}",
        "origin_country": ["US"],
    }
    return film | told | more


@contextmanager
def playing(tmdb: Tmdb) -> Generator[Tmdb]:
    """While it is open somebody listens at `tmdb.url`; afterwards nobody does."""

    class Talk(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            tmdb.connections += 1

        def do_GET(self) -> None:
            place = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = tmdb.answer(Asked(place.path, dict(parse_qsl(place.query)), headers))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            if tmdb.drips:
                self._drip(answer.body)
            else:
                self.wfile.write(answer.body)

        def _drip(self, body: bytes) -> None:
            for number in range(len(body)):
                if tmdb.silence.wait(0.05):
                    return
                self.wfile.write(body[number : number + 1])

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Who asked has gone."""

    with Server(("127.0.0.1", 0), Talk) as server:
        tmdb.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield tmdb
        finally:
            tmdb.silence.set()
            server.shutdown()
            thread.join()


# -- Trinity before it

COMEDY, CRIME, DRAMA, ACTION_SERIES = 35, 80, 18, 10759
GENRES = [[COMEDY, CRIME], *([COMEDY], [CRIME], [DRAMA]) * 3]
FILMS = [a_film(number, *GENRES[number % 10]) for number in range(1, 201)]
SERIES = [a_series(n, ACTION_SERIES if n % 2 else DRAMA) for n in range(1, 61)]
OURS = {one.title.id for one in [*seeded("movie"), *seeded("series")]}


@asynccontextmanager
async def told_of(tmdb: Tmdb, key: str = TOKEN, **more: Any) -> AsyncGenerator[World]:
    """Trinity with a key. Whatever happens, the key stands in no line of its log."""
    secrets = {"tmdb": key} if key else {}
    async with running(app, settings={"tmdb_url": tmdb.url}, secrets=secrets, **more) as world:
        yield world
        assert TOKEN not in str(world.logs)
        assert world.failures == []


def wanted(seed: str = "r1", **more: Any) -> Wanted:
    return Wanted(seed=seed, **more)


def is_theirs(built: Built) -> bool:
    return all(one.id.startswith("tmdb-") for one in built.titles)


def is_ours(built: Built) -> bool:
    return {one.id for one in built.titles} <= OURS
