"""What a query asks of its key and what filters what was read, by DynamoDB's rule, which every
backend keeps: at most one bound on the sort key, and key fields are no filters.
"""

from __future__ import annotations

from ..codec import Column
from ..conditions import Condition, conjuncts
from ..errors import DeclarationError, Invalid, Mistake, did_you_mean
from ..ports import Range

BOUNDING = ("=", "<", "<=", ">", ">=", "between", "begins_with")


def split(
    where: Condition | None, key: tuple[str, ...], place: str
) -> tuple[list[Condition], Condition | None]:
    """The conditions that bound the sort key of `key`, and the rest."""
    partition, sort = (*key, "", "")[:2]
    if not partition:
        return [], where
    bounding, rest = list[Condition](), None
    for part in conjuncts(where):
        if part.path == sort and part.op in BOUNDING:
            bounding.append(part)
            continue
        for name in paths(part):
            if name in (partition, sort):
                raise _mistake(place, name, name == partition)
        rest = part if rest is None else rest & part
    if len(bounding) > 1 and sorted(part.op for part in bounding) != ["<=", ">="]:
        raise _mistake(place, sort, False)
    return bounding, rest


def paths(condition: Condition) -> list[str]:
    """Every path a condition names."""
    if condition.parts:
        return [path for part in condition.parts for path in paths(part)]
    return [condition.path]


def no_index(index: str, known: list[str], place: str, key: tuple[str, ...]) -> DeclarationError:
    reason = f"there is no index {index!r}" if key else "an index is queried by partition"
    return DeclarationError(Mistake(place, reason, did_you_mean(index, known)))


def limit_checked(rows: Range) -> int:
    if rows.limit < 1:
        raise Invalid(f"limit is {rows.limit}, it starts at 1")
    return rows.limit


def successor(prefix: Column) -> Column | None:
    """The smallest value above everything that begins so; None when there is none."""
    if isinstance(prefix, bytes):
        kept = prefix.rstrip(b"\xff")
        return kept[:-1] + bytes((kept[-1] + 1,)) if kept else None
    text = prefix.rstrip("\U0010ffff")
    if not text:
        return None
    following = ord(text[-1]) + 1
    return text[:-1] + chr(0xE000 if following == 0xD800 else following)


def _mistake(place: str, name: str, is_partition: bool) -> DeclarationError:
    if is_partition:
        remedy = "the partition is the first argument: leave it out of where="
        return DeclarationError(Mistake(place, f"where= names the partition key {name!r}", remedy))
    remedy = (
        "a sort key takes one of = < <= > >= between begins_with, or >= and <=, joined by & "
        "to what filters; any other use of it needs another index"
    )
    return DeclarationError(
        Mistake(place, f"where= uses the sort key {name!r} as a filter", remedy)
    )
