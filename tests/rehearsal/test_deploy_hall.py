"""A hall on AWS: a guest signs in, opens a room and hears live what is said in it; nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.deployment import Deployment
from tests.rehearsal.ministack import Ministack
from tests.rehearsal.test_deploy_booth import connected, subscribed

HALL = Path(__file__).parents[1] / "apps" / "hall"


@pytest.fixture(scope="module")
def hall(ministack: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    one = Deployment(ministack, HALL, tmp_path_factory.mktemp("hall"))
    one.deployed()
    yield one
    assert one.skylift("destroy", "--yes").code == 0


def guest(hall: Deployment, name: str) -> str:
    """A token."""
    reply = hall.ask("POST", "/guests", {"name": name})
    assert reply.status == 200, reply.body
    return reply.json["access"]


def test_a_guest_hears_what_is_said_in_his_room_and_in_no_other(hall: Deployment) -> None:
    ann, eve = guest(hall, "Ann"), guest(hall, "Eve")
    who = {"Authorization": f"Bearer {ann}"}
    reply = hall.ask("POST", "/rooms", {}, who)
    assert reply.status == 201, reply.body
    room = reply.json["id"]
    with connected(hall, ann) as socket, connected(hall, eve) as other:
        assert subscribed(socket, f"/live/rooms/{room}/1", "a") == "subscribe_success"
        assert subscribed(other, f"/live/rooms/{room}/1", "a") == "subscribe_error"
        assert subscribed(other, "/broken/x", "b") == "subscribe_error"
        assert hall.ask("POST", f"/rooms/{room}/said", {"text": "hi"}, who).status == 201
        told = json.loads(socket.hear()["event"])
        assert told == {"room": room, "seq": 1, "text": "hi"}
