"""What can be wrong with Users, and with what a route demands of its callers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from ..errors import Mistake
from ..function import Function
from ..resources.users import PASSWORD_LENGTH_MAX, Policy, Users
from .limits import is_whole

ACCESS_S = (300, 86_400)
REFRESH_DAYS = (1, 3_650)
LENGTH_MIN = (6, 99)


def mistakes(users: Users, _: list[Function[..., Any]]) -> Iterator[Mistake]:
    said = f"users {users.name!r}"
    for option, (low, high) in {"access_s": ACCESS_S, "refresh_days": REFRESH_DAYS}.items():
        value = getattr(users, option)
        if not is_whole(value, low, high):
            remedy = f"whole numbers from {low:,} to {high:,}"
            yield Mistake(users.place, f"{said}: {option}={value!r}", remedy)
    policy = users.password
    if not isinstance(cast(object, policy), Policy):
        remedy = "write password=Policy(length_min=12)"
        yield Mistake(users.place, f"{said}: password={policy!r} is no Policy", remedy)
        return
    low, high = LENGTH_MIN
    if not is_whole(policy.length_min, low, high):
        remedy = f"{low} to {high}; passwords themselves may have {PASSWORD_LENGTH_MAX} letters"
        yield Mistake(users.place, f"{said}: length_min={policy.length_min!r}", remedy)
    for option in ("lowercase", "uppercase", "digits", "symbols"):
        if getattr(policy, option) not in (True, False):
            reason = f"{said}: {option}={getattr(policy, option)!r}"
            yield Mistake(users.place, reason, "True or False")
