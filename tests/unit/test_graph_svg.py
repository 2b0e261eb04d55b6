"""The drawing: nothing overlaps, runs out of the picture or is fetched, whatever the size."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

from skylift.graph.document import Document, document
from skylift.graph.svg import svg
from tests.unit.written_app import loaded, shop, written

SVG = "{http://www.w3.org/2000/svg}"
HELLO = Path(__file__).parents[2] / "apps" / "hello"
PIXELS = {"title": 16, "name": 13, "small": 11}  # of a class, as its style says
LONG = f"""
from skylift import Api, Struct, Table

class Item(Struct):
    id: str

api = Api("{"a" * 48}")
items = Table("{"t" * 48}", Item, key="id")
other = Table("x", Item, key="id")

ALL = tuple(getattr(items, verb) for verb in sorted(items.verbs))

@api.delete("/{"segment/" * 20}{{id}}", uses=ALL)
async def {"f" * 80}(id: str) -> None: ...
"""
NOTHING = ""


class Area(NamedTuple):
    """A rectangle, and what stands in it."""

    left: float
    top: float
    right: float
    bottom: float
    what: str

    def overlaps(self, other: Area) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def holds(self, other: Area) -> bool:
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.top <= other.top
            and other.bottom <= self.bottom
        )


@pytest.fixture(params=["hello", "shop", "long names", "nothing"])
def graph(request: pytest.FixtureRequest, tmp_path: Path) -> Document:
    sources = {"shop": shop(), "long names": LONG, "nothing": NOTHING}
    home = HELLO if request.param == "hello" else written(tmp_path, sources[request.param])
    with loaded(home) as found:
        return document(found, seen_from=home)


def texts(root: ElementTree.Element) -> list[Area]:
    """Where the letters are, in a monospaced font as wide as any."""
    found: list[Area] = []
    for one in root.iter(f"{SVG}text"):
        size = next(PIXELS[word] for word in one.attrib["class"].split() if word in PIXELS)
        x, y, said = float(one.attrib["x"]), float(one.attrib["y"]), one.text or ""
        found.append(Area(x, y - 0.75 * size, x + 0.605 * size * len(said), y + 0.25 * size, said))
    return found


def boxes(root: ElementTree.Element) -> list[Area]:
    found: list[Area] = []
    for one in root.iter(f"{SVG}rect"):
        if "x" in one.attrib:
            x, y, width, height = (float(one.attrib[at]) for at in ("x", "y", "width", "height"))
            found.append(Area(x, y, x + width, y + height, one.attrib["class"]))
    return found


def test_nothing_overlaps_and_nothing_runs_out_of_the_picture(graph: Document) -> None:
    root = ElementTree.fromstring(svg(graph))
    whole = Area(0, 0, float(root.attrib["width"]), float(root.attrib["height"]), "the picture")
    words, frames = texts(root), boxes(root)
    assert len(frames) == len(graph["resources"]) + len(graph["functions"])
    assert all(whole.holds(one) for one in (*words, *frames))
    for one, other in (*combinations(words, 2), *combinations(frames, 2)):
        assert not one.overlaps(other), f"{one.what} and {other.what}"
    for word in words:
        for frame in frames:
            assert frame.holds(word) or not frame.overlaps(word), word.what


def test_every_grant_is_a_curve_from_its_function_to_its_resource(graph: Document) -> None:
    root = ElementTree.fromstring(svg(graph))
    told = [one.findtext(f"{SVG}title") or "" for one in root.iter(f"{SVG}path")]
    for function in graph["functions"]:
        for grant in function["grants"]:
            verbs = ", ".join(grant["verbs"])
            assert f"{function['name']} may {verbs} in {grant['resource']}" in told
    grants = sum(len(one["grants"]) for one in graph["functions"])
    assert len(told) == grants + len(graph["functions"])  # and a line from what calls it


def test_no_curve_runs_through_a_label(graph: Document) -> None:
    """A curve leaves the straight line below its label only behind all labels."""
    root = ElementTree.fromstring(svg(graph))
    labels = [one for one in root.iter(f"{SVG}text") if "tone" in one.attrib["class"]]
    spots = [area for area in texts(root) if area.what in {one.text for one in labels}]
    curves = [one.attrib["d"] for one in root.iter(f"{SVG}path") if "C" in one.attrib["d"]]
    for curve in curves:
        start, _, turn = curve.partition("C")[0].partition("H")
        x, y = map(float, start.removeprefix("M").split())
        straight = Area(x, y - 0.7, float(turn), y + 0.7, curve)
        assert not [spot.what for spot in spots if spot.overlaps(straight)]
        assert all(spot.right <= float(turn) for spot in spots)


def test_the_picture_needs_nothing_from_elsewhere_and_knows_light_and_dark(graph: Document) -> None:
    drawn = svg(graph)
    assert drawn.isascii()
    assert drawn.count("http") == 1  # the name of the format
    assert "@media (prefers-color-scheme: dark)" in drawn
    assert "<script" not in drawn
    assert "url(" not in drawn
