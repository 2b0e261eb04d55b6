"""What Secrets Manager says to who may read one secret alone, and there is none. The emulator says
it otherwise, so at the edge stands a client that refuses as it does.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from skylift import DeclarationError, Secret
from skylift.aws.runtime.failure import Failure
from skylift.aws.runtime.secret_ssm import KeptSecret
from skylift.errors import SkyliftError
from skylift.system import SystemClock

PLACE = "desk/dev/sealing"
ARN = f"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{PLACE}-a1B2c3"


class Denying:
    """Says of which resource nothing is allowed."""

    def __init__(self, resource: str) -> None:
        self._said = (
            "User: desk is not authorized to perform: secretsmanager:GetSecretValue on resource: "
            f"{resource} because no identity-based policy allows it"
        )

    async def call(self, *_asked: Any, **_how: Any) -> Any:
        raise Failure("AccessDeniedException", self._said, status=400)


def revealed(resource: str, *, optional: bool) -> str:
    client: Any = Denying(resource)
    secret = Secret("sealing", rotate=True, optional=optional)
    return asyncio.run(KeptSecret(client, PLACE, secret, SystemClock()).reveal())


def test_one_that_is_known_by_no_arn_is_not_there() -> None:
    assert revealed(PLACE, optional=True) == ""
    with pytest.raises(DeclarationError, match="skylift secret set desk sealing --stage dev"):
        revealed(PLACE, optional=False)


def test_one_that_is_there_and_may_not_be_read_is_not_taken_for_missing() -> None:
    for resource in (ARN, f"{PLACE}-of-another", "*"):
        with pytest.raises(SkyliftError):
            revealed(resource, optional=True)
