"""Orders from wishes: against plain recounts written in another way, and against elections whose
results were worked out by hand.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from trinity.ranking import (
    Ballots,
    Round,
    approval,
    borda,
    by_score,
    instant_runoff,
    plurality,
    rating,
)

OPTIONS = ["a", "b", "c", "d"]
ballots = st.lists(st.permutations(OPTIONS).flatmap(lambda order: st.integers(0, 4).map(
    lambda length: order[:length]
)), max_size=12)  # fmt: skip
complete = st.lists(st.permutations(OPTIONS), min_size=1, max_size=12)


def electorate(votes: dict[str, int]) -> list[list[str]]:
    """`{"MNC": 2}`: two who like M best, then N, then C."""
    return [list(order) for order, count in votes.items() for _ in range(count)]


# Tennessee chooses its capital: everybody wants it near.
TENNESSEE = electorate({"MNCK": 42, "NCKM": 26, "CKNM": 15, "KCNM": 17})


def test_tennessee_has_another_capital_by_each_way_of_counting() -> None:
    assert plurality("MNCK", TENNESSEE) == {"M": 42, "N": 26, "C": 15, "K": 17}
    assert borda("MNCK", TENNESSEE) == {"M": 126, "N": 194, "C": 173, "K": 107}
    counted = instant_runoff("MNCK", TENNESSEE, "seed")
    assert counted.order == ["K", "M", "N", "C"]
    assert counted.rounds == [
        Round({"M": 42, "N": 26, "C": 15, "K": 17}, 0, "C"),
        Round({"M": 42, "N": 26, "K": 32}, 0, "N"),
        Round({"M": 42, "K": 58}, 0),
    ]


def test_whom_nobody_ranks_first_may_win_by_points_and_is_out_first_in_a_runoff() -> None:
    centre = electorate({"ACB": 5, "BCA": 4})
    assert borda("ABC", centre) == {"A": 10, "B": 8, "C": 9}
    assert instant_runoff("ABC", centre, "s").rounds == [Round({"A": 5, "B": 4, "C": 0}, 0)]
    wide = electorate({"ACB": 3, "BCA": 3, "CAB": 1})
    assert by_score("ABC", borda("ABC", wide).__getitem__) == ["C", "A", "B"]
    assert instant_runoff("ABC", wide, "s").rounds[0].out == "C"


def test_ballots_that_name_nobody_who_is_left_count_for_nobody() -> None:
    short = electorate({"A": 4, "B": 3, "C": 2})
    counted = instant_runoff("ABC", short, "s")
    assert counted.rounds == [
        Round({"A": 4, "B": 3, "C": 2}, 0, "C"),
        Round({"A": 4, "B": 3}, 2),  # more than half of the seven that are left
    ]
    assert counted.order == ["A", "B", "C"]


def test_of_two_that_are_level_who_had_fewer_in_the_round_before_is_out() -> None:
    # D is out; its ballots make B and C level at 5, and C had 3 where B had 4.
    votes = electorate({"ABCD": 6, "BCAD": 4, "CBAD": 3, "DCBA": 2, "DBCA": 1})
    counted = instant_runoff("ABCD", votes, "s")
    assert [one.out for one in counted.rounds] == ["D", "C", None]
    assert counted.rounds[1].counts == {"A": 6, "B": 5, "C": 5}
    assert counted.order[0] == "B"


def test_of_two_that_were_level_from_the_start_who_has_fewer_points_is_out() -> None:
    votes = electorate({"ABC": 3, "BCA": 2, "CBA": 2})
    assert borda("ABC", votes) == {"A": 6, "B": 9, "C": 6}
    assert instant_runoff("ABC", votes, "s").order == ["B", "A", "C"]


def test_who_is_level_in_everything_is_drawn_by_lot_the_same_for_all_and_each_at_times() -> None:
    votes = electorate({"AB": 1, "BA": 1})
    drawn = [instant_runoff("AB", votes, f"poll-{number}").order[0] for number in range(200)]
    assert drawn == [instant_runoff("BA", votes, f"poll-{n}").order[0] for n in range(200)]
    assert 60 < Counter(drawn)["A"] < 140


def test_ranking_few_is_worth_no_more_than_it_says() -> None:
    assert borda("ABCD", [["A"]]) == {"A": 3, "B": 1, "C": 1, "D": 1}
    assert borda("ABCD", [["A", "B"], []]) == {"A": 3, "B": 2, "C": 0.5, "D": 0.5}


def test_ratings_have_a_mean_and_how_many_gave_one() -> None:
    counted = rating(["a", "b", "c"], [{"a": 5, "b": 2}, {"a": 4}, {"b": 3}])
    assert {id: (one.mean, one.count) for id, one in counted.items()} == {
        "a": (4.5, 2),
        "b": (2.5, 2),
        "c": (0, 0),
    }


@given(ballots)
def test_firsts_and_approvals_are_those_of_the_ballots(cast: Ballots) -> None:
    firsts = Counter(ballot[0] for ballot in cast if ballot)
    named = Counter(option for ballot in cast for option in ballot)
    assert plurality(OPTIONS, cast) == {option: firsts[option] for option in OPTIONS}
    assert approval(OPTIONS, cast) == {option: named[option] for option in OPTIONS}
    assert sum(plurality(OPTIONS, cast).values()) == sum(map(bool, cast))


@given(ballots)
def test_points_are_the_mean_over_every_way_to_complete_a_ballot(cast: Ballots) -> None:
    expected = dict.fromkeys(OPTIONS, Fraction(0))
    for ballot in cast:
        if not ballot:
            continue
        ways = [[*ballot, *rest] for rest in permutations(set(OPTIONS) - set(ballot))]
        for way in ways:
            for above, option in enumerate(reversed(way)):
                expected[option] += Fraction(above, len(ways))
    assert borda(OPTIONS, cast) == expected


@given(complete)
def test_points_count_who_is_beaten_by_how_many(cast: Ballots) -> None:
    for option in OPTIONS:
        beaten = sum(
            b.index(option) < b.index(other) for b in cast for other in {*OPTIONS} - {option}
        )
        assert borda(OPTIONS, cast)[option] == beaten


@given(ballots, st.text(max_size=5))
def test_an_instant_runoff_is_one_by_its_definition(cast: Ballots, seed: str) -> None:
    """Recounted from the ballots alone: each order's rounds, and that the last of each is out."""
    counted = instant_runoff(OPTIONS, cast, seed)
    assert sorted(counted.order) == OPTIONS
    left = set(OPTIONS)
    for option in reversed(counted.order[1:]):
        shortened = [[one for one in ballot if one in left] for ballot in cast]
        tops = Counter(ballot[0] for ballot in shortened if ballot)
        assert tops[option] == min(tops[one] for one in left)
        left.discard(option)
    winner = counted.order[0]
    last = counted.rounds[-1]
    assert last.out is None
    assert max(last.counts, key=lambda one: last.counts[one]) == winner or not any(
        last.counts.values()
    )
    for one in counted.rounds:
        assert sum(one.counts.values()) + one.exhausted == len(cast)
    for early in counted.rounds[:-1]:
        assert 2 * max(early.counts.values()) <= sum(early.counts.values())


@given(complete, st.permutations(OPTIONS))
def test_who_is_named_first_has_nothing_of_it(cast: Ballots, named: list[str]) -> None:
    assert instant_runoff(named, cast, "s") == instant_runoff(OPTIONS, cast, "s")
    assert borda(named, cast) == borda(OPTIONS, cast)


@given(complete)
def test_who_beats_all_others_is_never_last_by_points(cast: Ballots) -> None:
    def beats(one: str, other: str) -> bool:
        return 2 * sum(ballot.index(one) < ballot.index(other) for ballot in cast) > len(cast)

    best = [one for one in OPTIONS if all(beats(one, other) for other in {*OPTIONS} - {one})]
    points = borda(OPTIONS, cast)
    assert not best or points[best[0]] > min(points.values())


@given(st.lists(st.dictionaries(st.sampled_from(OPTIONS), st.integers(1, 5)), max_size=12))
def test_a_mean_times_its_count_is_the_sum_of_the_stars(cast: list[dict[str, int]]) -> None:
    for option, counted in rating(OPTIONS, cast).items():
        stars = [ballot[option] for ballot in cast if option in ballot]
        assert counted.count == len(stars)
        assert round(counted.mean * counted.count) == sum(stars)
