"""One call of one function by hand, with an event its author wrote: its grants, deadline and
concurrency hold, and nothing else of its trigger does. No retry, no dead letter, no once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from msgspec import UNSET, DecodeError, Raw, Struct, UnsetType, ValidationError, json

from ..codec import MessageCodec
from ..codec.envelope import Undecodable, opened
from ..engine.answer import encode, gateway, problem
from ..engine.entrance import entered
from ..engine.given import given_way, scheduled_time
from ..engine.invoke import Failed, Target, TimedOut, Way, invoke
from ..engine.once import unprotected
from ..engine.told import told
from ..errors import SkyliftError, Throttled, did_you_mean
from ..graph.model import Node
from ..http import Answer, Request
from ..invocation import Cause, is_traceparent
from ..ports import Ports
from ..ports.delivery import Letter
from ..resources.api import Route
from ..resources.consumer import Consumer
from ..resources.dead import Burial, Dead
from ..resources.queue import Delivery
from ..signature import placeholders
from ..user import Caller
from .node import http_function, target_of

if TYPE_CHECKING:
    from ..resources.consumer import Reaction
    from ..resources.users import Demand

SOURCE = "skylift invoke"


class Unusable(Exception):
    """An event that this function cannot be called with: what is wrong, and what next."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason, self.remedy = reason, remedy


class Called(Struct):
    """What became of a call. `failure` is what people are told: the handler's error and where."""

    function: str
    trace: str  # its id, for `skylift traces`
    took_s: float = 0.0
    result: Raw = Raw(b"null")
    answer: Answer | None = None  # of an HTTP function
    failure: str | None = None


class HttpEvent(Struct, forbid_unknown_fields=True):
    """All of it is optional; the method and the path's template are the route's."""

    path: dict[str, Any] = {}
    query: dict[str, Any] = {}
    headers: dict[str, Any] = {}
    body: Raw | UnsetType = UNSET
    caller: Caller | None = None


async def called(node: Node, ports: Ports, event: bytes) -> Called:
    """The call; Unusable when the event is none for this function, and then nothing ran."""
    return await CALLS.get(node.function.trigger.kind, _consumed)(node, ports, event)


# -- HTTP functions


async def _answered(node: Node, ports: Ports, event: bytes) -> Called:
    function = http_function(node)
    said = _http_event(event)
    path = _path_parameters(function.path, said.path)
    request = _request(function.method, function.path, path, said)
    request.caller = _caller(function.demand, said)
    trace = request.headers.get("traceparent", "")
    trace = trace if is_traceparent(trace) else _fresh_trace(ports)
    call = Called(node.name, trace_id(trace))
    try:
        cause = Cause("http", SOURCE, trace)
        target, way = entered(function)
        call.answer = await _timed(call, target, ports, way, request, path, cause=cause)
    except (TimedOut, Throttled) as error:
        call.answer, call.failure = gateway(503, "Service Unavailable"), _told(error)
    except SkyliftError as error:
        call.answer = problem(error)
        call.failure = _told(error) if error.status >= 500 else None
    return call


def _http_event(event: bytes) -> HttpEvent:
    try:
        return json.decode(event, type=HttpEvent)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        remedy = 'write {"path": {…}, "query": {…}, "headers": {…}, "body": …}, or less'
        raise Unusable(f"the event is no request: {error}", remedy) from error


def _caller(demand: Demand | None, said: HttpEvent) -> Caller | None:
    """Who calls, as the event says it: by hand nobody brings a token."""
    if demand is None and said.caller is not None:
        raise Unusable("the route does not ask who calls", "take the caller out of the event")
    if demand is not None and said.caller is None and not demand.is_optional:
        remedy = 'write {"caller": {"id": "…", "username": "…", "groups": []}}'
        raise Unusable(f"the route asks for one of {demand.users.name!r}", remedy)
    return said.caller


def _path_parameters(template: str, said: dict[str, Any]) -> dict[str, str]:
    names = placeholders(template)
    for name in said:
        if name not in names:
            raise Unusable(f"{template} has no parameter {name!r}", did_you_mean(name, names))
    for name in names:
        if name not in said:
            example = f'{{"path": {{"{name}": "…"}}}}'
            raise Unusable(f"the event lacks the path's {name!r}", f"write {example}")
    return {name: _text(said[name]) for name in names}


def _request(method: str, template: str, path: dict[str, str], said: HttpEvent) -> Request:
    parts = template.split("/")
    filled = "/".join(path[part.strip("{+}")] if part[:1] == "{" else part for part in parts)
    pairs = [
        (name, _text(one))
        for name, value in said.query.items()
        for one in (cast("list[Any]", value) if isinstance(value, list) else [value])
    ]
    headers = {name.lower(): _text(value) for name, value in said.headers.items()}
    body = b"" if said.body is UNSET else bytes(said.body)
    if body and "content-type" not in headers:
        headers["content-type"] = "application/json"
    return Request(method, filled, urlencode(pairs), headers, body, ip="127.0.0.1")


def _text(value: Any) -> str:
    """A text as it is, anything else as JSON writes it: true, 17."""
    return value if isinstance(value, str) else json.encode(value).decode()


# -- functions that are given messages or dead letters


async def _consumed(node: Node, ports: Ports, event: bytes) -> Called:
    function = cast("Consumer[..., Any, Any]", node.function)
    batch_max, codec = cast("Reaction", function.trigger).batch, function.codec
    if batch_max == 1:
        return await _given(node, ports, _message(codec, event), event)
    bodies = _bodies(event, batch_max)
    ids = [ports.entropy.token_bytes(16).hex() for _ in bodies]
    batch = [Delivery(_message(codec, body), id, 1) for body, id in zip(bodies, ids, strict=True)]
    call = await _given(node, ports, batch, event)
    marked = [one for one in batch if one.error is not None]
    if marked and call.failure is None:
        lines = "".join(f"  {bodies[batch.index(one)].decode()}: {one.error}\n" for one in marked)
        call.failure = f"it marked {len(marked)} of {len(batch)} as failed\n{lines}"
    return call


async def _buried(node: Node, ports: Ports, event: bytes) -> Called:
    letters = cast(Burial, node.function.trigger).resource
    id, sent_at = ports.entropy.token_bytes(16).hex(), ports.clock.time()
    error = "no error: this is a call by hand"
    letter = Letter(id, event.decode(), "failed", error, 1, _trace(event, ports), sent_at)
    dead: Dead[Any] = letters.read(letter)
    if dead.message is None:
        _message(letters.codec, event)  # it says why
    return await _given(node, ports, dead, event)


async def _given(node: Node, ports: Ports, given: Any, event: bytes) -> Called:
    trigger, trace = cast("Reaction | Burial", node.function.trigger), _trace(event, ports)
    call = Called(node.name, trace_id(trace))
    id = ports.entropy.token_bytes(16).hex()
    time = scheduled_time(trigger.kind, given)
    cause = Cause(trigger.kind, SOURCE, trace, delivery_id=id, scheduled_time=time)
    way = given_way(node.signature, _shown)
    if not isinstance(trigger, Burial) and trigger.runs_once:
        way = unprotected(way, is_batch=trigger.batch > 1)
    try:
        call.result = Raw(await _timed(call, target_of(node), ports, way, given, cause=cause))
    except SkyliftError as error:
        call.failure = _told(error)
    return call


def _message(codec: MessageCodec, body: bytes) -> Any:
    try:
        return codec.decode(opened(body))
    except Undecodable as error:
        remedy = f"write a {codec.type_name} as JSON"
        raise Unusable(f"the event cannot be read: {error}", remedy) from error


def _bodies(event: bytes, most: int) -> list[bytes]:
    """A list of messages, or one of them."""
    try:
        bodies = [bytes(one) for one in json.decode(event, type=list[Raw])]
    except ValidationError:
        bodies = [event]
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unusable(f"the event is no JSON: {error}", "write a list of messages") from error
    if not 1 <= len(bodies) <= most:
        reason = f"the event holds {len(bodies)} messages"
        raise Unusable(reason, f"the function takes 1 to {most} at a time")
    return bodies


def _shown(result: Any) -> bytes:
    """A result that nobody would get otherwise: whatever it is, it is no failure."""
    try:
        return encode(result)
    except (TypeError, ValueError, NotImplementedError, RecursionError):
        return json.encode(repr(result))


# -- what all have in common


async def _timed(
    call: Called, target: Target, ports: Ports, way: Way, *given: Any, cause: Cause
) -> Any:
    began = ports.clock.monotonic()
    try:
        return await invoke(target, ports, way, *given, cause=cause)
    finally:
        call.took_s = ports.clock.monotonic() - began


def trace_id(traceparent: str) -> str:
    """What `skylift traces` takes; nothing of what is no traceparent."""
    return traceparent[3:35] if is_traceparent(traceparent) else ""


def _told(error: SkyliftError) -> str:
    return told(error.__cause__ if isinstance(error, Failed) and error.__cause__ else error)


def _trace(event: bytes, ports: Ports) -> str:
    """The trace of a message that was copied with its envelope, or a new one."""
    try:
        trace = opened(event).trace
    except Undecodable:
        trace = ""
    return trace if is_traceparent(trace) else _fresh_trace(ports)


def _fresh_trace(ports: Ports) -> str:
    fresh = ports.entropy.token_bytes(24).hex()
    return f"00-{fresh[:32]}-{fresh[32:]}-01"


CALLS: dict[str, Callable[[Node, Ports, bytes], Awaitable[Called]]] = {  # by kind of trigger
    Route.kind: _answered,
    Burial.kind: _buried,
}
