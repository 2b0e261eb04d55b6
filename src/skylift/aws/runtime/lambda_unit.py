"""A deployed function as its bundle says it, and the world it runs in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...engine.invoke import Target
from ...errors import DeclarationError, Mistake
from ...function import Function
from ...ports import Clock, Entropy
from ...signature import is_async


class DeployedFunction:
    __slots__ = (
        *("app", "consumers", "followed", "function", "grants", "is_loop_free", "name"),
        "resources",
    )

    def __init__(
        self,
        *,
        app: str,
        name: str,
        function: Function[..., Any],
        resources: Sequence[Any],
        grants: Sequence[tuple[str, str]],
        consumers: Mapping[str, Function[..., Any]],
        is_loop_free: bool,
        followed: Sequence[str] = (),
    ) -> None:
        """It names the functions, as the graph does where there is one: dead letters go by them."""
        self.app, self.name, self.function = app, name, function
        self.resources, self.grants, self.consumers = resources, frozenset(grants), consumers
        self.is_loop_free, self.followed = is_loop_free, followed
        for known, one in {name: function, **consumers}.items():
            one.name = known

    @property
    def target(self) -> Target:
        """How often it may run at the same time is Lambda's affair."""
        function = self.function
        return Target(
            *(self.name, function.handler, is_async(function.handler), self.grants),
            function.limits["timeout_s"],
        )


class Surroundings:
    """The world of one process, and what its environment says of the stage."""

    __slots__ = ("clock", "entropy", "environment", "say", "sleep")

    def __init__(
        self,
        clock: Clock,
        entropy: Entropy,
        environment: Mapping[str, str],
        sleep: Callable[[float], object],
        say: Callable[[str], object],
    ) -> None:
        self.clock, self.entropy, self.environment = clock, entropy, environment
        self.sleep, self.say = sleep, say

    @property
    def stage(self) -> str:
        return self.environment.get("SKYLIFT_STAGE", "")

    def said(self, name: str) -> str:
        """What the template has set; DeclarationError where it has not."""
        value = self.environment.get(name)
        if not value:
            raise DeclarationError(
                Mistake(f"environment: {name}", "is not set", "deploy with `skylift deploy`")
            )
        return value


def misfit(name: str, wanted: str, found: object) -> DeclarationError:
    """An event that is none of those this function was deployed for."""
    reason = f"the event is no {wanted}: {found}"
    remedy = "call it through what it was deployed behind; `skylift invoke` calls it at home"
    return DeclarationError(Mistake(name, reason, remedy))
