"""A gazette on AWS: one publication reaches functions and queues as their filters say, in a
transaction and without; pages keep their order, and doubles are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.deployment import Deployment
from tests.rehearsal.ministack import Ministack

GAZETTE = Path(__file__).parents[1] / "apps" / "gazette"


@pytest.fixture(scope="module")
def gazette(ministack: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    one = Deployment(ministack, GAZETTE, tmp_path_factory.mktemp("gazette"))
    one.deployed()
    # MiniStack's CloudFormation forgets it (`_sns_create` in cloudformation/provisioners.py).
    sns = one.client("sns")
    (arn,) = [
        each["TopicArn"] for each in sns.list_topics()["Topics"] if "fifo" in each["TopicArn"]
    ]
    sns.set_topic_attributes(TopicArn=arn, AttributeName="FifoTopic", AttributeValue="true")
    yield one
    assert one.skylift("destroy", "--yes").code == 0


def take(gazette: Deployment, path: str = "/items", **item: Any) -> None:
    assert gazette.ask("POST", path, item).status == 204


def heard(gazette: Deployment, id: str, *by: str) -> None:
    wanted = sorted(by)
    assert gazette.until(f"/heard/{id}", lambda reply: reply.json == wanted)


def test_each_hears_of_what_he_wants(gazette: Deployment) -> None:
    take(gazette, id="a", about="weather", size=3)
    take(gazette, id="b", about="sport: won", size=10)
    heard(gazette, "b", "everyone", "fans", "archive")
    heard(gazette, "a", "everyone")
    assert gazette.until("/kept/a", lambda reply: reply.json == 1)
    assert gazette.ask("GET", "/kept/b").json == 0


def test_what_is_published_without_a_transaction_arrives_too(gazette: Deployment) -> None:
    take(gazette, "/rumours", id="c", about="weather", size=11)
    heard(gazette, "c", "everyone", "archive")


def test_one_trace_runs_through_all_who_heard(gazette: Deployment) -> None:
    take(gazette, id="d", about="sport: drawn", size=12)
    heard(gazette, "d", "everyone", "fans", "archive")
    (trace,) = gazette.ask("GET", "/traces/d").json
    assert trace.startswith("00-")


def test_nothing_is_published_when_it_could_not_be_written(gazette: Deployment) -> None:
    take(gazette, id="e", about="weather")
    heard(gazette, "e", "everyone")
    assert gazette.ask("POST", "/items", {"id": "e", "about": "sport", "size": 20}).status == 409
    take(gazette, id="f", about="sport")
    heard(gazette, "f", "everyone", "fans")
    assert gazette.ask("GET", "/heard/e").json == ["everyone"]


def test_what_was_handled_is_not_handled_again(gazette: Deployment) -> None:
    for _ in range(3):
        take(gazette, "/rumours", id="g", about="weather")
    take(gazette, "/rumours", id="h", about="weather")
    assert gazette.until("/kept/h", lambda reply: reply.json == 1)
    assert gazette.until("/kept/g", lambda reply: reply.json == 1)


def test_pages_keep_their_order_and_are_printed_once(gazette: Deployment) -> None:
    for id in ("monday", "tuesday"):
        assert gazette.ask("POST", f"/editions/{id}?count=6").status == 204
    for id in ("monday", "tuesday"):
        assert gazette.until(f"/editions/{id}", lambda reply: reply.json == [*range(6)])
    for number in (3, 6):
        assert gazette.ask("POST", f"/editions/monday/pages/{number}").status == 204
    assert gazette.until("/editions/monday", lambda reply: reply.json == [*range(7)])
