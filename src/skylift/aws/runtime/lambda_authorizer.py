"""The authorizer of an app's Events API: AppSync asks it whether somebody may connect, and whether
he may subscribe to a channel. It verifies the token and calls the channel's guard, as here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...engine.guard import GuardFunction, Guards
from ...engine.invoke import Target
from ...errors import SkyliftError
from ...function import Function
from ...resources.channel import Channel
from ...signature import guard_signature
from .lambda_http import traceparent
from .lambda_ports import Backend
from .lambda_unit import DeployedFunction, Surroundings, misfit
from .lambda_work import Work

CONNECTING, SUBSCRIBING = "EVENT_CONNECT", "EVENT_SUBSCRIBE"


class GuardedChannel:
    """A channel as the bundle says it."""

    __slots__ = ("channel", "function", "grants", "name", "users")

    def __init__(
        self, channel: Channel[Any, ...], name: str, users: str, grants: Sequence[tuple[str, str]]
    ) -> None:
        function = channel.guard
        assert function is not None, f"channel {channel.name!r} has no guard"
        self.channel, self.name, self.users = channel, name, users
        self.function: Function[..., Any] = function
        self.grants = frozenset(grants)
        function.name = name

    @property
    def guard(self) -> GuardFunction:
        function = self.function
        timeout_s: float = function.limits["timeout_s"]
        target = Target(self.name, function.handler, True, self.grants, timeout_s)
        return GuardFunction(self.channel, target, guard_signature(function), self.users)


class AuthorizerLambda:
    """`handle` is what AppSync calls, with a token that is never empty."""

    def __init__(
        self, unit: DeployedFunction, channels: Sequence[GuardedChannel], world: Surroundings
    ) -> None:
        self._work = Work(unit.app, world, is_loop_free=unit.is_loop_free)
        ports = Backend(world, unit).ports(self._work)
        self._guards = Guards([one.guard for one in channels], ports)
        self._name, self._environment = unit.name, world.environment

    def handle(self, event: Any, context: Any) -> dict[str, Any]:
        work = self._work
        work.begin(context)
        try:
            operation, path, token = asked(event, self._name)
            return answer(work.drive(self._is_allowed(operation, path, token)))
        finally:
            work.end()

    async def _is_allowed(self, operation: str, path: str, token: str) -> bool:
        """Whatever else may be asked for some day: clients do not publish."""
        trace = traceparent(self._environment.get("_X_AMZN_TRACE_ID", ""))
        try:
            if operation == CONNECTING:
                await self._guards.connecting(token)
            elif operation == SUBSCRIBING:
                await self._guards.subscribing(path, token, trace)
            else:
                return False
        except SkyliftError:  # what is no refusal was told already
            return False
        return True


def asked(event: Any, name: str) -> tuple[str, str, str]:
    """Operation, channel and token; DeclarationError for another kind of event."""
    try:
        about: Mapping[str, Any] = event["requestContext"]
        return about["operation"], about.get("channel") or "", event["authorizationToken"]
    except (KeyError, TypeError, AttributeError) as error:
        raise misfit(name, "authorizer event of AppSync Events", error) from error


def answer(is_allowed: bool) -> dict[str, Any]:
    """Kept for nobody: the next time the guard may say something else."""
    return {"isAuthorized": is_allowed, "ttlOverride": 0}
