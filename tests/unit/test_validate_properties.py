"""The walk against msgspec itself, over generated types: both refuse the same values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias, Union

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, Meta, UnsetType, ValidationError, convert, defstruct, json

from skylift.engine.check.unknown import unknown_checker
from skylift.engine.check.validate import problems
from skylift.engine.check.whole import whole
from tests.trials import trials

pytestmark = pytest.mark.long  # left out of `make check`

JSON = st.recursive(
    st.none()
    | st.sampled_from([3.0, -1.0])
    | st.booleans()
    | st.integers(-3, 12)
    | st.floats(-2, 2)
    | st.sampled_from(["", "a", "red", "b", "2020-01-01", "YWI=", "1.50", "abcdefgh"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "c", "type", "1"]), inner, max_size=3)
    ),
    max_leaves=6,
)


class Shape(NamedTuple):
    """A type twice, once refusing undeclared fields by itself, and values that fit."""

    open: Any
    closed: Any
    values: st.SearchStrategy[Any]


Shapes: TypeAlias = st.SearchStrategy[Shape]


def scalar(kind: Any, values: st.SearchStrategy[Any]) -> Shape:
    return Shape(kind, kind, values)


SCALARS = [
    scalar(int, st.integers(-5, 5)),
    scalar(Annotated[int, Meta(ge=0, lt=10)], st.integers(0, 9)),
    scalar(Annotated[int, Meta(multiple_of=2)], st.sampled_from([0, 2, -4])),
    scalar(float, st.floats(-1, 1) | st.integers(0, 2)),
    scalar(bool, st.booleans()),
    scalar(str, st.sampled_from(["", "a", "red"])),
    scalar(Annotated[str, Meta(min_length=1, max_length=3)], st.sampled_from(["a", "abc"])),
    scalar(Annotated[str, Meta(pattern="^a")], st.sampled_from(["a", "ab"])),
    scalar(Literal["red", "green", 3], st.sampled_from(["red", "green", 3])),
    scalar(bytes, st.sampled_from(["", "YWI="])),
]


def optional(inner: Shapes) -> Shapes:
    return inner.map(
        lambda one: (
            Shape(one.open | None, one.closed | None, st.none() | one.values)
            if one.open is not None
            else one
        )
    )


def listed(inner: Shapes) -> Shapes:
    def build(one: Shape, bounds: tuple[int, int]) -> Shape:
        low, high = bounds
        meta = Meta(min_length=low, max_length=high)
        values = st.lists(one.values, min_size=low, max_size=high)
        return Shape(Annotated[list[one.open], meta], Annotated[list[one.closed], meta], values)

    return st.builds(build, inner, st.sampled_from([(0, 3), (1, 2)]))


def keyed(inner: Shapes) -> Shapes:
    def build(one: Shape, key: tuple[Any, list[str]]) -> Shape:
        kind, names = key
        values = st.dictionaries(st.sampled_from(names), one.values, max_size=2)
        return Shape(dict[kind, one.open], dict[kind, one.closed], values)

    return st.builds(build, inner, st.sampled_from([(str, ["a", "b"]), (int, ["1", "2"])]))


def structs(inner: Shapes, **config: Any) -> Shapes:
    def build(fields: dict[str, tuple[Shape, bool]]) -> Shape:
        ordered = sorted(fields.items(), key=lambda each: not each[1][1])
        made: list[Any] = []
        for closed in (False, True):
            kinds = [
                absent_or(name, one.closed if closed else one.open, required)
                for name, (one, required) in ordered
            ]
            made.append(
                defstruct("Made", kinds, forbid_unknown_fields=closed, rename="upper", **config)
            )
        values = st.fixed_dictionaries(
            {name.upper(): one.values for name, (one, required) in ordered if required},
            optional={
                name.upper(): one.values for name, (one, required) in ordered if not required
            },
        )
        return Shape(made[0], made[1], values)

    fields = st.dictionaries(
        st.sampled_from(["a", "b", "c"]), st.tuples(inner, st.booleans()), max_size=3
    )
    return fields.map(build)


def absent_or(name: str, kind: Any, required: bool) -> Any:
    """A field as defstruct takes it."""
    return (name, kind) if required else (name, Union[kind, UnsetType], UNSET)  # noqa: UP007


def tagged(inner: Shapes) -> Shapes:
    def build(one: Shape, other: Shape) -> Shape:
        values = st.one_of(
            one.values.map(lambda value: value | {"type": "one"}),
            other.values.map(lambda value: value | {"type": "other"}),
        )
        return Shape(one.open | other.open, one.closed | other.closed, values)

    return st.builds(build, structs(inner, tag="one"), structs(inner, tag="other"))


def tuples(inner: Shapes) -> Shapes:
    def build(one: Shape, other: Shape) -> Shape:
        values = st.tuples(one.values, other.values).map(list)
        return Shape(tuple[one.open, other.open], tuple[one.closed, other.closed], values)

    return st.builds(build, inner, inner)


SHAPES: Shapes = st.recursive(
    st.sampled_from(SCALARS),
    lambda inner: st.one_of(
        listed(inner),
        keyed(inner),
        structs(inner),
        structs(inner),
        optional(structs(inner)),
        tagged(inner),
        tuples(inner),
    ),
    max_leaves=8,
)


@st.composite
def cases(draw: Any) -> tuple[Shape, Any]:
    """A type and a value that fits it, nearly fits it, or has nothing to do with it."""
    shape = draw(SHAPES)
    if draw(st.integers(0, 5)) == 0:
        return shape, draw(JSON)
    value = draw(shape.values)
    for _ in range(draw(st.integers(0, 3))):
        value = draw(changed(value))
    return shape, value


def changed(value: Any) -> st.SearchStrategy[Any]:
    """The value with one part replaced, removed or added."""
    choices: list[st.SearchStrategy[Any]] = [JSON]
    if isinstance(value, dict):
        for name in value:
            rest = {key: held for key, held in value.items() if key != name}
            choices.append(st.just(rest))
            choices.append(changed(value[name]).map(lambda new, name=name: value | {name: new}))
        choices.append(JSON.map(lambda new: value | {"D": new}))
    if isinstance(value, list):
        for at in range(len(value)):
            choices.append(
                changed(value[at]).map(lambda new, at=at: [*value[:at], new, *value[at + 1 :]])
            )
        choices.append(JSON.map(lambda new: [*value, new]))
    return st.one_of(choices)


def accepts(kind: Any, raw: object) -> bool:
    try:
        convert(whole(raw), kind, str_keys=True)
    except ValidationError:
        return False
    return True


def decodes(kind: Any, raw: object) -> bool:
    try:
        json.decode(json.encode(whole(raw)), type=kind)
    except ValidationError:
        return False
    return True


@trials(600)
@given(cases())
def test_the_walk_finds_a_problem_exactly_when_msgspec_refuses(case: tuple[Shape, Any]) -> None:
    shape, raw = case
    found = problems(shape.open, raw, where="body")
    assert (found == []) is accepts(shape.open, raw) is decodes(shape.open, raw)


@trials(600)
@given(cases())
def test_undeclared_fields_are_found_as_a_type_that_forbids_them_would(
    case: tuple[Shape, Any],
) -> None:
    shape, raw = case
    allowed = decodes(shape.closed, raw)
    assert (problems(shape.open, raw, where="body", unknown=True) == []) is allowed
    if decodes(shape.open, raw):
        checker = unknown_checker(shape.open)
        assert (checker is not None and checker(raw)) is not allowed


@trials(200)
@given(cases())
def test_a_type_that_forbids_undeclared_fields_needs_no_checker(case: tuple[Shape, Any]) -> None:
    shape, raw = case
    assert unknown_checker(shape.closed) is None
    assert (problems(shape.closed, raw, where="body") == []) is decodes(shape.closed, raw)


@trials(400)
@given(st.data())
def test_every_planted_wrong_field_is_reported_and_nothing_else(data: st.DataObject) -> None:
    shapes = data.draw(st.lists(SHAPES, min_size=1, max_size=6))
    names = [f"f{at}" for at in range(len(shapes))]
    kind = defstruct("Root", list(zip(names, [one.open for one in shapes], strict=True)))
    raw: dict[str, Any] = {}
    planted: set[str] = set()
    for name, one in zip(names, shapes, strict=True):
        raw[name] = data.draw(one.values)
        if data.draw(st.booleans()):
            place, value = data.draw(st.sampled_from(list(places(raw[name], f"/{name}"))))
            wrong = -1.5 if isinstance(value, (list, dict)) else []
            raw[name] = put(raw[name], place.split("/")[2:], wrong)
            planted.add(place)
    assert {problem.pointer for problem in problems(kind, raw, where="body")} == planted


def places(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    yield pointer, value
    if isinstance(value, (list, dict)):
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(part, f"{pointer}/{name}")


def put(value: Any, steps: list[str], new: Any) -> Any:
    if not steps:
        return new
    if isinstance(value, dict):
        return value | {steps[0]: put(value[steps[0]], steps[1:], new)}
    at = int(steps[0])
    return [*value[:at], put(value[at], steps[1:], new), *value[at + 1 :]]
