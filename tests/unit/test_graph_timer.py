"""A timer in a graph: as plain data, as text and as a chart."""

from __future__ import annotations

from pathlib import Path

from skylift.graph.document import document
from skylift.graph.mermaid import mermaid
from skylift.graph.svg import svg
from skylift.graph.text import text
from tests.unit.written_app import loaded

ROOMS = Path(__file__).parents[1] / "apps" / "rooms"


def test_a_timer_is_told_with_its_message_and_its_function() -> None:
    with loaded(ROOMS) as graph:
        found = document(graph, seen_from=ROOMS)
    assert {one["name"]: one for one in found["resources"]}["closing"] == {
        "kind": "timer",
        "name": "closing",
        "place": "rooms.py:42",
        "message": "CloseRoom",
        "function": "rooms.close",
    }
    (close,) = [one for one in found["functions"] if one["name"] == "rooms.close"]
    assert close["trigger"] == {
        "kind": "timer",
        "timer": "closing",
        "attempts_max": 2,
        "backoff": {"first_s": 1, "max_s": 1},
        "once": False,
        "once_by": None,
    }


def test_who_sets_it_and_whom_it_calls_is_drawn() -> None:
    with loaded(ROOMS) as graph:
        found = document(graph, seen_from=ROOMS)
    shown = text(found)
    assert "timer  closing  CloseRoom; to rooms.close" in shown
    assert "closing: set in a transaction" in shown
    lines = [line.strip() for line in mermaid(found).splitlines()]
    assert 'r2[/"closing"/]' in lines
    assert 'r2 -->|"2 attempts"| f6' in lines
    assert 'f2 -->|"cancel"| r2' in lines
    assert "rooms.open_room may set in closing" in svg(found)
