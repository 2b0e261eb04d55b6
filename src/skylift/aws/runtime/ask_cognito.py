"""What is asked of Cognito: openly what anybody may ask, which takes no signature, and signed what
is an administrator's. Its refusals are said in the words of who asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from ...errors import Invalid, SkyliftError
from ...ports import Clock
from .client import Client
from .failure import Failure
from .keys_cognito import Pool
from .wait import deadline

if TYPE_CHECKING:
    from .retry import Effect

# By Cognito's code: the error with its words; None is no error, and an empty answer.
Told: TypeAlias = Mapping[str, "tuple[type[SkyliftError], str] | None"]
NOTHING: Told = {}
NOBODY: frozenset[str] = frozenset()
UNKNOWN, ALIAS_TAKEN = "UserNotFoundException", "AliasExistsException"
POLICY = "InvalidPasswordException"


class Asking:
    """One pool, asked."""

    def __init__(self, client: Client, pool: Pool, clock: Clock) -> None:
        self._client, self._pool, self._clock = client, pool, clock

    async def openly(
        self,
        operation: str,
        said: Mapping[str, Any],
        told: Told = NOTHING,
        *,
        raw: frozenset[str] = NOBODY,
        effect: Effect = "single",
    ) -> dict[str, Any]:
        """`raw` are the codes whose Failure is raised as it is."""
        asked = {"ClientId": self._pool.client, **said}
        try:
            return await self._client.call(
                *(operation, asked, dict[str, Any]),
                deadline=deadline(self._clock),
                effect=effect,
                is_signed=False,
            )
        except Failure as failure:
            return meant(failure, told, raw)

    async def as_admin(
        self,
        operation: str,
        name: str | None,
        said: Mapping[str, Any] = NOTHING,
        told: Told = NOTHING,
        *,
        raw: frozenset[str] = NOBODY,
        effect: Effect = "repeatable",
    ) -> dict[str, Any]:
        asked = {"UserPoolId": self._pool.id, **said}
        if name is not None:
            asked["Username"] = name
        if operation == "AdminInitiateAuth":
            asked["ClientId"] = self._pool.client
        try:
            return await self._client.call(
                *(operation, asked, dict[str, Any]),
                deadline=deadline(self._clock),
                effect=effect,
            )
        except Failure as failure:
            return meant(failure, told, raw)


def meant(failure: Failure, told: Told, raw: frozenset[str]) -> dict[str, Any]:
    """An answer after all, or the error it stands for."""
    if failure.code in raw:
        raise failure
    if failure.code in told and not failure.unknown:
        error = told[failure.code]
        if error is None:
            return {}
        kind, words = error
        raise kind(words) from failure
    if failure.code == POLICY:
        raise Invalid("this password is not taken") from failure
    from .errors import translated

    raise translated(failure) from failure
