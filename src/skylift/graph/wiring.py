"""The lines in the drawing of a graph: from what calls to its functions, from these to what they
feed, at right angles, and to what they touch, as curves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .drawing import BOX_GAP, PORT, ROW, Box, Column, Lines, Wire, shortened
from .flow import LETTERS, Reach, is_letters


class Start(NamedTuple):
    """Where a line leaves its function."""

    function: Box
    y: float
    line: Reach


def wires(columns: list[Column], lines: Lines, right: dict[str, Box], end: float) -> Iterator[Wire]:
    """All lines of a drawing; curves turn at `end`, behind every label."""
    starts = [list(_starts(column, columns, lines, right)) for column in columns]
    for column in columns:
        yield from _calls(column)
    for at, column in enumerate(columns):
        yield from _feeds(starts[at], columns, column)
    for box in right.values():
        own = [start for column in starts for start in column if start.line.target == box.name]
        yield from _touches(box, own, end)


def _starts(
    column: Column, columns: list[Column], lines: Lines, right: dict[str, Box]
) -> Iterator[Start]:
    """The lines of each function in the order their ends have, so that they do not cross on the way
    out.
    """
    boxes = {name: box for one in columns for name, box in one.callers.items()}
    for name, box in column.functions.items():

        def place(line: Reach, box: Box = box) -> tuple[int, float]:
            to = boxes.get(line.target)
            if to is None:
                return 1, right[line.target].middle
            return (2 if to.middle > box.middle else 0), to.middle

        rows = sorted(lines[name], key=place)
        y = box.middle - (len(rows) - 1) / 2 * ROW
        for line in rows:
            yield Start(box, y, line)
            y += ROW


def _calls(column: Column) -> Iterator[Wire]:
    """Many calls leave one box by one line and part at right angles."""
    for name, group in column.step.items():
        box = column.callers[name]
        tone = "call" if box.tone == "caller" else box.tone
        for one in group:
            to = column.functions[one["name"]]
            turn = (box.right + to.x) / 2
            points = ((box.right, box.middle), (turn, box.middle), (turn, to.middle))
            told = f"{name} calls {to.name}"
            yield Wire((*points, (to.x, to.middle)), "", told, tone, calls=True)


def _feeds(starts: list[Start], columns: list[Column], column: Column) -> Iterator[Wire]:
    """To what calls others: down one lane for each, into its left side when it is in the next
    step, else through the air above it into its top.
    """
    following = columns[columns.index(column) + 1 :][:1]
    near = {name: box for one in following for name, box in one.callers.items()}
    boxes = {name: box for one in columns for name, box in one.callers.items()}
    fed = {start.line.target for start in starts if start.line.target in boxes}
    # The lower its end, the further left its lane: they do not cross on the way down.
    lanes = sorted(fed, key=lambda name: (name not in near, -boxes[name].middle))
    for start in starts:
        to = boxes.get(start.line.target)
        if to is None:
            continue
        x = column.turn + lanes.index(to.name) * PORT
        begin = ((start.function.right, start.y), (x, start.y))
        if to.name in near:
            points = (*begin, (x, to.middle), (to.x, to.middle))
        else:
            above, middle = _top_of(to, columns) - BOX_GAP / 2, to.x + to.width / 2
            points = (*begin, (x, above), (middle, above), (middle, to.y))
        line = start.line
        calls = line.label == LETTERS or not is_letters(to.name)
        yield Wire(points, shortened(line.label), line.told, to.tone, calls=calls)


def _top_of(caller: Box, columns: list[Column]) -> float:
    """Where the functions begin that a box calls: above it nothing stands in the whole width."""
    for column in columns:
        if caller.name in column.step:
            return column.functions[column.step[caller.name][0]["name"]].y
    raise AssertionError(caller.name)


def _touches(box: Box, starts: list[Start], end: float) -> Iterator[Wire]:
    """The curves into one box, in the order they come from: they do not cross at its edge."""
    first = box.middle - (len(starts) - 1) / 2 * PORT
    for at, start in enumerate(starts):
        points = ((start.function.right, start.y), (end, start.y), (box.x, first + at * PORT))
        label = shortened(start.line.label)
        yield Wire(points, label, start.line.told, box.tone, is_curve=True)
