"""The catalogue: our own titles are good, and what is drawn of any titles keeps its promises."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from skylift import Caller, Invalid
from skylift.testing import running
from trinity.app import app
from trinity.catalogue.building import TITLES_MIN, Wanted, build
from trinity.catalogue.choosing import Candidate, ScreenKind, Tier, drawn, is_good, tier_of
from trinity.catalogue.seed import seeded
from trinity.decks import Title
from trinity.genres import GENRES, IDS

CALLER = Caller("ann", "ann@example.com")
KINDS: list[ScreenKind] = ["movie", "series"]
GENRE = st.sampled_from(sorted(IDS))
GENRES_ASKED = st.lists(GENRE, max_size=2, unique=True)
GOOD = Candidate(
    kind="movie",
    title=Title(
        id="t", name="A title", line="A line that is long enough.", year=2000, minutes=90,
        language="en", genres=["drama"],
    ),
)  # fmt: skip
BAD_TITLES: dict[str, dict[str, object]] = {
    "no name": {"name": " "},
    "no line": {"line": ""},
    "a short line": {"line": "Too short."},
    "a placeholder": {"line": "No description available for this title."},
    "no year": {"year": None},
    "too old": {"year": 1989},
    "too short": {"minutes": 59},
    "another language": {"language": "xx"},
    "no genre": {"genres": []},
    "an unknown genre": {"genres": ["soap"]},
    "a rating that nobody gave": {"rating": 7.0},
}
BAD_CANDIDATES: dict[str, dict[str, object]] = {
    "adult": {"is_adult": True},
    "no poster": {"has_poster": False},
    "votes without a rating": {"votes": 100},
}
BAD = [replace(GOOD, title=replace(GOOD.title, **more)) for more in BAD_TITLES.values()] + [
    replace(GOOD, **more) for more in BAD_CANDIDATES.values()
]


@st.composite
def candidates(draw: st.DrawFn) -> list[Candidate]:
    """Good ones and bad ones, some of them twice."""
    found: list[Candidate] = []
    for number in range(draw(st.integers(0, 40))):
        one = draw(st.sampled_from([GOOD, GOOD, *BAD]))
        genres = draw(st.lists(GENRE, min_size=1, max_size=3)) if one.title.genres else []
        id = f"t{draw(st.integers(0, number))}"
        found.append(replace(one, title=replace(one.title, id=id, genres=genres)))
    return found


# -- our own


@pytest.mark.parametrize(("kind", "least"), [("movie", 200), ("series", 100)])
def test_our_own_catalogue_has_enough_titles_of_every_kind_and_all_of_them_are_good(
    kind: ScreenKind, least: int
):
    found = seeded(kind)
    assert len(found) >= least
    assert [one.title.id for one in found if not is_good(one)] == []
    assert all(one.kind == kind and one.title.line_es for one in found)


def test_the_ids_of_our_own_catalogue_are_one_word_each_and_never_twice():
    ids = [one.title.id for kind in KINDS for one in seeded(kind)]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*-\d{4}", id) for id in ids)


@pytest.mark.parametrize("kind", KINDS)
def test_no_title_stands_twice_in_our_own_catalogue(kind: ScreenKind):
    named = [(one.title.name, one.title.year) for one in seeded(kind)]
    assert len(named) == len(set(named))
    lines = [line for one in seeded(kind) for line in (one.title.line, one.title.line_es)]
    assert len(lines) == len(set(lines))


@pytest.mark.parametrize("kind", KINDS)
def test_every_genre_has_titles_of_every_kind_in_our_own_catalogue(kind: ScreenKind):
    assert {genre for one in seeded(kind) for genre in one.title.genres} == IDS


# -- what is good


def test_a_title_of_which_everything_is_known_is_good():
    assert is_good(GOOD)
    rated = replace(GOOD, votes=50, title=replace(GOOD.title, rating=6.5, minutes=None))
    assert is_good(rated)


@pytest.mark.parametrize("what", BAD_TITLES)
def test_a_title_is_not_good_when_it_lacks_something(what: str):
    assert not is_good(replace(GOOD, title=replace(GOOD.title, **BAD_TITLES[what])))


@pytest.mark.parametrize("what", BAD_CANDIDATES)
def test_a_title_is_not_good_for_what_its_catalogue_says_of_it(what: str):
    assert not is_good(replace(GOOD, **BAD_CANDIDATES[what]))


@pytest.mark.parametrize(("votes", "rating"), [(49, 8.0), (50, 0.0), (50, float("nan"))])
def test_a_rating_counts_when_enough_have_given_it(votes: int, rating: float):
    assert not is_good(replace(GOOD, votes=votes, title=replace(GOOD.title, rating=rating)))


def test_an_episode_may_be_short():
    assert is_good(replace(GOOD, kind="series", title=replace(GOOD.title, minutes=11)))


# -- what is drawn


@given(candidates(), GENRES_ASKED, st.integers(1, 30), st.text(max_size=8))
def test_as_many_as_were_wanted_are_drawn_or_all_there_are_each_once_and_only_good_ones(
    found: list[Candidate], genres: list[str], count: int, seed: str
):
    good = {one.title.id for one in found if is_good(one)}
    ids = [title.id for title in drawn(found, genres, count, seed)]
    assert len(ids) == len(set(ids)) == min(count, len(good))
    assert set(ids) <= good


@given(candidates(), GENRES_ASKED, st.integers(1, 30), st.text(max_size=8))
def test_what_has_all_genres_comes_before_what_has_any_and_none_is_passed_over(
    found: list[Candidate], genres: list[str], count: int, seed: str
):
    titles = drawn(found, genres, count, seed)
    tiers = [title.tier for title in titles]
    assert tiers == sorted(tiers)
    assert tiers == [tier_of(title, genres) for title in titles]
    everything = drawn(found, genres, len(found) + 1, seed)
    assert [t.tier for t in everything[:count]] == tiers


@given(candidates(), GENRES_ASKED, st.integers(1, 30), st.text(max_size=8))
def test_the_same_seed_draws_the_same_in_whatever_order_the_titles_came(
    found: list[Candidate], genres: list[str], count: int, seed: str
):
    unlike = {one.title.id: one for one in found if is_good(one)}
    turned = list(unlike.values())[::-1]
    assert drawn(unlike.values(), genres, count, seed) == drawn(turned, genres, count, seed)


def test_another_seed_draws_others_in_another_order():
    decks = [tuple(t.id for t in drawn(seeded("movie"), ["drama"], 50, f"r{n}")) for n in range(20)]
    assert len(set(decks)) == 20
    assert len({frozenset(deck) for deck in decks}) == 20


@pytest.mark.parametrize(
    ("genres", "asked", "tier"),
    [
        (["drama", "crime"], ["drama", "crime"], 1),
        (["drama", "crime"], ["crime"], 1),
        (["drama"], [], 1),
        (["drama"], ["drama", "crime"], 2),
        (["drama"], ["crime"], 3),
    ],
)
def test_a_title_has_all_of_the_genres_or_any_or_is_of_its_kind(
    genres: list[str], asked: list[str], tier: Tier
):
    assert tier_of(replace(GOOD.title, genres=genres), asked) == tier


# -- a deck


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [10, 50, 100])
@pytest.mark.parametrize("genres", [[], ["comedy"], ["western", "music"]])
async def test_a_deck_has_exactly_as_many_titles_as_were_wanted(
    kind: ScreenKind, count: int, genres: list[str]
):
    async with running(app):
        built = await build(Wanted(seed="r1", kind=kind, genres=genres, count=count))
    assert len({title.id for title in built.titles}) == len(built.titles) == count
    assert built.note is None
    assert {title.id for title in built.titles} <= {one.title.id for one in seeded(kind)}


async def test_a_deck_of_fewer_titles_than_were_wanted_says_so():
    most = {one.title.id for one in seeded("series")[20:]}
    async with running(app):
        built = await build(Wanted(seed="r1", kind="series", count=50, without=most))
    assert (len(built.titles), built.note) == (20, "FEWER")


async def test_a_deck_of_too_few_titles_is_refused():
    most = {one.title.id for one in seeded("series")[TITLES_MIN - 1 :]}
    async with running(app):
        with pytest.raises(Invalid) as no:
            await build(Wanted(seed="r1", kind="series", count=50, without=most))
    assert no.value.more == {"code": "TOO_FEW_TITLES"}


async def test_a_genre_that_does_not_exist_is_refused_and_not_passed_over():
    async with running(app):
        with pytest.raises(Invalid) as no:
            await build(Wanted(seed="r1", genres=["soap"]))
    assert no.value.more == {"code": "NO_GENRE"}


# -- what can be asked


async def test_genres_have_names_in_both_languages():
    async with running(app) as world:
        answer = await world.http.as_(CALLER).get("/genres", query={"kind": "series"})
    assert answer.status == 200
    assert {one["id"] for one in answer.json} == IDS
    assert all(one["name_en"] and one["name_es"] for one in answer.json)
    assert len({one.name_en for one in GENRES}) == len({one.name_es for one in GENRES}) == len(IDS)


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"q": "amelie"}, ["Amélie"]),
        ({"q": "  THE   MATR "}, ["The Matrix"]),
        ({"q": "toy story"}, ["Toy Story 3", "Toy Story"]),
        ({"q": "fargo", "kind": "series"}, ["Fargo"]),
        ({"q": "dune", "year": "2024"}, ["Dune: Part Two"]),
        ({"q": "moon", "genre": "science_fiction"}, ["Moon"]),
        ({"q": "nothing is called so"}, []),
    ],
)
async def test_titles_are_found_by_a_part_of_their_name(asked: dict[str, str], names: list[str]):
    async with running(app) as world:
        answer = await world.http.as_(CALLER).get("/titles", query=asked)
    assert [one["name"] for one in answer.json] == names


async def test_what_begins_with_the_words_is_found_before_what_has_them_in_the_middle():
    async with running(app) as world:
        answer = await world.http.as_(CALLER).get("/titles", query={"q": "her"})
    names = [one["name"] for one in answer.json]
    assert names[:2] == ["Hereditary", "Her"]
    assert "Mother" in " ".join(names[2:])


async def test_at_most_fifty_titles_are_found_at_once():
    async with running(app) as world:
        http = world.http.as_(CALLER)
        assert len((await http.get("/titles", query={"limit": "50"})).json) == 50
        assert (await http.get("/titles", query={"limit": "51"})).status == 422
