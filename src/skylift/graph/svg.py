"""A graph as a picture: light or dark as its reader likes it, no fonts or scripts fetched."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from .document import Document
from .drawing import MARGIN, PADDING, TONES, Box, Point, Wire, shortened
from .layout import layout
from .text import counted

ROUND = 8.0
TIP = 6.0
# Name, in the light, in the dark. The tones are hues far apart and equally light, so that curves
# can be told apart and none shouts.
COLOURS = (
    ("paper", "#ffffff", "#14181f"),
    ("box", "#f6f7f9", "#1e242d"),
    ("line", "#b9c0ca", "#4a5564"),
    ("ink", "#1b2430", "#e8ecf2"),
    ("soft", "#5b6675", "#a3adba"),
    ("warn", "#b3261e", "#ff9b8f"),
    ("tone0", "#1f6fb2", "#6cb2f0"),
    ("tone1", "#b2571f", "#eda06c"),
    ("tone2", "#2f7d46", "#76c78d"),
    ("tone3", "#8a3fa0", "#cf94e2"),
    ("tone4", "#a8324a", "#f08a9d"),
    ("tone5", "#6b6f00", "#c6c95a"),
    ("tone6", "#0f7a80", "#5fc8cf"),
    ("tone7", "#5b4bc4", "#a99bf5"),
)
RULES = """
.paper { fill: var(--paper) }
text { font: 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: var(--ink) }
.title { font-size: 16px; font-weight: 600 }
.name { font-weight: 600 }
.small { font-size: 11px; fill: var(--soft) }
.public { fill: var(--warn); font-weight: 600 }
.box { fill: var(--box); stroke: var(--line) }
.caller { stroke: var(--ink) }
.wire { fill: none; stroke-width: 1.4 }
.call { stroke: var(--line) }
.tip { stroke: none; fill: var(--line) }
"""


def svg(graph: Document) -> str:
    plan = layout(graph)
    size = f"{plan.width:.0f} {plan.height:.0f}"
    width, height = size.split()
    said = escape(f"{graph['app']}: {counted(graph)}")
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {size}" role="img" class="skylift">',
        f"<title>{said}</title>",
        f"<style>{_style()}</style>",
        '<rect class="paper" width="100%" height="100%"/>',
        _text(MARGIN, 34, "title", graph["app"]),
        _text(MARGIN, 52, "small", counted(graph)),
        *(_text(x, 80, "small", caption) for x, caption in plan.captions),
        *(_wire(wire) for wire in plan.wires),
        *(_tip(wire) for wire in plan.wires if wire.calls),
        *(line for box in plan.boxes for line in _box(box)),
        *(_label(wire) for wire in plan.wires if wire.label),
        "</svg>",
    ]
    return (
        "\n".join(lines).encode("ascii", "xmlcharrefreplace").decode()
    )  # whatever the terminal speaks


def _style() -> str:
    light, dark = (
        "; ".join(f"--{name}: {shades[at]}" for name, *shades in COLOURS) for at in (0, 1)
    )
    tones = [
        f".{tone} {{ stroke: var(--{tone}) }} "
        f"text.{tone}, .tip.{tone} {{ fill: var(--{tone}); stroke: none }}"
        for tone in (f"tone{at}" for at in range(TONES))
    ]
    scheme = (
        f".skylift {{ {light} }}\n@media (prefers-color-scheme: dark) {{ .skylift {{ {dark} }} }}"
    )
    return "\n".join([scheme + RULES, *tones])


def _box(box: Box) -> Iterator[str]:
    told = escape(f"{box.name} · {box.detail}")
    yield (
        f'<rect class="box {box.tone}" x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="6"><title>{told}</title></rect>'
    )
    x, y = box.x + PADDING, box.middle
    yield _text(x, y - 3 if box.detail else y + 4, "name", shortened(box.name))
    if box.detail:
        tone = "small public" if box.detail == "PUBLIC" else "small"
        yield _text(x, y + 13, tone, shortened(box.detail))


def _wire(wire: Wire) -> str:
    path = _curve(wire.points) if wire.is_curve else _elbows(wire.points)
    return f'<path class="wire {wire.tone}" d="{path}"><title>{escape(wire.told)}</title></path>'


def _label(wire: Wire) -> str:
    x, y = wire.points[0]
    return _text(x + PADDING, y - 4, f"small {wire.tone}", wire.label)


def _curve(points: tuple[Point, ...]) -> str:
    (x, y), (turn, _), (to_x, to_y) = points
    bend = (to_x - turn) / 2
    return (
        f"M{x:.1f} {y:.1f}H{turn:.1f}C{turn + bend:.1f} {y:.1f} "
        f"{to_x - bend:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
    )


def _elbows(points: tuple[Point, ...]) -> str:
    """Straight from point to point, with every corner rounded as far as there is room."""
    drawn = [f"M{_at(points[0])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        room = min(ROUND, _distance(before, corner) / 2, _distance(corner, after) / 2)
        if room:
            near, behind = _towards(corner, before, room), _towards(corner, after, room)
            drawn.append(f"L{_at(near)}Q{_at(corner)} {_at(behind)}")
    return "".join([*drawn, f"L{_at(points[-1])}"])


def _tip(wire: Wire) -> str:
    """An arrow's head where the line ends."""
    end = wire.points[-1]
    start = next(one for one in reversed(wire.points) if one != end)
    back = _towards(end, start, TIP)
    across = ((end[1] - back[1]) / 2, (back[0] - end[0]) / 2)
    sides = [(back[0] + sign * across[0], back[1] + sign * across[1]) for sign in (1, -1)]
    return f'<polygon class="tip {wire.tone}" points="{" ".join(map(_at, [end, *sides]))}"/>'


def _distance(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])  # all lines are level or upright


def _towards(start: Point, end: Point, length: float) -> Point:
    part = length / _distance(start, end)
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part


def _at(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"


def _text(x: float, y: float, tone: str, text: str) -> str:
    return f'<text class="{tone}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'
