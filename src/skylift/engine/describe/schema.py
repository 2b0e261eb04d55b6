"""JSON schemas of types, as OpenAPI 3.1 components: what a body may be, what an answer is, and how
a parameter is written. A type that is both body and answer gets two, because a body refuses the
fields an answer may one day have more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, cast

from msgspec import NODEFAULT, to_builtins
from msgspec import inspect as shape

from ..check.foreign import is_model, model_schema
from ..check.text import DIGITS
from ..check.unknown import is_open, reachable, unwrapped
from .scalar import INTEGER, SCALARS, Schema, Way, described, lengths

COMPONENTS = "#/components/schemas/"


class Schemas:
    """The components of one document, named after all types are known: `Note`, and `NoteInput`
    where the same type is answered too.
    """

    def __init__(
        self, bodies: Iterable[Any], answers: Iterable[Any], taken: Iterable[str] = ()
    ) -> None:
        self.components: dict[str, Schema] = {}
        self._names: dict[tuple[Any, Way], str] = {}
        read, written = _classes(bodies), _classes(answers)
        plain = _named(dict.fromkeys([*written, *read]), set(taken))
        for cls, name in plain.items():
            is_both = cls in read and cls in written and not hasattr(cls, "__members__")  # an enum
            apart = f"{name}.Input" if f"{name}Input" in plain.values() else f"{name}Input"
            self._names[cls, "out"] = name
            self._names[cls, "in"] = apart if is_both else name

    def of(self, kind: Any, way: Way) -> Schema:
        return self.at(shape.type_info(kind), way)

    def at(self, info: shape.Type, way: Way) -> Schema:
        extra: Schema = {}
        while isinstance(info, shape.Metadata):
            extra |= cast("Schema", info.extra_json_schema or {})
            info = info.type
        name = self._names.get((getattr(info, "cls", None), way))
        if name is None:
            return self._written(info, way) | extra
        if name not in self.components:
            self.components[name] = {}  # so that a type may contain itself
            self.components[name] = self._written(info, way)
        return {"$ref": COMPONENTS + name} | extra

    def _written(self, info: shape.Type, way: Way) -> Schema:
        scalar = SCALARS.get(info.__class__)
        if scalar is not None:
            return scalar(info, way)
        write = WRITERS.get(info.__class__)
        return write(self, info, way) if write is not None else {}

    def name_of(self, cls: Any, way: Way) -> str:
        return self._names[cls, way]


def _classes(kinds: Iterable[Any]) -> dict[Any, None]:
    seen: set[Any] = set()
    return {
        part.cls: None
        for kind in kinds
        for part in reachable(shape.type_info(kind), seen)
        if isinstance(part, (*NAMED, shape.CustomType)) and _is_shown(part)
    }


def _is_shown(info: Any) -> bool:
    return not isinstance(info, shape.CustomType) or is_model(info.cls)


def _named(classes: Iterable[Any], taken: set[str]) -> dict[Any, str]:
    """The class's own name; two of one name are told apart by their modules, then by a number."""
    named = list(classes)
    short = [_short(cls) for cls in named]
    found: dict[Any, str] = {}
    used = set(taken)
    for cls, name in zip(named, short, strict=True):
        if name in used or short.count(name) > 1:
            name = f"{cls.__module__}.{name}"
        names = (name, *(f"{name}.{number}" for number in range(2, len(named) + 2)))
        found[cls] = next(free for free in names if free not in used)
        used.add(found[cls])
    return found


def _short(cls: Any) -> str:
    parts = [getattr(part, "__name__", str(part)) for part in getattr(cls, "__args__", ())]
    return re.sub(r"[^A-Za-z0-9.-]+", "_", "_".join([cls.__name__, *parts]))


def _list(schemas: Schemas, info: Any, way: Way) -> Schema:
    sizes = lengths(info, "Items")
    items: Schema = {"items": schemas.at(info.item_type, way)}
    is_set = isinstance(info, (shape.SetType, shape.FrozenSetType))
    if is_set and (
        way == "out" or "minItems" in sizes
    ):  # a body may repeat an item; it counts once
        items["uniqueItems"] = True
    return {"type": "array"} | items | sizes


def _tuple(schemas: Schemas, info: Any, way: Way) -> Schema:
    return _ordered([schemas.at(part, way) for part in info.item_types])


def _named_tuple(schemas: Schemas, info: Any, way: Way) -> Schema:
    items = [schemas.at(field.type, way) for field in info.fields]
    return described(info.cls) | _ordered(items, sum(field.required for field in info.fields))


def _ordered(items: list[Schema], count_min: int | None = None) -> Schema:
    count = len(items)
    low = count if count_min is None else count_min
    sized: Schema = {"type": "array", "minItems": low, "maxItems": count}
    return sized | ({"prefixItems": items} if items else {})


def _mapping(schemas: Schemas, info: Any, way: Way) -> Schema:
    names = _names(schemas, info.key_type)
    return (
        {"type": "object", "additionalProperties": schemas.at(info.value_type, way)}
        | ({"propertyNames": names} if names else {})
        | lengths(info, "Properties")
    )


def _names(schemas: Schemas, key: shape.Type) -> Schema:
    """What the names of an object may be; they are text."""
    told = unwrapped(key)
    if isinstance(told, shape.IntType):
        return {"pattern": INTEGER}
    if isinstance(told, shape.FloatType):
        return {"pattern": f"^{DIGITS}$"}
    if isinstance(told, shape.AnyType):
        return {}
    return {name: said for name, said in schemas.at(told, "text").items() if name != "type"}


def _union(schemas: Schemas, info: shape.UnionType, way: Way) -> Schema:
    """Structs told by their tag are one alternative, which must have it."""
    parts = [unwrapped(part) for part in info.types]
    structs = [part for part in parts if isinstance(part, shape.StructType)]
    if len(structs) < 2:
        options = [schemas.at(part, way) for part in info.types]
    else:
        rest = [part for part in info.types if not isinstance(unwrapped(part), shape.StructType)]
        options = [_one_of(schemas, structs, way), *(schemas.at(part, way) for part in rest)]
    return options[0] if len(options) == 1 else {"anyOf": options}


def _one_of(schemas: Schemas, tagged: list[shape.StructType], way: Way) -> Schema:
    refs = [schemas.at(struct, way) for struct in tagged]
    if tagged[0].array_like:
        return {"oneOf": refs}
    field = tagged[0].tag_field
    mapping = {str(struct.tag): ref["$ref"] for struct, ref in zip(tagged, refs, strict=True)}
    return {
        "type": "object",
        "required": [field],
        "oneOf": refs,
        "discriminator": {"propertyName": field, "mapping": mapping},
    }


def _object(schemas: Schemas, info: Any, way: Way) -> Schema:
    if getattr(info, "array_like", False):
        return _struct_array(schemas, info, way)
    properties: dict[str, Schema] = {}
    required: list[str] = []
    tag = getattr(info, "tag_field", None)
    if tag is not None:
        properties[tag] = {"const": info.tag}
        if way == "out":
            required.append(tag)
    for field in info.fields:
        properties[field.encode_name] = _field(schemas, field, way)
        if field.required or (way == "out" and _is_always_written(info.cls, field)):
            required.append(field.encode_name)
    is_closed = way == "in" or not is_open(info)
    return (
        described(info.cls)
        | {"type": "object", "properties": properties}
        | ({"required": required} if required else {})
        | ({"additionalProperties": False} if is_closed else {})
    )


def _field(schemas: Schemas, field: shape.Field, way: Way) -> Schema:
    written = schemas.at(field.type, way)
    default: Any = field.default
    factory: Any = getattr(field.default_factory, "__origin__", field.default_factory)
    if default is NODEFAULT and factory in (list, dict, set):
        default = cast(Any, factory())
    if way == "out" or default is NODEFAULT or default is None:
        return written
    return written | {"default": to_builtins(default, str_keys=True)}


def _is_always_written(cls: Any, field: shape.Field) -> bool:
    """A dataclass keeps a plain default on its class, where msgspec does not look."""
    config = getattr(getattr(cls, "__origin__", cls), "__struct_config__", None)
    if config is None:
        return field.default_factory is not NODEFAULT
    has_default = field.default is not NODEFAULT or field.default_factory is not NODEFAULT
    return has_default and not config.omit_defaults


def _struct_array(schemas: Schemas, info: Any, way: Way) -> Schema:
    tag: list[Schema] = [] if info.tag_field is None else [{"const": info.tag}]
    items = tag + [schemas.at(field.type, way) for field in info.fields]
    low = len(tag) + sum(field.required for field in info.fields)
    ordered = _ordered(items, low)
    if way == "out" and is_open(info):
        del ordered["maxItems"]
    return described(info.cls) | ordered


def _model(schemas: Schemas, info: Any, way: Way) -> Schema:
    """A pydantic model describes itself; the models inside it become components too."""
    if not is_model(info.cls):
        return {}
    suffix = "Input" if schemas.name_of(info.cls, way).endswith("Input") else ""
    written = model_schema(info.cls, way == "in", COMPONENTS + "{model}" + suffix)
    for name, nested in written.pop("$defs", {}).items():
        schemas.components.setdefault(name + suffix, _closed(nested) if way == "in" else nested)
    return _closed(written) if way == "in" else written


def _closed(model: Schema) -> Schema:
    return ({"additionalProperties": False} if "properties" in model else {}) | model


NAMED = (
    shape.StructType,
    shape.DataclassType,
    shape.TypedDictType,
    shape.NamedTupleType,
    shape.EnumType,
)
WRITERS: dict[type, Callable[[Schemas, Any, Way], Schema]] = {
    shape.ListType: _list,
    shape.SetType: _list,
    shape.FrozenSetType: _list,
    shape.VarTupleType: _list,
    shape.TupleType: _tuple,
    shape.NamedTupleType: _named_tuple,
    shape.DictType: _mapping,
    shape.FrozenDictType: _mapping,
    shape.UnionType: _union,
    shape.StructType: _object,
    shape.DataclassType: _object,
    shape.TypedDictType: _object,
    shape.CustomType: _model,
}
