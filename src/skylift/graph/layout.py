"""Where everything stands in the drawing of a graph: what calls on the left, functions in the
middle, what they touch on the right.

Each grant has a row of its own beside its function, where its verbs are written; a curve starts only
behind the widest of them. So no label is ever crossed, whatever the size of the app.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .document import Document, FunctionEntry, label, triggering

NAME_WIDTH, SMALL_WIDTH = 7.9, 6.7  # of a character: 13 and 11 px, any monospaced font
MARGIN, PADDING = 24.0, 12.0
BOX_HEIGHT, BOX_GAP = 46.0, 14.0
TOP = 84.0
GRANT_ROW, PORT = 19.0, 9.0
SPINE_GAP = 56.0
CURVE_MIN, CURVE_MAX = 120.0, 280.0
DETAIL_MAX, VERBS_MAX = 52, 40  # characters; what is longer ends in … and is told on hovering
TONES = 8


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    name: str
    detail: str
    told: str
    tone: str  # the class it is drawn in
    badge: str = ""

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True)
class Wire:
    """From a box to a box; `lead` is how far it runs straight, under its label."""

    x: float
    y: float
    lead: float
    to_x: float
    to_y: float
    label: str
    told: str
    tone: str


@dataclass(frozen=True)
class Layout:
    width: float
    height: float
    columns: list[tuple[float, str]]
    boxes: list[Box]
    calls: list[Wire]
    grants: list[Wire]


def layout(graph: Document, details: dict[str, str]) -> Layout:
    """`details` says each resource in a few words."""
    kept = {one["name"]: one for one in graph["resources"]}
    calling = [name for name in kept if any(triggering(one) == name for one in graph["functions"])]
    ordered = [one for name in calling for one in graph["functions"] if triggering(one) == name]
    left_width = _width([(name, details[name], kept[name]) for name in calling])
    functions = _functions(ordered, MARGIN + left_width + SPINE_GAP)
    left = [_caller(kept[name], details[name], left_width, functions, ordered) for name in calling]
    lead = (functions[0].right if functions else MARGIN) + _lead(ordered)
    touched = {grant["resource"] for one in ordered for grant in one["grants"]}
    right_names = [name for name in kept if name in touched or name not in calling]
    tones = {name: f"tone{at % TONES}" for at, name in enumerate(right_names)}
    ends = _sources(functions, ordered)
    floor = max([one.y + one.height for one in functions], default=TOP)
    x = lead + min(max(CURVE_MIN, (floor - TOP) / 5), CURVE_MAX)
    width = _width([(name, details[name], kept[name]) for name in right_names])
    sized = {name: _Wanted(name, [y for y, _ in ends.get(name, [])]) for name in right_names}
    right = [
        Box(x, top, width, one.height, one.name, *_detail(details[one.name]), tones[one.name])
        for one, top in _placed(list(sized.values()))
    ]
    boxes = [*left, *functions, *right]
    grants = [wire for box in right for wire in _wires(box, ends.get(box.name, []), lead)]
    calls = [
        Wire(box.right, box.middle, box.right + SPINE_GAP / 2, one.x, one.middle, "", "", "call")
        for box in left
        for one, entry in zip(functions, ordered, strict=True)
        if triggering(entry) == box.name
    ]
    columns = [(MARGIN, "called by"), (MARGIN + left_width + SPINE_GAP, "functions"), (x, "touch")]
    bottom = max([box.y + box.height for box in boxes], default=TOP) + MARGIN
    return Layout(x + width + MARGIN, bottom, columns, boxes, calls, grants)
