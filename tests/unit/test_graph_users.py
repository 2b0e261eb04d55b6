"""Users in a graph, and what routes ask of who calls: as plain data, as text and as a chart."""

from __future__ import annotations

from pathlib import Path

import pytest

from skylift.cli.main import main
from skylift.graph.document import document
from skylift.graph.mermaid import mermaid
from skylift.graph.svg import svg
from skylift.graph.text import text
from tests.unit.written_app import loaded

CLUB = Path(__file__).parents[1] / "apps" / "club"


def test_users_and_whom_a_route_lets_in_are_told() -> None:
    with loaded(CLUB) as graph:
        found = document(graph, seen_from=CLUB)
    resources = {one["name"]: one for one in found["resources"]}
    policy = {"lowercase": False, "uppercase": False, "digits": False, "symbols": False}
    assert resources["members"] == {
        "kind": "users",
        "name": "members",
        "place": resources["members"]["place"],
        "access_s": 900,
        "refresh_days": 30,
        "password": {"length_min": 10, **policy},
    }
    assert resources["api"].items() >= {
        *(("public", False), ("users", "members"), ("is_optional", False)),
    }
    asked = {
        one["name"].removeprefix("club."): (
            one["trigger"]["users"],
            one["trigger"]["is_optional"],
            one["trigger"]["is_exempt"],
        )
        for one in found["functions"]
    }
    assert asked["me"] == ("members", False, False)
    assert asked["hello"] == ("members", True, False)
    assert asked["opened"] == (None, False, True)


def test_what_is_open_though_its_api_asks_is_public_in_the_text() -> None:
    with loaded(CLUB) as graph:
        found = document(graph, seen_from=CLUB)
    lines = [" ".join(line.split()) for line in text(found).splitlines()]
    assert any(
        one.startswith("users members tokens for 15 min, sessions for 30 d") for one in lines
    )
    assert any(one.startswith("api api for members") for one in lines)
    assert any(one.startswith("club.opened api GET /open, PUBLIC") for one in lines)
    assert any(one.startswith("club.hello api GET /hello, optional") for one in lines)
    assert any(one.startswith("club.me api GET /me 256 MB") for one in lines)
    assert 'r0[("members")]' in mermaid(found)
    assert "club.login may login in members" in svg(found)


def test_the_routes_that_anybody_may_call_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["routes", str(CLUB)]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "POST /login 200 PUBLIC club.login body: Joining" in lines
    assert "GET /me 200 club.me" in lines
