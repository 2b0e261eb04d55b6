"""A graph as a picture: light or dark as its reader likes it, no fonts or scripts fetched."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from .document import Document
from .layout import MARGIN, PADDING, TONES, Box, Wire, layout, shortened
from .text import counted

ROUND = 8.0
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
        *(_wire(wire, _elbow(wire)) for wire in plan.calls),
        *(_wire(wire, _curve(wire)) for wire in plan.grants),
        *(line for box in plan.boxes for line in _box(box)),
        *(
            _text(wire.x + PADDING, wire.y - 4, f"small {wire.tone}", wire.label)
            for wire in plan.grants
        ),
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
        f".{tone} {{ stroke: var(--{tone}) }} text.{tone} {{ fill: var(--{tone}); stroke: none }}"
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


def _wire(wire: Wire, path: str) -> str:
    return f'<path class="wire {wire.tone}" d="{path}"><title>{escape(wire.told)}</title></path>'


def _curve(wire: Wire) -> str:
    bend = (wire.to_x - wire.turn) / 2
    return (
        f"M{wire.x:.1f} {wire.y:.1f}H{wire.turn:.1f}C{wire.turn + bend:.1f} {wire.y:.1f} "
        f"{wire.to_x - bend:.1f} {wire.to_y:.1f} {wire.to_x:.1f} {wire.to_y:.1f}"
    )


def _elbow(wire: Wire) -> str:
    """Many calls leave one box by one line and part at right angles."""
    down = wire.to_y - wire.y
    if abs(down) < 1:
        return f"M{wire.x:.1f} {wire.y:.1f}H{wire.to_x:.1f}"
    corner = min(ROUND, abs(down) / 2)
    step = corner if down > 0 else -corner
    return (
        f"M{wire.x:.1f} {wire.y:.1f}H{wire.turn - corner:.1f}"
        f"Q{wire.turn:.1f} {wire.y:.1f} {wire.turn:.1f} {wire.y + step:.1f}V{wire.to_y - step:.1f}"
        f"Q{wire.turn:.1f} {wire.to_y:.1f} {wire.turn + corner:.1f} {wire.to_y:.1f}H{wire.to_x:.1f}"
    )


def _text(x: float, y: float, tone: str, text: str) -> str:
    return f'<text class="{tone}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'
