"""How one resource of a template speaks of another. A plan says `${NotesTable.Arn}`; CloudFormation
takes that inside a text, and alone as what it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias, cast

Resource: TypeAlias = dict[str, Any]
Resources: TypeAlias = dict[str, Resource]  # by logical id

ALONE = re.compile(r"\$\{(\w+)(?:\.([\w.]+))?\}")


def of(text: str) -> Any:
    """The value of a text that may hold references."""
    found = ALONE.fullmatch(text)
    if found is None:
        return {"Fn::Sub": text} if "${" in text else text
    name, attribute = found.groups()
    return {"Fn::GetAtt": [name, attribute]} if attribute else {"Ref": name}


def arn(logical_id: str) -> str:
    return f"${{{logical_id}.Arn}}"


def ref(logical_id: str) -> str:
    return f"${{{logical_id}}}"


def references(value: Any) -> Iterator[tuple[str, str]]:
    """Names of resources and their attributes, wherever a part of a template speaks of them."""
    if isinstance(value, list):
        for part in cast("list[Any]", value):
            yield from references(part)
    elif isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        if "Ref" in members:
            yield members["Ref"], ""
        elif "Fn::GetAtt" in members:
            name, attribute = members["Fn::GetAtt"]
            yield name, attribute
        elif "Fn::Sub" in members:
            for found in ALONE.finditer(members["Fn::Sub"]):
                yield found[1], found[2] or ""
        else:
            yield from references(list(members.values()))
