"""Where everything stands in the drawing of a graph. An event goes to the right and down: what
calls, its functions, what these feed, the functions of that. What they touch is at the very right.

No two functions stand side by side, so that a line to the right meets no box. Each line has a row
of its own, under its label, and turns behind all labels: no label is crossed, however large it is.
"""

from __future__ import annotations

from itertools import accumulate

from .document import Document, FunctionEntry, label
from .drawing import (
    BOX_GAP,
    BOX_HEIGHT,
    MARGIN,
    PADDING,
    PORT,
    ROW,
    TONES,
    TOP,
    Box,
    Column,
    Layout,
    Lines,
    Said,
    box_width,
    label_width,
    lowest,
    mean,
)
from .flow import LETTERS, Step, fed_by, is_letters, reaches, steps
from .text import details
from .wiring import wires

CALL_WIDTH = 56.0
BEGIN = MARGIN + 2 * PADDING + CALL_WIDTH  # of the functions, where nothing calls
CURVE_MIN, CURVE_MAX = 130.0, 420.0
SPREAD = 0.8  # how much of the height of the functions what they touch may take


def layout(graph: Document) -> Layout:
    way = steps(graph)
    called = {name for step in way for name in step}
    fed = fed_by(graph)
    lines = {one["name"]: reaches(one, called, fed) for one in graph["functions"]}
    said = _said(graph, lines)
    columns = _columns(way, said, lines)
    heights = _heights(columns, lines)

    end = max((column.right for column in columns), default=BEGIN + 2 * PADDING)
    floor = lowest(box for column in columns for box in column.functions.values())
    x = end + min(max(CURVE_MIN, floor / 4), CURVE_MAX)
    touched = {name: told for name, told in said.items() if name not in called}
    right = _touched(touched, heights, x, floor - TOP)
    columns = _toned(columns, heights, len(right))

    boxes = [*(box for column in columns for box in column.boxes()), *right.values()]
    return Layout(
        width=max([x + MARGIN * 4, *(box.right for box in boxes)]) + MARGIN,
        height=lowest(boxes) + MARGIN,
        captions=_captions(columns, x),
        boxes=boxes,
        wires=list(wires(columns, lines, right, end)),
    )


def _said(graph: Document, lines: Lines) -> dict[str, Said]:
    """What stands in the boxes of all that calls or is touched."""
    said = {one["name"]: (one["name"], "; ".join(details(one))) for one in graph["resources"]}
    reached = dict.fromkeys(line.target for group in lines.values() for line in group)
    functions = {one["name"]: (one["name"], label(one)) for one in graph["functions"]}
    said |= {name: told for name, told in functions.items() if name in reached}  # it is started
    return said | {name: (name, LETTERS) for name in reached if is_letters(name)}


def _columns(way: list[Step], said: dict[str, Said], lines: Lines) -> list[Column]:
    called = {name for step in way for name in step}
    columns: list[Column] = []
    x, y = MARGIN, TOP
    for step in way:
        entries = [one for group in step.values() for one in group]
        begin = x + box_width(said[name] for name in step) + CALL_WIDTH
        functions = _functions(entries, lines, (begin, y))
        rows = [line for one in entries for line in lines[one["name"]]]
        turn = max(box.right for box in functions.values())
        turn += label_width(line.label for line in rows)
        lanes = len({line.target for line in rows} & called)
        right = turn + lanes * PORT
        columns.append(Column(step, _callers(step, said, functions), functions, turn, right))
        x, y = right + CALL_WIDTH / 2, lowest(functions.values()) + BOX_GAP
    return columns


def _functions(
    entries: list[FunctionEntry], lines: Lines, begin: tuple[float, float]
) -> dict[str, Box]:
    x, y = begin
    width = box_width((one["name"], label(one)) for one in entries)
    boxes: dict[str, Box] = {}
    for one in entries:
        height = max(BOX_HEIGHT, len(lines[one["name"]]) * ROW + PADDING)
        boxes[one["name"]] = Box(x, y, width, height, one["name"], label(one), "function")
        y += height + BOX_GAP
    return boxes


def _callers(step: Step, said: dict[str, Said], functions: dict[str, Box]) -> dict[str, Box]:
    """Each in the middle of what it calls, on the left."""
    width = box_width(said[name] for name in step)
    boxes: dict[str, Box] = {}
    for name, group in step.items():
        first, last = functions[group[0]["name"]], functions[group[-1]["name"]]
        x, y = first.x - CALL_WIDTH - width, (first.y + last.bottom - BOX_HEIGHT) / 2
        boxes[name] = Box(x, y, width, BOX_HEIGHT, *said[name], "caller")
    return boxes


def _heights(columns: list[Column], lines: Lines) -> dict[str, list[float]]:
    """By what is reached, from where: the middles of the functions."""
    heights: dict[str, list[float]] = {}
    for column in columns:
        for name, box in column.functions.items():
            for line in lines[name]:
                heights.setdefault(line.target, []).append(box.middle)
    return heights


def _touched(
    touched: dict[str, Said], heights: dict[str, list[float]], x: float, room: float
) -> dict[str, Box]:
    """Each near the functions that touch it, with air between them where there is room for it, so
    that curves stay flat.
    """
    floor = max((max(middles) for middles in heights.values()), default=TOP)
    sizes = {name: max(BOX_HEIGHT, (len(heights.get(name, ())) + 1) * PORT) for name in touched}
    centres = {name: mean(heights[name]) if name in heights else floor for name in touched}
    order = sorted(touched, key=lambda name: centres[name])
    air = max(BOX_GAP, (room * SPREAD - sum(sizes.values())) / max(len(order) - 1, 1))
    wishes = [centres[name] - sizes[name] / 2 for name in order]
    tops = _apart(wishes, [sizes[name] + air for name in order])
    width = box_width(touched.values())
    return {
        name: Box(x, top, width, sizes[name], *touched[name], f"tone{at % TONES}")
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
        while len(stacks) > 1 and mean(stacks[-2]) > mean(stacks[-1]):
            stacks[-2:] = [stacks[-2] + stacks[-1]]
    begins = [max(mean(stack), TOP) for stack in stacks for _ in stack]
    return [begin + space for begin, space in zip(begins, above, strict=True)]


def _toned(columns: list[Column], heights: dict[str, list[float]], used: int) -> list[Column]:
    """What is fed and calls has a tone: the lines into it and out of it are seen to be one way."""
    fed = [name for column in columns for name in column.callers if name in heights]
    tones = {name: f"tone{(used + at) % TONES}" for at, name in enumerate(fed)}
    toned: list[Column] = []
    for column in columns:
        callers = {
            name: box._replace(tone=tones.get(name, box.tone))
            for name, box in column.callers.items()
        }
        toned.append(column._replace(callers=callers))
    return toned


def _captions(columns: list[Column], x: float) -> list[tuple[float, str]]:
    first = next(iter(columns[0].functions.values())).x if columns else BEGIN
    return [(MARGIN, "called by"), (first, "functions"), (x, "resources")]
