"""An OpenAPI document as a page to read: one file, no script, nothing loaded from elsewhere. Every
text in it is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import json

from .page_style import STYLE
from .sample import Node, curl, resolved

CONSTRAINTS = {
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "exclusiveMaximum": "< {}",
    "multipleOf": "multiple of {}",
    "minLength": "at least {} long",
    "maxLength": "at most {} long",
    "minItems": "at least {}",
    "maxItems": "at most {}",
    "pattern": "{}",
}


def page(document: Node) -> str:
    """The whole page as HTML."""
    info = document["info"]
    title = escaped(info["title"])
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body>"
        f'<div class="layout"><nav><h1>{title}</h1><p class="dim">version '
        f'{escaped(info["version"])} · <a href="openapi.json">openapi.json</a></p>'
        f'<div class="index">{_index(document)}</div></nav>'
        f"<main>{''.join(_groups(document))}{_schemas(document)}</main></div></body></html>"
    )


def escaped(value: object) -> str:
    text = str(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("'", "&#39;")


def _operations(document: Node) -> dict[str, list[tuple[str, str, Node]]]:
    """Method, path and operation, by tag. A path is as a client asks for it at this address."""
    groups: dict[str, list[tuple[str, str, Node]]] = {}
    base = next((one["url"] for one in document.get("servers", ())), "")
    before = base if base.startswith("/") else ""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for tag in operation.get("tags") or [""]:
                groups.setdefault(tag, []).append((method.upper(), before + path, operation))
    return groups


def _index(document: Node) -> str:
    lists: list[str] = []
    for tag, operations in _operations(document).items():
        rows = "".join(
            f'<li><a href="#{escaped(operation["operationId"])}">{_badge(method)}'
            f"{_path(path)}</a></li>"
            for method, path, operation in operations
        )
        lists.append(f"<h2>{escaped(tag or 'routes')}</h2><ul>{rows}</ul>")
    return "".join(lists) + '<h2><a href="#schemas">schemas</a></h2>'


def _badge(method: str) -> str:
    return f'<span class="method {escaped(method)}">{escaped(method)}</span>'


def _path(path: str) -> str:
    return f'<span class="path">{escaped(path).replace("/", "<wbr>/")}</span>'


def _groups(document: Node) -> Iterator[str]:
    for tag, operations in _operations(document).items():
        yield f'<h2 class="group">{escaped(tag or "routes")}</h2>'
        for method, path, operation in operations:
            yield _operation(document, method, path, operation)


def _operation(document: Node, method: str, path: str, one: Node) -> str:
    body = one.get("requestBody")
    parts = [
        f'<h3>{_badge(method)}<span class="path">{escaped(path)}</span></h3>',
        _prose(one.get("summary")),
        _prose(one.get("description")),
        _prose(_asks(one)),
        _parameters(one.get("parameters", [])),
        _body(body) if body else "",
        _responses(document, one["responses"]),
        f"<h4>Try it</h4><pre>{escaped(curl(document, method, path, one))}</pre>",
    ]
    return f'<article id="{escaped(one["operationId"])}">{"".join(parts)}</article>'


def _asks(one: Node) -> str:
    """Whose token goes with the request."""
    names = [name for choice in one.get("security", []) for name in choice]
    may = "may bring" if {} in one.get("security", []) else "brings"
    return f"Who calls {may} an access token of {' or '.join(names)}." if names else ""


def _prose(text: str | None) -> str:
    return f"<p>{escaped(text)}</p>" if text else ""


def _table(heads: list[str], rows: list[list[str]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        "</div>"
    )


def _name(name: str, is_required: bool) -> str:
    mark = '<span class="required">required</span>' if is_required else ""
    return f"<code>{escaped(name)}</code>{mark}"


def _parameters(parameters: list[Node]) -> str:
    if not parameters:
        return ""
    rows = [
        [_name(one["name"], one["required"]), escaped(one["in"]), *_told(one["schema"])]
        for one in parameters
    ]
    return "<h4>Parameters</h4>" + _table(["Name", "In", "Type", "Notes"], rows)


def _body(body: Node) -> str:
    need = "" if body.get("required") else ' <span class="dim">(optional)</span>'
    kinds = [
        f"<code>{escaped(kind)}</code> {_type(media['schema'])}"
        for kind, media in body["content"].items()
    ]
    return f"<h4>Body{need}</h4>{'<br>'.join(kinds)}"


def _responses(document: Node, responses: Node) -> str:
    """What the handler answers in full, what can go wrong to be unfolded."""
    meant = {status: one for status, one in responses.items() if status < "4" or status > "6"}
    failures = {status: one for status, one in responses.items() if status not in meant}
    statuses = " ".join(f"<code>{escaped(status)}</code>" for status in failures)
    folded = (
        f"<details><summary>Errors {statuses}</summary>{_answers(document, failures)}</details>"
    )
    return f"<h4>Answers</h4>{_answers(document, meant)}{folded if failures else ''}"


def _answers(document: Node, responses: Node) -> str:
    rows: list[list[str]] = []
    for status, response in responses.items():
        said = resolved(document, response)
        kinds = [_type(media["schema"]) for media in said.get("content", {}).values()]
        rows.append(
            [f"<code>{escaped(status)}</code>", escaped(said["description"]), " or ".join(kinds)]
        )
    return _table(["Status", "When", "Type"], rows)


def _schemas(document: Node) -> str:
    articles = [
        f'<article id="schema-{escaped(name)}"><h3><span class="path">{escaped(name)}</span></h3>'
        f"{_prose(schema.get('description'))}{_fields(schema)}</article>"
        for name, schema in document["components"]["schemas"].items()
    ]
    return f'<h2 class="group" id="schemas">schemas</h2>{"".join(articles)}'


def _fields(schema: Node) -> str:
    properties: Node = schema.get("properties", {})
    if not properties:
        return f"<p>{_type(schema)} {_notes(schema)}</p>"
    required = schema.get("required", [])
    rows = [[_name(name, name in required), *_told(one)] for name, one in properties.items()]
    return _table(["Field", "Type", "Notes"], rows)


def _told(schema: Node) -> list[str]:
    return [_type(schema), _notes(schema)]


def _type(schema: Node) -> str:
    return f'<span class="type">{_kind(schema)}</span>'


def _kind(schema: Node) -> str:
    """A type in one line, with links to the schemas it names."""
    if "$ref" in schema:
        name = escaped(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    for words in ("anyOf", "oneOf"):
        if words in schema:
            return " | ".join(_kind(option) for option in schema[words])
    if "const" in schema:
        return escaped(_json(schema["const"]))
    if "enum" in schema:
        return " | ".join(escaped(_json(value)) for value in schema["enum"])
    if schema.get("prefixItems"):
        return f"[{', '.join(_kind(item) for item in schema['prefixItems'])}]"
    return _container(schema) or escaped(schema.get("format") or schema.get("type", "any"))


def _container(schema: Node) -> str:
    if schema.get("type") == "array":
        kind = _kind(schema.get("items") or {})
        return f"({kind})[]" if " | " in kind else f"{kind}[]"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"{{name: {_kind(schema['additionalProperties'])}}}"
    return ""


def _notes(schema: Node) -> str:
    known = {name: bound for name, bound in schema.items() if "format" not in schema}
    notes = [words.format(known[name]) for name, words in CONSTRAINTS.items() if name in known]
    if "default" in schema:
        notes.append(f"default {_json(schema['default'])}")
    if "$ref" in schema or "properties" not in schema:
        notes += [schema["description"]] if "description" in schema else []
    return escaped(", ".join(notes))


def _json(value: object) -> str:
    return json.encode(value).decode()
