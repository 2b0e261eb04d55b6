"""A room and its people as values: which move is allowed when, and what holds whatever comes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from trinity import model, roster
from trinity.model import OPEN, Refused, Room, Rules, Status, Tally

NOON = datetime(2061, 7, 28, 12, tzinfo=UTC)
STATUSES: tuple[Status, ...] = get_args(Status)
Move = Callable[[Room], Room]


def room_of(
    *people: str, status: Status = "waiting", capacity: int = 10, rules: Rules | None = None
) -> Room:
    return Room(
        id="r1",
        name="Friday",
        host=people[0],
        code="ABC234",
        epoch="e1",
        created_at=NOON,
        touched_at=NOON,
        rules=rules or Rules(),
        status=status,
        roster=[*people],
        voters=set() if status == "waiting" else {*people},
        capacity=capacity,
    )


def found(room: Room, title: str) -> Room:
    liked = Tally(room_id=room.id, title_id=title, likers=room.voters, last="ann")
    return model.matched(room, liked, NOON)


def code_of(move: Move, room: Room) -> str:
    with pytest.raises(Refused) as no:
        move(room)
    return no.value.code


# What leads where. A status that is not named refuses the move, with its own name as the code.
MOVES: dict[str, tuple[Move, dict[Status, Status]]] = {
    "start": (lambda room: roster.started(room, "ann", NOON), {"waiting": "voting"}),
    "pause": (lambda room: roster.paused(room, "ann", NOON), {"voting": "paused"}),
    "resume": (lambda room: roster.resumed(room, "ann", NOON), {"paused": "voting"}),
    "complete": (
        lambda room: roster.completed(room, "ann", NOON),
        {"matched": "completed", "no_consensus": "completed"},
    ),
    "cancel": (
        lambda room: roster.cancelled(room, "ann", NOON),
        dict.fromkeys(OPEN, "cancelled"),
    ),
    "renew the code": (
        lambda room: roster.recoded(room, "ann", "XYZ789", NOON),
        {status: status for status in OPEN},
    ),
    "show on a screen": (
        lambda room: roster.watched(room, "tv", "ann", NOON),
        {status: status for status in OPEN},
    ),
    "restart": (
        lambda room: roster.followed(room, "ann", "r2", NOON),
        {
            "matched": "matched",
            "completed": "completed",
            "cancelled": "cancelled",
            "no_consensus": "completed",
        },
    ),
    "match": (
        lambda room: found(room, "t1"),
        {"voting": "matched", "no_consensus": "matched"},
    ),
    "exhaust": (
        lambda room: model.exhausted(room, NOON),
        {"voting": "no_consensus"},
    ),
}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("name", MOVES)
def test_a_move_is_allowed_in_its_statuses_and_refused_in_all_others(name: str, status: Status):
    move, leads_to = MOVES[name]
    room = room_of("ann", "bob", status=status)
    if status in leads_to:
        assert move(room).status == leads_to[status]
    else:
        assert code_of(move, room) == f"ROOM_{status.upper()}"


@pytest.mark.parametrize("status", STATUSES)
def test_one_joins_before_the_start_and_where_the_rules_say_so_after_it(status: Status):
    early = room_of("ann", "bob", status=status)
    late = room_of("ann", "bob", status=status, rules=Rules(late=True))
    for room, statuses in ((early, {"waiting"}), (late, {"waiting", "voting", "paused"})):
        if status in statuses:
            assert roster.joined(room, "cid", NOON).roster == ["ann", "bob", "cid"]
        else:
            assert code_of(lambda room: roster.joined(room, "cid", NOON), room) == "ROOM_CLOSED"


def test_who_joins_late_counts():
    room = roster.joined(
        room_of("ann", "bob", status="voting", rules=Rules(late=True)), "cid", NOON
    )
    assert room.voters == {"ann", "bob", "cid"}
    assert room.required == 3


def test_who_is_in_a_room_joins_it_without_a_change_whatever_its_status():
    for status in STATUSES:
        room = room_of("ann", "bob", status=status, capacity=2)
        assert roster.joined(room, "bob", NOON) is room


def test_a_full_room_takes_nobody_in_and_a_banned_one_is_told_so_first():
    room = replace(room_of("ann", "bob", capacity=2), banned={"eve"})
    assert code_of(lambda room: roster.joined(room, "cid", NOON), room) == "ROOM_FULL"
    assert code_of(lambda room: roster.joined(room, "eve", NOON), room) == "BANNED"


def test_the_last_seat_begins_the_vote_where_the_rules_say_so():
    rules = Rules(starts="full")
    room = roster.joined(room_of("ann", capacity=3, rules=rules), "bob", NOON)
    assert room.status == "waiting"
    room = roster.joined(room, "cid", NOON)
    assert (room.status, room.voters) == ("voting", {"ann", "bob", "cid"})


def test_a_room_with_seats_left_agrees_without_them():
    """Three in a room for four: three likes are a match."""
    room = roster.started(room_of("ann", "bob", "cid", capacity=4), "ann", NOON)
    assert room.required == 3


def test_it_takes_two_to_begin():
    alone = room_of("ann")
    assert code_of(lambda room: roster.started(room, "ann", NOON), alone) == "TOO_FEW"
    assert model.started_by_vote(alone, NOON) is alone


def test_the_longest_there_is_host_when_the_host_goes():
    room = roster.left(room_of("ann", "bob", "cid", status="voting"), "ann", "e2", NOON)
    assert (room.host, room.roster, room.voters) == ("bob", ["bob", "cid"], {"bob", "cid"})
    assert room.status == "voting"


def test_a_room_that_all_have_left_is_cancelled_and_one_that_had_ended_stays_what_it_was():
    assert roster.left(room_of("ann"), "ann", "e2", NOON).status == "cancelled"
    assert roster.left(room_of("ann", status="matched"), "ann", "e2", NOON).status == "matched"


def test_whoever_goes_leaves_an_old_epoch_behind():
    room = room_of("ann", "bob", "cid")
    assert roster.left(room, "bob", "e2", NOON).epoch == "e2"
    assert roster.removed(room, "bob", "ann", "e2", NOON).epoch == "e2"
    assert roster.banned(room, "bob", "ann", "e2", NOON).epoch == "e2"
    assert roster.left(room, "eve", "e2", NOON) is room


def test_only_the_host_leads():
    room = replace(room_of("ann", "bob", "cid", status="waiting"), screens={"tv"})
    moves: list[Move] = [
        lambda room: roster.started(room, "bob", NOON),
        lambda room: roster.paused(room, "bob", NOON),
        lambda room: roster.resumed(room, "bob", NOON),
        lambda room: roster.cancelled(room, "bob", NOON),
        lambda room: roster.completed(room, "bob", NOON),
        lambda room: roster.recoded(room, "bob", "XYZ789", NOON),
        lambda room: roster.followed(room, "bob", "r2", NOON),
        lambda room: roster.watched(room, "tv2", "bob", NOON),
        lambda room: roster.removed(room, "cid", "bob", "e2", NOON),
        lambda room: roster.banned(room, "cid", "bob", "e2", NOON),
        lambda room: roster.handed_over(room, "bob", "bob", NOON),
        lambda room: roster.started(room, "tv", NOON),
    ]
    for move in moves:
        assert code_of(move, room) == "NOT_HOST"


def test_the_host_turns_out_everybody_but_himself_and_who_is_not_there():
    room = replace(room_of("ann", "bob"), screens={"tv"})
    for who, code in (("ann", "HOST_STAYS"), ("eve", "NOT_MEMBER")):
        assert (
            code_of(lambda room, who=who: roster.removed(room, who, "ann", "e2", NOON), room)
            == code
        )
    assert code_of(lambda room: roster.banned(room, "ann", "ann", "e2", NOON), room) == "HOST_STAYS"
    assert roster.removed(room, "tv", "ann", "e2", NOON).screens == set()


def test_who_has_left_can_still_be_banned():
    room = roster.banned(room_of("ann", "bob"), "eve", "ann", "e2", NOON)
    assert code_of(lambda room: roster.joined(room, "eve", NOON), room) == "BANNED"
    assert room.roster == ["ann", "bob"]


def test_a_screen_takes_no_seat_and_there_are_only_some():
    room = room_of("ann", capacity=2)
    for n in range(roster.SCREENS_MAX):
        room = roster.watched(room, f"tv{n}", "ann", NOON)
    assert room.roster == ["ann"]
    assert (
        code_of(lambda room: roster.watched(room, "one more", "ann", NOON), room) == "SCREENS_FULL"
    )
    assert code_of(lambda room: roster.joined(room, "tv0", NOON), room) == "WATCHING"


def test_another_member_leads_when_the_host_has_been_away_and_not_before():
    room = room_of("ann", "bob")
    assert code_of(lambda room: roster.taken_over(room, "bob", None, NOON), room) == "NOT_HOST"
    assert code_of(lambda room: roster.taken_over(room, "eve", "ann", NOON), room) == "NOT_MEMBER"
    assert roster.taken_over(room, "bob", "ann", NOON).host == "bob"


def test_a_room_leads_to_one_next_room():
    room = roster.followed(room_of("ann", "bob", status="matched"), "ann", "r2", NOON)
    assert roster.followed(room, "ann", "r3", NOON) is room


def test_the_next_room_has_the_people_and_rules_and_nothing_of_what_was_decided():
    old = replace(
        room_of("ann", "bob", status="matched", rules=Rules(strategy="majority")),
        matches=["t1"],
        finished={"bob"},
        banned={"eve"},
        screens={"tv"},
        host="bob",
    )
    later = NOON + timedelta(days=1)
    new = roster.again(old, "r2", "e9", later, later + timedelta(days=60))
    assert (new.roster, new.host, new.rules) == (old.roster, "bob", old.rules)
    assert (new.banned, new.screens) == ({"eve"}, {"tv"})
    assert (new.status, new.matches, new.voters, new.finished) == ("waiting", [], set(), set())


@pytest.mark.parametrize("status", STATUSES)
def test_what_nobody_touches_ends_and_what_was_found_stays_found(status: Status):
    room = room_of("ann", "bob", status=status)
    if status not in OPEN:
        assert roster.idled(room, NOON) is room
        return
    ended = "completed" if status == "no_consensus" else "cancelled"
    assert roster.idled(room, NOON).status == ended
    with_matches = replace(room, matches=["t1"])
    assert (roster.idled(with_matches, NOON).status, with_matches.match) == ("completed", "t1")


PEOPLE = st.sampled_from(["ann", "bob", "cid", "dan", "eve"])


class AnyRoom(RuleBasedStateMachine):
    """Whatever people do in whatever order: what must hold of a room holds."""

    room: Room

    @initialize(
        capacity=st.integers(2, 4),
        late=st.booleans(),
        starts=st.sampled_from(["host", "first_vote", "full"]),
        wanted=st.integers(1, 2),
    )
    def open_it(self, capacity: int, late: bool, starts: str, wanted: int):
        rules = Rules(late=late, starts=starts, wanted=wanted)  # pyright: ignore[reportArgumentType]
        self.room = room_of("ann", capacity=capacity, rules=rules)
        self.epochs = 1
        self.was = self.room

    def move(self, move: Move) -> None:
        self.was = self.room
        try:
            self.room = move(self.room)
        except Refused:
            pass

    def next_epoch(self) -> str:
        self.epochs += 1
        return f"e{self.epochs}"

    @rule(who=PEOPLE)
    def join(self, who: str):
        self.move(lambda room: roster.joined(room, who, NOON))

    @rule(who=PEOPLE)
    def leave(self, who: str):
        self.move(lambda room: roster.left(room, who, self.next_epoch(), NOON))
        assert who not in self.room.watchers

    @rule(who=PEOPLE, by=PEOPLE)
    def kick(self, who: str, by: str):
        self.move(lambda room: roster.removed(room, who, by, self.next_epoch(), NOON))

    @rule(who=PEOPLE, by=PEOPLE)
    def ban(self, who: str, by: str):
        self.move(lambda room: roster.banned(room, who, by, self.next_epoch(), NOON))

    @rule(to=PEOPLE, by=PEOPLE)
    def hand_over(self, to: str, by: str):
        self.move(lambda room: roster.handed_over(room, to, by, NOON))

    @rule(by=PEOPLE, away=PEOPLE)
    def take_over(self, by: str, away: str):
        self.move(lambda room: roster.taken_over(room, by, away, NOON))

    @rule()
    def show(self):
        """On a screen, which is a guest that is made for it: nobody has its id."""
        screen = f"tv{self.next_epoch()}"
        self.move(lambda room: roster.watched(room, screen, room.host, NOON))

    @precondition(lambda self: self.room.screens)
    @rule(by=PEOPLE, is_kicked=st.booleans())
    def turn_off(self, by: str, is_kicked: bool):
        screen, epoch = min(self.room.screens), self.next_epoch()
        if is_kicked:
            self.move(lambda room: roster.removed(room, screen, by, epoch, NOON))
        else:
            self.move(lambda room: roster.joined(room, screen, NOON))
            self.move(lambda room: roster.left(room, screen, epoch, NOON))

    @rule(name=st.sampled_from([one for one in MOVES if one != "show on a screen"]))
    def lead(self, name: str):
        """As ann, whether or not she is host by then."""
        self.move(MOVES[name][0])

    @rule()
    def first_vote(self):
        self.move(lambda room: model.started_by_vote(room, NOON))

    @precondition(lambda self: self.room.status in model.JUDGED)
    @rule(title=st.sampled_from(["t1", "t2", "t3"]))
    def find(self, title: str):
        if title not in self.room.matches:
            self.move(lambda room: found(room, title))

    @invariant()
    def nobody_is_there_twice_and_there_is_a_seat_for_each(self):
        assert len(self.room.roster) == len({*self.room.roster}) <= self.room.capacity

    @invariant()
    def there_is_one_host_and_he_is_there(self):
        assert not self.room.roster or self.room.host in self.room.roster

    @invariant()
    def who_counts_is_there_and_all_who_are_there_count_while_they_vote(self):
        assert self.room.voters <= {*self.room.roster}
        if self.room.status in ("voting", "paused"):
            assert self.room.voters == {*self.room.roster}

    @invariant()
    def who_is_banned_is_not_there_and_screens_have_no_seat(self):
        assert not self.room.banned & self.room.watchers
        assert not self.room.screens & {*self.room.roster}

    @invariant()
    def a_room_without_people_is_over(self):
        assert self.room.roster or self.room.status not in OPEN

    @invariant()
    def whoever_went_hears_no_more(self):
        if self.was.watchers - self.room.watchers:
            assert self.room.epoch != self.was.epoch

    @invariant()
    def a_match_is_never_taken_back(self):
        assert self.room.matches[: len(self.was.matches)] == self.was.matches
        if self.was.status in ("completed", "cancelled"):
            assert self.room.status == self.was.status


TestAnyRoom = AnyRoom.TestCase
TestAnyRoom.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
