"""Numbers as JSON means them: it has one kind, and a client whose only number is a double may write
21 as 21.0. msgspec takes that for no int; it is read again here, only after it was refused.
"""

from __future__ import annotations

from typing import Any


def whole(raw: Any) -> Any:
    """The value with every float that is a whole number as an int; RecursionError when it is
    nested too deeply.
    """
    kind = raw.__class__
    if kind is float:
        return int(raw) if raw.is_integer() else raw
    if kind is list:
        return [whole(item) for item in raw]
    if kind is dict:
        return {name: whole(item) for name, item in raw.items()}
    return raw
