"""Who may subscribe to a channel: the token is verified, the path is read, the guard is asked. The
same here and in front of AppSync: whoever serves clients asks, and carries out the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ..errors import BadRequest, Forbidden, SkyliftError, Unauthorized
from ..invocation import Cause
from ..ports import Ports
from ..resources.channel import Channel, is_segment
from ..signature import Signature
from ..user import Caller
from .invoke import Target, Way, invoke

if TYPE_CHECKING:
    from ..ports import UsersPort

NO_TOKEN = frozenset(["", "none"])  # AppSync asks its authorizer for no empty one
SEGMENTS_MAX = 5
NOT_ALLOWED = "You are not authorized to make this call."


class GuardFunction(Struct, frozen=True):
    """A channel with the function that guards it, and whose tokens count."""

    channel: Channel[Any, ...]
    target: Target
    signature: Signature
    users: str

    @property
    def is_optional(self) -> bool:
        return self.signature.parameters[0].optional


class Guards:
    """Of all channels of an app."""

    def __init__(self, functions: Sequence[GuardFunction], ports: Ports) -> None:
        self._functions: Mapping[str, GuardFunction] = {one.channel.name: one for one in functions}
        self._ports = ports

    async def connecting(self, authorization: str) -> None:
        """Unauthorized for who could subscribe to nothing: with a wrong token, or without one where
        every guard wants to know who asks.
        """
        if authorization in NO_TOKEN:
            if any(one.is_optional for one in self._functions.values()):
                return
            raise Unauthorized(NOT_ALLOWED)
        for name in dict.fromkeys(one.users for one in self._functions.values()):
            try:
                await self._verified(name, authorization)
            except Unauthorized:
                continue
            return
        raise Unauthorized(NOT_ALLOWED)

    async def subscribing(self, path: str, authorization: str, trace: str = "") -> str:
        """The name of the channel whose guard lets this caller in. BadRequest for what is no path,
        Unauthorized for a wrong token, Forbidden for all else, whatever the reason: who may not
        subscribe is not told whether there is anything.
        """
        check_path(path)
        function = self._functions.get(path.split("/", 2)[1])
        ids = function.channel.matched(path) if function is not None else None
        if function is None or ids is None:
            raise Forbidden(NOT_ALLOWED)
        caller: Caller | None = None
        if authorization not in NO_TOKEN:
            caller = await self._verified(function.users, authorization)
        elif not function.is_optional:
            raise Unauthorized(NOT_ALLOWED)
        await self.asked(function.channel.name, caller, ids, trace)
        return function.channel.name

    async def asked(
        self, channel: str, caller: Caller | None, ids: Mapping[str, str], trace: str = ""
    ) -> None:
        """Forbidden unless the guard says True. One that fails, or does not answer in time, lets
        nobody in, and is told to the log.
        """
        function = self._functions.get(channel)
        if function is None or (caller is None and not function.is_optional):
            raise Forbidden(NOT_ALLOWED)
        first = function.signature.parameters[0].name
        given = {first: caller, **ids}
        try:
            is_allowed = await invoke(
                *(function.target, self._ports, ASKING, given), cause=Cause("guard", channel, trace)
            )
        except SkyliftError as error:
            raise Forbidden(NOT_ALLOWED) from error
        if is_allowed is not True:
            raise Forbidden(NOT_ALLOWED)

    async def _verified(self, users: str, authorization: str) -> Caller:
        port: UsersPort = self._ports.adapters[users]
        token = authorization[7:] if authorization[:7].lower() == "bearer " else authorization
        try:
            return await port.verify(token)
        except Unauthorized as error:
            raise Unauthorized(NOT_ALLOWED) from error


def check_path(path: str) -> None:
    """BadRequest unless it is a channel as AppSync takes it; a wildcard is refused in words."""
    segments = path.split("/")[1:]
    if "*" in path:
        raise BadRequest("wildcards are not supported: subscribe to each channel by its name")
    if not path.startswith("/") or not 0 < len(segments) <= SEGMENTS_MAX:
        raise BadRequest(f"a channel has 1 to {SEGMENTS_MAX} segments, each behind a slash")
    if not all(map(is_segment, segments)):
        raise BadRequest("a segment of a channel has 1 to 50 of the letters a-z, A-Z, 0-9 and -")


def _given(given: dict[str, Any]) -> dict[str, Any]:
    return given


def _answer(result: object) -> object:
    return result


ASKING = Way(_given, _answer)
