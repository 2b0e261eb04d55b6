"""One invocation of a handler: it runs with its grants until its deadline, and whatever it raises
becomes a value.

The only place that catches everything an author's code may raise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from ..errors import SkyliftError
from ..invocation import Grant, Invocation, current
from ..ports import Ports


class Target(Struct, frozen=True):
    """A function, ready to be called."""

    name: str
    handler: Callable[..., Any]
    is_async: bool
    grants: frozenset[Grant]
    timeout_s: float
    concurrency_max: int | None = None


class TimedOut(SkyliftError):
    """The deadline passed before the handler returned; what it answers later is dropped."""


class Failed(SkyliftError):
    """The handler raised something that is no SkyliftError: an author's bug, told to the log and
    not to the client.
    """


async def invoke(
    target: Target, ports: Ports, bind: Callable[..., dict[str, Any]], *given: Any, trace: str = ""
) -> Any:
    """What the handler returned; SkyliftError for everything else that can become of it.

    `bind` makes the handler's arguments, inside the invocation, so that a parameter may ask for its
    Context.
    """
    deadline = ports.clock.time() + target.timeout_s
    running = Invocation(target.name, target.grants, ports, deadline=deadline, trace=trace)
    token = current.set(running)
    try:
        ports.workers.started(running, target.concurrency_max)
        arguments = bind(*given)
        if target.is_async:
            result = await target.handler(**arguments)
        else:
            result = await ports.workers.run(target.handler, **arguments)
    except SkyliftError as error:
        if error.status == 500:
            ports.report.failed(running, error)
        raise
    except Exception as error:
        ports.report.failed(running, error)
        raise Failed(str(error)) from error
    except (
        BaseException
    ):  # a cancellation: ours when the deadline has passed, else somebody's who waits for it
        if running.expired:
            raise TimedOut(f"{target.name} did not finish within {target.timeout_s:g} s") from None
        raise
    finally:
        ports.workers.ended(running)
        current.reset(token)
    if running.expired:
        raise TimedOut(f"{target.name} did not finish within {target.timeout_s:g} s")
    return result
