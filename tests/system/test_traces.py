"""A trace runs through everything that may call a function, whatever else it does on its way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import json

from tests.served import Served
from tests.system.test_telemetry import run, send, until

APP = Path(__file__).parents[1] / "apps" / "echoes"
ROOM = {"id": "hall", "seats": 9}
WAYS = {  # by kind and source: who is called
    ("change", "rooms"): ["rooms.follow"],
    ("topic", "posters"): ["rooms.read", "rooms.read_big"],
    ("queue", "printing"): ["rooms.print_it"],
    ("bus", "events"): ["rooms.welcome"],
    ("timer", "closing"): ["rooms.close"],
    ("start", "cleaning"): ["rooms.clean"],
}
FUNCTIONS = sum(len(called) for called in WAYS.values())


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served(APP, tmp_path / "state") as served:
        yield served
        assert served.terminate() == 0


def traces(state: Path, source: str, spans: int) -> list[dict[str, Any]]:
    """Those that began with this, once they have so many spans."""

    def look() -> list[dict[str, Any]]:
        done = run("traces", APP, "--json", "--state", state)
        found = json.decode(done.stdout) if done.returncode == 0 else []
        return [one for one in found if one["source"] == source and one["spans"] == spans]

    return until(look)


def told(state: Path, id: str) -> tuple[dict[str, Any], str]:
    """A trace as a document, and as it is drawn."""
    document = run("traces", APP, id, "--json", "--state", state).stdout
    return json.decode(document), run("traces", APP, id, "--state", state).stdout


@pytest.mark.parametrize("path", ["/rooms", "/rooms/together"])
def test_one_request_is_followed_by_every_way_to_where_it_ends(
    served: Served, tmp_path: Path, path: str
) -> None:
    assert send(served, "POST", path, ROOM) == 204
    (trace,) = traces(tmp_path / "state", f"POST {path}", 1 + 2 * FUNCTIONS)
    document, tree = told(tmp_path / "state", trace["trace"])
    root, *others = document["spans"]
    assert (root["cause"], root["parent"]) == ("http", "")
    called: dict[tuple[str, str], list[str]] = {}
    for one in others:
        if one["parent"] == root["span"]:
            called.setdefault((one["cause"], one["source"]), []).append(one["function"])
    assert {way: sorted(names) for way, names in called.items()} == WAYS
    first = {one["span"] for one in others if one["parent"] == root["span"]}
    echoes = [one for one in others if one["function"] == "far.hear"]
    assert {one["parent"] for one in echoes} == first, "each has sent one, and is its parent"
    assert "has not been handled yet" not in tree
    ways = ("change, created", "topic", "topic, filtered", "topic and a queue", "bus", "timer")
    assert all(f"it came by the {way}\n" in tree or f"the {way} " in tree for way in ways)


def test_of_several_who_get_a_message_each_has_its_own_attempts(
    served: Served, tmp_path: Path
) -> None:
    assert send(served, "POST", "/rooms", ROOM) == 204
    (trace,) = traces(tmp_path / "state", "POST /rooms", 1 + 2 * FUNCTIONS)
    document, tree = told(tmp_path / "state", trace["trace"])
    by_name = {one["function"]: one for one in document["spans"]}
    assert by_name["rooms.read_big"]["error"]["type"] == "RuntimeError"
    assert by_name["rooms.read"]["error"] is None
    assert tree.count("attempt 2 of 3 is still to come") == 1


def test_a_schedule_begins_a_trace(served: Served, tmp_path: Path) -> None:
    (trace,) = traces(tmp_path / "state", "nightly", 2)
    document, _ = told(tmp_path / "state", trace["trace"])
    first, echo = document["spans"]
    assert (first["cause"], first["function"], first["parent"]) == ("schedule", "rooms.sweep", "")
    assert (echo["cause"], echo["parent"]) == ("queue", first["span"])


def test_a_function_that_is_started_beside_its_queue_says_which_it_was(
    served: Served, tmp_path: Path
) -> None:
    """One function is noted in one row: what called it is not the row's."""
    for path, body in (("/cleanings", {"room": "hall"}), ("/rooms", ROOM)):
        assert send(served, "POST", path, body) == 204
    causes: list[str] = []
    for source, spans in (("POST /cleanings", 3), ("POST /rooms", 1 + 2 * FUNCTIONS)):
        (trace,) = traces(tmp_path / "state", source, spans)
        document, _ = told(tmp_path / "state", trace["trace"])
        causes += [one["cause"] for one in document["spans"] if one["function"] == "rooms.clean"]
    assert causes == ["queue", "start"]
