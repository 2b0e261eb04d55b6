"""Functions that are started: Lambda takes the payload and keeps it, calls the function, and calls
again when it fails. Nothing of an answer comes back. Each start is its own call; one that nobody
knows the end of is not made again, for it would be a second.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import MsgspecError, Struct, json

from ...ports import Clock, Outgoing
from .client import Client
from .client_rest import Rest, called, path_of
from .failure import Failure
from .wait import deadline

VERSION = "2015-03-31"  # of Lambda's API for this
REFUSED = "InvalidRequestContentException"  # Lambda takes JSON only
WITHOUT_WAITING = {"x-amz-invocation-type": "Event"}


class Accepted(Struct, frozen=True):
    """It says nothing."""


class LambdaStarter:
    """The SendPort of the function called `place`."""

    def __init__(self, client: Client, place: str, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self._path = path_of(VERSION, "functions", place, "invocations")

    async def send(self, messages: Sequence[Outgoing]) -> list[Exception | None]:
        return [await self._started(one) for one in messages]

    async def send_in_order(self, messages: Sequence[Outgoing]) -> list[Exception | None]:
        """There is no order among calls that nobody waits for."""
        return await self.send(messages)

    async def _started(self, one: Outgoing) -> Exception | None:
        failure = await self._invoked(one.body)
        if failure is not None and failure.code == REFUSED and not is_json(one.body):
            from .event import noticed  # of a dead letter that is redriven: a foreign topic's text

            failure = await self._invoked(noticed(one.body))
        if failure is None:
            return None
        from .errors import translated  # what succeeds does not need it

        error = translated(failure)
        error.__cause__ = failure
        return error

    async def _invoked(self, body: str) -> Failure | None:
        rest = Rest("Invoke", "POST", self._path, body.encode(), headers=WITHOUT_WAITING)
        try:
            await called(self._client, rest, Accepted, deadline=deadline(self._clock))
        except Failure as failure:
            return failure
        return None


def is_json(text: str) -> bool:
    try:
        json.decode(text)
    except (MsgspecError, UnicodeError, RecursionError):
        return False
    return True
