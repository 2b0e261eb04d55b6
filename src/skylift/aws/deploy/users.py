"""Users on AWS: a pool of Cognito and the app's client of it, which has no secret; what its verbs
need there, and the gateway that asks for their tokens by itself on each route that is closed. What
the pool is like stands in `pool.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...graph.model import Graph
from ...resources.api import Route
from ...resources.users import Users
from .names import LAMBDA_MAX, POOL_MAX, logical, physical
from .plan import Permission, PlannedApi, PlannedRoute, PlannedUsers
from .reference import Resource, Resources, arn, of, ref
from .unit import Unit

ADMIN: dict[str, tuple[str, ...]] = {  # by verb; what is missing anybody may ask, without IAM
    "confirm": (
        *("AdminGetUser", "AdminDeleteUser", "AdminUpdateUserAttributes"),
        "AdminRemoveUserFromGroup",
    ),
    "resend": ("AdminGetUser",),
    "login": ("AdminInitiateAuth",),
    "refresh": ("AdminUserGlobalSignOut",),
    "reset": ("AdminUserGlobalSignOut",),
    "change_password": ("AdminInitiateAuth", "AdminSetUserPassword", "AdminUserGlobalSignOut"),
    "get": ("AdminGetUser", "AdminListGroupsForUser"),
    "disable": (
        *("AdminGetUser", "AdminListGroupsForUser"),
        *("AdminDisableUser", "AdminUserGlobalSignOut"),
    ),
    "delete": (
        *("AdminGetUser", "AdminDisableUser", "AdminUserGlobalSignOut"),
        *("AdminUpdateUserAttributes", "AdminListGroupsForUser", "AdminRemoveUserFromGroup"),
    ),
    "groups": (
        *("AdminGetUser", "AdminListGroupsForUser"),
        *("AdminAddUserToGroup", "CreateGroup", "AdminRemoveUserFromGroup"),
    ),
    "guest": (
        *("AdminCreateUser", "AdminSetUserPassword"),
        *("AdminAddUserToGroup", "AdminInitiateAuth"),
    ),
    "upgrade": (
        *("AdminGetUser", "AdminListGroupsForUser"),
        *("AdminSetUserPassword", "AdminUpdateUserAttributes"),
    ),
}


def planned(users: Users, graph: Graph, stage: str) -> PlannedUsers:
    policy = users.password
    needs = ("lowercase", "uppercase", "digits", "symbols")
    return PlannedUsers(
        *(users.name, physical(graph.app, stage, users.name, POOL_MAX)),
        physical(graph.app, stage, f"skylift.{users.name}.claims", LAMBDA_MAX),
        *(policy.length_min, tuple(one for one in needs if getattr(policy, one))),
        *(users.access_s, users.refresh_days),
    )


def permissions(users: Users, verb: str) -> Iterator[Permission]:
    if verb in ADMIN:
        actions = tuple(f"cognito-idp:{one}" for one in ADMIN[verb])
        yield Permission(users.name, (verb,), actions, (arn(pool_id(users.name)),))


def pool_id(name: str) -> str:
    return logical(name, "Users")


def client_id(name: str) -> str:
    return logical(name, "UsersClient")


def claims_id(name: str) -> str:
    """Of the function that writes what its tokens say besides."""
    return logical(name, "UsersClaims")


def place(users: Users, graph: Graph, stage: str) -> str:
    """The pool and its client, as one: whoever knows one of them is to know the other."""
    del graph, stage
    return f"{ref(pool_id(users.name))}/{ref(client_id(users.name))}"


def looked_at(unit: Unit) -> tuple[str, ...]:
    """Whose tokens a function verifies by itself: those that its route can do without."""
    trigger = unit.node.function.trigger if unit.node is not None else None
    if isinstance(trigger, Route) and trigger.demand is not None and trigger.demand.is_optional:
        return (trigger.demand.users.name,)
    return ()


# -- at the gateway


def closed_to(route: Route) -> str:
    """All but the users of this name; "" is nobody. What can do without a token verifies one by
    itself, for the gateway knows no such thing.
    """
    demand = route.demand
    return demand.users.name if demand is not None and not demand.is_optional else ""


def authorizers(api: PlannedApi, gateway: str) -> Resources:
    """One for each of the users whose tokens its routes demand."""
    found: Resources = {}
    for name in sorted({route.users for route in api.routes} - {""}):
        region = "${AWS::Region}"
        issuer = f"https://cognito-idp.{region}.${{AWS::URLSuffix}}/{ref(pool_id(name))}"
        asked = {"Issuer": of(issuer), "Audience": [of(ref(client_id(name)))]}
        found[authorizer_id(api.name, name)] = {
            "Type": "AWS::ApiGatewayV2::Authorizer",
            "Properties": {
                "ApiId": of(ref(gateway)),
                "Name": name,
                "AuthorizerType": "JWT",
                "IdentitySource": ["$request.header.Authorization"],
                "JwtConfiguration": asked,
            },
        }
    return found


def authorizer_id(api: str, users: str) -> str:
    return logical(api, f"{logical(users)}Authorizer")


def demanded(api: PlannedApi, route: PlannedRoute) -> Resource:
    """What a route says of who may call it."""
    if not route.users:
        return {"AuthorizationType": "NONE"}
    id = of(ref(authorizer_id(api.name, route.users)))
    return {"AuthorizationType": "JWT", "AuthorizerId": id}
