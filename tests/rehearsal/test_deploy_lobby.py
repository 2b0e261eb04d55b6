"""A lobby on AWS, whose functions hear of each other by EventBridge; and the kitchen that owns the
bus of the house, of which the lobby knows the name only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from tests.rehearsal.deployment import Deployment, Reply
from tests.rehearsal.ministack import Ministack

APPS = Path(__file__).parents[1] / "apps"
PATIENCE_S = 20.0


@pytest.fixture(scope="module")
def kitchen(ministack: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    one = Deployment(ministack, APPS / "kitchen", tmp_path_factory.mktemp("kitchen"))
    one.deployed()
    yield one
    assert one.skylift("destroy", "--yes").code == 0


@pytest.fixture(scope="module")
def lobby(
    ministack: Ministack, kitchen: Deployment, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    assert kitchen.host
    one = Deployment(ministack, APPS / "lobby", tmp_path_factory.mktemp("lobby"))
    one.deployed()
    yield one
    assert one.skylift("destroy", "--yes").code == 0
    buses = one.client("events").list_event_buses(NamePrefix="lobby-")["EventBuses"]
    assert buses == []


def opened(lobby: Deployment, topic: str, size: int) -> str:
    made = lobby.ask("POST", "/rooms", {"topic": topic, "size": size})
    assert made.status == 201
    return str(made.json["id"])


def is_greeted(reply: Reply) -> bool:
    return bool(reply.json["greeted"] == 1)


def is_there(reply: Reply) -> bool:
    return reply.status == 200


def letters(lobby: Deployment, function: str, count: int) -> list[dict[str, Any]]:
    """So many dead letters, looked at behind the app's back."""
    sqs = lobby.client("sqs")
    url = sqs.get_queue_url(QueueName=f"lobby-dev-{function.replace('.', '-')}-dead")["QueueUrl"]
    until, found = monotonic() + PATIENCE_S, dict[str, Any]()
    while len(found) < count and monotonic() < until:
        asked = {"QueueUrl": url, "MaxNumberOfMessages": 10, "VisibilityTimeout": 0}
        for one in sqs.receive_message(**asked, MessageAttributeNames=["All"]).get("Messages", ()):
            found[one["MessageId"]] = one
        sleep(0.1)
    assert len(found) == count
    return [*found.values()]


def test_an_event_of_a_transaction_reaches_who_wants_it(lobby: Deployment) -> None:
    room = opened(lobby, "chess", 5)
    lobby.until(f"/rooms/{room}", is_greeted)


def test_what_a_pattern_does_not_let_through_calls_nobody(lobby: Deployment) -> None:
    small, large = opened(lobby, "chess", 3), opened(lobby, "chess", 4)
    lobby.until(f"/rooms/{large}", is_greeted)
    assert lobby.ask("GET", f"/rooms/{small}").json["greeted"] == 0


def test_a_queue_is_fed_and_another_apps_bus_carries_on(
    lobby: Deployment, kitchen: Deployment
) -> None:
    room = opened(lobby, "go", 1)
    assert lobby.ask("DELETE", f"/rooms/{room}").status == 204
    lobby.until(f"/rooms/closed-{room}", is_there)
    lobby.until(f"/rooms/heard-{room}", is_there)
    kitchen.until("/heard", lambda reply: reply.json.get(room) == 1)
    assert kitchen.ask("POST", "/closings/larder").status == 204
    lobby.until("/rooms/heard-larder", is_there)


def test_what_fails_on_its_last_attempt_is_a_dead_letter_with_its_reason(lobby: Deployment) -> None:
    room = opened(lobby, "broken lift", 1)
    (letter,) = letters(lobby, "rooms.stumble", 1)
    assert room in letter["Body"]
    assert "nobody can enter broken lift" in json.dumps(letter)


def test_what_was_published_is_told_again_and_once_holds(lobby: Deployment) -> None:
    room = opened(lobby, "broken door", 9)
    lobby.until(f"/rooms/{room}", is_greeted)
    before = len(letters(lobby, "rooms.stumble", 2))
    now = datetime.now(UTC)
    since, until = now - timedelta(hours=1), now + timedelta(hours=1)
    said = ["events", "--from", since.isoformat(), "--to", until.isoformat()]
    done = bus_replay(lobby, *said, "--rule", "rooms.stumble")
    assert done["stage"] == "dev"
    found = lobby.client("events").describe_replay(ReplayName=done["replay"])
    (rule,) = found["Destination"]["FilterArns"]
    assert rule.endswith(":rule/lobby-dev-events/lobby-dev-rooms-stumble")
    letters(lobby, "rooms.stumble", 2 * before)  # and so it goes to all again
    assert lobby.ask("GET", f"/rooms/{room}").json["greeted"] == 1


def bus_replay(lobby: Deployment, *said: str) -> Any:
    from subprocess import run

    from tests.served import SKYLIFT

    aws = ["--stage=dev", f"--endpoint-url={lobby.stack.url}", "--json"]
    command = [SKYLIFT, "bus", "replay", str(lobby.app), *said, *aws]
    done = run(command, env=lobby.environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_production_keeps_an_archive_with_its_bus_until_it_is_given_up(
    ministack: Ministack, tmp_path: Path
) -> None:
    one = Deployment(ministack, APPS / "kitchen", tmp_path, "production")
    events = one.client("events")

    def there() -> list[str]:
        buses = events.list_event_buses(NamePrefix="bakery-production-")["EventBuses"]
        archives = events.list_archives(NamePrefix="bakery-production-")["Archives"]
        return [*[bus["Name"] for bus in buses], *[each["ArchiveName"] for each in archives]]

    one.deployed("--yes")
    kept = one.skylift("destroy", "--yes", "--json").json["kept"]
    assert "house" in {name.split()[0] for name in kept}
    assert there() == ["bakery-production-house"] * 2
    refused = one.skylift("deploy", "--yes")  # CloudFormation makes none over one that is there
    assert (refused.code, "bakery-production-house" in refused.err) == (3, True)
    events.delete_archive(ArchiveName="bakery-production-house")
    events.delete_event_bus(Name="bakery-production-house")
    one.deployed("--yes")
    gone = one.skylift("destroy", "--yes", "--json", "--allow-destroy", "house").json
    assert gone["deleted"] == ["house", "house"]
    assert there() == []
