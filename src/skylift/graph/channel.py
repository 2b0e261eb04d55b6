"""What can be wrong with a Channel and its guard, before anybody subscribes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

from ..errors import Mistake, did_you_mean
from ..function import Function
from ..resources.api import Api
from ..resources.channel import (
    SEGMENT_LENGTH_MAX,
    SEGMENTS_MAX,
    Channel,
    is_open,
    is_segment,
)
from ..resources.resource import Resource
from ..resources.users import Users
from ..signature import Signature, innermost
from . import message
from .limits import is_number

NAMESPACE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")
TIMEOUT_S_MAX, LAMBDA_S_MAX = 10, 900
SERVED_BY = ("api", "site")  # kinds that have an HTTP server


def mistakes(channel: Channel[Any, ...], _: list[Function[..., Any]]) -> Iterator[Mistake]:
    said = f"channel {channel.name!r}"
    if not NAMESPACE.fullmatch(str(channel.name)):
        remedy = "letters, digits and -, and neither begins nor ends with it"
        yield Mistake(channel.place, f"{said}: AWS would refuse the name", remedy)
    for reason, remedy in message.wrong(channel.event):
        yield Mistake(channel.place, f"{said}: {reason}", remedy)
    template = cast(object, channel.template)
    if not isinstance(template, str):
        remedy = 'write Channel("live", "rooms/{id}", RoomEvent, guard=may_watch)'
        yield Mistake(channel.place, f"{said}: its template {template!r} is no text", remedy)
        return
    yield from _segments(channel, said)
    if channel.guard is not None:
        timeout_s = channel.guard.limits["timeout_s"]
        if is_number(timeout_s, TIMEOUT_S_MAX, LAMBDA_S_MAX) and timeout_s != TIMEOUT_S_MAX:
            call = f"{channel.guard.handler.__name__}()"
            reason = (
                f"{call}: timeout_s={timeout_s:g}, and AppSync waits {TIMEOUT_S_MAX} s for a guard"
            )
            yield Mistake(channel.guard.place, reason, "a guard reads one row, or few")
        yield from _ids(channel, channel.guard, said)


def wrong_surroundings(resources: Sequence[Resource]) -> Iterator[Mistake]:
    """Of channels that no server would serve, or whose callers nobody could tell."""
    users = [one for one in resources if isinstance(one, Users)]
    is_served = any(one.kind in SERVED_BY for one in resources)
    for one in resources:
        if not isinstance(one, Channel) or one.guard is None:
            continue
        channel = cast("Channel[Any, ...]", one)
        said = f"channel {channel.name!r}"
        if not is_served:
            reason = f"{said}: the app has no Api, so nobody could subscribe"
            yield Mistake(channel.place, reason, f"add {Api.__name__}(name) to the app")
        yield from _wrong_users(channel, said, users)


def _wrong_users(channel: Channel[Any, ...], said: str, users: list[Users]) -> Iterator[Mistake]:
    auth = cast(object, channel.auth)
    if auth is None and len(users) != 1:
        count = "no Users" if not users else f"{len(users)} Users"
        remedy = 'declare members = Users("members")' if not users else "say auth=members"
        reason = f"{said}: its guard takes a Caller, and the app has {count}"
        yield Mistake(channel.place, reason, remedy)
    elif auth is not None and not any(one is auth for one in users):
        remedy = 'write auth=members, where members = Users("members") is in the app'
        yield Mistake(channel.place, f"{said}: auth={auth!r} are no users of the app", remedy)


def _segments(channel: Channel[Any, ...], said: str) -> Iterator[Mistake]:
    segments = channel.template.split("/")
    if len(segments) + 1 > SEGMENTS_MAX:
        reason = f"{said}: {channel.template!r} has {len(segments)} segments"
        remedy = f"{SEGMENTS_MAX - 1} at most: the name of the channel is one more"
        yield Mistake(channel.place, reason, remedy)
    ids = channel.ids
    for name in dict.fromkeys(name for name in ids if ids.count(name) > 1):
        reason = f"{said}: {{{name}}} stands twice in its template"
        yield Mistake(channel.place, reason, "give each its own name")
    for segment in segments:
        if is_open(segment):
            if not segment[1:-1].isidentifier() or segment[1:-1] in ("event", "self"):
                reason = f"{said}: {segment} is no name of an id"
                yield Mistake(channel.place, reason, "write {id}, {room_id}, …")
        elif not is_segment(segment):
            reason = f"{said}: {segment!r} in its template is no segment"
            remedy = f"1 to {SEGMENT_LENGTH_MAX} of a-z, A-Z, 0-9 and -, or one {{id}}"
            yield Mistake(channel.place, reason, f"{remedy}; it begins with no slash")


def _ids(channel: Channel[Any, ...], guard: Function[..., Any], said: str) -> Iterator[Mistake]:
    """The template against the guard: each id is in both."""
    code: Any = getattr(innermost(guard.handler), "__code__", None)
    if code is None:
        return  # no function: a mistake of its own
    first, *names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] or ("",)
    if first in channel.ids:
        return  # it takes no caller: told with its signature
    call = f"{code.co_name}()"
    unknown = [name for name in names if name not in channel.ids]
    for name in unknown:
        reason = f"{call} takes {name!r}, and the template of {said} has no {{{name}}}"
        yield Mistake(guard.place, reason, did_you_mean(name, channel.ids))
    for name in channel.ids if not unknown else ():
        if name not in names:
            reason = f"the template of {said} has {{{name}}}, and {call} takes no {name!r}"
            yield Mistake(guard.place, reason, f"add `{name}: str`, or take it out")


def optional_of(signature: Signature) -> bool:
    """Whether who brings no token may ask."""
    return signature.parameters[0].optional
