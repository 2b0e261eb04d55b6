"""Where everything stands in the drawing of a graph: what calls on the left, functions in the
middle, what they touch on the right.

Each grant has a row of its own beside its function, with its verbs; all curves begin behind the
widest of these rows. So no label is ever crossed, however large the app is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple, TypeAlias

from .document import Document, FunctionEntry, label, triggering
from .text import details

Said: TypeAlias = tuple[str, str]  # a name, and what is told of it

NAME_WIDTH, SMALL_WIDTH = 7.9, 6.7  # of a character of 13 and of 11 px, in any monospaced font
TEXT_MAX = 48  # characters; the rest is told on hovering
MARGIN, PADDING, TOP = 24.0, 12.0, 92.0
BOX_HEIGHT, BOX_GAP = 46.0, 14.0
ROW = 20.0  # of a grant beside its function
PORT = 9.0  # between the curves that end in one box
CALL_WIDTH = 56.0
CURVE_MIN, CURVE_MAX = 130.0, 420.0
SPREAD = 0.8  # how much of the height of the functions what they touch may take
TONES = 8


class Box(NamedTuple):
    x: float
    y: float
    width: float
    height: float
    name: str
    detail: str
    tone: str  # the class it is drawn in

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


class Wire(NamedTuple):
    """From a box to a box. It runs straight to `turn`, under its label, and bends behind it."""

    x: float
    y: float
    turn: float
    to_x: float
    to_y: float
    label: str
    told: str
    tone: str


class Start(NamedTuple):
    """Where a grant leaves its function."""

    y: float
    function: str
    verbs: str


class Layout(NamedTuple):
    width: float
    height: float
    captions: list[tuple[float, str]]
    boxes: list[Box]
    calls: list[Wire]
    grants: list[Wire]


def layout(graph: Document) -> Layout:
    called = _called(graph)
    entries = [one for group in called.values() for one in group]
    said = {one["name"]: (one["name"], details(one)) for one in graph["resources"]}

    x = MARGIN + _width(said[name] for name in called) + CALL_WIDTH
    middle = _functions(entries, x)
    left = _callers(called, said, middle)
    starts = _starts(entries, middle)
    turn = max((box.right for box in middle.values()), default=x) + _lead(starts)
    to_x = turn + min(max(CURVE_MIN, _bottom(middle) / 4), CURVE_MAX)
    touched = {name: said[name] for name in said if name in starts or name not in called}
    right = _touched(touched, starts, to_x, _bottom(middle) - TOP)

    boxes = [*left.values(), *middle.values(), *right.values()]
    wires = [_grants(right[name], rows, middle, turn) for name, rows in starts.items()]
    return Layout(
        width=max([to_x + MARGIN * 4, *(box.right for box in boxes)]) + MARGIN,
        height=max(map(_bottom, (left, middle, right))) + MARGIN,
        captions=[(MARGIN, "called by"), (x, "functions"), (to_x, "resources")],
        boxes=boxes,
        calls=list(_calls(called, left, middle)),
        grants=[wire for group in wires for wire in group],
    )


def shortened(text: str) -> str:
    return text if len(text) <= TEXT_MAX else text[: TEXT_MAX - 1] + "…"


def _called(graph: Document) -> dict[str, list[FunctionEntry]]:
    """The functions by what they hang on, both in the order of declaration."""
    groups: dict[str, list[FunctionEntry]] = {one["name"]: [] for one in graph["resources"]}
    for one in graph["functions"]:
        groups[triggering(one)].append(one)
    return {name: group for name, group in groups.items() if group}


def _functions(entries: list[FunctionEntry], x: float) -> dict[str, Box]:
    width = _width((one["name"], label(one)) for one in entries)
    boxes: dict[str, Box] = {}
    y = TOP
    for one in entries:
        height = max(BOX_HEIGHT, len(one["grants"]) * ROW + PADDING)
        boxes[one["name"]] = Box(x, y, width, height, one["name"], label(one), "function")
        y += height + BOX_GAP
    return boxes


def _callers(
    called: dict[str, list[FunctionEntry]], said: dict[str, Said], middle: dict[str, Box]
) -> dict[str, Box]:
    """Each in the middle of what it calls."""
    width = _width(said[name] for name in called)
    boxes: dict[str, Box] = {}
    for name, group in called.items():
        first, last = middle[group[0]["name"]], middle[group[-1]["name"]]
        y = (first.y + last.bottom - BOX_HEIGHT) / 2
        boxes[name] = Box(MARGIN, y, width, BOX_HEIGHT, *said[name], "caller")
    return boxes


def _starts(entries: list[FunctionEntry], middle: dict[str, Box]) -> dict[str, list[Start]]:
    """The grants of each resource, from top to bottom. Within a function they are in the order
    their resources will have, so that they do not cross on the way out.
    """
    heights: dict[str, list[float]] = {}
    for one in entries:
        for grant in one["grants"]:
            heights.setdefault(grant["resource"], []).append(middle[one["name"]].middle)
    means = {name: _mean(ys) for name, ys in heights.items()}
    starts: dict[str, list[Start]] = {}
    for one in entries:
        grants = sorted(one["grants"], key=lambda grant: means[grant["resource"]])
        y = middle[one["name"]].middle - (len(grants) - 1) / 2 * ROW
        for grant in grants:
            start = Start(y, one["name"], ", ".join(grant["verbs"]))
            starts.setdefault(grant["resource"], []).append(start)
            y += ROW
    return starts


def _touched(
    touched: dict[str, Said], starts: dict[str, list[Start]], x: float, room: float
) -> dict[str, Box]:
    """Each near the functions that touch it, with air between them where there is room for it, so
    that curves stay flat.
    """
    lowest = max((rows[-1].y for rows in starts.values()), default=TOP)
    heights = {name: max(BOX_HEIGHT, (len(starts.get(name, ())) + 1) * PORT) for name in touched}
    centres = {
        name: _mean([start.y for start in starts[name]]) if name in starts else lowest
        for name in touched
    }
    order = sorted(touched, key=lambda name: centres[name])
    air = max(BOX_GAP, (room * SPREAD - sum(heights.values())) / max(len(order) - 1, 1))
    wishes = [centres[name] - heights[name] / 2 for name in order]
    tops = _apart(wishes, [heights[name] + air for name in order])
    width = _width(touched.values())
    return {
        name: Box(x, top, width, heights[name], *touched[name], f"tone{at % TONES}")
        for at, (name, top) in enumerate(zip(order, tops, strict=True))
    }


def _apart(wishes: list[float], heights: list[float]) -> list[float]:
    """Tops that keep the order, do not overlap and are nearest to those wished for: boxes that
    would overlap form a stack, which moves as one to the mean of what its boxes wish.
    """
    above = [0.0, *accumulate(heights)][:-1]
    stacks: list[list[float]] = []  # where the boxes of each wish it to begin
    for wish, space in zip(wishes, above, strict=True):
        stacks.append([wish - space])
        while len(stacks) > 1 and _mean(stacks[-2]) > _mean(stacks[-1]):
            stacks[-2:] = [stacks[-2] + stacks[-1]]
    begins = [max(_mean(stack), TOP) for stack in stacks for _ in stack]
    return [begin + space for begin, space in zip(begins, above, strict=True)]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _calls(
    called: dict[str, list[FunctionEntry]], left: dict[str, Box], middle: dict[str, Box]
) -> Iterator[Wire]:
    for name, group in called.items():
        box = left[name]
        turn = box.right + CALL_WIDTH / 2
        for one in group:
            end = middle[one["name"]]
            told = f"{name} calls {one['name']}"
            yield Wire(box.right, box.middle, turn, end.x, end.middle, "", told, "call")


def _grants(box: Box, rows: list[Start], middle: dict[str, Box], turn: float) -> Iterator[Wire]:
    """The curves into one box, in the order they come from: they do not cross at its edge."""
    first = box.middle - (len(rows) - 1) / 2 * PORT
    for at, row in enumerate(rows):
        told = f"{row.function} may {row.verbs} in {box.name}"
        x, to_y = middle[row.function].right, first + at * PORT
        yield Wire(x, row.y, turn, box.x, to_y, shortened(row.verbs), told, box.tone)


def _lead(starts: dict[str, list[Start]]) -> float:
    verbs = [shortened(row.verbs) for rows in starts.values() for row in rows]
    return max(map(len, verbs), default=0) * SMALL_WIDTH + 2 * PADDING


def _width(texts: Iterable[Said]) -> float:
    """Of a column whose boxes say this."""
    widths = [
        max(len(shortened(name)) * NAME_WIDTH, len(shortened(detail)) * SMALL_WIDTH)
        for name, detail in texts
    ]
    return max(widths, default=0) + 2 * PADDING


def _bottom(boxes: dict[str, Box]) -> float:
    return max((box.bottom for box in boxes.values()), default=TOP)
