"""What every strategy keeps to, those too that are still to come."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from trinity.model import STRATEGIES, VOTERS_MIN, Room, Rules, Strategy, Tally, winner

NOON = datetime(2061, 7, 28, 12, tzinfo=UTC)
RULES = st.builds(
    Rules,
    strategy=st.sampled_from(get_args(Strategy)),
    share=st.integers(1, 100),
    count=st.integers(2, 50),
)
PEOPLE = st.integers(2, 50).map(lambda count: {f"p{number}" for number in range(count)})


def voting(people: set[str], rules: Rules) -> Room:
    return Room(
        id="r",
        name="Friday",
        host="p0",
        code="ABC234",
        epoch="e",
        created_at=NOON,
        touched_at=NOON,
        rules=rules,
        status="voting",
        roster=sorted(people),
        voters=people,
    )


def liked_by(likers: set[str]) -> Tally:
    return Tally(room_id="r", title_id="t", likers=likers)


def test_every_strategy_that_has_a_name_has_a_rule() -> None:
    assert STRATEGIES.keys() == {*get_args(Strategy)}


@given(PEOPLE, RULES)
def test_all_who_vote_are_enough_and_one_alone_never_is(people: set[str], rules: Rules) -> None:
    room = voting(people, rules)
    assert VOTERS_MIN <= room.required <= len(people)
    assert winner(room, [liked_by(people)]) is not None
    assert winner(room, [liked_by({"p0"})]) is None


@given(PEOPLE, RULES, st.data())
def test_one_more_like_undoes_no_match(people: set[str], rules: Rules, data: st.DataObject) -> None:
    room, likers = voting(people, rules), data.draw(st.sets(st.sampled_from(sorted(people))))
    more = likers | {data.draw(st.sampled_from(sorted(people)))}
    if winner(room, [liked_by(likers)]) is not None:
        assert winner(room, [liked_by(more)]) is not None
