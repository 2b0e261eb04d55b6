"""How a command ends that has run handlers: a def past its deadline cannot be stopped, nor a
coroutine that swallows its cancellation, and the interpreter would wait for them.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading

from ..local.workers import THREAD_NAME

LAST_S = 1.0  # for tasks to end that are cancelled now


def left(code: int) -> int:
    """The exit code; at once when a thread is still in the way."""
    if any(one.name.startswith(THREAD_NAME) and one.is_alive() for one in threading.enumerate()):
        _exit(code)
    return code


def closed(runner: asyncio.Runner, code: int) -> int:
    """The exit code, at once when a task goes on all the same: to close its loop would wait for it
    for ever.
    """
    loop = runner.get_loop()
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks and loop.run_until_complete(asyncio.wait(tasks, timeout=LAST_S))[1]:
        _exit(code)
    return left(code)


def _exit(code: int) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
