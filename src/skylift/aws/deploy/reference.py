"""How one resource of a template speaks of another. A plan says `${NotesTable.Arn}`; CloudFormation
takes that inside a text, and alone as what it means.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

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
