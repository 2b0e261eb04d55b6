"""What the generated `skylift_function.py` of a bundle calls: one entry for each kind of function.
The composition root of a deployed function, and the only place in it that hands out the real clock,
the real chance and the environment.
"""

from __future__ import annotations

import gc
import sys

from ...system import ENVIRONMENT, SystemClock, SystemEntropy, say, sleep
from .lean import lighten

TYPE_CHECKING = False  # `typing` is loaded when no garbage is looked for any more
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, NotRequired, TypeAlias, TypedDict, Unpack

    from ...function import Function
    from ...resources.channel import Channel
    from .lambda_unit import Surroundings

    Handler: TypeAlias = Callable[[Any, Any], Any]  # of an event and Lambda's context

    class Said(TypedDict):
        """What the generated module says of its function."""

        app: str
        name: str
        function: Function[..., Any]
        resources: Sequence[Any]  # those it has grants on
        grants: Sequence[tuple[str, str]]
        consumers: Mapping[str, Function[..., Any]]  # those on whose dead letters it has grants
        is_loop_free: bool
        followed: NotRequired[Sequence[str]]  # tables: whoever writes there says so


gc.disable()  # until all is loaded: nothing of it is garbage
lighten()


def http_entry(**said: Unpack[Said]) -> Handler:
    """A route: HTTP API events, payload 2.0."""
    from .lambda_http import HttpLambda
    from .lambda_unit import DeployedFunction

    return loaded(HttpLambda(DeployedFunction(**said), surroundings()).handle)


def queue_entry(**said: Unpack[Said]) -> Handler:
    """A queue's consumer: SQS events, answered with `batchItemFailures`."""
    from .lambda_queue import QueueLambda, queue_source
    from .lambda_unit import DeployedFunction

    return loaded(QueueLambda(DeployedFunction(**said), surroundings(), queue_source).handle)


def event_entry(**said: Unpack[Said]) -> Handler:
    """A topic's, a bus's or a schedule's function: events that nobody waits for."""
    from .lambda_event import EventLambda
    from .lambda_unit import DeployedFunction

    return loaded(EventLambda(DeployedFunction(**said), surroundings()).handle)


def timer_entry(**said: Unpack[Said]) -> Handler:
    """A timer's function: SQS events of its hidden queue, which may come before their time."""
    from .lambda_queue import QueueLambda
    from .lambda_timer import timer_source
    from .lambda_unit import DeployedFunction

    return loaded(QueueLambda(DeployedFunction(**said), surroundings(), timer_source).handle)


def change_entry(**said: Unpack[Said]) -> Handler:
    """A function that follows a table: events of the table's stream."""
    from .lambda_change import ChangeLambda
    from .lambda_unit import DeployedFunction

    return loaded(ChangeLambda(DeployedFunction(**said), surroundings()).handle)


def dead_entry(**said: Unpack[Said]) -> Handler:
    """A consumer of dead letters: SQS events of their queue."""
    from .lambda_queue import QueueLambda, dead_source
    from .lambda_unit import DeployedFunction

    return loaded(QueueLambda(DeployedFunction(**said), surroundings(), dead_source).handle)


def authorizer_entry(
    *,
    app: str,
    name: str,
    channels: Mapping[str, tuple[Channel[Any, ...], str, Sequence[tuple[str, str]]]],
    resources: Sequence[Any],
    is_loop_free: bool,
) -> Handler:
    """Who may subscribe: AppSync's questions to the guards of an app. `channels` are told by the
    name of their guard, with the users whose tokens count, and its grants.
    """
    from .lambda_authorizer import AuthorizerLambda, GuardedChannel
    from .lambda_unit import DeployedFunction

    guarded = [
        GuardedChannel(channel, known, users, grants)
        for known, (channel, users, grants) in channels.items()
    ]
    unit = DeployedFunction(
        app=app,
        name=name,
        function=guarded[0].function,
        resources=resources,
        grants=(),
        consumers={},
        is_loop_free=is_loop_free,
    )
    return loaded(AuthorizerLambda(unit, guarded, surroundings()).handle)


def default_entry(*, app: str, routes: Sequence[tuple[str, str]], document: str) -> Handler:
    """What an Api answers where no route does: 404, 405, its description, its health."""
    from .lambda_default import DefaultLambda

    beside: str = sys._getframe(1).f_globals["__file__"]  # pyright: ignore[reportPrivateUsage]
    path = f"{beside.rpartition('/')[0] or '.'}/{document}"
    return loaded(DefaultLambda(app, routes, path).handle)


def relay_entry(*, app: str, senders: Mapping[str, str]) -> Handler:
    """The ledger's stream: messages of transactions go where they were sent. `senders` are the
    kinds of what takes them, by name.
    """
    from .lambda_relay import RelayLambda

    return loaded(RelayLambda(app, senders, surroundings()).handle)


def surroundings() -> Surroundings:
    from .lambda_unit import Surroundings

    return Surroundings(SystemClock(), SystemEntropy(), ENVIRONMENT, sleep, say)


def loaded(handler: Handler) -> Handler:
    """What is there now stays: it is looked through for garbage no more."""
    gc.freeze()
    gc.enable()
    return handler
