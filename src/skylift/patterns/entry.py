"""What may stand in the list of a field: values, and operators with their operands. Each becomes a
test of one JSON scalar.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, TypeAlias, cast

from ..errors import did_you_mean
from . import grammar
from .cidr import block
from .grammar import Grammar
from .text import case_ignored, wildcard_of
from .wrong import Unfit

Test: TypeAlias = Callable[[Any], bool]

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
RANGE = 'a range has its lower bound first: {"numeric": [">", 10, "<=", 20]}'


@dataclass(frozen=True)
class Wanted:
    """A test and what it looks for: `text`, `number`, `bool`, or `leaf` for anything at all."""

    test: Test
    kind: str
    document: Any  # as it is deployed


@dataclass(frozen=True)
class Presence:
    """`exists`: of a leaf, so it is no test of a value."""

    there: bool
    document: Any


def wanted(entry: Any, of: Grammar) -> Wanted | Presence:
    """What one entry of a list asks for; Unfit for what AWS would refuse."""
    if not isinstance(entry, dict):
        return exactly(entry, of)
    said = cast("dict[Any, Any]", entry)
    if len(said) != 1:
        raise Unfit(
            f"{len(said)} operators in one entry", "an entry has one; entries of a list are or-ed"
        )
    ((name, operand),) = said.items()
    if name == "exists":
        if not isinstance(operand, bool):
            raise Unfit(f"exists is {operand!r}", "exists is True or False")
        return Presence(operand, entry)
    if name not in OPERATORS:
        raise Unfit(f"there is no operator {name!r}", did_you_mean(str(name), NAMES))
    found = OPERATORS[name](operand, of)
    return replace(found, document={name: found.document})


def any_of(found: list[Wanted]) -> Test:
    """One test for all, of plain texts at once: a rule may name a hundred."""
    texts = [one.document for one in found if isinstance(one.document, str)]
    tests = [one.test for one in found if not isinstance(one.document, str)]
    if texts:
        wants = frozenset(texts)
        tests.insert(0, lambda given: type(given) is str and given in wants)
    if len(tests) == 1:
        return tests[0]
    return lambda given: any(test(given) for test in tests)


# -- values


def exactly(value: Any, of: Grammar) -> Wanted:
    value = value.value if isinstance(value, Enum) else value
    if isinstance(value, str):
        text = str(value)
        return Wanted(lambda given: type(given) is str and given == text, "text", text)
    if value is None or isinstance(value, bool):
        return Wanted(lambda given: given is value, "leaf" if value is None else "bool", value)
    number = threshold(value, of)
    return Wanted(lambda given: as_double(given) == number, "number", value)


def threshold(value: Any, of: Grammar) -> float:
    """A number as AWS compares it: a double."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        remedy = "a value is a str, int, float, bool or None; others by the text of their JSON"
        raise Unfit(f"{value!r} is no value of JSON", remedy)
    number = as_double(value)
    if not math.isfinite(number) or (isinstance(value, int) and int(number) != value):
        raise Unfit(f"{value!r} is no number that a double holds", "AWS compares doubles")
    if of.is_topic:
        if abs(number) > grammar.NUMBER_MAX:
            raise Unfit(
                f"{value!r} is beyond a billion", "SNS compares numbers from -10⁹ to 10⁹ only"
            )
        if round(number, grammar.DECIMALS_MAX) != number:
            raise Unfit(f"{value!r} has more than 5 decimals", "SNS compares 5 of them")
    return number


def as_double(value: Any) -> float:
    """nan, which equals nothing, for what is no number."""
    if type(value) is float:
        return value
    if type(value) is not int:
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


# -- operators


def prefix(operand: Any, of: Grammar) -> Wanted:
    if (ignoring := _ignoring(operand, of)) is not None:
        return _matching(re.compile(ignoring, re.DOTALL).match, operand)
    text = _text("prefix", operand)
    return Wanted(lambda given: type(given) is str and given.startswith(text), "text", operand)


def suffix(operand: Any, of: Grammar) -> Wanted:
    if (ignoring := _ignoring(operand, of)) is not None:
        return _matching(re.compile(f"(?:{ignoring})\\Z", re.DOTALL).search, operand)
    text = _text("suffix", operand)
    return Wanted(lambda given: type(given) is str and given.endswith(text), "text", operand)


def ignoring_case(operand: Any, _: Grammar) -> Wanted:
    text = _text("equals-ignore-case", operand)
    return _matching(re.compile(case_ignored(text), re.DOTALL).fullmatch, operand)


def wildcard(operand: Any, of: Grammar) -> Wanted:
    text = _text("wildcard", operand)
    if of.is_topic and grammar.stars(text) > grammar.STARS_MAX:
        raise Unfit(f"{text!r} has more than {grammar.STARS_MAX} *", "SNS takes no more")
    return _matching(wildcard_of(text).fullmatch, operand)


def cidr(operand: Any, _: Grammar) -> Wanted:
    return Wanted(block(_text("cidr", operand)), "text", operand)


def numeric(operand: Any, of: Grammar) -> Wanted:
    if not isinstance(operand, list):
        raise Unfit(f"numeric is {operand!r}", RANGE)
    parts = cast("list[Any]", operand)
    if len(parts) not in (2, 4):
        raise Unfit(f"numeric is {operand!r}", RANGE)
    for sign in parts[::2]:
        if sign not in COMPARISONS:
            raise Unfit(f"{sign!r} is no comparison", "there is = > >= < <=")
    for value in parts[1::2]:
        if isinstance(value, str):
            raise Unfit(f"numeric compares with the text {value!r}", "leave its quotes away")
    if len(parts) == 4 and (parts[0] not in (">", ">=") or parts[2] not in ("<", "<=")):
        raise Unfit(f"{parts[0]!r} with {parts[2]!r} is no range", RANGE)
    first, low = COMPARISONS[parts[0]], threshold(parts[1], of)
    if len(parts) == 2:
        return Wanted(lambda given: first(as_double(given), low), "number", operand)
    second, high = COMPARISONS[parts[2]], threshold(parts[3], of)
    if low >= high:
        raise Unfit(f"nothing is from {parts[1]!r} to {parts[3]!r}", RANGE)

    def test(given: Any) -> bool:
        number = as_double(given)
        return first(number, low) and second(number, high)

    return Wanted(test, "number", operand)


def anything_but(operand: Any, of: Grammar) -> Wanted:
    if isinstance(operand, dict):
        return _negated(cast("dict[Any, Any]", operand), of)
    values = cast("list[Any]", operand if isinstance(operand, list) else [operand])
    found = [exactly(one, of) for one in values]
    kinds = {one.kind for one in found}
    if len(kinds) != 1 or kinds & {"bool", "leaf"}:
        remedy = "it takes one or more str, or one or more numbers: not both, no bool, no None"
        raise Unfit(f"anything-but is {operand!r}", remedy)
    document = [one.document for one in found]
    tests = [one.test for one in found]
    return Wanted(
        lambda given: not any(test(given) for test in tests),
        kinds.pop(),
        document if isinstance(operand, list) else document[0],
    )


def _negated(operand: dict[Any, Any], of: Grammar) -> Wanted:
    if len(operand) != 1 or not of.negated.issuperset(operand):
        shown = ", ".join(sorted(of.negated))
        reason = f"anything-but of {', '.join(map(repr, operand)) or 'nothing'}"
        raise Unfit(reason, f"{of.service} takes one of {shown} inside anything-but")
    ((name, inner),) = operand.items()
    many = cast("list[Any]", inner if isinstance(inner, list) else [inner])
    if not many or (isinstance(inner, list) and not of.many_negated):
        remedy = f"{of.service} takes one str here" + " or a list of them" * of.many_negated
        raise Unfit(f"anything-but {name} is {inner!r}", remedy)
    if name in ("prefix", "suffix") and "" in many:
        raise Unfit(f"an empty {name} inside anything-but", "every text has it: nothing is left")
    for one in many:
        _text(name, one)
    tests = [OPERATORS[name](one, of).test for one in many]
    return Wanted(lambda given: not any(test(given) for test in tests), "text", operand)


def _ignoring(operand: Any, of: Grammar) -> str | None:
    """What a prefix or suffix that ignores case looks for."""
    if not isinstance(operand, dict):
        return None
    said = cast("dict[Any, Any]", operand)
    if of.is_topic:
        raise Unfit(f"{operand!r}", "SNS compares a prefix or suffix letter by letter only")
    if list(said) != ["equals-ignore-case"]:
        remedy = 'only equals-ignore-case stands here: {"prefix": {"equals-ignore-case": "a"}}'
        raise Unfit(f"{operand!r}", remedy)
    return case_ignored(_text("equals-ignore-case", said["equals-ignore-case"]))


def _matching(match: Callable[[str], object], operand: Any) -> Wanted:
    return Wanted(lambda given: type(given) is str and match(given) is not None, "text", operand)


def _text(name: str, operand: Any) -> str:
    if not isinstance(operand, str):
        raise Unfit(f"{name} is {operand!r}", f"{name} takes a str")
    return operand


OPERATORS: dict[str, Callable[[Any, Grammar], Wanted]] = {
    "prefix": prefix,
    "suffix": suffix,
    "equals-ignore-case": ignoring_case,
    "wildcard": wildcard,
    "cidr": cidr,
    "numeric": numeric,
    "anything-but": anything_but,
}
NAMES = [*OPERATORS, "exists"]
