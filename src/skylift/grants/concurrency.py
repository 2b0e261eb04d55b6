"""asyncio, threads, contexts and transactions: what is run, when, and what is handed on."""

from __future__ import annotations

import ast

from ..resources.gather import gather
from ..resources.in_thread import in_thread
from ..resources.transaction import transaction
from .container import add, collected, make
from .frame import Frame
from .hand import hand_over
from .protocol import awaited, elements
from .reflection import Rule
from .values import (
    ONLY_DATA,
    Arguments,
    Foreign,
    Pending,
    Values,
    one,
)


def _given(kind: str) -> Rule:
    """It makes an object of the standard library whose methods are known."""

    def rule(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
        hand_over(frame, arguments.every(), f"sys.{kind}", node)
        return one(Foreign(kind))

    return rule


def _same(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    del frame, node
    return arguments.at(0) or ONLY_DATA


def _gathered_results(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    results = [awaited(frame, values, node) for values in arguments.positional]
    made = make(frame, node, "list", results, "results")
    if arguments.rest:
        add(frame, made, awaited(frame, arguments.rest, node))
    return one(Pending(one(made)))


def _in_thread(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    return one(Pending(frame.call(arguments.at(0), arguments.after(1), node) or ONLY_DATA))


def _run(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    return awaited(frame, arguments.at(0, "main"), node)


def _waited(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    inside = elements(frame, arguments.at(0, "aws"), node).every()
    done = collected(frame, node, "set", inside, "done")
    return one(Pending(one(make(frame, node, "tuple", [done, done], "waited"))))


def _queue(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    del arguments
    return one(make(frame, node, "queue", []))


QUEUES = """
    asyncio.queues.Queue asyncio.queues.PriorityQueue asyncio.queues.LifoQueue queue.Queue
    queue.LifoQueue _queue.SimpleQueue queue.PriorityQueue
"""


LOOPS = "_asyncio.get_running_loop _asyncio.get_event_loop asyncio.events.new_event_loop"


EXECUTORS = """
    concurrent.futures.thread.ThreadPoolExecutor concurrent.futures.process.ProcessPoolExecutor
"""


# The task, or whatever is awaited, is what it was given.
PASSING = """
    create_task ensure_future wait_for shield run_coroutine_threadsafe as_completed
"""

CONCURRENCY: dict[str, Rule] = {
    **{f"asyncio.tasks.{name}": _same for name in PASSING.split()},
    **dict.fromkeys(QUEUES.split(), _queue),
    **dict.fromkeys(LOOPS.split(), _given("loop")),
    **dict.fromkeys(EXECUTORS.split(), _given("executor")),
    "asyncio.tasks.gather": _gathered_results,
    f"{gather.__module__}.{gather.__qualname__}": _gathered_results,
    f"{transaction.__module__}.{transaction.__qualname__}": _given("transaction"),
    "asyncio.tasks.wait": _waited,
    "asyncio.taskgroups.TaskGroup": _given("task group"),
    "asyncio.threads.to_thread": _in_thread,
    f"{in_thread.__module__}.{in_thread.__qualname__}": _in_thread,
    "asyncio.runners.run": _run,
    "contextlib.ExitStack": _given("exit stack"),
    "contextlib.AsyncExitStack": _given("exit stack"),
    "contextlib.suppress": _given("suppress"),
    "_contextvars.copy_context": _given("context"),
    "_contextvars.ContextVar": _given("context variable"),
}
