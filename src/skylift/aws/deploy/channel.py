"""Channels on AWS: one Events API of AppSync for the app, a namespace in it for each channel, and
one function that is asked who may connect and subscribe. Functions publish, signed; nobody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ...graph.model import Graph, Node
from ...resources.channel import Channel
from ...resources.users import Users
from .crossing import FUNCTION
from .names import logical, physical
from .plan import Plan, PlannedChannel, PlannedFunction
from .reference import Resources, of, ref
from .unit import AUTHORIZER

API_ID = "EventsApi"
NAME_MAX = 50  # of an API
CALLER = "appsync.amazonaws.com"
LAMBDA, IAM = "AWS_LAMBDA", "AWS_IAM"


def planned(channel: Channel[Any, ...], graph: Graph, stage: str) -> PlannedChannel:
    guard = next(graph.triggered_by(channel), None)
    name = physical(graph.app, stage, "events", NAME_MAX)
    return PlannedChannel(channel.name, name, channel.template, guard.name if guard else "")


def users_of(channel: Channel[Any, ...], graph: Graph) -> str:
    """Whose tokens its guard takes."""
    return channel.auth.name if channel.auth is not None else next(graph.of(Users)).name


def users_of_all(guards: Iterable[Node], graph: Graph) -> list[str]:
    channels = (one.function.trigger.resource for one in guards)
    return sorted({users_of(one, graph) for one in channels})


def place(channel: Channel[Any, ...], graph: Graph, stage: str) -> str:
    """The API's host for HTTP: all channels are published to there."""
    del channel, graph, stage
    return f"${{{API_ID}.Dns.Http}}"


def own_arn(name: str) -> str:
    return f"${{{logical(name, 'Channel')}.ChannelNamespaceArn}}"


# -- as a template says it


def api(plan: Plan) -> Resources:
    """Nothing where there are no channels."""
    if not plan.channels:
        return {}
    is_guarded = any(one.guard for one in plan.channels)
    asking: list[dict[str, Any]] = [{"AuthType": LAMBDA if is_guarded else IAM}]
    providers: list[dict[str, Any]] = [{"AuthType": IAM}]
    if is_guarded:
        uri = of(f"{FUNCTION}{plan.function(AUTHORIZER).physical}")
        # Kept for nobody: the next time a guard may say something else.
        config = {"AuthorizerUri": uri, "AuthorizerResultTtlInSeconds": 0}
        providers.append({"AuthType": LAMBDA, "LambdaAuthorizerConfig": config})
    properties: dict[str, Any] = {
        "Name": plan.channels[0].physical,
        "EventConfig": {
            "AuthProviders": providers,
            "ConnectionAuthModes": asking,
            "DefaultPublishAuthModes": [{"AuthType": IAM}],
            "DefaultSubscribeAuthModes": asking,
        },
    }
    return {API_ID: {"Type": "AWS::AppSync::Api", "Properties": properties}}


def resources(channel: PlannedChannel) -> Resources:
    properties: dict[str, Any] = {"ApiId": of(f"${{{API_ID}.ApiId}}"), "Name": channel.name}
    if not channel.guard:  # nobody may subscribe, and no function of ours does
        properties["SubscribeAuthModes"] = [{"AuthType": IAM}]
    name = logical(channel.name, "Channel")
    return {name: {"Type": "AWS::AppSync::ChannelNamespace", "Properties": properties}}


def of_function(function: PlannedFunction, plan: Plan) -> Resources:
    """How AppSync may call its authorizer."""
    if function.name != AUTHORIZER:
        return {}
    name = logical(AUTHORIZER)
    properties = {
        "FunctionName": of(ref(f"{name}Function")),
        "Action": "lambda:InvokeFunction",
        "Principal": CALLER,
        "SourceArn": of(f"${{{API_ID}.ApiArn}}"),
    }
    return {f"{name}Asked": {"Type": "AWS::Lambda::Permission", "Properties": properties}}


def outputs(plan: Plan) -> Iterator[tuple[str, dict[str, Any]]]:
    if plan.channels:
        value = of(f"https://${{{API_ID}.Dns.Http}}/event")
        yield "Events", {"Description": "channels: the url of connect()", "Value": value}
