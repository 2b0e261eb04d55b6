"""How often a route may be called: by everybody together, which the gateway sees to, and by each
caller, which is counted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from ..http import Request

By: TypeAlias = "Literal['caller', 'ip'] | Callable[[Request], str]"


class Rate(Struct, frozen=True):
    """`Rate(per_s=100, burst=200)`: so many requests a second, and so many at once after a pause.
    The gateway answers the others by itself, and counts roughly: it protects, and bills nothing.
    """

    per_s: float
    burst: int

    @property
    def told(self) -> str:
        return f"{self.per_s:g}/s, {self.burst:,} at once"


class Limit(Struct, frozen=True):
    """`Limit(5, per_s=60, by="ip")`: never more than `n` requests of one caller in any `per_s`
    seconds, however many come at once. `by` is who counts as one: `"caller"` by his token, `"ip"`
    by his address, or whatever a function says of the request.
    """

    n: int
    per_s: float
    by: By = "caller"

    @property
    def told(self) -> str:
        who = self.by if isinstance(self.by, str) else getattr(self.by, "__name__", "a function")
        return f"{self.n:,} in {self.per_s:g} s by {who}"
