"""Models of another library (pydantic's) as bodies, told by their methods so that nothing is
imported. Reached only by an app that has such a model.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import inspect as shape


def is_model(cls: Any) -> bool:
    return hasattr(cls, "model_validate") and hasattr(cls, "model_fields")


def model_names(cls: Any) -> frozenset[str] | None:
    """The fields an object may have; None when the model itself allows or forbids others."""
    if not is_model(cls) or cls.model_config.get("extra") in ("allow", "forbid"):
        return None
    fields = cls.model_fields.items()
    return frozenset(alias for name, field in fields for alias in _aliases(name, field))


def model_parts(cls: Any) -> list[tuple[str, shape.Type]]:
    """The fields whose types msgspec can look into."""
    found: list[tuple[str, shape.Type]] = []
    for name, field in cls.model_fields.items() if is_model(cls) else ():
        try:
            info = shape.type_info(field.annotation)
        except TypeError:
            continue
        found += [(alias, info) for alias in _aliases(name, field)]
    return found


def model_errors(cls: Any, raw: object) -> list[tuple[tuple[str | int, ...], str, object, bool]]:
    """What a model finds wrong: where, what it said, what it got, and whether that is missing."""
    try:
        cls.model_validate(raw)
    except ValueError as error:
        errors: Any = getattr(error, "errors", None)
        if errors is None:
            return [((), str(error), raw, False)]
        return [
            (each["loc"], each["msg"], each["input"], each["type"] == "missing")
            for each in errors()
        ]
    return []


def model_schema(cls: Any, is_body: bool, template: str) -> dict[str, Any]:
    """A model's JSON schema, its nested ones under `$defs`."""
    mode = "validation" if is_body else "serialization"
    return cls.model_json_schema(mode=mode, ref_template=template)


def converted(cls: Any, raw: Any) -> Any:
    """A decode hook of msgspec."""
    if not is_model(cls):
        raise NotImplementedError(f"{cls!r} cannot be read from JSON")
    return cls.model_validate(raw)


def _aliases(name: str, field: Any) -> Iterator[str]:
    """Every name pydantic may read a field from: its own, an alias, a choice, a path's begin."""
    yield name
    alias = field.validation_alias
    for choice in getattr(alias, "choices", None) or ([] if alias is None else [alias]):
        yield choice if isinstance(choice, str) else choice.path[0]
