"""Whether a change surely fits a type that has limits, asked of one attribute alone. Then it is a
single request, though its item has a Literal or a bound somewhere else.
"""

from __future__ import annotations

from decimal import Decimal
from types import NoneType
from typing import Any, get_args, get_type_hints

from msgspec import json

from ...codec import ItemCodec
from ...codec.item import MISREAD
from ...codec.tree import encode_json
from ...engine.update import Step

NUMBERS = {int, float, Decimal, NoneType}


def is_surely_accepted(codec: ItemCodec, step: Step) -> bool:
    """False wherever only the whole item tells."""
    if len(step.names) > 1 or getattr(codec.item, "__origin__", None) is not None:
        return False
    hint = hints_of(codec).get(step.path)
    if hint is None:
        return False
    if step.adds:
        kinds = get_args(hint) or (hint,)
        return NUMBERS.issuperset(kinds)
    if step.value is None:
        return NoneType in get_args(hint) or not is_required(step)
    try:
        json.decode(encode_json(step.value), type=hint)
    except (*MISREAD, UnicodeEncodeError):
        return False
    return True


def hints_of(codec: ItemCodec) -> dict[str, Any]:
    """Of its own fields; none where they cannot be told apart from here."""
    if hasattr(codec.item, "model_validate"):
        return {}  # a model's validators see all of it
    try:
        return get_type_hints(codec.item, include_extras=True)
    except (NameError, TypeError):
        return {}


def is_required(step: Step) -> bool:
    """Whether it must be there."""
    fields = [field for each in step.parent.objects for field in each.fields]
    return any(field[1] == step.names[-1] and field[4] for field in fields)
