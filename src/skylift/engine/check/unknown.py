"""Whether a decoded body holds a field its type does not declare.

msgspec ignores such fields, the bodies of requests refuse them at every depth. Compiled once a
type, because the happy path pays for it: one superset test for a flat object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from msgspec import inspect as shape

Check: TypeAlias = Callable[[Any], bool]
OBJECTS = (shape.StructType, shape.TypedDictType, shape.DataclassType)
MAPPINGS = (shape.DictType, shape.FrozenDictType)


def unknown_checker(kind: Any) -> Check | None:
    """True for what holds an undeclared field anywhere; None when no value of the type can.

    The value has passed the type already. RecursionError when it is nested too deeply.
    """
    info = shape.type_info(kind)
    if not any(is_open(part) for part in reachable(info, set())):
        return None
    return _check(info, {})


def is_open(info: Any) -> bool:
    """An object that would let an undeclared field pass by itself."""
    if isinstance(info, shape.CustomType):
        return declared_names(info) is not None
    return isinstance(info, OBJECTS) and not getattr(info, "forbid_unknown_fields", False)


def declared_names(info: Any) -> frozenset[str] | None:
    """The fields an object may have; None when that is not ours to say."""
    if isinstance(info, shape.CustomType):
        from .foreign import model_names

        return model_names(info.cls)
    tag = getattr(info, "tag_field", None)
    names = {field.encode_name for field in info.fields}
    return frozenset(names if tag is None else names | {tag})


def unwrapped(info: shape.Type) -> shape.Type:
    while isinstance(info, shape.Metadata):
        info = info.type
    return info


def reachable(info: shape.Type, seen: set[Any]) -> Iterator[shape.Type]:
    info = unwrapped(info)
    cls = getattr(info, "cls", None)
    if cls in seen:
        return
    if cls is not None:
        seen.add(cls)
    yield info
    for part in _parts(info):
        yield from reachable(part, seen)


def _parts(info: Any) -> Sequence[shape.Type]:
    if isinstance(info, (*OBJECTS, shape.NamedTupleType, shape.CustomType)):
        return [part for _, part in _fields(info)]
    if isinstance(info, shape.CollectionType):
        return [info.item_type]
    if isinstance(info, MAPPINGS):
        return [info.value_type]
    if isinstance(info, shape.TupleType):
        return info.item_types
    return info.types if isinstance(info, shape.UnionType) else ()


def _fields(info: Any) -> list[tuple[str, shape.Type]]:
    if isinstance(info, shape.CustomType):
        from .foreign import model_parts

        return model_parts(info.cls)
    return [(field.encode_name, field.type) for field in info.fields]


def _check(info: shape.Type, known: dict[Any, Check | None]) -> Check | None:
    """`known` holds the checks of the classes begun, so that a type may contain itself."""
    told: Any = unwrapped(info)
    if isinstance(told, (*OBJECTS, shape.CustomType)):
        return _class(told, known)
    if isinstance(told, (shape.NamedTupleType, shape.TupleType)):
        return _positions([_check(part, known) for part in _parts(told)])
    if isinstance(told, shape.CollectionType):
        return _each(_check(told.item_type, known), list)
    if isinstance(told, MAPPINGS):
        return _each(_check(told.value_type, known), dict)
    return _union(told, known) if isinstance(told, shape.UnionType) else None


def _class(info: Any, known: dict[Any, Check | None]) -> Check | None:
    if info.cls in known:
        return known[info.cls]
    known[info.cls] = lambda raw: (check := known[info.cls]) is not None and check(raw)
    nested = [(name, _check(part, known)) for name, part in _fields(info)]
    if getattr(info, "array_like", False):
        tag: list[Check | None] = [] if info.tag_field is None else [None]
        checks = tag + [check for _, check in nested]
        made = _positions(checks, len(checks) if is_open(info) else None)
    else:
        made = _object(declared_names(info) if is_open(info) else None, nested)
    known[info.cls] = made
    return made


def _object(names: frozenset[str] | None, fields: list[tuple[str, Check | None]]) -> Check | None:
    nested = [(name, check) for name, check in fields if check is not None]
    if names is None:
        return _within(nested) if nested else None
    covers = names.issuperset
    if not nested:
        return lambda raw: raw.__class__ is dict and not covers(raw)
    within = _within(nested)
    return lambda raw: raw.__class__ is dict and (not covers(raw) or within(raw))


def _within(nested: list[tuple[str, Check]]) -> Check:
    def check_fields(raw: Any) -> bool:
        if raw.__class__ is dict:
            for name, check in nested:
                if name in raw and check(raw[name]):
                    return True
        return False

    return check_fields


def _positions(checks: Sequence[Check | None], count_max: int | None = None) -> Check | None:
    nested = [(at, check) for at, check in enumerate(checks) if check is not None]
    if not nested and count_max is None:
        return None

    def check_positions(raw: Any) -> bool:
        if raw.__class__ is not list:
            return False
        count = len(raw)
        if count_max is not None and count > count_max:
            return True
        return any(at < count and check(raw[at]) for at, check in nested)

    return check_positions


def _each(check: Check | None, container: type) -> Check | None:
    if check is None:
        return None
    if container is dict:
        return lambda raw: raw.__class__ is dict and any(map(check, raw.values()))
    return lambda raw: raw.__class__ is list and any(map(check, raw))


def _union(info: shape.UnionType, known: dict[Any, Check | None]) -> Check | None:
    """A union has one type for each kind of JSON value, or several Structs told by their tag."""
    checks: list[Check | None] = []
    tagged: dict[str | int, dict[Any, Check | None]] = {}
    for part in map(unwrapped, info.types):
        check = _check(part, known)
        if isinstance(part, shape.StructType) and part.tag_field is not None:
            where = 0 if part.array_like else part.tag_field
            tagged.setdefault(where, {})[part.tag] = check
        else:
            checks.append(check)
    checks += [_tagged(where, each) for where, each in tagged.items() if any(each.values())]
    kept = [check for check in checks if check is not None]
    if len(kept) < 2:
        return kept[0] if kept else None
    return lambda raw: any(check(raw) for check in kept)


def _tagged(where: str | int, checks: dict[Any, Check | None]) -> Check:
    container = list if where == 0 else dict
    lone = next(iter(checks.values())) if len(checks) == 1 else None  # may omit its tag

    def check_by_tag(raw: Any) -> bool:
        if raw.__class__ is not container:
            return False
        check = checks.get(raw[where]) if where == 0 or where in raw else lone
        return check is not None and check(raw)

    return check_by_tag
