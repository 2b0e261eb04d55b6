from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from gc import collect
from time import process_time
from typing import Annotated, Any, Literal, NamedTuple, NotRequired, TypedDict
from uuid import UUID

import pytest
from msgspec import Meta, Struct, ValidationError, convert, json

from skylift.engine.check.problem import refusal
from skylift.engine.check.unknown import unknown_checker
from skylift.engine.check.validate import Problem, expected, problems
from skylift.engine.check.walk import PROBLEMS_MAX


class Color(Enum):
    RED = "red"
    GREEN = "green"


class Item(Struct, rename="camel"):
    unit_price: Annotated[float, Meta(ge=0)]
    tags: Annotated[list[Annotated[str, Meta(min_length=2)]], Meta(max_length=2)] = []
    color: Color = Color.RED


class Order(Struct):
    items: list[Item]
    by_year: dict[int, Item] = {}
    note: str | None = None


@dataclass
class Place:
    city: str
    zip: str = ""


class Person(TypedDict):
    name: str
    place: NotRequired[Place]


class Point(NamedTuple):
    x: int
    y: int = 0


class Cat(Struct, tag="cat"):
    lives: int


class Dog(Struct, tag="dog"):
    name: str


class Row(Struct, array_like=True):
    id: str
    count: int = 0


class Span(Struct):
    low: int
    high: int

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")


class Tree(Struct):
    value: int
    children: list[Tree] = []


class Closed(Struct, forbid_unknown_fields=True):
    next: Closed | None = None


def told(kind: Any, raw: object) -> dict[str, tuple[str, str]]:
    """Expected and got, by pointer, as a body is told it."""
    found = problems(kind, raw, where="body", unknown=True)
    return {problem.pointer: (problem.expected, problem.got) for problem in found}


def test_every_wrong_field_is_reported_at_its_own_pointer() -> None:
    raw = {
        "items": [
            {"unitPrice": -1, "tags": ["a", "bb", "cc"], "color": "rd"},
            {"unit_price": 1},
            3,
        ],
        "by_year": {"2020": {"unitPrice": 1}, "x": {"unitPrice": "1"}},
        "note": 5,
    }
    assert told(Order, raw) == {
        "/items/0/unitPrice": ("float >= 0", "int -1"),
        "/items/0/tags": ("array of at most 2 items", "array of 3"),
        "/items/0/tags/0": ("str of at least 2 characters", 'str "a"'),
        "/items/0/color": ('one of "red", "green"; did you mean "red"?', 'str "rd"'),
        "/items/1/unitPrice": ("float >= 0", "missing"),
        "/items/1/unit_price": ('no such field; did you mean "unitPrice"?', "int 1"),
        "/items/2": ("object", "int 3"),
        "/by_year/x": ("a name that is int", 'str "x"'),
        "/by_year/x/unitPrice": ("float >= 0", 'str "1"'),
        "/note": ("str or null", "int 5"),
    }


def test_a_right_value_has_no_problem() -> None:
    assert (
        told(
            Order, {"items": [{"unitPrice": 1, "tags": ["ab"]}], "by_year": {"1": {"unitPrice": 0}}}
        )
        == {}
    )


@pytest.mark.parametrize(
    ("kind", "raw", "said"),
    [
        (int, "1", ("int", 'str "1"')),
        (int, True, ("int", "bool true")),
        (int, 1.5, ("int", "float 1.5")),
        (bool, 1, ("bool", "int 1")),
        (str, None, ("str", "null")),
        (str, [1, 2], ("str", "array of 2")),
        (str, {"a": 1}, ("str", "object of 1")),
        (Annotated[int, Meta(gt=0, lt=10)], 10, ("int > 0 and < 10", "int 10")),
        (Annotated[int, Meta(multiple_of=5)], 7, ("int a multiple of 5", "int 7")),
        (Annotated[str, Meta(min_length=2, max_length=2)], "a", ("str of 2 characters", 'str "a"')),
        (Annotated[str, Meta(min_length=1)], "", ("str of at least 1 character", 'str ""')),
        (Annotated[str, Meta(pattern="^a+$")], "b", ("str matching ^a+$", 'str "b"')),
        (
            Annotated[list[int], Meta(min_length=1, max_length=3)],
            [],
            ("array of 1 to 3 items", "array of 0"),
        ),
        (
            Annotated[dict[str, int], Meta(max_length=1)],
            {"a": 1, "b": 2},
            ("object of at most 1 field", "object of 2"),
        ),
        (datetime, "today", ("datetime (RFC 3339)", 'str "today"')),
        (
            Annotated[datetime, Meta(tz=True)],
            "2020-01-01T00:00:00",
            ("datetime with a time zone (RFC 3339)", 'str "2020-01-01T00:00:00"'),
        ),
        (date, "2020-02-30", ("date (YYYY-MM-DD)", 'str "2020-02-30"')),
        (UUID, "12", ("UUID", 'str "12"')),
        (Decimal, "1.2.3", ("decimal", 'str "1.2.3"')),
        (bytes, "a", ("base64 str", 'str "a"')),
        (
            Literal["up", "down", 3],
            "dwn",
            ('one of 3, "down", "up"; did you mean "down"?', 'str "dwn"'),
        ),
        (Cat | Dog, {"type": "cow"}, None),
        (list[int] | str | None, 5, ("array of int or str or null", "int 5")),
        (float, 10**400, None),
    ],
)
def test_the_root_itself_may_be_wrong(kind: Any, raw: Any, said: tuple[str, str] | None) -> None:
    with pytest.raises(ValidationError):
        convert(raw, kind)
    found = told(kind, raw)
    assert len(found) == 1
    assert said is None or found == {"": said}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"lives": 9}, {"/type": ('one of "cat", "dog"', "missing")}),
        ({"type": "cot"}, {"/type": ('one of "cat", "dog"; did you mean "cat"?', 'str "cot"')}),
        ({"type": ["cat"]}, {"/type": ('one of "cat", "dog"', "array of 1")}),
        (
            {"type": "cat", "name": "x"},
            {
                "/lives": ("int", "missing"),
                "/name": ('no such field; there is "lives", "type"', 'str "x"'),
            },
        ),
        ("cat", {"": ("object", 'str "cat"')}),
    ],
)
def test_a_tagged_union_is_walked_by_its_tag(raw: Any, said: dict[str, tuple[str, str]]) -> None:
    assert told(Cat | Dog, raw) == said


def test_dataclasses_typed_dicts_and_tuples_are_walked_too() -> None:
    assert told(Person, {"place": {"zip": 1, "land": "x"}}) == {
        "/name": ("str", "missing"),
        "/place/city": ("str", "missing"),
        "/place/zip": ("str", "int 1"),
        "/place/land": ('no such field; there is "city", "zip"', 'str "x"'),
    }
    assert told(list[Point], [[1], ["1", 2], [1, 2, 3], []]) == {
        "/1/0": ("int", 'str "1"'),
        "/2": ("array of 1 to 2 items", "array of 3"),
        "/3": ("array of 1 to 2 items", "array of 0"),
    }
    assert told(tuple[int, Row], [1, ["a", "b", 3]]) == {
        "/1": ("array of 1 to 2 items", "array of 3"),
        "/1/1": ("int", 'str "b"'),
    }


def test_what_a_type_checks_of_itself_is_told_at_its_place() -> None:
    assert told(list[Span], [{"low": 2, "high": 1}, {"low": 1, "high": 2}, {"low": "x"}]) == {
        "/0": ("low is above high", "object of 2"),
        "/2/low": ("int", 'str "x"'),
        "/2/high": ("int", "missing"),
    }


def test_a_pointer_escapes_what_rfc_6901_escapes() -> None:
    assert list(told(dict[str, int], {"a/b~c": "x"})) == ["/a~1b~0c"]


def test_a_secret_and_a_long_value_are_not_repeated() -> None:
    class Login(Struct):
        user: Annotated[str, Meta(max_length=5)]
        password: Annotated[str, Meta(min_length=8)]
        api_key: int

    found = told(Login, {"user": "x" * 500, "password": "hunter2", "api_key": "k-123"})
    assert found["/password"] == ("str of at least 8 characters", "str")
    assert found["/api_key"] == ("int", "str")
    assert len(found["/user"][1]) <= len('str ""') + 40


def test_at_most_a_hundred_problems_are_told() -> None:
    assert len(told(list[int], ["x"] * 5000)) == PROBLEMS_MAX


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [(list[int], 1, "x"), (list[Item], {"unitPrice": 1}, {"unitPrice": 1, "x": 1})],
)
def test_a_large_body_is_not_walked_to_its_end_but_is_still_refused(
    kind: Any, good: Any, bad: Any
) -> None:
    raw = [good] * 200_000
    assert problems(kind, raw, where="body", unknown=True) == []
    started = process_time()
    assert len(problems(kind, [*raw, bad], where="body", unknown=True)) == 1
    assert process_time() - started < 2


def test_a_value_nested_too_deeply_is_a_problem_and_no_crash() -> None:
    raw: Any = {"value": 1}
    for _ in range(20_000):
        raw = {"value": 1, "children": [raw]}
    assert len(problems(Tree, raw, where="body", unknown=True)) == 1


def test_a_parameter_is_named_as_a_whole() -> None:
    found = problems(list[int], ["1", "x"], where="query", pointer="id", strict=False)
    assert found == [Problem("id", "query", "int", 'str "x"')]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (int, ["1", "-5"], ["", "x", "1.5", "+1", "01", "1_0", "nan", '"1"', "null"]),
        (float, ["1", "1.5", "1e3"], ["nan", "inf", "-Infinity", "1e400", "true"]),
        (bool, ["true", "false"], ["1", "TRUE", "yes", ""]),
        (str, ["", "1", "null"], []),
        (datetime, ["2020-01-01T00:00:00Z"], ["1700000000", "2020-01-01"]),
        (date, ["2020-01-01"], ["20200101"]),
        (UUID, ["0" * 32], ["1"]),
        (Decimal, ["1.10", "-1e5"], ["", "x", "nan", "-Infinity", " 1", "1_000", "\u0663"]),
        (Color, ["red"], ["RED", '"red"']),
        (Literal[1, "one"], ["1", "one"], ["2", "two", '"one"']),
    ],
)
def test_a_text_is_read_as_json_writes_the_value(
    kind: Any, good: list[str], bad: list[str]
) -> None:
    for text in good:
        assert problems(kind, text, where="query", pointer="p", strict=False) == []
    for text in bad:
        assert problems(kind, text, where="query", pointer="p", strict=False) != [], text


def test_msgspecs_own_message_is_told_at_its_own_path() -> None:
    with pytest.raises(ValidationError) as caught:
        json.decode('{"items":[{"unitPrice":"x","unitPrice":1}]}', type=Order)
    assert refusal(caught.value, "body") == Problem("/items/0/unitPrice", "body", "float", "str")


def test_a_model_of_pydantic_tells_its_own_errors() -> None:
    pydantic = pytest.importorskip("pydantic")
    inner = pydantic.create_model("Inner", count=(int, ...))
    model = pydantic.create_model("Model", name=(str, ...), inner=(list[inner], []))
    found = told(list[model], [{"inner": [{"count": "x"}]}, {"name": "a", "nam": 1}])
    assert set(found) == {"/0/name", "/0/inner/0/count", "/1/nam"}
    assert found["/0/name"][1] == "missing"
    check = unknown_checker(list[model])
    assert check is not None
    assert check([{"name": "a", "inner": [{"count": 1, "other": 1}]}])
    assert not check([{"name": "a", "inner": [{"count": 1}]}])


def test_what_is_expected_is_said_without_a_value() -> None:
    assert expected(Annotated[int, Meta(ge=1, le=5)]) == "int >= 1 and <= 5"


def test_a_type_without_declared_fields_needs_no_check_for_unknown_ones() -> None:
    for kind in (int, dict[str, int], list[Any], Closed, Point):
        assert unknown_checker(kind) is None


def test_a_recursive_type_is_checked_to_the_leaves() -> None:
    check = unknown_checker(Tree)
    assert check is not None
    deep = {"value": 1, "children": [{"value": 2, "children": [{"value": 3}]}]}
    assert not check(deep)
    deep["children"][0]["children"][0]["valu"] = 3  # type: ignore[index]
    assert check(deep)


class Mixed(Struct):
    either: int | Annotated[str, Meta(pattern="^a")] | list[int] | None = None


def test_a_pattern_beside_a_list_is_walked_without_harm() -> None:
    """msgspec corrupts the heap when it frees such a union, so none may be made for a moment."""
    for _ in range(50):
        assert told(Mixed, {"either": "b"}) == {
            "/either": ("int or str matching ^a or array of int or null", 'str "b"')
        }
        collect(1)
