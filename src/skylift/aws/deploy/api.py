"""An Api on AWS: an HTTP API, a route for each function (a GET answers HEAD too), and one function
for whatever no route takes. The gateway calls them with one role, and answers CORS by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from ...graph.document import is_public
from ...graph.model import Graph
from ...graph.own import own_routes
from ...resources.api import Api, Route
from ...resources.limit import Rate
from .names import API_MAX, digest, logical, physical
from .plan import PlannedApi, PlannedCors, PlannedRate, PlannedRoute
from .policy import allow, assumed_by, policy
from .reference import Resource, Resources, arn, of, ref
from .unit import units
from .users import closed_to, demanded

CALLED_MAX = 80  # functions a role can name in its 10,240 letters
DEFAULT = "$default"


def planned(api: Api, graph: Graph, stage: str) -> PlannedApi:
    nodes = graph.triggered_by(api)
    routes = [(cast(Route, node.function.trigger), node.name) for node in nodes]
    routes.sort(key=lambda one: (one[0].path, one[0].method))
    default = next(unit.name for unit in units(graph) if unit.api is api)
    own = own_routes(route for route, _ in routes)
    return PlannedApi(
        api.name,
        physical(graph.app, stage, api.name, API_MAX),
        is_public(api),
        cors_of(api, sorted({route.method for route, _ in routes})),
        tuple(
            PlannedRoute(
                *(route.method, route.path, name),
                rate=rate_of(route.throttle),
                users=closed_to(route),
                is_public=route.is_exempt,
            )
            for route, name in routes
        ),
        default,
        own=tuple(PlannedRoute(method, path, default) for method, path in own),
        rate=rate_of(api.throttle),
    )


def rate_of(rate: Rate | None) -> PlannedRate | None:
    return PlannedRate(rate.per_s, rate.burst) if rate is not None else None


def cors_of(api: Api, methods: list[str]) -> PlannedCors | None:
    cors = api.cors
    if cors is None:
        return None
    return PlannedCors(
        *(tuple(cors.origins), tuple(methods), tuple(cors.headers)),
        *(cors.credentials, cors.max_age_s),
    )


def gateway(api: str) -> str:
    return logical(api, "Gateway")


def resources(api: PlannedApi) -> Resources:
    """The gateway itself; what leads to functions is in `route_resources`."""
    properties: dict[str, Any] = {"Name": api.physical, "ProtocolType": "HTTP"}
    if api.cors:
        properties["CorsConfiguration"] = {
            "AllowOrigins": list(api.cors.origins),
            "AllowMethods": list(api.cors.methods),
            "AllowHeaders": list(api.cors.headers),
            "AllowCredentials": api.cors.credentials,
            "MaxAge": api.cors.max_age_s,
        }
    return {
        gateway(api.name): {"Type": "AWS::ApiGatewayV2::Api", "Properties": properties},
        logical(api.name, "Stage"): stage(api),
    }


def stage(api: PlannedApi) -> Resource:
    """It speaks of routes by their keys, so those it throttles are there before it."""
    said: dict[str, Any] = {"ApiId": of(ref(gateway(api.name))), "StageName": DEFAULT}
    said["AutoDeploy"] = True
    if api.rate:
        said["DefaultRouteSettings"] = throttling(api.rate)
    throttled = [(route, route.rate) for route in api.routes if route.rate]
    settings = {
        f"{method} {path}": throttling(rate)
        for route, rate in throttled
        for method, path in keys(api, route)
    }
    if not settings:
        return {"Type": "AWS::ApiGatewayV2::Stage", "Properties": said}
    waits = {
        route.stack or logical(api.name, route_id(method, path))
        for route, _ in throttled
        for method, path in keys(api, route)
    }
    said["RouteSettings"] = settings
    return {"Type": "AWS::ApiGatewayV2::Stage", "DependsOn": sorted(waits), "Properties": said}


def throttling(rate: PlannedRate) -> dict[str, Any]:
    return {"ThrottlingRateLimit": rate.per_s, "ThrottlingBurstLimit": rate.burst}


def leading(api: PlannedApi) -> Iterator[PlannedRoute]:
    """All that leads to functions; the one without a method is for the rest."""
    yield from api.routes
    yield PlannedRoute("", DEFAULT, api.default, api.stack)


def route_resources(api: PlannedApi, stack: str) -> Resources:
    """Of one stack: its routes, and the roles the gateway calls their functions with."""
    found: Resources = {}
    for role, routes in callers(api, stack).items():
        found[role] = calling([route.function for route in routes])
        for route in routes:
            found |= one_route(api, route, role)
    return found


def callers(api: PlannedApi, stack: str) -> dict[str, list[PlannedRoute]]:
    """By the name of each role, the routes it calls the functions of."""
    routes = [route for route in leading(api) if route.stack == stack]
    first = f"{stack or logical(api.name)}Caller"
    return {
        f"{first}{start // CALLED_MAX + 1 if start else ''}": routes[start : start + CALLED_MAX]
        for start in range(0, len(routes), CALLED_MAX)
    }


def calling(functions: Sequence[str]) -> Resource:
    arns = [of(arn(logical(name, "Function"))) for name in functions]
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": assumed_by("apigateway.amazonaws.com"),
            "Policies": [policy([allow("lambda:InvokeFunction", {"Resource": arns})])],
        },
    }


def one_route(api: PlannedApi, route: PlannedRoute, role: str) -> Resources:
    """Named by method and path: a path that another function answers from now on is the same
    route, and AWS takes no second one.
    """
    id = of(ref(gateway(api.name)))
    call = logical(api.name, f"Call{route_id(route.method, route.path)}")
    integration = {
        "ApiId": id,
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": of(arn(logical(route.function, "Function"))),
        "CredentialsArn": of(arn(role)),
        "PayloadFormatVersion": "2.0",
    }
    found: Resources = {call: {"Type": "AWS::ApiGatewayV2::Integration", "Properties": integration}}
    for method, path in keys(api, route):
        properties = {
            "ApiId": id,
            "RouteKey": f"{method} {path}".strip(),
            **demanded(api, route),
            "Target": of(f"integrations/{ref(call)}"),
        }
        name = logical(api.name, route_id(method, path))
        found[name] = {"Type": "AWS::ApiGatewayV2::Route", "Properties": properties}
    return found


def keys(api: PlannedApi, route: PlannedRoute) -> list[tuple[str, str]]:
    """Methods and paths of the gateway's routes on one integration."""
    some = [route] if route.method else [route, *api.own]
    return [(method, one.path) for one in some for method in one.methods]


def route_id(method: str, path: str) -> str:
    """`PostNotesById`; what could be read in two ways gets its hash."""
    if not method:
        return "Default"
    words, is_plain = [method.capitalize()], True
    for segment in filter(None, path.split("/")):
        named = segment.removeprefix("{").removesuffix("}")
        words += [*(["By"] if named != segment else []), logical(named)]
        is_plain &= named.isascii() and named.isalpha() and named.islower() and segment != "by"
    return "".join(words) + ("" if is_plain else digest(path))
