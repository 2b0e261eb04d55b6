"""`uses=` says what reading the code could not see: bound verbs, in a tuple."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from ..errors import Mistake, did_you_mean
from ..function import Function
from ..grants.owner import OWNERS


def mistakes(function: Function[..., Any]) -> Iterator[Mistake]:
    call, uses = f"{function.handler.__name__}()", cast(object, function.limits["uses"])
    if not isinstance(uses, tuple):
        reason = f"{call}: uses={_shown(uses)} is no tuple"
        yield Mistake(function.place, reason, "write uses=(notes.get,), with the comma")
        return
    for verb in cast("tuple[Any, ...]", uses):
        owner: Any = getattr(verb, "__self__", None)
        if not isinstance(owner, OWNERS):
            yield Mistake(
                function.place,
                f"{call}: uses= holds {_shown(verb)}, which is no verb of a resource",
                "name the verb itself, as in uses=(notes.get,)",
            )
        elif verb.__name__ not in owner.verbs:
            yield Mistake(
                function.place,
                f"{call}: uses= holds {_shown(verb)}, but {verb.__name__} is no verb",
                did_you_mean(verb.__name__, sorted(owner.verbs)),
            )


def _shown(value: Any) -> str:
    owner: Any = getattr(value, "__self__", None)
    return f"{owner.name}.{value.__name__}" if isinstance(owner, OWNERS) else repr(value)
