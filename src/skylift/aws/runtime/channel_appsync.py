"""Channels of an AppSync Events API: publishing, by a signed request to the API's own host. What
nobody knows the end of is not sent again: at most once is what a channel promises.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from ...errors import Unavailable
from ...ports import Clock
from .client import Client
from .client_rest import Rest, body_of, called
from .failure import Failure
from .wait import deadline

SERVICE = "appsync"
ELSEWHERE = ("AWS_ENDPOINT_URL_APPSYNC", "AWS_ENDPOINT_URL")


class Published(Struct, frozen=True):
    """Of one event: it is in one of the two."""

    failed: list[dict[str, Any]] = []
    successful: list[dict[str, Any]] = []


class AppSyncChannel:
    """The ChannelPort of a channel; `host` is the API's for HTTP."""

    def __init__(self, client: Client, host: str, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self._headers = {"host": host}

    async def publish(self, path: str, event: str) -> None:
        body = body_of({"channel": path, "events": [event]})
        rest = Rest("Publish", "POST", "/event", body, headers=self._headers)
        try:
            done = await called(self._client, rest, Published, deadline=deadline(self._clock))
        except Failure as failure:
            from .errors import translated  # what succeeds does not need it

            raise translated(failure) from failure
        if done.failed:
            raise Unavailable(f"appsync took no event for {path}: {done.failed[0]}")


def reached(environment: Mapping[str, str], host: str) -> Mapping[str, str]:
    """The environment with the API's own host as the endpoint, unless it says another."""
    if any(environment.get(name) for name in ELSEWHERE):
        return environment
    return {**environment, ELSEWHERE[0]: f"https://{host}"}
