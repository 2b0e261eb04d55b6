"""A decoded value beside its type, field by field; scalars are left to msgspec itself.

The effort is bounded, so that a large wrong body costs little more than a large right one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from msgspec import ValidationError, convert, json
from msgspec import inspect as shape

from .annotation import annotation, container, scalars
from .foreign import converted, is_model, model_errors, model_parts
from .problem import Problem, Where, refusal
from .text import text_reader
from .unknown import MAPPINGS, OBJECTS, declared_names, is_open, unwrapped
from .wording import choices, expected, got, meant

PROBLEMS_MAX = 100
VALUES_MAX = 20_000
NAME_MAX = 80


class Enough(Exception):
    """The limit of problems, or of values looked at, is reached."""


class Walk:
    def __init__(self, where: Where, strict: bool, unknown: bool) -> None:
        self.where: Where = where
        self.unknown = unknown
        self.found: list[Problem] = []
        self._strict, self._left = strict, VALUES_MAX
        self._readers: dict[int, tuple[shape.Type, Callable[[Any], Any]]] = {}

    def visit(self, info: shape.Type, raw: object, pointer: str) -> None:
        self._left -= 1
        if self._left < 0:
            raise Enough
        info = unwrapped(info)
        VISITS.get(info.__class__, _scalar)(self, info, raw, pointer)

    def note(self, pointer: str, wanted: str, raw: object) -> None:
        self.say(pointer, wanted, got(raw, pointer))

    def say(self, pointer: str, wanted: str, came: str) -> None:
        self.found.append(Problem(pointer, self.where, wanted, came))
        if len(self.found) >= PROBLEMS_MAX:
            raise Enough

    def below(self, pointer: str, name: str | int) -> str:
        """Inside a body the pointer goes on; a parameter is named as a whole."""
        if self.where != "body":
            return pointer
        text = str(name)
        cut = text if len(text) <= NAME_MAX else text[:NAME_MAX] + "…"
        return f"{pointer}/{cut.replace('~', '~0').replace('/', '~1')}"

    def accepts(self, info: shape.Type, raw: Any) -> bool:
        """Whether msgspec takes the value for this type."""
        known = self._readers.get(id(info))
        if known is None:
            kind = annotation(info)
            read = _converter(kind) if self._strict else text_reader(kind)
            known = self._readers[id(info)] = info, read  # with the type, so that its id stays
        try:
            known[1](raw)
        except ValueError:  # msgspec's errors are
            return False
        return True


def _converter(kind: Any) -> Callable[[Any], Any]:
    return lambda raw: convert(raw, kind, str_keys=True, dec_hook=converted)


def _scalar(walk: Walk, info: Any, raw: object, pointer: str) -> None:
    if not walk.accepts(info, raw):
        walk.note(pointer, expected(info, raw), raw)


def _anything(_walk: Walk, _info: Any, _raw: object, _pointer: str) -> None:
    """Any value is right."""


def _object(walk: Walk, info: Any, raw: Any, pointer: str) -> None:
    if getattr(info, "array_like", False):
        _positions(walk, info, raw, pointer)
    elif raw.__class__ is not dict:
        walk.note(pointer, expected(info), raw)
    else:
        _fields(walk, info, raw, pointer)


def _fields(walk: Walk, info: Any, raw: dict[str, Any], pointer: str) -> None:
    before = len(walk.found)
    tag = getattr(info, "tag_field", None)
    if tag is not None and tag in raw:
        walk.visit(shape.LiteralType((info.tag,)), raw[tag], walk.below(pointer, tag))
    for field in info.fields:
        name = field.encode_name
        if name in raw:
            walk.visit(field.type, raw[name], walk.below(pointer, name))
        elif field.required:
            walk.say(walk.below(pointer, name), expected(field.type), "missing")
    if walk.unknown or not is_open(info):
        _undeclared(walk, info, raw, pointer)
    if len(walk.found) == before:
        _own_checks(walk, info, raw, pointer)


def _undeclared(walk: Walk, info: Any, raw: dict[str, Any], pointer: str) -> None:
    names = declared_names(info)
    if names is None:
        return
    for name in raw:
        if name not in names:
            said = f"no such field; {meant(name, sorted(names))}"
            walk.note(walk.below(pointer, name), said, raw[name])


def _own_checks(walk: Walk, info: Any, raw: object, pointer: str) -> None:
    """What a type checks of itself, once every field is right."""
    if any(hasattr(info.cls, mark) for mark in ("__post_init__", "__attrs_attrs__")):
        try:
            convert(raw, info.cls, str_keys=True, dec_hook=converted)
        except ValidationError as error:
            problem = refusal(error, walk.where, pointer)
            walk.note(problem.pointer, problem.expected, raw)


def _positions(walk: Walk, info: Any, raw: Any, pointer: str) -> None:
    """An array whose items are fields: a tuple, a NamedTuple, an array-like Struct."""
    fields: Sequence[shape.Field] = info.fields if hasattr(info, "fields") else ()
    kinds = [field.type for field in fields] or list(getattr(info, "item_types", ()))
    needed = sum(field.required for field in fields) if fields else len(kinds)
    if getattr(info, "tag_field", None) is not None:
        kinds, needed = [shape.LiteralType((info.tag,)), *kinds], needed + 1
    closed = walk.unknown or not is_open(info)
    _sized(
        walk, shape.ListType(shape.AnyType(), needed, len(kinds) if closed else None), raw, pointer
    )
    for at, (kind, item) in enumerate(zip(kinds, _items(raw), strict=False)):
        walk.visit(kind, item, walk.below(pointer, at))


def _list(walk: Walk, info: Any, raw: Any, pointer: str) -> None:
    _sized(walk, info, raw, pointer)
    for at, item in enumerate(_items(raw)):
        walk.visit(info.item_type, item, walk.below(pointer, at))


def _items(raw: Any) -> Sequence[Any]:
    return raw if raw.__class__ is list else ()


def _mapping(walk: Walk, info: Any, raw: Any, pointer: str) -> None:
    _sized(walk, info, raw, pointer)
    if raw.__class__ is not dict:
        return
    key: Any = dict[annotation(info.key_type), None]
    for name, value in raw.items():
        at = walk.below(pointer, name)
        try:
            convert({name: None}, key, str_keys=True)
        except ValidationError:
            walk.note(at, f"a name that is {expected(info.key_type)}", name)
        walk.visit(info.value_type, value, at)


def _sized(walk: Walk, info: Any, raw: Any, pointer: str) -> None:
    low, high = info.min_length, info.max_length
    if raw.__class__ is container(info):
        is_set = isinstance(info, (shape.SetType, shape.FrozenSetType))
        count = len({json.encode(item) for item in raw} if is_set else raw)
        if (low is None or count >= low) and (high is None or count <= high):
            return
    walk.note(pointer, expected(info), raw)


def _union(walk: Walk, info: shape.UnionType, raw: Any, pointer: str) -> None:
    """A union has one type for each kind of JSON value, or several Structs told by their tag."""
    parts: list[Any] = [unwrapped(part) for part in info.types]
    if any(isinstance(part, (shape.AnyType, shape.RawType)) for part in parts):
        return
    fitting = [part for part in parts if container(part) is raw.__class__]
    if len(fitting) > 1:
        _tagged(walk, fitting, raw, pointer)
    elif fitting:
        walk.visit(fitting[0], raw, pointer)
    elif not scalars(info) or not walk.accepts(info, raw):
        walk.note(pointer, expected(info, raw), raw)


def _tagged(walk: Walk, structs: list[Any], raw: Any, pointer: str) -> None:
    tags = {struct.tag: struct for struct in structs}
    name: Any = 0 if raw.__class__ is list else structs[0].tag_field
    at = walk.below(pointer, name)
    if not raw or (name and name not in raw):
        walk.say(at, choices(list(tags)), "missing")
    elif raw[name].__class__ in (str, int) and raw[name] in tags:
        walk.visit(tags[raw[name]], raw, pointer)
    else:
        walk.note(at, choices(list(tags), raw[name]), raw[name])


def _model(walk: Walk, info: Any, raw: object, pointer: str) -> None:
    before = len(walk.found)
    for place, said, came, is_missing in model_errors(info.cls, raw):
        at = reduce(walk.below, place, pointer)
        walk.say(at, said, "missing" if is_missing else got(came, at))
    if walk.unknown and len(walk.found) == before:
        _undeclared_within(walk, info, raw, pointer)


def _undeclared_within(walk: Walk, info: Any, raw: Any, pointer: str) -> None:
    """Undeclared fields of a model and what it holds; it has judged everything else itself."""
    info = unwrapped(info)
    parts: list[tuple[str | int, Any]] = []
    if raw.__class__ is list and isinstance(info, shape.CollectionType):
        parts = [(at, info.item_type) for at in range(len(raw))]
    elif raw.__class__ is dict and isinstance(info, MAPPINGS):
        parts = [(name, info.value_type) for name in raw]
    elif raw.__class__ is dict and isinstance(info, (*OBJECTS, shape.CustomType)):
        _undeclared(walk, info, raw, pointer)
        held = model_parts(info.cls) if is_model(info.cls) else _encoded(info)
        parts = [(name, part) for name, part in held if name in raw]
    for name, part in parts:
        _undeclared_within(walk, part, raw[name], walk.below(pointer, name))


def _encoded(info: Any) -> list[tuple[str, Any]]:
    return [(field.encode_name, field.type) for field in info.fields]


VISITS: dict[type, Callable[[Walk, Any, Any, str], None]] = {
    shape.AnyType: _anything,
    shape.RawType: _anything,
    shape.StructType: _object,
    shape.DataclassType: _object,
    shape.TypedDictType: _object,
    shape.NamedTupleType: _positions,
    shape.TupleType: _positions,
    shape.ListType: _list,
    shape.SetType: _list,
    shape.FrozenSetType: _list,
    shape.VarTupleType: _list,
    shape.DictType: _mapping,
    shape.FrozenDictType: _mapping,
    shape.UnionType: _union,
    shape.CustomType: _model,
}
