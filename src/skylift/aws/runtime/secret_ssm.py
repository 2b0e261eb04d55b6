"""Secrets in SSM, or in Secrets Manager where they are rotated: asked for when they are revealed,
kept for minutes in the memory of a warm function, and nowhere else.
"""

from __future__ import annotations

from typing import Any

from ...errors import DeclarationError, Mistake
from ...ports import Clock
from ...resources.secret import KEPT_S, Secret
from .client import Client
from .failure import Failure
from .wait import deadline

ABSENT = frozenset(["ParameterNotFound", "ResourceNotFoundException"])


class KeptSecret:
    """The SecretPort of what is called `place`."""

    def __init__(self, client: Client, place: str, secret: Secret, clock: Clock) -> None:
        self._client, self._place = client, place
        self._secret, self._clock = secret, clock
        self._value, self._until = "", float("-inf")

    def __repr__(self) -> str:
        return f"<{self._secret.name} in {self._place}>"

    async def reveal(self) -> str:
        now = self._clock.monotonic()
        if now >= self._until:
            self._value = await self._asked()
            self._until = now + KEPT_S
        return self._value

    async def _asked(self) -> str:
        until = deadline(self._clock)
        asked: dict[str, Any] = {"SecretId": self._place}
        operation = "GetSecretValue"
        if not self._secret.rotate:
            asked, operation = {"Name": self._place, "WithDecryption": True}, "GetParameter"
        try:
            found = await self._client.call(
                *(operation, asked, dict[str, Any]), deadline=until, effect="none"
            )
        except Failure as failure:
            is_absent = failure.code in ABSENT or self._is_nobodys(failure)
            if is_absent and self._secret.optional:
                return ""
            raise self._meaning(failure, is_absent) from failure
        said = found if self._secret.rotate else found["Parameter"]
        return str(said["SecretString" if self._secret.rotate else "Value"])

    def _is_nobodys(self, failure: Failure) -> bool:
        """Who may read one secret of Secrets Manager alone is told that he may not read this one,
        by the name he asked for, when it has no ARN: when there is none.
        """
        told = f"{failure.message} "
        return failure.code == "AccessDeniedException" and f" resource: {self._place} " in told

    def _meaning(self, failure: Failure, is_absent: bool) -> Exception:
        if not is_absent:
            from .errors import translated

            return translated(failure)
        app, stage, name = self._place.removeprefix("/").split("/")
        remedy = f"skylift secret set {app} {name} --stage {stage}"
        reason = f"secret {name!r} has no value in stage {stage}"
        return DeclarationError(Mistake(self._secret.place, reason, remedy))


def service_of(secret: Secret) -> str:
    return "secretsmanager" if secret.rotate else "ssm"
