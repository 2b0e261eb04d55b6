"""What one may send to a route: a value of a schema, and the command that sends it."""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import json

Node: TypeAlias = dict[str, Any]

SAMPLES = {
    "date-time": "2026-01-31T12:00:00Z",
    "date": "2026-01-31",
    "time": "12:00:00Z",
    "duration": "PT5M",
    "uuid": "4f9d6f9e-3c7b-4a53-9d0a-1c1b2f0a7e11",
    "decimal": "9.50",
}
KEPT = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/")
PLAIN: dict[str, Any] = {"integer": 1, "number": 1.5, "boolean": True, "null": None}


def curl(document: Node, method: str, path: str, one: Node) -> str:
    """A command that works once `$URL` is the Api's address, and `$TOKEN` an access token."""
    query: list[str] = []
    lines: list[str] = []
    for parameter in one.get("parameters", []):
        text = _text(sample(document, parameter["schema"]))
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", _encoded(text))
        elif parameter["required"] and parameter["in"] == "query":
            query.append(f"{parameter['name']}={_encoded(text)}")
        elif parameter["required"]:
            lines.append(f"-H {_quoted(parameter['name'] + ': ' + text)}")
    if any(one.get("security", [])):
        lines.append('-H "authorization: Bearer $TOKEN"')
    for kind, media in one.get("requestBody", {}).get("content", {}).items():
        lines.append(f"-H {_quoted('content-type: ' + kind)}")
        lines.append(f"-d {_quoted(_json(sample(document, media['schema'])))}")
    address = f'"$URL{path}{"?" if query else ""}{"&".join(query)}"'
    start = f"curl {address}" if method == "GET" else f"curl -X {method} {address}"
    return " \\\n  ".join([start, *lines])


def _encoded(text: str) -> str:
    """Percent-encoded, so that neither an address nor a shell reads anything into it."""
    return "".join(chr(byte) if byte in KEPT else f"%{byte:02X}" for byte in text.encode())


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _text(value: object) -> str:
    if isinstance(value, list):
        return _text(value[0]) if value else ""  # pyright: ignore[reportUnknownArgumentType]
    return value if isinstance(value, str) else _json(value)


def resolved(document: Node, node: Node) -> Node:
    """What a `$ref` leads to."""
    if "$ref" not in node:
        return node
    found = document
    for step in node["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


def sample(document: Node, schema: Node, depth: int = 3) -> object:
    """A value of the schema, with what is required and nothing more."""
    schema = resolved(document, schema)
    for name in ("default", "const"):
        if name in schema:
            return schema[name]
    if "enum" in schema:
        return schema["enum"][0]
    for words in ("anyOf", "oneOf"):
        if words in schema:
            return sample(document, schema[words][0], depth - 1) if depth else None
    kind = schema.get("type", "string")
    if kind == "object":
        return _sample_object(document, schema, depth)
    if kind == "array":
        items: list[Node] = schema.get("prefixItems") or [schema.get("items") or {}]
        return [sample(document, item, depth - 1) for item in items] if depth else []
    if kind in PLAIN:
        return schema.get("minimum", PLAIN[kind])
    return SAMPLES.get(schema.get("format", ""), "text")


def _sample_object(document: Node, schema: Node, depth: int) -> dict[str, object]:
    required = schema.get("required", [])
    properties: Node = schema.get("properties", {})
    return {
        name: sample(document, part, depth - 1)
        for name, part in properties.items()
        if depth and (name in required or "const" in part)
    }


def _json(value: object) -> str:
    return json.encode(value).decode()
