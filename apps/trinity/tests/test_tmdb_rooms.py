"""Rooms of titles of TMDB, from their opening to what is remembered of them, by the door that all
take.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from skylift.testing import World
from trinity.catalogue.building import Built
from trinity.catalogue.seed import seeded
from trinity.decks import titles_of
from trinity.history import history, library

from .party import Party, party
from .tmdb_stage import (
    DRAMA,
    FAILED,
    FILMS,
    SERIES,
    Tmdb,
    a_film,
    is_theirs,
    playing,
    said,
    told_of,
)


@pytest.fixture
def tmdb() -> Iterator[Tmdb]:
    with playing(Tmdb(films=[*FILMS], series=[*SERIES])) as one:
        yield one


# -- a match, and what is remembered


async def test_with_a_key_a_room_has_titles_of_tmdb_and_finds_its_match_among_them(tmdb: Tmdb):
    async with told_of(tmdb) as world:
        made = await party(world, "ann", "ben", kind="movie", options=[], titles=10)
        await made.post("ann", "start")
        deck = (await made.get("ann", "/deck")).json["titles"]
        title = deck[3]
        await made.like("ann", title["id"])
        matched = await made.like("ben", title["id"])
        shown = (await made.get("ben")).json
    assert matched.json["response_type"] == "MATCH_FOUND"
    number = int(title["id"].removeprefix("tmdb-movie-"))
    film = FILMS[number - 1]
    assert (shown["match"]["id"], shown["match"]["name"]) == (title["id"], film["title"])
    assert (shown["note"], shown["size"], len(deck)) == ("", 10, 10)
    assert (title["line"], title["line_es"]) == (film["overview"], film["overview_es"])
    assert (str(title["year"]), title["rating"]) == (film["release_date"][:4], 6.2)
    assert title["language"] == film["original_language"]
    assert "poster" not in str(deck)  # ours are drawn
    assert "http" not in str(deck)


async def test_what_was_found_among_its_titles_is_remembered_for_six_months_and_not_longer(
    tmdb: Tmdb,
):
    async with told_of(tmdb) as world:
        made = await party(world, "ann", "ben", kind="movie", options=[], titles=10)
        listed = await party(world, "ann", "ben")
        for one in (made, listed):
            await one.post("ann", "start")
            title = (await titles_of(one.id))[0]
            await one.like("ann", title.id)
            await one.like("ben", title.id)
        await world.settle()
        found = [one.title.name async for one in library.query("ann")]
        assert len(found) == 2
        assert sum([1 async for _ in history.query("ann")]) == 2
        await world.clock.advance(days=181)
        assert [one.title.name async for one in library.query("ann")] == ["pizza"]
        assert [one.kind async for one in history.query("ann")] == ["list"]


# -- fewer than were wanted, and more


@pytest.mark.parametrize(("there", "count", "note"), [(23, 23, "FEWER"), (9, 50, "FROM_SEED")])
async def test_a_room_has_what_there_is_unless_that_is_too_little_for_a_deck(
    tmdb: Tmdb, there: int, count: int, note: str
):
    tmdb.films = FILMS[:there]
    async with told_of(tmdb) as world:
        made = await party(world, "ann", kind="movie", options=[], titles=50)
        room = (await made.get("ann")).json
        built = Built(await titles_of(made.id))
    assert (room["size"], room["note"], is_theirs(built)) == (count, note, there == 23)


async def test_a_room_that_found_nothing_gets_titles_of_tmdb_that_it_did_not_have(tmdb: Tmdb):
    async with told_of(tmdb) as world:
        made = await stuck(world)
        before = await titles_of(made.id)
        answer = await made.post("ann", "extend", {"count": 20})
        assert (answer.json["size"], answer.json["note"]) == (30, "")
        built = Built(await titles_of(made.id))
    ids = [one.id for one in built.titles]
    assert built.titles[:10] == before
    assert len({*ids}) == 30
    assert is_theirs(built)


async def test_a_film_is_not_in_a_deck_twice_when_it_comes_from_two_catalogues(tmdb: Tmdb):
    ours = [one.title for one in seeded("movie")][:20]
    tmdb.films = [
        a_film(n, DRAMA, title=title.name.upper(), release_date=f"{title.year}-01-01")
        for n, title in enumerate(ours, 1)
    ]
    async with told_of(tmdb) as world:
        made = await stuck(world, titles=20)
        tmdb.misbehaves = lambda before: said(FAILED, 500)
        answer = await made.post("ann", "extend", {"count": 50})
        assert (answer.json["size"], answer.json["note"]) == (70, "FROM_SEED")
        named = [(one.name.casefold(), one.year) for one in await titles_of(made.id)]
    assert len(named) == len({*named})


async def test_the_same_people_have_another_deck_of_tmdb_next_time(tmdb: Tmdb):
    async with told_of(tmdb) as world:
        made = await stuck(world)
        answer = await made.post("ann", "restart")
        assert (answer.status, answer.json["note"]) == (201, "")
        built = Built(await titles_of(answer.json["id"]))
        before = await titles_of(made.id)
    assert is_theirs(built)
    assert {one.id for one in built.titles} != {one.id for one in before}


async def stuck(world: World, titles: int = 10) -> Party:
    """A room of films in which two have found nothing."""
    made = await party(world, "ann", "ben", kind="movie", options=[], titles=titles)
    await made.post("ann", "start")
    for who in ("ann", "ben"):
        await made.nope(who, *(one.id for one in await titles_of(made.id)))
    await world.settle()
    assert (await made.get("ann")).json["status"] == "no_consensus"
    return made
