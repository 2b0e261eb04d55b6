"""What SQLite says of a condition, against a small model of what DynamoDB would say."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skylift import Condition, Conflict, Invalid, Struct, Table, attr, transaction
from skylift.conditions import conjuncts
from skylift.testing.stand import Stand
from tests.trials import trials

pytestmark = pytest.mark.long  # left out of `make check`


class Inner(Struct, rename="kebab", omit_defaults=True):
    name_of: str = "none"
    size: int | None = None
    marks: set[int] = set()


class Subject(Struct, rename="camel"):
    id: str
    text: str | None = None
    whole: int | None = None
    real: float | None = None
    exact: Decimal | None = None
    yes: bool | None = None
    raw: bytes | None = None
    moment: datetime | None = None
    either_one: int | str | None = None
    words: list[int | str | bool] | None = None
    words_or_one: list[str] | str | None = None
    raws_set: set[bytes] = set()
    tags: set[str] = set()
    numbers: set[Decimal] = set()
    named: dict[str, Decimal] = {}
    inner: Inner | None = None
    parts: list[Inner] = []


subjects = Table("subjects", Subject, key="id")

# -- values that are often equal, or nearly so

ODD = ["", "a", "ab", "b", "A", "é", "\x00", "a\x00b", '"', "'", "\\", "\U0001f680", "\uffff", "1"]
TEXTS = st.sampled_from([*ODD, "YQ==", "true", "null", "[]", "2026-01-01T00:00:00.000000Z", "2026"])
WHOLES = st.sampled_from(
    [0, 1, -1, 2**53, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**22, 10**38 - 1]
)
REALS = st.sampled_from([0.0, -0.0, 1.0, 0.1, 1e22, 2.0**53, 2.0**63, 1.5, 1e-130, -1e125, 0.3])
EXACTS = st.sampled_from(
    [Decimal(text) for text in ["0", "1", "1.00", "0.1", "0.10000000000000000001", "1E-130"]]
    + [Decimal(text) for text in ["0.30", "1E+22", "9.9E+125", "-1.5", "0.99999999999999999999"]]
    + [Decimal(2**53 + 1), Decimal(2**63)]
)
NUMBERS = WHOLES | REALS | EXACTS
RAWS = st.sampled_from([b"", b"a", b"ab", b"b", b"\x00", b"\xff", b"\xff\xff"])
EAST = timezone(timedelta(hours=2))
MOMENTS = st.sampled_from(
    [
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 1, 2, tzinfo=EAST),
        datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 1, 1, 1, tzinfo=EAST),
    ]
)
INNERS = st.builds(
    Inner, TEXTS, st.none() | WHOLES, st.sets(st.sampled_from([1, 2, 10**30]), max_size=2)
)
WORDS = st.lists(TEXTS | WHOLES | st.booleans(), max_size=3)
NAMED = st.dictionaries(
    st.sampled_from(["a", "b", "a b", 'q"', "it's", "\\", "é"]), EXACTS, max_size=3
)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


SUBJECTS = st.builds(
    Subject,
    id=st.just("s"),
    text=maybe(TEXTS),
    whole=maybe(WHOLES),
    real=maybe(REALS),
    exact=maybe(EXACTS),
    yes=maybe(st.booleans()),
    raw=maybe(RAWS),
    moment=maybe(MOMENTS),
    either_one=maybe(WHOLES | TEXTS),
    words=maybe(WORDS),
    words_or_one=maybe(TEXTS | st.lists(TEXTS, max_size=2)),
    raws_set=st.sets(RAWS, max_size=2),
    tags=st.sets(TEXTS, max_size=3),
    numbers=st.sets(EXACTS, max_size=3),
    named=NAMED,
    inner=maybe(INNERS),
    parts=st.lists(INNERS, max_size=2),
)

# -- conditions over them

SCALARS = st.one_of(TEXTS, NUMBERS, RAWS, MOMENTS)
# What is worth comparing with what stands there; anything else must simply be unequal.
NEAR: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXTS,
    "whole": NUMBERS,
    "real": NUMBERS,
    "exact": NUMBERS,
    "yes": st.booleans() | WHOLES,
    "raw": RAWS | TEXTS,
    "moment": MOMENTS | TEXTS,
    "either_one": NUMBERS | TEXTS,
    "words": TEXTS | NUMBERS | st.booleans() | WORDS,
    "words_or_one": TEXTS | st.lists(TEXTS, max_size=2),
    "raws_set": RAWS | TEXTS | st.sets(RAWS, min_size=1, max_size=2),
    "tags": TEXTS | st.sets(TEXTS, min_size=1, max_size=2) | st.lists(TEXTS, max_size=2),
    "numbers": NUMBERS | st.sets(NUMBERS, min_size=1, max_size=2) | st.booleans(),
    "named": NAMED | TEXTS,
    "inner": INNERS | NAMED,
    "parts": INNERS | st.lists(INNERS, max_size=2),
    "inner.name_of": TEXTS,
    "inner.size": NUMBERS,
    "inner.marks": NUMBERS | st.sets(NUMBERS, min_size=1, max_size=2),
    **{f"named.{name}": NUMBERS for name in ("a", "a b", 'q"', "it's", "\\", "é", "zzz")},
}
OPERANDS = st.one_of(SCALARS, st.booleans(), WORDS, NAMED, INNERS, st.sets(RAWS, min_size=1))
ENDS = st.sampled_from([TEXTS, NUMBERS, RAWS, MOMENTS])
ORDERED = (str, int, float, Decimal, bytes, datetime)
OPS = ["=", "<>", "<", "<=", ">", ">=", "between", "begins", "contains", "one_of", "missing"]


@st.composite
def leaves(draw: st.DrawFn, subject: Subject) -> Condition:
    path = draw(st.sampled_from([*NEAR]))
    at: Any = attr(path)
    op = draw(st.sampled_from(OPS))
    near = draw(st.sampled_from(parts_of(value_at(subject, path))) | NEAR[path])
    if op in ("=", "<>", "contains"):
        operand = near if draw(st.integers(0, 3)) else draw(OPERANDS)
        return {"=": at.__eq__, "<>": at.__ne__, "contains": at.contains}[op](operand)
    if op in ("<", "<=", ">", ">="):
        ordered = isinstance(near, ORDERED) and not isinstance(near, bool)
        operand = near if ordered and draw(st.integers(0, 3)) else draw(SCALARS)
        return {"<": at.__lt__, "<=": at.__le__, ">": at.__gt__, ">=": at.__ge__}[op](operand)
    if op == "between":
        ends = draw(ENDS)
        return at.between(draw(ends), draw(ends))
    if op == "begins":
        return at.begins_with(near if isinstance(near, (str, bytes)) else draw(TEXTS | RAWS))
    if op == "one_of":
        return at.one_of(near, *draw(st.lists(OPERANDS, max_size=2)))
    return at.missing() if draw(st.booleans()) else at.present()


def parts_of(value: Any) -> list[Any]:
    """The value, what is in it, and what nearly is."""
    found: list[Any] = [value] if value is not None and value != set() else ["x"]
    if isinstance(value, (list, set)):
        found += value
        found += [set(value) or "x"] if all(isinstance(one, (str, bytes)) for one in value) else []
        found += [bool(one) for one in value if isinstance(one, int) and one in (0, 1)]
        found += [int(one) for one in value if isinstance(one, bool)]
    if isinstance(value, (str, bytes)):
        found += [value[:1], value[1:], value + value]
    return found


def combined(subject: Subject) -> st.SearchStrategy[Condition]:
    return st.recursive(
        leaves(subject),
        lambda inner: st.one_of(
            st.builds(lambda one, other: one & other, inner, inner),
            st.builds(lambda one, other: one | other, inner, inner),
            st.builds(lambda one: ~one, inner),
        ),
        max_leaves=4,
    )


CONDITIONS = SUBJECTS.flatmap(combined)
ASKED = SUBJECTS.flatmap(
    lambda subject: st.tuples(st.just(subject), st.lists(combined(subject), min_size=5, max_size=6))
)

# -- the model: typed values, and what compares with what


def typed(value: Any) -> Any:
    """A value as DynamoDB keeps it: its type and itself; None when it is absent."""
    if value is None or value == set():
        return None
    if isinstance(value, bool):
        return ("BOOL", value)
    if isinstance(value, float):
        return ("N", Decimal(repr(value)))
    if isinstance(value, (int, Decimal)):
        return ("N", Decimal(value))
    if isinstance(value, bytes):
        return ("B", value)
    if isinstance(value, datetime):
        utc = value.astimezone(UTC)
        return ("S", utc.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    if isinstance(value, set):
        parts = [typed(part) for part in value]
        return (parts[0][0] + "S", frozenset(part for _, part in parts))
    if isinstance(value, list):
        return ("L", [typed(part) for part in value])
    if isinstance(value, Struct):
        value = {name: getattr(value, name) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return ("M", {name: typed(part) for name, part in value.items() if typed(part) is not None})
    return ("S", value)


def value_at(subject: Subject, path: str) -> Any:
    name, _, rest = path.partition(".")
    value = getattr(subject, name)
    if rest:
        value = value.get(rest) if isinstance(value, dict) else value and getattr(value, rest)
    return value


def holds(condition: Condition, subject: Subject | None) -> bool:
    if condition.op == "and":
        return all(holds(part, subject) for part in condition.parts)
    if condition.op == "or":
        return any(holds(part, subject) for part in condition.parts)
    if condition.op == "not":
        return not holds(condition.parts[0], subject)
    found = typed(value_at(subject, condition.path)) if subject is not None else None
    return leaf_holds(condition.op, found, *map(typed, condition.values))


def leaf_holds(op: str, found: Any, *operands: Any) -> bool:
    if op in ("missing", "present"):
        return (found is None) == (op == "missing")
    if op == "<>":
        return found != operands[0]
    if found is None:
        return False
    if op in ("=", "one_of"):
        return found in operands
    kind, value = found
    if op == "contains":
        return contains(kind, value, *operands[0])
    if any(other != kind for other, _ in operands):
        return False
    ends = [key(end) for end in operands]
    value = key(found)
    if op == "begins_with":
        return kind != "N" and found[1].startswith(operands[0][1])
    if op == "between":
        return ends[0] <= value <= ends[1]
    return {
        "<": value < ends[0],
        "<=": value <= ends[0],
        ">": value > ends[0],
        ">=": value >= ends[0],
    }[op]


def key(value: tuple[str, Any]) -> Any:
    return value[1].encode() if value[0] == "S" else value[1]


def contains(kind: str, value: Any, part_kind: str, part: Any) -> bool:
    if kind in ("S", "B"):
        return part_kind == kind and part in value
    if kind == "L":
        return (part_kind, part) in value
    return kind == part_kind + "S" and part in value


# -- both asked


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """One loop and one context for all examples: opening a database costs more than a condition."""
    with asyncio.Runner() as runner:
        stand = Stand(subjects)
        runner.run(stand.__aenter__())
        yield runner
        runner.run(stand.__aexit__(None, None, None))


async def asked(condition: Condition) -> bool:
    """By a check in a transaction and by a filter, unless it would name the key."""
    filtered = await subjects.page("s", where=condition)
    try:
        async with transaction() as tx:
            await subjects.check("s", if_=condition, tx=tx)
    except Conflict:
        assert filtered.items == []
        return False
    assert filtered.items
    return True


@trials(420)
@given(ASKED)
def test_a_condition_says_what_the_model_says(
    runner: asyncio.Runner, asked_of: tuple[Subject, list[Condition]]
) -> None:
    subject, conditions = asked_of
    runner.run(subjects.put(subject))
    for condition in conditions:
        assert runner.run(asked(condition)) == holds(condition, subject), condition


async def asked_of_nothing(condition: Condition) -> bool:
    try:
        await subjects.delete("nobody", if_=condition)
    except Conflict:
        return False
    return True


@trials(300)
@given(CONDITIONS)
def test_an_absent_item_is_an_empty_one(runner: asyncio.Runner, condition: Condition) -> None:
    assert runner.run(asked_of_nothing(condition)) == holds(condition, None), condition


@trials(300)
@given(SUBJECTS, NUMBERS, NUMBERS)
def test_sums_are_those_of_the_model(
    runner: asyncio.Runner, subject: Subject, one: Any, other: Any
) -> None:
    subject.exact, subject.named = None, {}
    runner.run(subjects.put(subject))
    try:
        found = runner.run(subjects.update("s", add={"exact": one, "named.x": other}))
        found = runner.run(subjects.update("s", add={"exact": other, "named.x": one}))
    except Invalid:  # more than 38 digits: which sums those are is tested with the codec
        return
    expected = Fraction(typed(one)[1]) + Fraction(typed(other)[1])
    assert Fraction(found.exact) == Fraction(found.named["x"]) == expected


@trials(300)
@given(CONDITIONS)
def test_conjuncts_joined_again_mean_the_same(condition: Condition) -> None:
    parts = conjuncts(condition)
    assert all(part.op != "and" for part in parts)
    assert sum(part.operators for part in parts) + len(parts) - 1 == condition.operators
