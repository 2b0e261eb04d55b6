"""pydantic models as items. Each is mirrored by a TypedDict with the same fields, so that msgspec
reads bytes, Decimals and sets exactly; the model then validates what was read, by field name.
pydantic is used as it comes, never imported.
"""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, NotRequired, TypedDict, Union, cast, get_args, get_origin


def shadow(model: Any, seen: dict[Any, Any]) -> Any:
    """The TypedDict of a model. `seen` maps every one made to its model."""
    for made, source in seen.items():
        if source is model:
            return made
    made = cast(Any, TypedDict)(model.__name__, {})
    seen[made] = model
    hints: dict[str, Any] = {}
    required: set[str] = set()
    for name, field in model.model_fields.items():
        mirrored = _mirrored(field.annotation, seen)
        hints[name] = mirrored if field.is_required() else NotRequired[mirrored]
        if field.is_required():
            required.add(name)
    made.__annotations__ = hints
    made.__required_keys__ = frozenset(required)
    made.__optional_keys__ = frozenset(hints.keys() - required)
    return made


def _mirrored(hint: Any, seen: dict[Any, Any]) -> Any:
    """The same type with every model in it replaced by its shadow."""
    if isinstance(hint, type) and hasattr(hint, "model_fields") and not get_args(hint):
        return shadow(hint, seen)
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _mirrored(parts[0], seen)
    if origin is None or not parts:
        return hint
    inner = tuple(_mirrored(part, seen) if not isinstance(part, str) else part for part in parts)
    if inner == parts:
        return hint
    if origin is UnionType:
        return cast(Any, Union)[inner]
    return origin[inner]
