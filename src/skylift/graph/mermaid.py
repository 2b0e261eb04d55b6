"""A graph as a Mermaid flowchart, for a README or an issue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .document import Document, label, triggering
from .flow import LETTERS, is_letters, letters_of

SHAPES = {  # by kind of resource
    "api": ("([", "])"),
    "table": ("[(", ")]"),
    "queue": ("[[", "]]"),
    "dead": ("{{", "}}"),
    "timer": ("[/", "/]"),
    "schedule": ("[\\", "\\]"),
    "topic": ("((", "))"),
    "bus": ("[/", "/]"),
    "users": ("[(", ")]"),
    "channel": ("((", "))"),
    "secret": ("{{", "}}"),
    "setting": ("{{", "}}"),
    "site": ("([", "])"),
}
ENTITIES = str.maketrans({"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;"})


def mermaid(graph: Document) -> str:
    return "\n".join(["flowchart LR", *(f"    {line}" for line in _lines(graph))])


def _lines(graph: Document) -> Iterator[str]:
    # Names of our own making: an author may call a table `end`, which is a word of Mermaid's.
    ids = {one["name"]: f"r{at}" for at, one in enumerate(graph["resources"])}
    letters = {name: f"d{at}" for at, name in enumerate(_letters(graph))}
    for one in graph["resources"]:
        yield _node(ids[one["name"]], one["kind"], _resource(one))
    for one in graph["resources"]:
        for fed in one.get("feeds", ()):
            yield f"{ids[one['name']]} ==> {ids[fed['queue']]}"
        if one["kind"] == "site" and one["api"]:
            yield f"{ids[one['name']]} -->|{_quoted('/api')}| {ids[one['api']]}"
    for name, id in letters.items():
        yield _node(id, "dead", name)
    ids |= letters | {one["name"]: f"f{at}" for at, one in enumerate(graph["functions"])}
    for at, function in enumerate(graph["functions"]):
        yield f"f{at}[{_quoted(function['name'])}]"
        yield f"{ids[triggering(function)]} -->|{_quoted(label(function))}| f{at}"
        for grant in function["grants"]:
            yield f"f{at} -->|{_quoted(', '.join(grant['verbs']))}| {ids[grant['resource']]}"
        if letters_of(function) in letters:
            yield f"f{at} -.->|{_quoted(LETTERS)}| {ids[letters_of(function)]}"


def _letters(graph: Document) -> list[str]:
    """The dead letters that somebody takes or touches."""
    called = [triggering(one) for one in graph["functions"]]
    touched = [grant["resource"] for one in graph["functions"] for grant in one["grants"]]
    return [name for name in dict.fromkeys([*called, *touched]) if is_letters(name)]


def _node(id: str, kind: str, said: str) -> str:
    before, after = SHAPES[kind]
    return f"{id}{before}{_quoted(said)}{after}"


def _resource(resource: dict[str, Any]) -> str:
    return f"{resource['name']} (PUBLIC)" if resource.get("public") else resource["name"]


def _quoted(text: str) -> str:
    return f'"{text.translate(ENTITIES)}"'
