"""From any declared type to its Shape, and everything in it that could not be stored or read back
the same on every backend. msgspec's inspection reads the type, which costs some 0.1 ms a table, and
its import as much as eight modules: what is plain is read without (`plain.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Flag
from types import NoneType
from typing import Any, cast
from uuid import UUID

from msgspec import NODEFAULT
from msgspec import inspect as types

from . import shape
from .declared import is_model, is_one_kind
from .plain import PLAIN, Plain
from .shape import Object, Shape

ABSENCE = "None is absence and reads back as the default"


class Inspected:
    """Has what Declared has."""

    def __init__(self, declared: Any) -> None:
        self.root = Shape()
        self.mistakes: list[tuple[str, str]] = []
        self.checked = False
        self.decodable: Any = declared
        self._objects: dict[int, Object] = {}
        self._models: dict[Any, Any] = {}
        if is_model(declared):
            from .model import shadow

            self.checked = True
            self.decodable = shadow(declared, self._models)
        try:
            found = types.type_info(self.decodable)
        except (TypeError, NameError, ValueError) as error:
            self.mistakes.append((str(error), "give every field a type that can be stored"))
            return
        if not isinstance(found, (types.StructType, types.DataclassType, types.TypedDictType)):
            remedy = "an item is a Struct, dataclass, TypedDict or pydantic model"
            self.mistakes.append((f"{declared!r} cannot be an item", remedy))
            return
        self._add(self.root, found, found.cls.__name__)

    def _add(self, into: Shape, found: types.Type, place: str) -> None:
        if isinstance(found, types.Metadata):
            return self._add(into, found.type, place)
        if any(getattr(found, limit, None) is not None for limit in LIMITS):
            self.checked = True
        scalar = SCALARS.get(type(found))
        if scalar is not None:
            name, writers, text, numeric = scalar
            into.names.append(name)
            into.writers.update(writers)
            into.text, into.numeric = text or into.text, numeric or into.numeric
            return None
        add = CONTAINERS.get(type(found))
        if add is None:
            return self._refuse(place, found)
        return add(self, into, found, place)

    def _refuse(self, place: str, found: types.Type) -> None:
        name, remedy = REFUSED.get(
            type(found), ("", "store what it holds as one of the types above")
        )
        if isinstance(found, types.CustomType):
            name = getattr(found.cls, "__name__", repr(found.cls))
            if is_model(found.cls):
                remedy = "a pydantic model stands inside pydantic models only"
        self.mistakes.append((f"{place}: {name or type(found).__name__} cannot be stored", remedy))

    def add_union(self, into: Shape, found: types.UnionType, place: str) -> None:
        kinds = {type(member) for member in found.types}
        if kinds >= {types.FloatType, types.DecimalType}:
            remedy = "say Decimal, which keeps both"
            self.mistakes.append(
                (f"{place}: float | Decimal would read every Decimal as float", remedy)
            )
        # int comes last: where it is declared beside float, an int stays one.
        for member in sorted(found.types, key=lambda one: isinstance(one, types.IntType)):
            self._add(into, member, place)
        if len(into.objects) > 1:
            self._agree(into.objects, place)

    def _agree(self, objects: list[Object], place: str) -> None:
        """A path into a union must mean one thing."""
        meant: dict[str, Shape] = {}
        for each in objects:
            for name, _, _, inner, _ in each.fields:
                other = meant.setdefault(name, inner)
                if (other.text and inner.text and other.text != inner.text) or (
                    other.array and inner.array and other.array != inner.array
                ):
                    reason = (
                        f"{place}.{name}: {other.called} in one member, {inner.called} in another"
                    )
                    self.mistakes.append((reason, "name one of them otherwise"))

    def add_enum(self, into: Shape, found: types.EnumType, place: str) -> None:
        members = [member.value for member in found.cls]
        if issubclass(found.cls, Flag) or not members:
            self.mistakes.append(
                (f"{place}: {found.cls.__name__} has no values to store", "use an Enum")
            )
            return
        into.names.append(found.cls.__name__)
        into.writers[found.cls] = shape.enum_value
        if isinstance(members[0], str):
            into.text = str
        else:
            into.numeric = True

    def add_literal(self, into: Shape, found: types.LiteralType, place: str) -> None:
        self.checked = True
        for value in found.values:
            into.names.append(repr(value))
            into.writers[type(value)] = None
            into.text = str if isinstance(value, str) else into.text
            into.numeric = into.numeric or isinstance(value, int)

    def add_list(self, into: Shape, found: Any, place: str) -> None:
        into.array, into.items = list, self._inner(found.item_type, place + "[]", "list")
        into.names.append(f"list[{into.items.called}]")
        into.writers[list] = into.write_list

    def add_tuple(self, into: Shape, found: Any, place: str) -> None:
        into.array, into.items = list, Shape()
        parts = found.item_types if isinstance(found, types.TupleType) else (found.item_type,)
        self.checked = self.checked or isinstance(found, types.TupleType)
        for part in parts:
            self._add(into.items, part, place + "[]")
        self._no_none(into.items, place + "[]", "tuple")
        into.names.append("tuple")
        into.writers[tuple] = into.write_list

    def add_set(self, into: Shape, found: Any, place: str) -> None:
        into.array, into.items = set, self._inner(found.item_type, place + "[]", "set")
        into.names.append(f"set[{into.items.called}]")
        into.writers[set] = into.writers[frozenset] = into.write_set
        if not is_one_kind(into.items):
            remedy = "a set holds str, numbers or bytes, or what is stored as one of them"
            self.mistakes.append((f"{place}: set[{into.items.called}] cannot be stored", remedy))

    def add_dict(self, into: Shape, found: types.DictType, place: str) -> None:
        into.keys, into.values = Shape(), self._inner(found.value_type, place + "{}", "dict")
        self._add(into.keys, found.key_type, place + " key")
        into.names.append(f"dict[{into.keys.called}, {into.values.called}]")
        into.writers[dict] = into.write_dict
        if into.keys.text is not str or into.keys.numeric or into.keys.nullable:
            reason = f"{place}: dict[{into.keys.called}, …] cannot be stored"
            self.mistakes.append((reason, "keys are str, or an enum, UUID or date"))

    def _inner(self, found: types.Type, place: str, container: str) -> Shape:
        inner = Shape()
        self._add(inner, found, place)
        self._no_none(inner, place, container)
        return inner

    def _no_none(self, inner: Shape, place: str, container: str) -> None:
        if inner.nullable:
            self.mistakes.append(
                (f"{place}: None cannot stand inside a {container}", "leave it out")
            )

    def add_object(self, into: Shape, found: Any, place: str) -> None:
        cls = self._models.get(found.cls, found.cls)
        cls = getattr(cls, "__origin__", cls)  # Box[int] is a Box when it runs
        known = self._objects.get(id(found))
        if known is None:
            known = self._read_object(found, cls, place)
        into.names.append(cls.__name__)
        into.objects.append(known)
        if known.keyed:
            into.writers[dict] = known.write_keyed
        else:
            into.writers[cls] = known.write

    def _read_object(self, found: Any, cls: Any, place: str) -> Object:
        keyed = not is_model(cls) and found.__class__ is types.TypedDictType
        tagged = getattr(found, "tag_field", None)
        tag = cast("tuple[str, str | int]", (tagged, found.tag)) if tagged else None
        known = Object(cls, tag, keyed=keyed)
        self._objects[id(found)] = known  # before its fields: they may lead back here
        if getattr(found, "array_like", False):
            remedy = "conditions and updates go by name: leave array_like away"
            self.mistakes.append(
                (f"{place}: array_like leaves its attributes without names", remedy)
            )
        if is_model(cls) and cls.model_config.get("extra") == "allow":
            self.mistakes.append(
                (f"{place}: extra fields cannot be stored", 'leave extra="allow" away')
            )
        for field in found.fields:
            inner = Shape()
            at = f"{place}.{field.name}"
            self._add(inner, field.type, at)
            if "." in field.name:
                self.mistakes.append((f"{at}: a dot leads into nested values", "name it without"))
            if keyed and not field.required:
                self._check_optional_key(inner, at)
            self._check_default(inner, _default(field, cls), at)
            known.fields.append(
                (field.name, field.encode_name, inner.writers, inner, field.required)
            )
        return known

    def _check_optional_key(self, inner: Shape, place: str) -> None:
        if inner.nullable or inner.array is set:
            reason = f"{place}: NotRequired[{inner.called}] has two absences that read back as one"
            self.mistakes.append(
                (reason, "leave NotRequired away: what is absent reads back as None or empty")
            )

    def _check_default(self, inner: Shape, default: object, place: str) -> None:
        """Absence must read back as what was written: None, or an empty set."""
        if default is NODEFAULT:
            return
        if default is UNREAD:
            self.mistakes.append((f"{place}: UNSET cannot be stored", "write `| None = None`"))
        elif inner.nullable and default is not None:
            self.mistakes.append(
                (f"{place}: {ABSENCE}", "make the default None, or leave None out")
            )
        elif inner.array is set and default:
            remedy = "make the default an empty set"
            self.mistakes.append(
                (f"{place}: an empty set is absence and reads back as the default", remedy)
            )


UNREAD = object()


def _default(field: types.Field, cls: Any) -> object:
    """The default of a field, NODEFAULT, or UNREAD when it is msgspec's UNSET."""
    if is_model(cls):
        return _model_default(cls.model_fields[field.name])
    if field.default is not NODEFAULT:
        return field.default
    if field.default_factory is not NODEFAULT:
        return cast("Callable[[], object]", field.default_factory)()
    has_default = not field.required and hasattr(cls, "__struct_fields__")
    return UNREAD if has_default else NODEFAULT


def _model_default(field: Any) -> object:
    return NODEFAULT if field.is_required() else field.get_default(call_default_factory=True)


LIMITS = (
    "gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern",
)  # fmt: skip

SCALARS: dict[type, Plain] = {
    types.NoneType: PLAIN[NoneType],
    types.BoolType: PLAIN[bool],
    types.StrType: PLAIN[str],
    types.BytesType: PLAIN[bytes],
    types.IntType: PLAIN[int],
    types.FloatType: PLAIN[float],
    types.DecimalType: PLAIN[Decimal],
    types.DateTimeType: PLAIN[datetime],
    types.DateType: PLAIN[date],
    types.UUIDType: PLAIN[UUID],
}

CONTAINERS: dict[type, Callable[..., None]] = {
    types.UnionType: Inspected.add_union,
    types.EnumType: Inspected.add_enum,
    types.LiteralType: Inspected.add_literal,
    types.ListType: Inspected.add_list,
    types.VarTupleType: Inspected.add_tuple,
    types.TupleType: Inspected.add_tuple,
    types.SetType: Inspected.add_set,
    types.FrozenSetType: Inspected.add_set,
    types.DictType: Inspected.add_dict,
    types.StructType: Inspected.add_object,
    types.DataclassType: Inspected.add_object,
    types.TypedDictType: Inspected.add_object,
}

REFUSED: dict[type, tuple[str, str]] = {
    types.AnyType: ("Any", "say what it is: conditions and reading back depend on it"),
    types.TimeType: ("time", "store it as str (isoformat) or as seconds"),
    types.TimeDeltaType: ("timedelta", "store its seconds as int or Decimal"),
    types.ByteArrayType: ("bytearray", "use bytes"),
    types.MemoryViewType: ("memoryview", "use bytes"),
    types.NamedTupleType: ("NamedTuple", "use a Struct: its attributes keep their names"),
    types.RawType: ("Raw", "say what it is"),
    types.ExtType: ("Ext", "use bytes"),
}
