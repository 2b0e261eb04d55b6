"""A graph as a Mermaid flowchart, for a README or an issue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .document import Document, label, triggering

SHAPES = {"api": ("([", "])"), "table": ("[(", ")]")}  # by kind of resource
ENTITIES = str.maketrans({"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;"})


def mermaid(graph: Document) -> str:
    return "\n".join(["flowchart LR", *(f"    {line}" for line in _lines(graph))])


def _lines(graph: Document) -> Iterator[str]:
    # Names of our own making: an author may call a table `end`, which is a word of Mermaid's.
    ids = {one["name"]: f"r{at}" for at, one in enumerate(graph["resources"])}
    for one in graph["resources"]:
        before, after = SHAPES[one["kind"]]
        yield f"{ids[one['name']]}{before}{_quoted(_resource(one))}{after}"
    for at, function in enumerate(graph["functions"]):
        yield f"f{at}[{_quoted(function['name'])}]"
        yield f"{ids[triggering(function)]} -->|{_quoted(label(function))}| f{at}"
        for grant in function["grants"]:
            yield f"f{at} -->|{_quoted(', '.join(grant['verbs']))}| {ids[grant['resource']]}"


def _resource(resource: dict[str, Any]) -> str:
    return f"{resource['name']} (PUBLIC)" if resource.get("public") else resource["name"]


def _quoted(text: str) -> str:
    return f'"{text.translate(ENTITIES)}"'
