"""What can be wrong with Users, and with what a route demands of its callers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from ..errors import Mistake
from ..function import Function
from ..resources.api import AS_ITS_API, Api, Route
from ..resources.resource import Resource
from ..resources.users import PASSWORD_LENGTH_MAX, Demand, Policy, Users
from ..signature import Signature, returned
from ..user import Tokens
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


def wrong_demands(
    resources: Sequence[Resource], functions: Sequence[Function[..., Any]]
) -> Iterator[Mistake]:
    """Of Apis and routes that ask for tokens of nobody, or of users that the app does not hold."""
    for api in resources:
        if isinstance(api, Api):
            yield from _wrong(api.auth, f"api {api.name!r}", api.place, resources)
    for one in functions:
        if isinstance(one.trigger, Route) and one.trigger.auth is not AS_ITS_API:
            said = f"{one.handler.__name__}()"
            yield from _wrong(one.trigger.auth, said, one.place, resources)


def _wrong(auth: object, said: str, place: str, held: Sequence[Resource]) -> Iterator[Mistake]:
    if auth is None:
        return
    if not isinstance(auth, (Users, Demand)):
        remedy = 'write auth=members, where members = Users("members"), or auth=members.optional'
        yield Mistake(place, f"{said}: auth={auth!r} are no users", remedy)
        return
    users = auth.demand.users
    if not any(one is users for one in held):
        reason = f"{said} asks for tokens of users {users.name!r}, which are not in the app"
        yield Mistake(place, reason, "add their module to App(...)")


def wrong_callers(function: Function[..., Any], signature: Signature) -> Iterator[Mistake]:
    """A Caller where nobody is asked who he is, or where there may be none; Tokens that would be
    kept for a repeat.
    """
    route = function.trigger
    if not isinstance(route, Route) or not _is_known(route):
        return
    if route.once and returned(signature.returns)[0] is Tokens:
        reason = f"{function.handler.__name__}() -> Tokens: with once=True its answer is stored"
        yield Mistake(function.place, reason, "leave once= away: who signs in again gets others")
    demand = route.demand
    for one in signature.parameters:
        if one.source != "caller":
            continue
        said = f"{function.handler.__name__}({one.name})"
        if demand is None:
            remedy = f"say auth= on the route or on Api({route.resource.name!r}), or take it out"
            yield Mistake(function.place, f"{said}: nobody is asked who calls", remedy)
        elif demand.is_optional and not one.optional:
            remedy = f"write `{one.name}: Caller | None`"
            yield Mistake(function.place, f"{said}: who calls may bring no token", remedy)
        elif one.optional and not demand.is_optional:
            remedy = f"write `{one.name}: Caller`, or auth={demand.users.name}.optional"
            yield Mistake(function.place, f"{said}: who calls always brings a token", remedy)


def _is_known(route: Route) -> bool:
    """Otherwise it is a mistake already."""
    said = route.resource.auth if route.auth is AS_ITS_API else route.auth
    return said is None or isinstance(said, (Users, Demand))
