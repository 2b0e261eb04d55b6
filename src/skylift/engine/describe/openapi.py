"""An OpenAPI 3.1 description, derived: what each route takes, answers and can go wrong with."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import UNSET, Struct, to_builtins

from ...errors import (
    BadRequest,
    Conflict,
    Invalid,
    NotFound,
    TooManyRequests,
    Unauthorized,
    UnsupportedMediaType,
)
from ...resources.users import Demand
from ...signature import Parameter, Signature, placeholders, returned
from ..once import KEY_LENGTH_MAX
from ..repeat import KEY_HEADER
from .raised import raised
from .schema import COMPONENTS, Schema, Schemas
from .template import described

if TYPE_CHECKING:
    from ..entrance import HttpFunction

JSON, PROBLEM = "application/json", "application/problem+json"
RESPONSES = "#/components/responses/"


class Operation(Struct, frozen=True):
    """One route, as its description needs it. `verbs` are those its function was granted."""

    function: str
    method: str
    path: str
    status: int
    signature: Signature
    doc: str | None = None
    handler: Any = None
    verbs: Collection[str] = ()
    once: bool = False
    demand: Demand | None = None
    is_refused: bool = False  # who asks too often


def operation(one: HttpFunction) -> Operation:
    return Operation(
        *(one.target.name, one.method, one.path, one.status, one.signature, one.doc),
        handler=one.target.handler,
        verbs={verb for _, verb in one.target.grants},
        once=one.once,
        demand=one.demand,
        is_refused=bool(one.rate or one.limit),
    )


def openapi(
    title: str, version: str, operations: Sequence[Operation], server: str | None = None
) -> dict[str, Any]:
    """A document that validates, with nothing in it that was not declared."""
    schemas = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    used: set[str] = set()
    templates = described({one.path for one in operations})
    for one in operations:
        template, names = templates[one.path]
        written = _operation(one, schemas, names)
        used |= {said["$ref"] for said in written["responses"].values() if "$ref" in said}
        paths.setdefault(template, {})[one.method.lower()] = written
    tags = dict.fromkeys(_tag(one) for one in operations)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        **({"servers": [{"url": server}]} if server else {}),
        "tags": [{"name": tag} for tag in tags if tag],
        "paths": paths,
        "components": {
            "schemas": dict(sorted((SHARED | schemas.components).items())),
            "responses": {
                name: said for name, said in _errors().items() if RESPONSES + name in used
            },
            **_schemes(operations),
        },
    }


def _schemes(operations: Sequence[Operation]) -> dict[str, Any]:
    """Whose tokens there are, by the name of the users."""
    names = sorted({one.demand.users.name for one in operations if one.demand is not None})
    schemes = {name: BEARER | {"description": f"An access token of {name}."} for name in names}
    return {"securitySchemes": schemes} if schemes else {}


def _security(one: Operation) -> dict[str, Any]:
    if one.demand is None:
        return {}
    nobody: list[dict[str, Any]] = [{}] if one.demand.is_optional else []
    return {"security": [*nobody, {one.demand.users.name: []}]}


def _schemas(operations: Sequence[Operation]) -> Schemas:
    bodies = [
        parameter.type
        for one in operations
        for parameter in one.signature.parameters
        if parameter.source == "body"
    ]
    answers = [
        kind for one in operations if (kind := returned(one.signature.returns)[0]) is not None
    ]
    return Schemas(bodies, answers, SHARED)


def _tag(one: Operation) -> str:
    return one.function.rpartition(".")[0]


def _operation(one: Operation, schemas: Schemas, names: dict[str, str]) -> dict[str, Any]:
    parameters = one.signature.parameters
    body = next((each for each in parameters if each.source == "body"), None)
    written = [
        _parameter(each, schemas, names)
        for each in parameters
        if each.source in ("path", "query", "header")
    ]
    if one.once:
        own = [each for each in written if each["name"] == KEY_HEADER]
        written = [each for each in written if each["name"] != KEY_HEADER]
        written.append(KEY | {"required": any(each["required"] for each in own)})
    summary, _, rest = (one.doc or "").strip().partition("\n")
    description = "\n".join(line.strip() for line in rest.strip().splitlines())
    return {
        "operationId": one.function,
        **({"tags": [_tag(one)]} if _tag(one) else {}),
        **({"summary": summary} if summary else {}),
        **({"description": description} if description else {}),
        **({"parameters": written} if written else {}),
        **({"requestBody": _body(body, schemas)} if body else {}),
        **_security(one),
        "responses": _answers(one, schemas) | _failures(one, body is not None) | _itself(one),
    }


def _parameter(one: Parameter, schemas: Schemas, names: dict[str, str]) -> dict[str, Any]:
    schema = schemas.of(one.type, "text")
    if one.source == "path" and schema.get("type") == "string" and "format" not in schema:
        schema["minLength"] = max(1, schema.get("minLength", 0))  # a segment is never empty
    if one.default is not UNSET and one.default is not None:
        schema["default"] = to_builtins(one.default, str_keys=True)
    many = {"style": "form", "explode": True} if one.many else {}
    return {
        "name": names[one.key] if one.source == "path" else one.key,
        "in": one.source,
        "required": one.required,
        "schema": schema,
        **many,
    }


def _body(one: Parameter, schemas: Schemas) -> dict[str, Any]:
    schema = schemas.of(one.json, "in")
    return {"required": one.required, "content": {JSON: {"schema": schema}}}


def _answers(one: Operation, schemas: Schemas) -> dict[str, Any]:
    kind, is_optional, _ = returned(one.signature.returns)
    found: dict[str, Any] = {}
    if kind is not None:
        schema = schemas.of(kind, "out")
        found[str(one.status)] = _response("The answer.", {JSON: schema})
    if is_optional:
        found["204"] = _response("Nothing to say.")
    if one.once:
        found = {status: said | {"headers": REPLAYED} for status, said in found.items()}
    return found


def _itself(one: Operation) -> dict[str, Any]:
    return (
        {"default": _response("What the handler says itself.")}
        if returned(one.signature.returns)[2]
        else {}
    )


def _failures(one: Operation, has_body: bool) -> dict[str, Any]:
    """What can go wrong, by status: the route's own input, what its handler raises, and what the
    gateway or the store may always say.
    """
    errors = raised(one.handler, one.verbs)
    sources = {each.source for each in one.signature.parameters}
    if sources & {"path", "query", "header", "body"}:
        errors |= {BadRequest, Invalid}
    if has_body:
        errors.add(UnsupportedMediaType)
    if placeholders(one.path):
        errors.add(NotFound)
    if one.demand is not None:
        errors.add(Unauthorized)
    if one.is_refused:
        errors.add(TooManyRequests)
    titles = {error.status: error.title for error in errors} | {500: "", 503: ""}
    if has_body:
        titles[413] = ""
    if one.once:
        titles |= {error.status: error.title for error in (BadRequest, Conflict, Invalid)}
    told = {str(status): _failure(status, titles[status]) for status in sorted(titles)}
    return told | ({"409": _under_way()} if one.once else {})


def _under_way() -> dict[str, Any]:
    """Of a route that answers a repeated request as it did the first."""
    said = _response(UNDER_WAY, {PROBLEM: {"$ref": f"{COMPONENTS}Problem"}})
    return said | {"headers": {"retry-after": RETRY_AFTER}}


def _failure(status: int, title: str) -> dict[str, Any]:
    if status in PROBLEMS or not title:
        return {"$ref": f"{RESPONSES}{status}"}
    return _response(f"{title}.", {PROBLEM: {"$ref": f"{COMPONENTS}Problem"}})


def _response(description: str, content: dict[str, Schema] | None = None) -> dict[str, Any]:
    media = {kind: {"schema": schema} for kind, schema in (content or {}).items()}
    return {"description": description} | ({"content": media} if media else {})


def _errors() -> dict[str, Any]:
    """By status. What the gateway answers itself is a message, everything else a problem."""
    problem, message = {"$ref": f"{COMPONENTS}Problem"}, {"$ref": f"{COMPONENTS}Message"}
    told = {str(status): _response(said, {PROBLEM: problem}) for status, said in PROBLEMS.items()}
    both = {PROBLEM: problem, JSON: message}
    return told | {
        "401": _response(PROBLEMS[401], both),
        "429": _response(PROBLEMS[429], both) | {"headers": TOO_MANY},
        "413": _response("The body is larger than the gateway lets through.", {JSON: message}),
        "500": _response("The handler failed.", both),
        "503": _response("The store or the handler did not answer in time.", both),
    }


BEARER = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
UNDER_WAY = "It exists already, a condition was false, or the same request is being carried out."
RETRY_AFTER = {
    "description": "Seconds, when the same request is being carried out.",
    "schema": {"type": "integer", "minimum": 1},
}
TOO_MANY = {
    "retry-after": {
        "description": "Seconds, where this caller has asked too often.",
        "schema": {"type": "integer", "minimum": 1},
    }
}
REPLAYED = {
    "idempotency-replayed": {
        "description": "That this is the answer to the same request, which came before.",
        "schema": {"const": "true"},
    }
}
KEY: dict[str, Any] = {
    "name": KEY_HEADER,
    "in": "header",
    "description": "The same key and request again get the same answer, for 24 hours.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": KEY_LENGTH_MAX,
        "pattern": "^[!-~]+$",
    },
}
PROBLEMS = {
    400: "The request cannot be read.",
    401: "Nobody is signed in.",
    403: "The caller may not do this.",
    404: "There is no such thing.",
    409: "It exists already, or a condition was false.",
    415: "The body is not application/json.",
    422: "A value is wrong: every one is named in errors.",
    429: "Too many requests.",
}
_TEXT = {"type": "string"}
SHARED: dict[str, Schema] = {
    "Problem": {
        "description": "What went wrong (RFC 9457).",
        "type": "object",
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": _TEXT,
            "errors": {"type": "array", "items": {"$ref": f"{COMPONENTS}WrongValue"}},
        },
        "required": ["type", "title", "status"],
    },
    "WrongValue": {
        "description": "One wrong value: a JSON pointer into the body, or a parameter's name.",
        "type": "object",
        "properties": {
            "pointer": _TEXT,
            "in": {"enum": ["body", "query", "path", "header"]},
            "expected": _TEXT,
            "got": _TEXT,
        },
        "required": ["pointer", "in", "expected", "got"],
    },
    "Message": {
        "description": "What the gateway answers by itself.",
        "type": "object",
        "properties": {"message": _TEXT},
        "required": ["message"],
    },
}
