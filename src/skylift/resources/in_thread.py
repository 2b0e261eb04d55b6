"""`in_thread` calls what waits without `await`, and holds up nobody: in a thread where others run
beside the handler, here and now where none do. So a library that blocks brings no event loop into a
deployed function, as `asyncio.to_thread` would.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from ..invocation import invocation

P = ParamSpec("P")
R = TypeVar("R")


async def in_thread(call: Callable[P, R], /, *given: P.args, **named: P.kwargs) -> R:
    """What a plain function returns or raises. A thread cannot be stopped: at the deadline it is
    left to run on, without effect.
    """
    return await invocation().ports.workers.run(lambda: call(*given, **named))
