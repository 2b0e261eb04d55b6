"""The other side of `isolate=True`: a process that calls what it is told to, one call at a time,
until its app is gone.

It has no running app: a verb in it raises, as it does anywhere outside a handler. Nothing here
imports asyncio, so that a fresh process is there soon.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import pickle
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, cast

from ..function import Function
from .carried import packed_error, packed_result

LENGTH_BYTES = 8  # before each call and each answer, big-endian
PR_SET_PDEATHSIG = 1
GONE = 1  # exit code; nobody is there to see it


def serve(connection: int, parent: int) -> None:
    """Answer the calls that come on this socket. It never returns."""
    _die_with(parent)
    os.set_inheritable(connection, False)
    # A supervisor may tell every process of the app to end; those that run one are ended by it.
    signal.signal(signal.SIGTERM, _ignored)
    with suppress(AttributeError):  # there may be no stdout
        cast(Any, sys.stdout).reconfigure(line_buffering=True)  # for what is printed before a kill
    with suppress(OSError), os.fdopen(connection, "rb") as calls:
        said = os.fdopen(connection, "wb", closefd=False)
        while call := _received(calls):
            answer = answered(call)
            said.write(len(answer).to_bytes(LENGTH_BYTES, "big"))
            said.write(answer)
            said.flush()
    os._exit(GONE)  # whatever threads a handler has left


def answered(call: bytes) -> bytes:
    """Call, and say what came of it."""
    name = "the handler"
    try:
        module, path, arguments = pickle.loads(call)
        name = path.rpartition(".")[2]
        return packed_result(_called(handler_at(module, path), arguments), name)
    except BaseException as error:
        return packed_error(error)


def handler_at(module: str, path: str) -> Callable[..., Any]:
    """A handler by its module and qualified name, where a trigger may have put a Function."""
    found: Any = importlib.import_module(module)
    for name in path.split("."):
        found = getattr(found, name)
    return cast("Function[..., Any]", found).handler if isinstance(found, Function) else found


def _called(handler: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    try:
        return handler(**arguments)
    except (StopIteration, GeneratorExit) as error:  # to await them would end who awaits
        raise RuntimeError(f"{handler.__name__} raised {type(error).__name__}") from error


def _received(calls: IO[bytes]) -> bytes:
    """The next call; nothing when the app has gone."""
    length = int.from_bytes(calls.read(LENGTH_BYTES), "big")
    return calls.read(length)


def _die_with(parent: int) -> None:
    """Where the kernel can kill us with our parent, even in the middle of a computation. Elsewhere
    the socket's end is seen when the call has ended.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(GONE)


def _ignored(_number: int, _frame: object) -> None:
    """Not SIG_IGN, which would be inherited by the programs that a handler runs."""
