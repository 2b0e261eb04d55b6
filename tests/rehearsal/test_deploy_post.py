"""A post office on AWS: what fails comes back, is given up and sent once more; what has an order
keeps it; of what comes together each is judged alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.deployment import Deployment
from tests.rehearsal.ministack import Ministack

POST = Path(__file__).parents[1] / "apps" / "post"


@pytest.fixture(scope="module")
def post(ministack: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    one = Deployment(ministack, POST, tmp_path_factory.mktemp("post"))
    one.deployed()
    yield one
    assert one.skylift("destroy", "--yes").code == 0


def test_what_fails_comes_back_is_given_up_and_goes_through_once_redriven(post: Deployment) -> None:
    assert post.ask("POST", "/letters", {"id": "a", "to": "Ann"}).status == 204
    (letter,) = post.until("/undelivered", lambda reply: bool(reply.json)).json
    assert (letter["id"], letter["reason"], letter["attempts"]) == ("a", "failed", 2)
    assert "Ann is not at home" in letter["error"]
    assert post.ask("GET", "/receipts/a").status == 404
    assert post.ask("PUT", "/addresses/Ann").status == 204
    assert post.ask("POST", "/undelivered/redrive").json == 1
    receipt = post.until("/receipts/a", lambda reply: reply.status == 200).json
    assert receipt["attempt"] == 1
    assert post.ask("GET", "/undelivered").json == []


def test_what_fails_once_succeeds_at_its_next_attempt(post: Deployment) -> None:
    assert post.ask("POST", "/letters", {"id": "b", "to": "Bob"}).status == 204
    assert post.ask("PUT", "/addresses/Bob").status == 204
    receipt = post.until("/receipts/b", lambda reply: reply.status == 200).json
    assert receipt["attempt"] in (1, 2)


def test_each_van_makes_its_stops_in_order_though_one_is_tried_twice(post: Deployment) -> None:
    for van in ("red", "blue"):
        assert post.ask("POST", "/tours", {"van": van, "stops": 4}).status == 204
    for van in ("red", "blue"):
        made = post.until(f"/trails/{van}", lambda reply: len(reply.json["stops"]) >= 4)
        assert made.json["stops"] == [0, 1, 2, 3]


def test_of_a_sack_each_card_is_judged_alone(post: Deployment) -> None:
    cards = [{"id": str(number), "is_legible": number != 3} for number in range(8)]
    assert post.ask("POST", "/sacks", cards).status == 204
    for card in cards:
        how = post.until(f"/filed/{card['id']}", lambda reply: reply.status == 200).json["how"]
        assert how == ("read" if card["is_legible"] else "failed: illegible")


def test_health_and_description_are_there_whatever_the_routes_take(post: Deployment) -> None:
    assert post.ask("GET", "/_skylift/health").json == {"status": "ok"}
    assert "/{street}/{house}" in post.ask("GET", "/_skylift/openapi.json").json["paths"]
    refused = post.ask("DELETE", "/_skylift/health")
    assert (refused.status, refused.headers["allow"]) == (405, "GET, HEAD")
    assert post.ask("GET", "/_skylift/else").json == ["_skylift", "else"]
    assert post.ask("DELETE", "/High%20Street/7").json == "High Street/7"
    assert post.ask("GET", "/High%20Street%2F7").json == ["High Street", "7"]
