"""The query protocol for the proxy: what is asked and answered in it, as the faults read and say
it, which is JSON.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.sax.saxutils import escape

from msgspec import json

from skylift.aws.runtime.client_query import fields, tree
from tests.rehearsal.fault import Answer

ENTRIES = "PublishBatchRequestEntries"


def is_form(body: bytes) -> bool:
    return body.startswith(b"Action=")


def operation_of(body: bytes) -> str:
    return str(dict(parse_qsl(body.decode()))["Action"])


def read(body: bytes) -> dict[str, Any]:
    """`Entries` are a list, as in SQS."""
    said: dict[str, Any] = {}
    for name, text in parse_qsl(body.decode(), keep_blank_values=True):
        if name.startswith(f"{ENTRIES}.member."):
            _, _, number, key = name.split(".")
            entries: list[dict[str, str]] = said.setdefault("Entries", [])
            entries += [{} for _ in range(int(number) - len(entries))]
            entries[int(number) - 1][key] = text
        else:
            said[name] = text
    return said


def written(said: dict[str, Any]) -> bytes:
    renamed = {ENTRIES if key == "Entries" else key: value for key, value in said.items()}
    return urlencode([*fields(renamed)]).encode()


def as_json(answer: Answer, operation: str) -> Answer:
    """What the emulator answers, for a fault to add to."""
    if answer.status != 200:
        return answer
    result = tree(answer.body)[1][f"{operation}Result"]
    return Answer(200, json.encode({key: value or [] for key, value in result.items()}))


def as_xml(answer: Answer, operation: str) -> Answer:
    """What a fault answers, for a client that speaks no JSON."""
    if answer.body.startswith(b"<"):
        return answer
    said = json.decode(answer.body, type=dict[str, Any])
    if answer.status == 200:
        body = f"<{operation}Result>{element(said)}</{operation}Result>"
        text = f"<{operation}Response>{body}</{operation}Response>"
    else:
        error = {"Code": said["__type"], "Message": said["message"]}
        text = f"<ErrorResponse><Error>{element(error)}</Error></ErrorResponse>"
    return Answer(answer.status, text.encode(), {"content-type": "text/xml"})


def element(said: Any) -> str:
    if isinstance(said, dict):
        return "".join(f"<{key}>{element(value)}</{key}>" for key, value in said.items())
    if isinstance(said, list):
        return "".join(f"<member>{element(value)}</member>" for value in said)
    return escape(str(said).lower() if isinstance(said, bool) else str(said))
