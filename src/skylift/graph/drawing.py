"""What the drawing of a graph is made of, and how much room text takes in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from .flow import Reach, Step

Said: TypeAlias = tuple[str, str]  # a name, and what is told of it
Point: TypeAlias = tuple[float, float]
Lines: TypeAlias = dict[str, list[Reach]]  # by function: what it reaches, a row each

NAME_WIDTH, SMALL_WIDTH = 7.9, 6.7  # of a character of 13 and of 11 px, in any monospaced font
TEXT_MAX = 48  # characters; the rest is told on hovering
MARGIN, PADDING, TOP = 24.0, 12.0, 92.0
BOX_HEIGHT, BOX_GAP = 46.0, 14.0
ROW = 20.0  # of a label beside its function
PORT = 9.0  # between wires side by side
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
    """From a box to a box, along its points. The label stands above its beginning."""

    points: tuple[Point, ...]
    label: str
    told: str
    tone: str
    is_curve: bool = False  # from the second point to the last; otherwise it turns at right angles
    calls: bool = False  # an event goes this way


class Column(NamedTuple):
    """One step: what calls, its functions one below the other, and behind their labels a lane for
    each thing they feed.
    """

    step: Step
    callers: dict[str, Box]
    functions: dict[str, Box]
    turn: float
    right: float

    def boxes(self) -> Iterator[Box]:
        yield from self.callers.values()
        yield from self.functions.values()


class Layout(NamedTuple):
    width: float
    height: float
    captions: list[tuple[float, str]]
    boxes: list[Box]
    wires: list[Wire]


def shortened(text: str) -> str:
    return text if len(text) <= TEXT_MAX else text[: TEXT_MAX - 1] + "…"


def label_width(labels: Iterable[str]) -> float:
    """Of the widest of these, with air before and behind it."""
    return max((len(shortened(one)) for one in labels), default=0) * SMALL_WIDTH + 2 * PADDING


def box_width(texts: Iterable[Said]) -> float:
    """Of a column whose boxes say this."""
    widths = [
        max(len(shortened(name)) * NAME_WIDTH, len(shortened(detail)) * SMALL_WIDTH)
        for name, detail in texts
    ]
    return max(widths, default=0) + 2 * PADDING


def lowest(boxes: Iterable[Box]) -> float:
    return max((box.bottom for box in boxes), default=TOP)


def mean(values: list[float]) -> float:
    return sum(values) / len(values)
