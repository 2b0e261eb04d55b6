"""A graph to read in a terminal or a log: columns as wide as what stands in them, never wrapped,
never coloured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .document import Document, FunctionEntry, label, triggering

Row = Sequence[str]
INDENT = "  "


def text(graph: Document) -> str:
    lines = [f"{graph['app']}  {graph['place']}", "", "resources"]
    lines += aligned(
        [one["kind"], one["name"], details(one), one["place"]] for one in graph["resources"]
    )
    lines += ["", "functions"]
    lines += aligned(row for one in graph["functions"] for row in _rows(one))
    return "\n".join([*lines, "", counted(graph)])


def counted(graph: Document) -> str:
    """`2 functions, 0 with uses=`: how much the walk of the code did not see by itself."""
    said = sum(one["uses"] for one in graph["functions"])
    return f"{of(len(graph['functions']), 'function')}, {said} with uses="


def of(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def aligned(rows: Iterable[Row]) -> Iterator[str]:
    """Lines with every column as wide as its widest cell."""
    kept = list(rows)
    widths = [max(map(len, column)) for column in zip(*kept, strict=True)]
    for row in kept:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield (INDENT + INDENT.join(cells)).rstrip()


def _rows(function: FunctionEntry) -> Iterator[Row]:
    grants = [f"{one['resource']}: {', '.join(one['verbs'])}" for one in function["grants"]]
    first = [function["name"], triggering(function), label(function), _limits(function["limits"])]
    yield [*first, grants[0] if grants else "-", "uses=" if function["uses"] else ""]
    for grant in grants[1:]:
        yield ["", "", "", "", grant, ""]


def _limits(limits: dict[str, Any]) -> str:
    said = f"{limits['memory_mb']} MB, {limits['timeout_s']:g} s"
    if limits["concurrency_max"] is not None:
        said += f", {limits['concurrency_max']} at once"
    return said + (f", {limits['warm']} warm" if limits["warm"] else "")


def details(resource: dict[str, Any]) -> str:
    """What the kind of a resource is told by, in a few words."""
    return DETAILS[resource["kind"]](resource)


def _api(api: dict[str, Any]) -> str:
    return "PUBLIC" if api["public"] else ""


def _table(table: dict[str, Any]) -> str:
    said = [f"key {', '.join(table['key'])}"]
    said += [f"{name} ({', '.join(key)})" for name, key in table["indexes"].items()]
    return "; ".join([*said, f"ttl {table['ttl']}"] if table["ttl"] else said)


DETAILS = {"api": _api, "table": _table}
