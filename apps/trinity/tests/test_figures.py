"""The figures against a model that counts votes one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from trinity.figures import agreements, counts, seconds, sums
from trinity.model import Choice, Tally
from trinity.votes import SETS

PEOPLE, TITLES = ["ann", "bob", "cid", "dan"], ["t1", "t2", "t3"]
CHOICES: list[Choice] = ["like", "super", "nope", "veto", "skip"]
YES, NO = ("like", "super"), ("nope", "veto")
Said = dict[tuple[str, str], Choice]
# Of some, on some titles; who is missing has not voted on it.
said_by_all = st.dictionaries(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(TITLES)), st.sampled_from(CHOICES)
)


def tallied(said: Said) -> list[Tally]:
    tallies: list[Tally] = []
    for title in TITLES:
        tally = Tally(room_id="r", title_id=title)
        for (who, of), choice in said.items():
            for name in SETS[choice] if of == title else ():
                tally = replace(tally, **{name: getattr(tally, name) | {who}})
        tallies.append(tally)
    return tallies


def opinion(said: Said, who: str, title: str) -> str | None:
    choice = said.get((who, title))
    return "yes" if choice in YES else "no" if choice in NO else None


@given(said_by_all)
def test_agreement_is_what_two_said_alike_of_what_both_said_yes_or_no_to(said: Said):
    found = {(one.a, one.b): one for one in agreements(tallied(said), PEOPLE)}
    assert len(found) == 6
    for (a, b), one in found.items():
        pairs = [(opinion(said, a, title), opinion(said, b, title)) for title in TITLES]
        both = [pair for pair in pairs if None not in pair]
        assert one.both == len(both)
        alike = sum(left == right for left, right in both)
        assert one.share == (round(100 * alike / len(both)) if both else None)


@given(said_by_all, st.sets(st.sampled_from(PEOPLE)))
def test_counts_are_the_votes_of_those_who_count(said: Said, voters: set[str]):
    counted = counts(tallied(said), voters)
    cast = [(title, choice) for (who, title), choice in said.items() if who in voters]
    for one in counted:
        of = [choice for title, choice in cast if title == one.title_id]
        assert one.likes == sum(choice in YES for choice in of)
        assert one.supers == of.count("super")
        assert one.nopes == sum(choice in NO for choice in of)
        assert one.skips == of.count("skip")
    assert sums(counted).votes == len(cast)
    likes = [one.likes for one in counted]
    assert likes == sorted(likes, reverse=True)


def test_who_is_not_asked_for_is_in_no_pair():
    said: Said = {("ann", "t1"): "like", ("eve", "t1"): "like", ("bob", "t1"): "nope"}
    assert [(one.a, one.b, one.share) for one in agreements(tallied(said), ["ann", "bob"])] == [
        ("ann", "bob", 0)
    ]


def test_the_time_between_two_moments_is_none_where_one_is_missing():
    noon = datetime(2061, 7, 28, 12, tzinfo=UTC)
    assert seconds(noon, noon + timedelta(minutes=2, milliseconds=400)) == 120
    assert seconds(None, noon) is None
    assert seconds(noon, None) is None
