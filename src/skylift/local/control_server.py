"""Lets commands ask the process that owns a state: one request line of JSON, one answer line, over
a socket of its user's. What is asked runs to its end, whether or not somebody still waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import UNSET, DecodeError, Raw, Struct, UnsetType, json

from .control import Control, Refused, Request
from .control_socket import Listening
from .pump import end_tasks

REQUEST_BYTES_MAX = 16 << 20
TRANSFER_S_MAX = 10.0  # for the request to come, and for the answer to go
CONNECTIONS_MAX = 32


class Reply(Struct, omit_defaults=True):
    """`answer`, or what is wrong and what next."""

    answer: Raw | UnsetType = UNSET
    error: str = ""
    hint: str = ""
    is_bug: bool = False  # of skylift's; what it was is in the app's log


class ControlServer:
    """Serves one Control. OSError from `start` when there is no place for a socket."""

    def __init__(self, control: Control, on_error: Callable[[BaseException], None]) -> None:
        """`on_error` is told of a bug of our own."""
        self.control, self._on_error = control, on_error
        self._tasks = set[asyncio.Task[Any]]()
        self._waiting = set[asyncio.Task[Any]]()  # for what is asked
        self._is_stopping = False

    async def start(self, folder: Path) -> None:
        self._listening = Listening(folder)
        self._server = await asyncio.start_unix_server(
            self._serve, sock=self._listening.socket, limit=REQUEST_BYTES_MAX
        )

    async def stop(self, grace_s: float) -> None:
        """Take nothing more, let what runs finish; what does not in time is cancelled."""
        self._is_stopping = True
        self._server.close()
        self._listening.close()
        for task in self._waiting:
            task.cancel()
        if self._tasks and grace_s > 0:
            await asyncio.wait(self._tasks, timeout=grace_s)
        await end_tasks(self._tasks)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._waiting.add(task)
        try:
            if not self._is_stopping:
                writer.write(json.encode(await self._replied(reader, task)) + b"\n")
                async with asyncio.timeout(TRANSFER_S_MAX):
                    await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # who asked is gone, or the app is going (and nobody awaits this task)
        finally:
            self._tasks.discard(task)
            self._waiting.discard(task)
            writer.close()

    async def _replied(self, reader: asyncio.StreamReader, task: asyncio.Task[Any]) -> Reply:
        try:
            async with asyncio.timeout(TRANSFER_S_MAX):
                line = await reader.readuntil(b"\n")
            self._waiting.discard(task)
            if len(self._tasks) > CONNECTIONS_MAX:
                return Reply(error="too many commands ask at once", hint="try again")
            request = json.decode(line, type=Request)
            return await self._answered(request)
        except asyncio.LimitOverrunError:
            return Reply(error=f"a request has at most {REQUEST_BYTES_MAX:,} bytes")
        except DecodeError as error:
            hint = "the app runs on another version of skylift: start it again"
            return Reply(error=f"the request cannot be read: {error}", hint=hint)

    async def _answered(self, request: Request) -> Reply:
        try:
            return Reply(Raw(json.encode(await self.control.answer(request))))
        except Refused as refused:
            return Reply(error=refused.error, hint=refused.hint)
        except Exception as error:  # to be told, or the command would wait for nothing
            self._on_error(error)
            said = f"{type(error).__name__}: {error}"
            hint = "the app's log says where"
            return Reply(error=f"a bug of skylift itself: {said}", hint=hint, is_bug=True)
