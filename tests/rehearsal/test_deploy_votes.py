"""Votes on AWS: each change of one is told to those who follow the table, in its order; what cannot
be counted is given up and goes through once redriven, and other votes do not wait for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.deployment import Deployment
from tests.rehearsal.event_source import EventSource
from tests.rehearsal.ministack import Ministack

VOTES = Path(__file__).parents[1] / "apps" / "votes"


@pytest.fixture(scope="module")
def votes(ministack: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    one = Deployment(ministack, VOTES, tmp_path_factory.mktemp("votes"))
    one.deployed()
    yield one
    assert one.skylift("destroy", "--yes").code == 0


@pytest.fixture
def counting(votes: Deployment) -> Iterator[EventSource]:
    """Who counts is told as AWS tells it; of what comes from now on."""
    source = EventSource(votes, "votes-dev-polls-tally", "votes-dev-votes")
    source.skip()
    yield source
    source.close()


def vote(votes: Deployment, voter: str, choice: str, **more: float) -> None:
    wanted = {"choice": choice, **more}
    assert votes.ask("PUT", f"/rooms/blue/votes/{voter}", wanted).status == 204


def told(votes: Deployment, voter: str, count: int) -> list[tuple[str, str | None, str | None]]:
    """What happened to the vote, once so much has."""
    reply = votes.until(f"/entries/{voter}", lambda reply: len(reply.json) >= count)
    return [(one["kind"], one["before"], one["after"]) for one in reply.json]


def test_every_change_of_a_vote_is_told_in_its_order(votes: Deployment) -> None:
    vote(votes, "ann", "tea")
    vote(votes, "ann", "tea")
    vote(votes, "ann", "milk")
    assert votes.ask("POST", "/rooms/blue/moves/ann/juice").status == 204
    assert votes.ask("DELETE", "/rooms/blue/votes/ann").json is True
    assert told(votes, "ann", 4) == [
        ("created", None, "tea"),
        ("updated", "tea", "milk"),
        ("updated", "milk", "juice"),
        ("deleted", "juice", None),
    ]
    for choice in ("tea", "milk", "juice"):
        votes.until(f"/totals/{choice}", lambda reply: reply.status == 200 and reply.json == 0)


def test_a_vote_that_has_expired_has_expired_before_it_is_cast_again(votes: Deployment) -> None:
    vote(votes, "bob", "soup", ends_in_s=-5)
    vote(votes, "bob", "stew")
    assert told(votes, "bob", 3) == [
        ("created", None, "soup"),
        ("expired", "soup", None),
        ("created", None, "stew"),
    ]
    votes.until("/totals/stew", lambda reply: reply.status == 200 and reply.json == 1)
    votes.until("/totals/soup", lambda reply: reply.json == 0)


def test_what_cannot_be_counted_keeps_nobody_else_waiting(
    votes: Deployment, counting: EventSource
) -> None:
    for voter, choice in [("a", "rum"), ("b", "poison"), ("c", "rum"), ("b", "rum")]:
        vote(votes, voter, choice)
    counting.hand_over()
    first, again = counting.answers
    assert len(first["batchItemFailures"]) == 1
    assert again == {"batchItemFailures": []}
    (buried,) = votes.until("/uncounted", lambda reply: bool(reply.json)).json
    assert (buried["voter"], buried["reason"], buried["attempts"]) == ("b", "failed", 2)
    assert "nobody counts poison" in buried["error"]
    assert votes.ask("GET", "/totals/rum").json == 3  # what was done is not done again
    assert votes.ask("GET", "/totals/poison").json == -1  # told in order, all but that one
    assert votes.ask("PUT", "/antidote").status == 204
    assert votes.ask("POST", "/uncounted/redrive").json == 1
    votes.until("/totals/poison", lambda reply: reply.json == 0)
    assert votes.ask("GET", "/uncounted").json == []


def test_a_batch_that_nobody_comes_back_from_is_halved_until_one_is_left_and_lost(
    votes: Deployment, counting: EventSource
) -> None:
    vote(votes, "e", "bomb")
    vote(votes, "f", "gin")
    assert counting.retries_max == 11  # of which ten are no attempts
    counting.late_s = 60
    counting.hand_over()
    assert counting.given_up == []
    assert votes.ask("GET", "/totals/gin").json == 1
    (lost,) = votes.until("/uncounted", lambda reply: bool(reply.json)).json
    assert (lost["voter"], lost["reason"], lost["attempts"]) == ("e", "lost", 2)
