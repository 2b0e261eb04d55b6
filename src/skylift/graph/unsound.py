"""A type that crashes the process. When msgspec 0.22 frees a union of a str with a pattern and a
list, set or dict, it takes the pattern for a part and corrupts the heap. A reload frees types, so
such a union is refused. Read from annotations: msgspec, were it asked, would free one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints, is_typeddict

from msgspec import Meta, Struct

REASON = "a str with a pattern shares a union with a list, set or dict"
REMEDY = "give one of them a field of its own: msgspec corrupts memory when it frees such a union"


def is_unsound(hint: Any) -> bool:
    """Whether the type holds such a union anywhere."""
    return any(_mixes(options) for options in _unions(hint, (), set()))


def _unions(hint: Any, metas: tuple[Any, ...], seen: set[Any]) -> Iterator[list[tuple[Any, Any]]]:
    """The alternatives of each union in a type, with the constraints said of them."""
    hint, metas = _bare(hint, metas)
    if get_origin(hint) in (Union, UnionType):
        yield list(_options(hint, metas))
    parts = list(get_args(hint))
    origin = get_origin(hint) or hint
    if isinstance(origin, type) and _has_fields(origin) and origin not in seen:
        seen.add(origin)
        parts += _annotations(origin)
    for part in parts:
        yield from _unions(part, (), seen)


def _annotations(cls: type) -> Iterable[Any]:
    try:
        return get_type_hints(cls, include_extras=True).values()
    except (NameError, AttributeError, TypeError, re.error):  # told where the type is used
        return ()


def _options(hint: Any, metas: tuple[Any, ...]) -> Iterator[tuple[Any, Any]]:
    for option in get_args(hint):
        bare, said = _bare(option, metas)
        if get_origin(bare) in (Union, UnionType):
            yield from _options(bare, said)
        else:
            yield bare, said


def _bare(hint: Any, metas: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    """Without Annotated, NewType and `type X = …`."""
    while True:
        if get_origin(hint) is Annotated:
            hint, *said = get_args(hint)
            metas = (*metas, *said)
        elif hasattr(hint, "__supertype__"):
            hint = hint.__supertype__
        elif type(hint).__name__ == "TypeAliasType":
            hint = hint.__value__
        else:
            return hint, metas


def _mixes(options: list[tuple[Any, Any]]) -> bool:
    has_pattern = any(
        bare is str and any(isinstance(meta, Meta) and meta.pattern for meta in metas)
        for bare, metas in options
    )
    return has_pattern and any(_is_container(bare) for bare, _ in options)


def _is_container(bare: Any) -> bool:
    kind = get_origin(bare) or bare
    if not isinstance(kind, type) or _has_fields(kind):
        return False
    is_built_in = kind in (list, set, frozenset, dict, tuple)
    return is_built_in or (kind.__module__ == "collections.abc" and issubclass(kind, Collection))


def _has_fields(kind: Any) -> bool:
    marks = ("__dataclass_fields__", "_fields", "__attrs_attrs__")
    return issubclass(kind, Struct) or is_typeddict(kind) or any(hasattr(kind, m) for m in marks)
