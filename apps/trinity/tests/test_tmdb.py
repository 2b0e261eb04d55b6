"""TMDB: what is asked of it, what becomes of its answers, and that a room is made whatever it does.
It is played by a server of our own on loopback; the adapter is the one that asks the real one.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.json import encode

from skylift import gather
from trinity.catalogue.building import Built, build
from trinity.catalogue.choosing import ScreenKind
from trinity.catalogue.tmdb import shortened, tiers
from trinity.decks import Title, titles_of

from .party import party
from .tmdb_stage import (
    COMEDY,
    FILMS,
    SERIES,
    TOKEN,
    Tmdb,
    a_film,
    is_ours,
    is_theirs,
    playing,
    told_of,
    wanted,
)


@pytest.fixture
def tmdb() -> Iterator[Tmdb]:
    with playing(Tmdb(films=[*FILMS], series=[*SERIES])) as one:
        yield one


# -- without a key


async def test_without_a_key_titles_are_our_own_and_nobody_is_asked(tmdb: Tmdb):
    async with told_of(tmdb, key="") as world:
        made = await party(world, "ann", kind="movie", options=[], titles=30)
        built = Built(await titles_of(made.id))
        note = (await made.get("ann")).json["note"]
    assert (len(built.titles), note, tmdb.asked) == (30, "", [])
    assert is_ours(built)


# -- rooms of its titles


async def test_it_is_asked_with_the_key_for_what_is_good_enough_in_both_languages(tmdb: Tmdb):
    async with told_of(tmdb):
        await build(wanted(genres=["comedy", "crime"], count=10))
    english, spanish = tmdb.asked[:2]
    assert english.path == spanish.path == "/3/discover/movie"
    assert english.headers["authorization"] == f"Bearer {TOKEN}"
    page = english.query.pop("page")
    assert 1 <= int(page) <= 5
    assert (english.query.pop("language"), spanish.query["language"]) == ("en-US", "es-ES")
    assert spanish.query["page"] == page
    assert english.query == {
        "sort_by": "popularity.desc",
        "include_adult": "false",
        "with_original_language": "en|es|fr|it|de|pt",
        "vote_count.gte": "50",
        "primary_release_date.gte": "1990-01-01",
        "with_runtime.gte": "60",
        "with_genres": "35,80",
    }
    assert TOKEN not in str([one.query for one in tmdb.asked])
    assert tmdb.connections * 2 == len(tmdb.asked)  # both languages over one


async def test_series_are_asked_for_as_series_and_never_mixed_with_films(tmdb: Tmdb):
    async with told_of(tmdb):
        built = await build(wanted(kind="series", genres=["adventure"], count=20))
    assert {one.path for one in tmdb.asked} == {"/3/discover/tv"}
    query = tmdb.asked[0].query
    assert (query["with_genres"], query["first_air_date.gte"]) == ("10759", "1990-01-01")
    assert {"with_runtime.gte", "primary_release_date.gte"} & query.keys() == set()
    assert all(one.id.startswith("tmdb-series-") for one in built.titles)
    assert all("adventure" in one.genres for one in built.titles)
    assert built.titles[0].name.startswith("Series ")


async def test_what_has_all_genres_comes_before_what_has_one_and_the_rest_is_of_its_kind(
    tmdb: Tmdb,
):
    tmdb.films = [one for one in FILMS if one["id"] <= 120]
    async with told_of(tmdb):
        built = await build(wanted(genres=["comedy", "crime"], count=100))
    tiers = [one.tier for one in built.titles]
    assert tiers == sorted(tiers)
    assert (tiers.count(1), {*tiers}, built.note) == (12, {1, 2, 3}, None)
    assert all({"comedy", "crime"} <= {*one.genres} for one in built.titles[:12])
    assert {one.query.get("with_genres") for one in tmdb.asked} == {"35,80", "35|80", None}


async def test_rooms_of_the_same_wishes_have_different_decks_and_one_room_always_the_same(
    tmdb: Tmdb,
):
    async with told_of(tmdb):
        one, again, other = [await build(wanted(seed)) for seed in ("r1", "r1", "r2")]
    assert one == again
    assert {title.id for title in one.titles} != {title.id for title in other.titles}


BAD: dict[str, dict[str, object]] = {
    "no overview": {"overview": ""},
    "a placeholder": {"overview": "No description available for this one."},
    "no poster": {"poster_path": None},
    "no rating": {"vote_average": 0.0},
    "no genre of ours": {"genre_ids": [10770]},
    "no date": {"release_date": None},
    "no name": {"title": ""},
    "a name that is none": {"title": 7},
    "genres that are none": {"genre_ids": "35"},
}
ASKED_AWAY: dict[str, dict[str, object]] = {
    "adult": {"adult": True},
    "a short one": {"runtime": 59},
    "an old one": {"release_date": "1989-12-31"},
    "few votes": {"vote_count": 49},
    "another language": {"original_language": "ja"},
}


@pytest.mark.parametrize("what", BAD | ASKED_AWAY)
async def test_a_title_that_is_not_good_is_in_no_deck(tmdb: Tmdb, what: str):
    bad = a_film(0, COMEDY) | (BAD | ASKED_AWAY)[what]
    tmdb.films = [bad, *FILMS[:30]]
    async with told_of(tmdb):
        built = await build(wanted(count=31))
    assert {one.id for one in built.titles} == {f"tmdb-movie-{n}" for n in range(1, 31)}
    assert built.note == "FEWER"


async def test_a_long_overview_is_cut_at_a_word_and_the_names_of_genres_are_ours(tmdb: Tmdb):
    tmdb.films = [a_film(n, 878, 10751, overview="Robots  dream. " * 40) for n in range(1, 11)]
    async with told_of(tmdb):
        title = (await build(wanted(count=10))).titles[0]
    assert len(title.line) <= 200
    assert title.line.endswith("Robots dream…")
    assert "  " not in title.line
    assert {*title.genres} == {"family", "science_fiction"}


# -- what is kept


async def test_what_was_learnt_is_not_asked_for_again_on_the_same_day(tmdb: Tmdb):
    tmdb.films = FILMS[:60]
    async with told_of(tmdb) as world:
        first = await build(wanted("r1", count=60))
        asked = len(tmdb.asked)
        second = await build(wanted("r2", count=60))
        assert len(tmdb.asked) == asked
        await world.clock.advance(hours=25)
        third = await build(wanted("r3", count=60))
        assert len(tmdb.asked) > asked
    ids = {one.id for one in first.titles}
    assert len(ids) == 60
    assert all({one.id for one in each.titles} == ids for each in (second, third))
    assert {first.note, second.note, third.note} == {None}


# -- how often


async def test_it_is_asked_forty_times_in_ten_seconds_at_most_and_every_room_is_made(tmdb: Tmdb):
    genres = ["comedy", "crime", "drama", "horror", "war", "western", "music", "family"]
    async with told_of(tmdb) as world:
        built = [await build(wanted(genre, genres=[genre], count=80)) for genre in genres]
        assert len(tmdb.asked) == 40
        assert {len(one.titles) for one in built} == {80}
        assert built[0].note is None
        assert built[-1].note is not None
        await world.clock.advance(seconds=10)
        assert (await build(wanted("late", genres=["family"], count=20))).note is None
        assert len(tmdb.asked) > 40


@pytest.mark.parametrize("contention", [0.0, 0.2])
async def test_rooms_that_are_made_at_once_all_have_its_titles(tmdb: Tmdb, contention: float):
    async with told_of(tmdb, contention=contention):
        made = await gather(*[build(wanted(f"r{n}", count=20)) for n in range(6)])
    assert all(one.note is None and is_theirs(one) for one in made)
    assert len(tmdb.asked) <= 40


# -- as values


@pytest.mark.parametrize(
    ("kind", "genres", "asked"),
    [
        ("movie", [], [""]),
        ("movie", ["war"], ["10752", ""]),
        ("movie", ["war", "drama"], ["10752,18", "10752|18", ""]),
        ("series", ["war"], ["10768", ""]),
        ("series", ["action", "adventure"], ["10759", ""]),
        ("series", ["horror"], [""]),
        ("series", ["horror", "drama"], ["18", ""]),
    ],
)
def test_genres_are_asked_for_by_its_numbers_first_all_then_any(
    kind: ScreenKind, genres: list[str], asked: list[str]
):
    assert tiers(kind, genres) == asked


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("a b", "a b"),
        (" a\n\tb ", "a b"),
        ("one two three", "one two…"),
        ("one, two three", "one…"),
    ],
)
def test_a_text_is_shortened_between_words(text: str, short: str):
    assert shortened(text, 9 if text.startswith("one ") else 6) == short


def test_the_longest_deck_has_room_in_one_item():
    longest = Title(
        id="t" * 30, name="ñ" * 100, line="ñ" * 200, line_es="ñ" * 200, genres=["x"] * 18
    )
    assert len(encode([longest] * 100)) < 380_000
