"""Items there and back over the whole value domain, for types nobody wrote by hand."""

import math
import sys
from collections.abc import Callable
from dataclasses import field as dataclass_field
from dataclasses import make_dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal, NamedTuple, NotRequired, Optional, TypedDict
from uuid import UUID

import msgspec
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skylift import Invalid, Meta, SkyliftError, Struct
from skylift.codec import ItemCodec, table_mistakes
from tests.trials import trials


class Hue(Enum):
    RED = "red"
    BLUE = "blue"


class Rank(IntEnum):
    LOW = -1
    HIGH = 2**40


class Kind(NamedTuple):
    """A type and how its values are made."""

    type: Any
    values: st.SearchStrategy[Any]


def real_is_kept(value: float) -> bool:
    return value == 0 or 1e-130 <= abs(value) < 1e126


def exact_is_kept(value: Decimal) -> bool:
    return value == 0 or -130 <= value.adjusted() <= 125


TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
DIGITS = st.integers(-(10**38) + 1, 10**38 - 1)
LEAVES = [
    Kind(str, TEXT),
    Kind(int, DIGITS | st.integers(-3, 3) | st.just(10**125)),
    Kind(float, st.floats(allow_nan=False, allow_infinity=False).filter(real_is_kept)),
    Kind(
        Decimal,
        st.builds(
            lambda digits, scale: Decimal(digits).scaleb(scale), DIGITS, st.integers(-140, 80)
        )
        .filter(exact_is_kept)
        .map(lambda value: value),
    ),
    Kind(bytes, st.binary(max_size=8)),
    Kind(datetime, st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=ZONES)),
    Kind(date, st.dates()),
    Kind(UUID, st.uuids()),
    Kind(Hue, st.sampled_from(Hue)),
    Kind(Rank, st.sampled_from(Rank)),
    Kind(Literal["a", "b"], st.sampled_from(["a", "b"])),
]
TRUTH = Kind(bool, st.booleans())
EITHER = [
    Kind(int | str, LEAVES[1].values | TEXT),
    Kind(float | bool | bytes, LEAVES[2].values | st.booleans() | st.binary(max_size=4)),
    Kind(Decimal | int, LEAVES[3].values | LEAVES[1].values),
    Kind(float | int, LEAVES[2].values | LEAVES[1].values),
]
KEYS = [LEAVES[0], *LEAVES[6:9]]


def kinds(depth: int) -> st.SearchStrategy[Kind]:
    flat = st.sampled_from([*LEAVES, TRUTH, *EITHER])
    if depth == 0:
        return flat
    inner = kinds(depth - 1)
    leaf = st.sampled_from(LEAVES)
    return st.one_of(
        flat,
        inner.map(lambda kind: Kind(list[kind.type], st.lists(kind.values, max_size=3))),
        inner.map(
            lambda kind: Kind(tuple[kind.type, ...], st.lists(kind.values, max_size=3).map(tuple))
        ),
        leaf.map(lambda kind: Kind(set[kind.type], st.sets(kind.values, max_size=3))),
        leaf.map(lambda kind: Kind(frozenset[kind.type], st.frozensets(kind.values, max_size=3))),
        st.builds(
            lambda key, kind: Kind(
                dict[key.type, kind.type],
                st.dictionaries(key.values.filter(bool), kind.values, max_size=3),
            ),
            st.sampled_from(KEYS),
            inner,
        ),
        objects(depth - 1),
    )


@st.composite
def objects(draw: st.DrawFn, depth: int) -> Kind:
    """A Struct, dataclass or TypedDict with some fields, some of them optional."""
    names = draw(
        st.lists(st.sampled_from(["alpha", "beta_two", "gamma", "delta"]), max_size=3, unique=True)
    )
    required: list[tuple[str, Any]] = []
    optional: list[tuple[str, Any]] = []
    values: dict[str, st.SearchStrategy[Any]] = {}
    for name in names:
        kind = draw(kinds(depth))
        if draw(st.booleans()):
            values[name] = kind.values
            required.append((name, kind.type))
        else:
            values[name] = st.none() | kind.values
            optional.append((name, Optional[kind.type]))  # noqa: UP045
    make = draw(st.sampled_from([a_struct, a_dataclass, a_dict]))
    return Kind(make(draw, required, optional), st.none()).type(values)


Fields = list[tuple[str, Any]]


def a_struct(draw: st.DrawFn, required: Fields, optional: Fields) -> Callable[..., Kind]:
    config = {
        "frozen": draw(st.booleans()),
        "rename": draw(st.sampled_from([None, "camel", "kebab"])),
        "omit_defaults": draw(st.booleans()),
        "forbid_unknown_fields": draw(st.booleans()),
        "tag": draw(st.sampled_from([None, True, 7])),
        "kw_only": True,
    }
    fields: Any = [*required, *((name, kind, None) for name, kind in optional)]
    made = msgspec.defstruct("Made", fields, module=__name__, **config)
    return lambda values: Kind(made, st.builds(made, **values))


def a_dataclass(draw: st.DrawFn, required: Fields, optional: Fields) -> Callable[..., Kind]:
    fields: Any = [*required, *((n, kind, dataclass_field(default=None)) for n, kind in optional)]
    options = {"frozen": draw(st.booleans()), "slots": draw(st.booleans()), "kw_only": True}
    made = make_dataclass("Made", fields, **options)
    return lambda values: Kind(made, st.builds(made, **values))


def a_dict(draw: st.DrawFn, required: Fields, optional: Fields) -> Callable[..., Kind]:
    made = TypedDict("Made", dict([*required, *optional]))  # type: ignore[misc]  # noqa: UP013
    return lambda values: Kind(made, st.fixed_dictionaries(values))


@trials(200)
@given(objects(2), st.data())
def test_what_encode_accepts_decode_returns_equal(kind: Kind, data: st.DataObject) -> None:
    codec = ItemCodec(kind.type, "table 'made'")
    for _ in range(3):
        item = data.draw(kind.values)
        text = codec.encode(item)
        found = codec.decode(text)
        assert found == item
        assert type(found) is type(item)
        assert codec.encode(found) == text  # one text for one value
        assert codec.accept(text) == item


class Apart(Struct, tag=True):
    same: str


class Together(Struct, tag=True):
    same: bytes


class Branch(pydantic.BaseModel):
    shown: str = pydantic.Field("", alias="Shown")
    raw: bytes = b""
    below: "Branch | None" = None
    beside: list["Branch"] = []


BRANCHES = st.recursive(
    st.builds(Branch, Shown=TEXT, raw=st.binary(max_size=3)),
    lambda inner: st.builds(Branch, below=inner, beside=st.lists(inner, max_size=2)),
    max_leaves=4,
)


@trials(200)
@given(st.data())
def test_pydantic_models_come_back_equal(data: st.DataObject) -> None:
    one, other, key = (data.draw(st.sampled_from(LEAVES)) for _ in range(3))
    fields: dict[str, tuple[Any, Any, st.SearchStrategy[Any]]] = {
        "value": (one.type, ..., one.values),
        "maybe": (other.type | None, None, st.none() | other.values),
        "listed": (list[other.type], [], st.lists(other.values, max_size=3)),
        "held": (set[key.type], set(), st.sets(key.values, max_size=3)),
        "named": (dict[str, Branch], {}, st.dictionaries(TEXT.filter(bool), BRANCHES, max_size=2)),
        "struct": (Apart | None, None, st.none() | st.builds(Apart, same=TEXT)),
    }
    config = pydantic.ConfigDict(arbitrary_types_allowed=True)
    made: Any = pydantic.create_model(
        "Made",
        __config__=config,
        **{name: (kind, rest) for name, (kind, rest, _) in fields.items()},
    )
    codec = ItemCodec(made, "table 'made'")
    item = made(**{name: data.draw(values) for name, (_, _, values) in fields.items()})
    text = codec.encode(item)
    assert codec.decode(text) == item
    assert codec.encode(codec.decode(text)) == text


def test_a_pydantic_model_says_what_it_misses() -> None:
    class Model(pydantic.BaseModel):
        id: str
        size: int = pydantic.Field(gt=0)

    codec = ItemCodec(Model, "table 'model'")
    wrong = Model.model_construct(id="a", size=-1)
    with pytest.raises(Invalid, match="size Input should be greater than 0"):
        codec.encode(wrong)
    with pytest.raises(SkyliftError, match="cannot be read as Model"):
        codec.decode('{"id":"a","size":-1}')
    assert codec.decode('{"id":"a","size":1,"gone":2}') == Model(id="a", size=1)


class Recursive(Struct):
    id: str
    below: "Recursive | None" = None
    beside: list["Recursive"] = []


def nested(levels: int) -> Recursive:
    item = Recursive("leaf")
    for _ in range(levels):
        item = Recursive("node", item)
    return item


def test_values_nest_32_levels_deep() -> None:
    codec = ItemCodec(Recursive, "table 'deep'")
    assert codec.decode(codec.encode(nested(31))) == nested(31)
    for levels in (32, 33, sys.getrecursionlimit() * 3):
        with pytest.raises(Invalid, match="32 levels of nesting"):
            codec.encode(nested(levels))


def test_constraints_hold_for_what_is_written() -> None:
    class Limited(Struct):
        id: str
        size: Annotated[int, Meta(ge=1)] = 1
        kind: Literal["a", "b"] = "a"

    codec = ItemCodec(Limited, "table 'limited'")
    for wrong in (Limited("x", 0), Limited("x", 1, "c")):  # type: ignore[arg-type]
        with pytest.raises(Invalid, match="table 'limited'"):
            codec.encode(wrong)


def test_absence_is_filled_in_where_it_must_be() -> None:
    class Part(Struct, rename="camel"):
        size_cm: int | None
        tags: set[str]

    class Whole(Struct, forbid_unknown_fields=True):
        id: str
        part: Part
        parts: dict[str, list[Part]]
        note: str = "default"

    codec = ItemCodec(Whole, "table 'whole'")
    old = '{"id":"a","gone":1,"part":{"x":1},"parts":{"k":[{"sizeCm":5,"tags":["t"]},{}]}}'
    assert codec.decode(old) == Whole(
        "a", Part(None, set()), {"k": [Part(5, {"t"}), Part(None, set())]}
    )
    null = '{"id":"a","part":{"sizeCm":null,"tags":null},"parts":{},"note":null}'
    assert codec.decode(null) == Whole("a", Part(None, set()), {}, "default")
    with pytest.raises(SkyliftError, match="cannot be read as Whole"):
        codec.decode('{"id":"a","parts":{}}')


def test_floats_are_stored_by_their_shortest_text() -> None:
    class Real(Struct):
        id: str
        value: float

    codec = ItemCodec(Real, "table 'real'")
    assert codec.encode(Real("a", 0.1)) == '{"id":"a","value":0.1}'
    assert codec.encode(Real("a", 5)) == '{"id":"a","value":5.0}'
    for wrong in (2**53 + 1, 10**400, math.nan, math.inf):
        with pytest.raises(Invalid, match="value: expected a"):
            codec.encode(Real("a", wrong))


@pytest.mark.parametrize("kind", [int | float, float | int, Decimal | int, int | float | None])
def test_an_int_stays_one_where_it_is_declared_beside_another_number(kind: Any) -> None:
    codec = ItemCodec(declared(kind), "table 'item'")
    for value in (2**60 + 1, 10**38 - 1, 10**125, 5):
        assert codec.decode(codec.encode(codec.item("a", value))).field == value


# -- declarations


def said(item: type[Any], key: tuple[str, ...] = ("id",), **more: Any) -> str:
    found = table_mistakes(item, key, more.get("indexes", {}), more.get("ttl"))
    return "\n".join(f"{reason} ({remedy})" for reason, remedy in found)


def declared(kind: Any, **default: Any) -> type[Any]:
    fields: Any = [("id", str), ("field", kind, *default.values())]
    return msgspec.defstruct("Item", fields)


class Plain:
    pass


class Flagged(NamedTuple):
    x: int


REFUSED: list[tuple[Any, str]] = [
    (Any, "Item.field: Any cannot be stored"),
    (object, "object cannot be stored"),
    (Plain, "Plain cannot be stored"),
    (complex, "complex cannot be stored"),
    (timedelta, "timedelta cannot be stored"),
    (bytearray, "bytearray cannot be stored"),
    (Flagged, "NamedTuple cannot be stored"),
    (msgspec.Raw, "Raw cannot be stored"),
    (list, r"field\[\]: Any cannot be stored"),
    (dict[str, Any], "field{}: Any cannot be stored"),
    (list[int | None], r"field\[\]: None cannot stand inside a list"),
    (set[str | None], "None cannot stand inside a set"),
    (dict[str, int | None], "None cannot stand inside a dict"),
    (tuple[int, None], "None cannot stand inside a tuple"),
    (dict[int, str], r"dict\[int, …\] cannot be stored"),
    (dict[bytes, str], r"dict\[bytes, …\] cannot be stored"),
    (set[bool], r"set\[bool\] cannot be stored"),
    (set[int | str], r"set\[.*\] cannot be stored"),
    (frozenset[tuple[int, ...]], "set.* cannot be stored"),
    (float | Decimal, "would read every Decimal as float"),
    (str | bytes, "more than one str-like"),
    (Apart | Together, "field.same: str in one member, bytes in another"),
    (int | msgspec.UnsetType, "UNSET"),
]


@pytest.mark.parametrize(("kind", "reason"), REFUSED)
def test_a_type_that_cannot_be_stored_is_refused_at_declaration(kind: Any, reason: str) -> None:
    import re

    default = {"default": msgspec.UNSET} if "UnsetType" in str(kind) else {}
    found = said(declared(kind, **default))
    assert re.search(reason, found), found
    assert len(found.splitlines()) == 1, found


def test_a_default_must_agree_with_absence() -> None:
    assert "None is absence" in said(declared(int | None, default=5))
    factory = msgspec.field(default_factory=lambda: {"a"})
    assert "an empty set is absence" in said(declared(set[str], default=factory))
    assert said(declared(int | None, default=None)) == ""
    assert said(declared(set[str], default=set())) == ""

    class Model(pydantic.BaseModel):
        id: str
        size: int | None = 5

    assert "None is absence" in said(Model)


def test_classes_that_lose_names_or_values_are_refused() -> None:
    class Listed(Struct, array_like=True):
        id: str

    class Open(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(extra="allow")
        id: str

    class Partial(TypedDict):
        id: str
        size: NotRequired[int | None]
        tags: NotRequired[set[str]]

    class Holds(Struct):
        id: str
        model: Open

    Dotted = TypedDict("Dotted", {"id": str, "a.b": int})
    assert "array_like" in said(Listed)
    assert 'leave extra="allow" away' in said(Open)
    assert len(said(Partial).splitlines()) == 2
    assert "inside pydantic models only" in said(Holds)
    assert "a dot leads into nested values" in said(Dotted)
    for nothing in (int, str, list[int], Plain, Hue):
        assert "cannot be an item" in said(nothing)  # type: ignore[arg-type]


def test_keys_indexes_and_ttl_are_held_to_their_fields() -> None:
    class Item(Struct):
        id: str
        owner: str | None = None
        size: float = 0.0
        tags: set[str] = set()
        yes: bool = False
        either: int | str = 0
        Owner: str = ""
        ends: datetime | None = None

    good: dict[str, Any] = {"indexes": {"by_owner": ("owner", "ends"), "e": "id"}, "ttl": "ends"}
    good["indexes"] = {"by_owner": ("owner", "ends")}
    assert said(Item, **good) == ""
    assert "no field 'ownr' (did you mean 'owner'?)" in said(Item, ("ownr",))
    assert "owner may be None" in said(Item, ("owner",))
    assert "size is float" in said(Item, ("size",))
    for name in ("tags", "yes", "either"):
        assert f"{name} is " in said(Item, (name,))
        assert f"index 'i': {name} is" in said(Item, indexes={"i": (name,)})
    assert "one field, or a partition and a sort field" in said(Item, ("id", "yes", "size"))
    assert "one field, or a partition and a sort field" in said(Item, ("id", "id"))
    assert "differ by case only" in said(Item, indexes={"i": ("owner",), "j": ("Owner",)})
    assert "there is no field 'end'" in said(Item, ttl="end")
    assert "ttl: id is str" in said(Item, ttl="id")


def test_every_mistake_of_a_table_is_told_at_once() -> None:
    class Item(Struct):
        id: str
        a: Any
        b: list[int | None] = []

    found = said(Item, ("nope",), indexes={"i": ("nor",)}, ttl="this")
    assert len(found.splitlines()) == 5, found


def test_utc_is_what_is_stored() -> None:
    class At(Struct):
        id: str
        at: datetime

    codec = ItemCodec(At, "table 'at'")
    text = codec.encode(At("a", datetime(2026, 1, 1, tzinfo=UTC)))
    assert text == '{"id":"a","at":"2026-01-01T00:00:00.000000Z"}'
    edge = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))
    with pytest.raises(Invalid, match="at: expected a datetime of the years 1 to 9999 in UTC"):
        codec.encode(At("a", edge))
