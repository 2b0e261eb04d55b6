"""Routing against a model that tries every route in the gateway's order of preference."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skylift import BadRequest
from skylift.engine.route import Router
from skylift.http import unquoted
from tests.trials import trials

WORDS = st.sampled_from(["a", "b", "c", "notes", "x-y"])
SEGMENT = st.one_of(WORDS, st.sampled_from(["{p}", "{q}"]))
METHOD = st.sampled_from(["GET", "POST", "PUT"])


@st.composite
def templates(draw: st.DrawFn) -> str:
    parts = draw(st.lists(SEGMENT, max_size=4))
    if draw(st.booleans()):
        parts.append("{rest+}")
    named = [
        f"{{v{at}{'+' if '+' in part else ''}}}" if "{" in part else part
        for at, part in enumerate(parts)
    ]
    return "/" + "/".join(named)


ROUTES = st.lists(st.tuples(METHOD, templates()), max_size=12)
PATHS = st.lists(st.one_of(WORDS, st.just("zzz"), st.just("")), max_size=6).map(
    lambda parts: "/" + "/".join(parts)
)


def rank(template: str) -> list[int]:
    """Smaller is more specific, segment by segment: text, parameter, greedy."""
    return [2 if "+" in part else 1 if "{" in part else 0 for part in template.split("/")[1:]]


def fits(template: str, path: str) -> dict[str, str] | None:
    wanted, given_ = template.split("/")[1:], path.split("/")[1:]
    values: dict[str, str] = {}
    for at, part in enumerate(wanted):
        if part.endswith("+}"):
            rest = given_[at:]
            if not any(rest):
                return None
            return values | {part[1:-2]: "/".join(rest)}
        if at >= len(given_):
            return None
        if part.startswith("{"):
            if not given_[at]:
                return None
            values[part[1:-1]] = given_[at]
        elif part != given_[at]:
            return None
    return values if len(wanted) == len(given_) else None


def modelled(routes: list[tuple[str, str]], method: str, path: str) -> list[str]:
    """The most specific templates that fit."""
    fitting = [one for how, one in routes if how == method and fits(one, path) is not None]
    best = min(map(rank, fitting), default=None)
    return [one for one in fitting if rank(one) == best]


@trials(2000)
@given(ROUTES, METHOD, PATHS)
def test_a_request_takes_the_most_specific_route_that_fits(
    routes: list[tuple[str, str]], method: str, path: str
) -> None:
    found = Router((how, one, one) for how, one in routes).find(method, path)
    expected = modelled(routes, method, path)
    if not expected:
        assert found is None
    else:
        assert found is not None
        assert found[0] in expected
        assert found[1] == fits(found[0], path)


@trials(500)
@given(ROUTES, PATHS)
def test_the_methods_allowed_are_those_that_would_be_found(
    routes: list[tuple[str, str]], path: str
) -> None:
    allowed = Router((how, one, one) for how, one in routes).allowed(path)
    expected = {how for how in ("GET", "POST", "PUT") if modelled(routes, how, path)}
    if "GET" in expected:
        expected.add("HEAD")
    assert set(allowed) == expected


def test_static_beats_parameter_beats_greedy_and_a_dead_end_is_left_again() -> None:
    paths = ["/a/b", "/a/{x}", "/a/{x}/c", "/a/{rest+}", "/a/b/d"]
    router = Router(("GET", path, path) for path in paths)
    assert router.find("GET", "/a/b") == ("/a/b", {})
    assert router.find("GET", "/a/z") == ("/a/{x}", {"x": "z"})
    assert router.find("GET", "/a/b/c") == ("/a/{x}/c", {"x": "b"})
    assert router.find("GET", "/a/b/e") == ("/a/{rest+}", {"rest": "b/e"})


@given(st.text(st.sampled_from("%4a2Fé+ &"), max_size=12))
def test_percent_encoding_is_read_as_everybody_reads_it(text: str) -> None:
    try:
        wanted = unquote(text, errors="strict")
    except UnicodeDecodeError:
        with pytest.raises(BadRequest):
            unquoted(text)
    else:
        assert unquoted(text) == wanted


def test_a_trailing_slash_is_another_path_and_an_empty_segment_is_no_value() -> None:
    router = Router([("GET", "/n", 1), ("GET", "/n/{id}", 2)])
    assert router.find("GET", "/n/") is None
    assert router.find("GET", "/n") == (1, {})


def test_head_is_answered_as_get_and_another_method_lists_what_is_allowed() -> None:
    router = Router([("GET", "/n/{id}", 1), ("DELETE", "/n/{id}", 2)])
    assert router.find("HEAD", "/n/x") == (1, {"id": "x"})
    assert router.find("PATCH", "/n/x") is None
    assert router.allowed("/n/x") == ["DELETE", "GET", "HEAD"]
