"""TMDB when it does not answer as it should: a room is made whatever it does, nobody waits for it,
and the key is told to nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from trinity.catalogue import shelf
from trinity.catalogue.building import Built, build
from trinity.decks import titles_of

from .party import party
from .tmdb_stage import (
    FAILED,
    FILMS,
    NO_KEY,
    SERIES,
    TOKEN,
    TOO_OFTEN,
    Answer,
    Tmdb,
    is_ours,
    is_theirs,
    playing,
    said,
    told_of,
    wanted,
)

pytestmark = pytest.mark.long  # they wait, as their room would


@pytest.fixture
def tmdb() -> Iterator[Tmdb]:
    with playing(Tmdb(films=[*FILMS], series=[*SERIES])) as one:
        yield one


# -- S9: the catalogue is down


async def test_s9_when_the_catalogue_is_down_a_room_is_still_created_from_the_cache():
    with playing(Tmdb(films=FILMS[:60])) as tmdb:
        async with told_of(tmdb) as world:
            await party(world, "ann", kind="movie", options=[], titles=60)
            await world.clock.advance(days=2)
            tmdb.misbehaves = lambda before: said(FAILED, 503)
            made = await party(world, "ben", kind="movie", options=[], titles=50)
            room = (await made.get("ben")).json
            built = Built(await titles_of(made.id))
    assert (room["status"], room["size"], room["note"]) == ("waiting", 50, "FROM_CACHE")
    assert is_theirs(built)


async def test_s9_when_the_catalogue_is_down_and_nothing_was_kept_the_room_has_our_own_titles():
    with playing(Tmdb()) as tmdb:
        pass  # nobody listens any more
    async with told_of(tmdb) as world:
        made = await party(world, "ann", kind="series", options=[], titles=50)
        room = (await made.get("ann")).json
        built = Built(await titles_of(made.id))
        told = [one for one in world.logs if "TMDB is done without" in str(one)]
    assert (room["size"], room["note"]) == (50, "FROM_SEED")
    assert is_ours(built)
    assert told


async def test_what_was_kept_for_a_month_is_kept_no_longer(tmdb: Tmdb):
    tmdb.films = FILMS[:60]
    async with told_of(tmdb) as world:
        await build(wanted("r1", count=60))
        tmdb.misbehaves = lambda before: said(FAILED, 500)
        await world.clock.advance(days=29)
        kept = await build(wanted("r2", count=50))
        await world.clock.advance(days=2)
        gone = await build(wanted("r3", count=50))
    assert (kept.note, is_theirs(kept)) == ("FROM_CACHE", True)
    assert (gone.note, is_ours(gone)) == ("FROM_SEED", True)


# -- when it does not answer as it should

Misbehaviour = Callable[[int], Answer | None]
ALWAYS: dict[str, Misbehaviour] = {
    "the key is refused": lambda before: said(NO_KEY, 401),
    "too often": lambda before: said(TOO_OFTEN, 429, retry_after="20"),
    "too often, until a date": lambda _: said(TOO_OFTEN, 429, retry_after="Fri, 31 Dec 1999"),
    "it failed": lambda before: said(FAILED, 500),
    "it is away": lambda before: Answer(502, b"<html>Bad gateway</html>"),
    "no JSON": lambda before: Answer(200, b"<html>Welcome</html>"),
    "half a JSON": lambda before: Answer(200, b'{"page": 1, "results": [{"id": 1, "ti'),
    "another JSON": lambda before: said({"success": True}),
    "nothing": lambda before: Answer(200, b""),
    "no end": lambda before: Answer(200, b'{"results": ["' + b"x" * 1_200_000 + b'"]}'),
    "somewhere else": lambda before: Answer(302, b"", {"location": "http://127.0.0.1:1/"}),
    "no pages": lambda before: said({"page": 1, "results": [], "total_pages": 0}),
    "Spanish fails": lambda before: said(FAILED, 500) if before % 2 else None,
}


@pytest.mark.parametrize("what", ALWAYS)
async def test_a_room_is_made_of_our_own_titles_whatever_tmdb_answers(tmdb: Tmdb, what: str):
    tmdb.misbehaves = ALWAYS[what]
    async with told_of(tmdb) as world:
        built = await build(wanted(count=50))
        assert (len(built.titles), built.note, is_ours(built)) == (50, "FROM_SEED", True)

        tmdb.misbehaves = lambda before: None
        await world.clock.advance(days=2)
        again = await build(wanted(count=50))
    assert (len(again.titles), again.note, is_theirs(again)) == (50, None, True)


async def test_after_a_failure_it_is_left_alone_for_half_a_minute(tmdb: Tmdb):
    tmdb.misbehaves = lambda before: said(NO_KEY, 401)
    async with told_of(tmdb) as world:
        await build(wanted("r1"))
        assert len(tmdb.asked) == 1  # a key that is refused is not tried twice
        tmdb.misbehaves = lambda before: None
        await world.clock.advance(seconds=29)
        assert (await build(wanted("r2"))).note == "FROM_SEED"
        assert len(tmdb.asked) == 1
        await world.clock.advance(seconds=2)
        assert (await build(wanted("r3"))).note is None
        (told, *_) = [str(one) for one in world.logs if "TMDB" in str(one)]
    assert "skylift secret set APP tmdb" in told


async def test_when_it_says_how_long_it_is_left_alone_for_that_long(tmdb: Tmdb):
    tmdb.misbehaves = lambda before: said(TOO_OFTEN, 429, retry_after="120")
    async with told_of(tmdb) as world:
        await build(wanted("r1"))
        assert len(tmdb.asked) == 1
        tmdb.misbehaves = lambda before: None
        await world.clock.advance(seconds=119)
        assert (await build(wanted("r2"))).note == "FROM_SEED"
        await world.clock.advance(seconds=2)
        assert (await build(wanted("r3"))).note is None


async def test_a_wait_that_is_short_is_waited_for(tmdb: Tmdb):
    tmdb.misbehaves = lambda before: said(TOO_OFTEN, 429, retry_after="1") if not before else None
    async with told_of(tmdb):
        built = await build(wanted(count=20))
    assert (built.note, is_theirs(built)) == (None, True)


@pytest.mark.parametrize(("failures", "note"), [(2, None), (3, "FROM_SEED")])
async def test_what_may_pass_is_tried_three_times(tmdb: Tmdb, failures: int, note: str | None):
    tmdb.misbehaves = lambda before: said(FAILED, 500) if before < failures else None
    async with told_of(tmdb):
        built = await build(wanted(count=20))
    assert built.note == note
    assert len(tmdb.asked) >= 3


@pytest.mark.parametrize("way", ["silent", "dripping"])
async def test_a_room_does_not_wait_for_one_that_is_slow(
    tmdb: Tmdb, way: str, monkeypatch: pytest.MonkeyPatch
):
    def is_silent(before: int) -> None:
        tmdb.silence.wait(10)

    tmdb.drips = way == "dripping"
    if way == "silent":
        tmdb.misbehaves = is_silent
    async with told_of(tmdb) as world:
        monkeypatch.setattr(shelf, "PATIENCE", timedelta(seconds=0.4))
        made = await party(world, "ann", kind="movie", options=[], titles=50)
        room = (await made.get("ann")).json
        assert (room["size"], room["note"]) == (50, "FROM_SEED")
        assert not tmdb.silence.is_set()  # it would still be at it
        tmdb.silence.set()


@pytest.mark.parametrize("key", [f"{TOKEN}\nhost: elsewhere", f"{TOKEN}ß→", f"{TOKEN}-of-old"])
async def test_a_key_that_is_none_is_told_of_and_not_told(tmdb: Tmdb, key: str):
    async with told_of(tmdb, key=key) as world:
        built = await build(wanted(count=20))
        assert any("TMDB is done without" in str(one) for one in world.logs)
        assert TOKEN not in str(world.traces)
    assert (built.note, is_ours(built)) == ("FROM_SEED", True)
