from __future__ import annotations

import importlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NoReturn

import pytest
from jsonschema import Draft202012Validator
from msgspec import Meta, Struct, ValidationError, convert, json
from openapi_spec_validator import validate

from skylift import Api, Conflict, Function, Header, Response, SkyliftError, Users
from skylift.engine.describe.openapi import Operation, openapi
from skylift.engine.describe.page import escaped, page
from skylift.graph.collect import collected
from skylift.signature import http_signature

api = Api("api")
EVIL = "<img src=x onerror=alert(1)>\"'&"


class Color(Enum):
    RED = "red"
    GREEN = "green"


class Part(Struct):
    size: Annotated[int, Meta(ge=1, description="In millimetres.")]


class Thing(Struct, rename="camel"):
    """A thing."""

    full_name: Annotated[str, Meta(min_length=1)]
    parts: list[Part] = []
    made: datetime | None = None
    price: Decimal | None = None


class NewThing(Struct):
    name: str


class Cat(Struct, tag=True):
    lives: int


class Dog(Struct, tag=True):
    name: str


@dataclass
class Box:
    things: list[Thing]
    label: str = "none"


def operation(function: Function[..., Any], **more: Any) -> Operation:
    route: Any = function.trigger
    name, doc = f"things.{function.handler.__name__}", function.handler.__doc__
    signature = http_signature(function)
    return Operation(
        *(name, route.method, route.path, route.status, signature, doc),
        handler=function.handler,
        **more,
    )


def described(*functions: Function[..., Any], **more: Any) -> dict[str, Any]:
    document = openapi("things", "1", [operation(one, **more) for one in functions])
    validate(document)
    return document


def only(document: dict[str, Any]) -> dict[str, Any]:
    (methods,) = document["paths"].values()
    (found,) = methods.values()
    return found


@pytest.mark.parametrize("package", ["apps.hello", "tests.apps.every", "tests.apps.club"])
def test_a_whole_app_is_described_by_a_valid_document(package: str) -> None:
    app = importlib.import_module(f"{package}.app").app
    functions = [one for one in collected(app).functions if one.trigger.kind == "http"]
    operations: list[Operation] = []
    for one in functions:
        route: Any = one.trigger
        name = f"{one.handler.__module__.removeprefix(package + '.')}.{one.handler.__name__}"
        operations.append(
            Operation(
                *(name, route.method, route.path, route.status, http_signature(one)),
                handler=one.handler,
                demand=route.demand,
            )
        )
    document = openapi(app.name, "1", operations, "http://127.0.0.1:8000")
    validate(document)
    assert len({each.function for each in operations}) == len(operations)
    assert sum(len(methods) for methods in document["paths"].values()) == len(operations)
    assert "<script" not in page(document)


def test_a_body_is_closed_and_an_answer_is_open() -> None:
    @api.post("/things", status=201)
    async def make(new: NewThing) -> Thing:
        """Make a thing.

        It is made
          at once.
        """
        return Thing(new.name)

    document = described(make)
    found, schemas = only(document), document["components"]["schemas"]
    assert found["operationId"] == "things.make"
    assert found["tags"] == ["things"]
    assert found["summary"] == "Make a thing."
    assert found["description"] == "It is made\nat once."
    content = found["requestBody"]["content"]["application/json"]
    assert content["schema"] == {"$ref": "#/components/schemas/NewThing"}
    assert schemas["NewThing"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["Thing"]
    assert schemas["Thing"]["required"] == ["fullName", "parts", "made", "price"]
    assert schemas["Thing"]["description"] == "A thing."
    assert "additionalProperties" not in schemas["Part"]
    assert schemas["Part"]["properties"]["size"]["description"] == "In millimetres."


def test_a_body_that_may_be_none_may_be_null_or_missing() -> None:
    @api.post("/things")
    async def make(new: NewThing | None) -> None: ...

    body = only(described(make))["requestBody"]
    assert body["required"] is False
    schema = body["content"]["application/json"]["schema"]
    assert schema == {"anyOf": [{"$ref": "#/components/schemas/NewThing"}, {"type": "null"}]}


def test_a_type_that_is_body_and_answer_is_described_twice() -> None:
    @api.put("/things")
    async def keep(thing: Thing) -> Thing:
        return thing

    schemas = described(keep)["components"]["schemas"]
    assert schemas["ThingInput"]["required"] == ["fullName"]
    assert schemas["ThingInput"]["properties"]["parts"]["items"] == {
        "$ref": "#/components/schemas/PartInput"
    }
    assert schemas["ThingInput"]["additionalProperties"] is False
    assert schemas["PartInput"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["Part"]


def test_parameters_have_their_place_default_and_constraints() -> None:
    @api.get("/things/{id}/parts/{path+}")
    async def find(
        id: Annotated[int, Meta(ge=1)],
        path: str,
        color: Color = Color.RED,
        tags: list[str] = [],  # noqa: B006
        limit: Annotated[int, Meta(ge=1, le=100)] = 20,
        trace: Annotated[str, Header("X-Trace")] | None = None,
    ) -> list[Thing]:
        return []

    document = described(find)
    assert list(document["paths"]) == ["/things/{id}/parts/{path}"]
    told = {one["name"]: one for one in only(document)["parameters"]}
    assert told["id"] == {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    }
    assert told["path"]["schema"] == {"type": "string", "minLength": 1}
    assert told["color"]["schema"] == {"enum": ["red", "green"], "default": "red"}
    assert told["tags"]["explode"] is True
    assert told["tags"]["schema"]["items"] == {"type": "string"}
    assert told["limit"]["schema"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 100,
        "default": 20,
    }
    assert (told["x-trace"]["in"], told["x-trace"]["required"]) == ("header", False)


def test_every_error_a_route_can_give_is_listed() -> None:
    @api.get("/plain")
    async def plain() -> int:
        return 1

    @api.post("/things/{id}")
    async def change(id: str, new: NewThing) -> None:
        raise Conflict

    assert list(only(described(plain))["responses"]) == ["200", "500", "503"]
    responses = only(described(change, verbs=["require"]))["responses"]
    assert list(responses) == ["204", "400", "404", "409", "413", "415", "422", "500", "503"]
    shared = described(change)["components"]["responses"]
    assert list(shared["413"]["content"]) == ["application/json"]
    assert list(shared["422"]["content"]) == ["application/problem+json"]


class Teapot(SkyliftError):
    status, title = 418, "I am a teapot"


def pour() -> None:
    raise Teapot


def test_errors_are_found_in_helpers_and_nested_code() -> None:
    @api.get("/tea")
    async def tea() -> None:
        async def inner() -> None:
            pour()

        await inner()

    assert only(described(tea))["responses"]["418"]["description"] == "I am a teapot."


def test_what_may_be_absent_or_say_itself_is_answered_so() -> None:
    @api.get("/maybe", status=203)
    async def maybe() -> Thing | None:
        return None

    @api.get("/itself")
    async def itself() -> Response:
        return Response()

    assert list(only(described(maybe))["responses"])[:2] == ["203", "204"]
    assert "default" in only(described(itself))["responses"]


def test_routes_whose_templates_match_alike_are_all_described() -> None:
    async def one(x: str) -> str: ...
    async def rest(x: str) -> str: ...
    async def other(y: int) -> str: ...
    async def lone(path: str) -> str: ...

    document = described(
        api.get("/a/{x+}")(rest),
        api.get("/a/{x}")(one),
        api.post("/a/{y}")(other),
        api.get("/files/{path+}")(lone),
    )
    found = {
        (path, method): (written["operationId"], written["parameters"][0]["name"])
        for path, methods in document["paths"].items()
        for method, written in methods.items()
    }
    assert found == {
        ("/a/{x}", "get"): ("things.one", "x"),
        ("/a/{x}", "post"): ("things.other", "x"),  # not /a/{y}: to OpenAPI that is the same path
        ("/a/{x+}", "get"): ("things.rest", "x+"),
        ("/files/{path}", "get"): ("things.lone", "path"),
    }


def test_a_handler_that_only_raises_has_no_answer_but_errors() -> None:
    async def closed() -> NoReturn:
        raise Conflict("closed")

    assert set(only(described(api.get("/closed")(closed)))["responses"]) == {"409", "500", "503"}


def test_two_classes_of_one_name_are_told_apart() -> None:
    other = type(Struct)("Thing", (Struct,), {"__annotations__": {"x": int}, "__module__": "other"})

    async def handler(thing: Thing) -> Any: ...

    handler.__annotations__ = {"thing": Thing, "return": other}
    schemas = described(api.post("/both")(handler))["components"]["schemas"]
    assert {f"{__name__}.Thing", "other.Thing"} <= set(schemas)


def test_a_tagged_union_has_a_discriminator_and_requires_its_tag() -> None:
    @api.post("/pets")
    async def keep(pet: Cat | Dog) -> None: ...

    schema = only(described(keep))["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["type"]
    assert schema["discriminator"]["mapping"] == {
        "Cat": "#/components/schemas/Cat",
        "Dog": "#/components/schemas/Dog",
    }


CASES: list[tuple[Any, list[Any]]] = [
    (Thing, [{}, {"fullName": ""}, {"fullName": "a"}, {"fullName": "a", "x": 1}]),
    (Thing, [{"fullName": "a", "price": price} for price in ("1.5", 1.5, "x", None, True)]),
    (Thing, [{"fullName": "a", "made": made} for made in ("2020-01-01T00:00:00Z", "x", 1)]),
    (Box, [{}, {"things": []}, {"things": [{"fullName": "a"}], "label": 1}, []]),
    (dict[int, Part], [{}, {"1": {"size": 1}}, {"x": {"size": 1}}, {"1": {"size": 0}}]),
    (Cat | Dog, [{"lives": 9}, {"type": "Cat", "lives": 9}, {"type": "Dog", "lives": 9}, {}]),
    (tuple[int, str], [[1, "a"], [1], [1, "a", 2], ["a", 1]]),
    (Literal["a", 1], ["a", 1, "b", None]),
    (set[int], [[1, 1], [1], ["a"]]),
    (bytes, ["", "YWI=", "YWI", "a"]),
    (int | list[int] | None, [1, [1], None, "a", ["a"]]),
]


@pytest.mark.parametrize(("kind", "values"), CASES)
def test_a_body_schema_accepts_what_the_type_accepts(kind: Any, values: list[Any]) -> None:
    from skylift.engine.check.unknown import unknown_checker
    from skylift.engine.describe.schema import Schemas

    schemas = Schemas([kind], [])
    schema = schemas.of(kind, "in") | {"components": {"schemas": schemas.components}}
    formats = Draft202012Validator.FORMAT_CHECKER
    validator = Draft202012Validator(schema, format_checker=formats)
    check = unknown_checker(kind) or (lambda raw: False)
    for value in values:
        try:
            convert(value, kind, str_keys=True)
            accepted = not check(value)
        except ValidationError:
            accepted = False
        assert validator.is_valid(value) is accepted, value


def test_a_model_of_pydantic_describes_itself() -> None:
    pydantic = pytest.importorskip("pydantic")
    inner = pydantic.create_model("Inner", count=(int, ...))
    model = pydantic.create_model("Outer", inner=(list[inner], ...))

    async def handler(body: Any) -> Any: ...

    handler.__annotations__ = {"body": model, "return": model}
    schemas = described(api.post("/models")(handler))["components"]["schemas"]
    assert schemas["OuterInput"]["additionalProperties"] is False
    assert schemas["InnerInput"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["Outer"]


def test_the_page_escapes_everything_and_needs_nothing_else() -> None:
    @api.post("/things/{id}")
    async def change(
        id: Annotated[str, Meta(description=EVIL, pattern="^<b>$")],
        new: NewThing,
        by: str = EVIL,
    ) -> Thing:
        raise NotImplementedError

    told = ("evil.change", "POST", "/things/{id}", 200, http_signature(change), EVIL)
    document = openapi(EVIL, EVIL, [Operation(*told)])
    html = page(document)
    assert "<img" not in html
    assert "<b>" not in html
    assert escaped(EVIL) in html
    assert "http://" not in html
    assert "https://" not in html
    assert "<script" not in html


def test_the_page_says_whose_token_a_route_takes() -> None:
    members = Users("members")

    @api.get("/closed", auth=members)
    async def closed() -> None: ...

    @api.get("/half", auth=members.optional)
    async def half() -> None: ...

    html = page(described(closed, demand=members.demand))
    assert "Who calls brings an access token of members." in html
    assert escaped('-H "authorization: Bearer $TOKEN"') in html
    html = page(described(half, demand=members.optional))
    assert "Who calls may bring an access token of members." in html


def test_the_page_shows_a_command_that_sends_a_right_body() -> None:
    @api.put("/things/{id}")
    async def keep(id: str, thing: Thing, count: int) -> Thing:
        return thing

    html = page(described(keep))
    assert "curl -X PUT &quot;$URL/things/text?count=1&quot;" in html
    body = json.encode({"fullName": "text"}).decode()
    assert escaped(f"-d '{body}'") in html
