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


def unknown_checker(kind: Any) -> Check | None:
    """True for what holds an undeclared field anywhere; None when no value of the type can.

    The value has passed the type already. RecursionError when it is nested too deeply.
    """
    info = shape.type_info(kind)
    return _check(info, {}) if any(map(_is_open, _reachable(info, set()))) else None


def declared_names(info: Any) -> frozenset[str] | None:
    """The fields an object may have; None when that is not ours to say."""
    if isinstance(info, shape.CustomType):
        return _model_names(info.cls)
    names = {field.encode_name for field in info.fields}
    if isinstance(info, shape.StructType) and info.tag_field is not None:
        names.add(info.tag_field)
    return frozenset(names)


def unwrapped(info: shape.Type) -> shape.Type:
    while isinstance(info, shape.Metadata):
        info = info.type
    return info


def _is_open(info: Any) -> bool:
    """An object that would let an undeclared field pass by itself."""
    if isinstance(info, shape.CustomType):
        return _model_names(info.cls) is not None
    return isinstance(info, OBJECTS) and not getattr(info, "forbid_unknown_fields", False)


def _reachable(info: shape.Type, seen: set[Any]) -> Iterator[shape.Type]:
    info = unwrapped(info)
    cls = getattr(info, "cls", None)
    if cls is not None:
        if cls in seen:
            return
        seen.add(cls)
    yield info
    for part in _parts(info):
        yield from _reachable(part, seen)


def _parts(info: Any) -> Sequence[shape.Type]:
    if isinstance(info, (*OBJECTS, shape.NamedTupleType)):
        return [field.type for field in info.fields]
    if isinstance(info, shape.CollectionType):
        return [info.item_type]
    if isinstance(info, (shape.DictType, shape.FrozenDictType)):
        return [info.value_type]
    if isinstance(info, shape.TupleType):
        return info.item_types
    if isinstance(info, shape.UnionType):
        return info.types
    return [part for _, part in _model_fields(info.cls)] if _is_model(info) else ()


def _check(info: shape.Type, known: dict[Any, Check]) -> Check | None:
    """`known` holds the checks of the classes begun, so that a type may contain itself."""
    told: Any = unwrapped(info)
    if isinstance(told, (*OBJECTS, shape.CustomType)):
        return _object_or_array(told, known)
    if isinstance(told, shape.NamedTupleType):
        return _positions([_check(field.type, known) for field in told.fields], None)
    if isinstance(told, shape.TupleType):
        return _positions([_check(part, known) for part in told.item_types], None)
    if isinstance(told, shape.CollectionType):
        return _each(_check(told.item_type, known), list)
    if isinstance(told, (shape.DictType, shape.FrozenDictType)):
        return _each(_check(told.value_type, known), dict)
    return _union(told, known) if isinstance(told, shape.UnionType) else None


def _object_or_array(info: Any, known: dict[Any, Check]) -> Check | None:
    begun = known.get(info.cls)
    if begun is not None:
        return begun
    finished: list[Check | None] = []
    known[info.cls] = lambda raw: finished[0] is not None and finished[0](raw)
    if isinstance(info, shape.CustomType):
        nested = [(name, _check(part, known)) for name, part in _model_fields(info.cls)]
        finished.append(_object(_model_names(info.cls), nested))
    elif getattr(info, "array_like", False):
        tag = [] if info.tag_field is None else [None]
        checks = tag + [_check(field.type, known) for field in info.fields]
        finished.append(_positions(checks, None if info.forbid_unknown_fields else len(checks)))
    else:
        nested = [(field.encode_name, _check(field.type, known)) for field in info.fields]
        finished.append(_object(declared_names(info) if _is_open(info) else None, nested))
    return finished[0]


def _object(names: frozenset[str] | None, fields: list[tuple[str, Check | None]]) -> Check | None:
    nested = [(name, check) for name, check in fields if check is not None]
    if names is None:
        return _within(nested) if nested else None
    covers = names.issuperset
    if not nested:
        return lambda raw: type(raw) is dict and not covers(raw)
    within = _within(nested)
    return lambda raw: type(raw) is dict and (not covers(raw) or within(raw))


def _within(nested: list[tuple[str, Check]]) -> Check:
    def check_fields(raw: Any) -> bool:
        if type(raw) is dict:
            for name, check in nested:
                if name in raw and check(raw[name]):
                    return True
        return False

    return check_fields


def _positions(checks: Sequence[Check | None], count_max: int | None) -> Check | None:
    nested = [(at, check) for at, check in enumerate(checks) if check is not None]
    if not nested and count_max is None:
        return None

    def check_positions(raw: Any) -> bool:
        if type(raw) is not list:
            return False
        count = len(raw)  # pyright: ignore[reportUnknownArgumentType]
        if count_max is not None and count > count_max:
            return True
        return any(at < count and check(raw[at]) for at, check in nested)

    return check_positions


def _each(check: Check | None, container: type) -> Check | None:
    if check is None:
        return None
    if container is dict:
        return lambda raw: type(raw) is dict and any(map(check, raw.values()))
    return lambda raw: type(raw) is list and any(map(check, raw))


def _union(info: shape.UnionType, known: dict[Any, Check]) -> Check | None:
    """One check for each kind of JSON value; objects that share a kind are told by their tag."""
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

    def check_by_tag(raw: Any) -> bool:
        if type(raw) is not container:
            return False
        try:
            check = checks.get(raw[where])
        except (LookupError, TypeError):  # without its tag: only where a single type may omit it
            check = next(iter(checks.values())) if len(checks) == 1 else None
        return check is not None and check(raw)

    return check_by_tag


def _is_model(info: Any) -> bool:
    return isinstance(info, shape.CustomType) and hasattr(info.cls, "model_fields")


def _model_fields(model: Any) -> list[tuple[str, shape.Type]]:
    """The fields of a pydantic model that msgspec can look into."""
    found: list[tuple[str, shape.Type]] = []
    for name, field in getattr(model, "model_fields", {}).items():
        try:
            info = shape.type_info(field.annotation)
        except TypeError:
            continue
        found += [(alias, info) for alias in _aliases(name, field)]
    return found


def _model_names(model: Any) -> frozenset[str] | None:
    fields = getattr(model, "model_fields", None)
    if fields is None or model.model_config.get("extra") in ("allow", "forbid"):
        return None
    return frozenset(alias for name, field in fields.items() for alias in _aliases(name, field))


def _aliases(name: str, field: Any) -> Iterator[str]:
    """Every name pydantic may read a field from: its own, an alias, a choice, a path's begin."""
    yield name
    alias = field.validation_alias
    for choice in getattr(alias, "choices", None) or ([] if alias is None else [alias]):
        yield choice if isinstance(choice, str) else choice.path[0]
