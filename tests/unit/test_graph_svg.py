"""The drawing: nothing overlaps, runs out of the picture or is fetched, whatever the size."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest

from skylift.graph.document import Document, document, triggering
from skylift.graph.flow import is_letters
from skylift.graph.svg import svg
from tests.unit.written_app import CLOCKS, OFFICE, loaded, shop, written

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
CAPTIONS = 70  # where the title has ended
GRAPHS = 300  # graphs put together by chance


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


@pytest.fixture(params=["hello", "shop", "office", "clocks", "long names", "nothing"])
def graph(request: pytest.FixtureRequest, tmp_path: Path) -> Document:
    office = OFFICE.read_text("utf-8")
    sources = {"shop": shop(), "office": office, "long names": LONG}
    sources |= {"clocks": CLOCKS, "nothing": NOTHING}
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


def letters(graph: Document) -> set[str]:
    """The dead letters that somebody takes or touches."""
    called = {triggering(one) for one in graph["functions"]}
    touched = {grant["resource"] for one in graph["functions"] for grant in one["grants"]}
    return {name for name in called | touched if is_letters(name)}


def started(graph: Document) -> set[str]:
    """The functions that others call."""
    touched = {grant["resource"] for one in graph["functions"] for grant in one["grants"]}
    return touched & {one["name"] for one in graph["functions"]}


def segments(root: ElementTree.Element) -> Iterator[Area]:
    """The straight parts of all lines, as areas without width."""
    for one in root.iter(f"{SVG}path"):
        told = one.findtext(f"{SVG}title") or ""
        x = y = 0.0
        points: list[tuple[float, float]] = []
        for command, said in re.findall("([MLHQC])([^A-Z]*)", one.attrib["d"]):
            numbers = [float(number) for number in said.split()]
            if command == "C":
                break  # behind it comes a curve
            x, y = (numbers[0], y) if command == "H" else (numbers[-2], numbers[-1])
            points += [(numbers[0], numbers[1])] if command == "Q" else []
            points.append((x, y))
        for (a, b), (c, d) in pairwise(points):
            yield Area(min(a, c), min(b, d), max(a, c), max(b, d), told)


def curves(root: ElementTree.Element) -> Iterator[tuple[float, float]]:
    """Where each begins to bend, and where it ends."""
    for one in root.iter(f"{SVG}path"):
        straight, _, bent = one.attrib["d"].partition("C")
        if bent:
            yield float(straight.rpartition("H")[2]), float(bent.split()[-2])


def check(graph: Document) -> ElementTree.Element:
    """Boxes, words and lines keep out of each other's way, inside the picture."""
    root = ElementTree.fromstring(svg(graph))
    whole = Area(0, 0, float(root.attrib["width"]), float(root.attrib["height"]), "the picture")
    words, frames = texts(root), boxes(root)
    count = len(graph["resources"]) + len(graph["functions"]) + len(letters(graph))
    count += len(started(graph))  # they stand where they are touched, once more
    assert len(frames) == count  # a queue that is fed and calls is one box
    assert all(whole.holds(one) for one in (*words, *frames))
    for one, other in (*combinations(words, 2), *combinations(frames, 2)):
        assert not one.overlaps(other), f"{one.what} and {other.what}"
    for word in words:
        for frame in frames:
            assert frame.holds(word) or not frame.overlaps(word), word.what
    for line in segments(root):
        assert whole.holds(line), line.what
        for one in (*words, *map(inner, frames)):
            assert not one.overlaps(line), f"{line.what} runs through {one.what}"
    for turn, end in curves(root):
        for one in (*words, *frames):
            is_above = one.bottom < CAPTIONS
            assert is_above or one.right <= turn or one.left >= end, one.what
    return root


def inner(frame: Area) -> Area:
    """Without its edge, at which lines end."""
    return Area(frame.left + 1, frame.top + 1, frame.right - 1, frame.bottom - 1, frame.what)


def test_nothing_overlaps_and_nothing_runs_out_of_the_picture(graph: Document) -> None:
    check(graph)


def test_every_grant_is_a_line_from_its_function_to_its_resource(graph: Document) -> None:
    root = ElementTree.fromstring(svg(graph))
    told = [one.findtext(f"{SVG}title") or "" for one in root.iter(f"{SVG}path")]
    for function in graph["functions"]:
        for grant in function["grants"]:
            verbs = ", ".join(grant["verbs"])
            assert f"{function['name']} may {verbs} in {grant['resource']}" in told
        assert f"{triggering(function)} calls {function['name']}" in told
    grants = sum(len(one["grants"]) for one in graph["functions"])
    buried = {triggering(one) for one in graph["functions"]} & letters(graph)
    assert len(told) == grants + len(graph["functions"]) + len(buried)


def test_an_event_goes_to_the_right_and_ends_in_an_arrow(tmp_path: Path) -> None:
    home = written(tmp_path, OFFICE.read_text("utf-8"))
    with loaded(home) as found:
        root = check(document(found, seen_from=home))
    place = {one.text: one for one in root.iter(f"{SVG}text")}
    way = ("shop", "things.place", "placing", "things.pack", "packing", "things.ship")
    xs = [float(place[name].attrib["x"]) for name in way]
    assert xs == sorted(set(xs))
    lines = {one.findtext(f"{SVG}title"): one for one in root.iter(f"{SVG}path")}
    into, out_of = lines["things.place may send in placing"], lines["placing calls things.pack"]
    assert into.attrib["class"] == out_of.attrib["class"] != "wire call"  # one thing, one colour
    tips = {one.attrib["points"].split()[:2][0] for one in root.iter(f"{SVG}polygon")}
    assert {into.attrib["d"].rpartition("L")[2].split()[0]} <= tips


def a_graph(chance: random.Random) -> Document:
    """Apis, tables, queues, and functions that do anything with them."""

    def name() -> str:
        return chance.choice("nq") * chance.randint(1, 50) + str(chance.random())[2:]

    resources: list[dict[str, Any]] = []
    for kind in ("api", *chance.choices(("api", "table", "queue", "queue"), k=8)):
        more: dict[str, Any] = {"public": True, "throttled": "", "key": ["id"], "indexes": {}}
        more["ttl"] = None
        more |= {"message": name(), "fifo": False, "dedup": None, "consumer": "x"}
        resources.append({"kind": kind, "name": name(), "place": "x:1"} | more)
    functions: list[Any] = []
    queues = [one["name"] for one in resources if one["kind"] == "queue"]
    apis = [one["name"] for one in resources if one["kind"] == "api"]
    for _ in range(chance.randint(1, 14)):
        trigger: dict[str, Any] = {"attempts_max": 5, "batch": 1, "once": False, "once_by": None}
        trigger |= {"users": None, "is_optional": False, "is_exempt": False, "limited": ""}
        dead = [f"{one['name']}.dead" for one in functions if one["trigger"]["kind"] == "queue"]
        if queues and chance.random() < 0.5:
            trigger |= {"kind": "queue", "queue": queues.pop()}
        elif dead and chance.random() < 0.3:
            trigger |= {"kind": "dead", "dead": chance.choice(dead)}
        else:
            path = {"method": "GET", "path": name()}
            trigger |= {"kind": "http", "api": chance.choice(apis)} | path
        reached = [one["name"] for one in resources if one["kind"] != "api"] + dead
        targets = chance.sample(reached, chance.randint(0, min(4, len(reached))))
        grants = [{"resource": one, "verbs": ["send", name()]} for one in targets]
        entry = {"name": name(), "trigger": trigger, "grants": grants, "uses": False, "place": ""}
        functions.append(entry)
    taken = [one["trigger"]["dead"] for one in functions if one["trigger"]["kind"] == "dead"]
    if len(taken) > len(set(taken)):
        return a_graph(chance)
    return Document(app="chance", place="x:1", resources=resources, functions=functions)


def test_no_graph_is_drawn_with_a_line_through_a_box_or_a_label() -> None:
    chance = random.Random(7)
    for _ in range(GRAPHS):
        check(a_graph(chance))


def test_the_picture_needs_nothing_from_elsewhere_and_knows_light_and_dark(graph: Document) -> None:
    drawn = svg(graph)
    assert drawn.isascii()
    assert drawn.count("http") == 1  # the name of the format
    assert "@media (prefers-color-scheme: dark)" in drawn
    assert "<script" not in drawn
    assert "url(" not in drawn
