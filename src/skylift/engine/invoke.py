"""One invocation of a handler: it runs with its grants until its deadline, and whatever it raises
becomes a value.

The only place that catches everything an author's code may raise.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from msgspec import Struct

from ..errors import SkyliftError
from ..invocation import Cause, Grant, Invocation, current
from ..ports import Ports

R = TypeVar("R")


class Target(Struct, frozen=True):
    """A function, ready to be called."""

    name: str
    handler: Callable[..., Any]
    is_async: bool
    grants: frozenset[Grant]
    timeout_s: float
    concurrency_max: int | None = None
    isolate: bool = False


class TimedOut(SkyliftError):
    """The deadline passed before the handler returned; what it answers later is dropped."""


class Failed(SkyliftError):
    """The handler raised something that is no SkyliftError: an author's bug, told to the log and
    not to the client.
    """


class Way(Struct, frozen=True):
    """How an event becomes a handler's arguments, and its result an answer. Both run inside the
    invocation: a parameter may ask for its Context, and a result nobody can write is a failure.
    """

    bind: Callable[..., dict[str, Any]]
    finish: Callable[[Any], Any]
    answers: bool = True  # a refusal (below 500) is an answer, and no failure to be told of


async def invoke(target: Target, ports: Ports, way: Way, *given: Any, cause: Cause) -> Any:
    """The finished result; SkyliftError for everything else that can become of an invocation."""
    running = begun(target, ports, cause)
    token = current.set(running)
    told: BaseException | None = None
    try:
        arguments = way.bind(*given)
        try:
            result = await called(target, ports, arguments)
        except BaseException as error:
            check_tasks(running, error)
            raise
        if running.tasks is not None:
            check_tasks(running)
        finished = way.finish(result)
        if running.expired:
            raise timed_out(target, running)
        return finished
    except BaseException as error:
        told = error
        if running.expired:  # whatever it raised, a cancellation included: its deadline has passed
            if isinstance(error, TimedOut):
                raise
            told = timed_out(target, running, error)
            raise told from error
        if is_given_up(error, running) or (way.answers and is_refusal(error)):
            raise
        ports.report.failed(running, error)
        if isinstance(error, SkyliftError):
            raise
        raise Failed(type(error).__name__) from error
    finally:
        running.end()
        ports.workers.ended(running)
        ports.report.ended(running, told)
        told = None  # its traceback holds this frame: no circle is left for the collector
        current.reset(token)


def begun(target: Target, ports: Ports, cause: Cause) -> Invocation:
    """The invocation, watched over; Throttled when the function runs often enough already."""
    started = ports.clock.time()
    running = Invocation(
        *(target.name, target.grants, ports),
        cause=cause,
        started=started,
        deadline=started + target.timeout_s,
    )
    ports.workers.started(running, target.concurrency_max)
    return running


def called(target: Target, ports: Ports, arguments: dict[str, Any]) -> Awaitable[Any]:
    """The handler under way, where it belongs: on the loop, in a thread or in a process."""
    if target.is_async:
        return ports.workers.ending(target.handler(**arguments))
    run = ports.workers.isolated if target.isolate else ports.workers.run
    return run(target.handler, **arguments)


def run_plain(call: Callable[..., R], arguments: dict[str, Any]) -> R:
    """What a plain `def` returns."""
    try:
        return call(**arguments)
    except (StopIteration, GeneratorExit) as error:  # they would end who awaits or drives it
        raise RuntimeError(f"{call.__name__} raised {type(error).__name__}") from error


def check_tasks(running: Invocation, error: BaseException | None = None) -> None:
    """A handler that ends and leaves tasks running has failed, whatever else it did; not so one
    that was made to end.
    """
    left = running.ports.workers.left(running) if running.tasks is not None else None
    if left is not None and (error is None or not is_given_up(error, running)):
        raise left from error


def is_refusal(error: BaseException) -> bool:
    return isinstance(error, SkyliftError) and error.status < 500


def is_given_up(error: BaseException, running: Invocation) -> bool:
    """Somebody who waits has cancelled or closed it; all else is the handler's own doing, be it a
    `sys.exit()` or an `await` of what it has cancelled itself. (An event loop is asked for only
    where there is one.)
    """
    if isinstance(error, GeneratorExit):  # who closes a coroutine does so from elsewhere
        return current.get(None) is not running
    asyncio = sys.modules.get("asyncio")
    if asyncio is None or not isinstance(error, asyncio.CancelledError):
        return False
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop runs here: nobody could have cancelled it
        return False
    return task is not None and task.cancelling() > 0


def timed_out(target: Target, running: Invocation, error: BaseException | None = None) -> TimedOut:
    """The error, told to the log with the place where the handler was."""
    told = TimedOut(f"{target.name} did not finish within {target.timeout_s:g} s")
    told.__cause__ = error
    running.ports.report.failed(running, told)
    return told
