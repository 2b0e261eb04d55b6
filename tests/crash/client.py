"""One keep-alive HTTP connection that knows the difference between an answer and none."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any

from msgspec import json

ANSWER_S_MAX = 15.0


class Lost(Exception):
    """The connection ended before the answer: what was asked may or may not have happened."""


class Client:
    """Use as `async with Client(port) as client`."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> Client:
        try:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError as error:
            raise Lost from error
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:
            pass  # the other side is dead, as it should be

    async def ask(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, Any]:
        """Status and decoded body; Lost when the answer never came."""
        sent = b"" if body is None else json.encode(body)
        said = {"host": "ledger", "content-length": str(len(sent))} | headers
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in said.items())
        head = f"{method} {path} HTTP/1.1\r\n{lines}\r\n"
        try:
            self._writer.write(head.encode() + sent)
            async with asyncio.timeout(ANSWER_S_MAX):
                return await self._answer()
        except (OSError, asyncio.IncompleteReadError) as error:
            if isinstance(error, TimeoutError):
                raise AssertionError(f"no answer in {ANSWER_S_MAX:g} s: {method} {path}") from error
            raise Lost from error

    async def _answer(self) -> tuple[int, Any]:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        lengths = [line.split(":")[1] for line in head if line.startswith("content-length:")]
        body = await self._reader.readexactly(int(lengths[0]) if lengths else 0)
        return int(head[0].split()[1]), json.decode(body) if body else None


def expect(status: int, *allowed: int, body: object) -> None:
    """An answer under load that is neither an effect nor a refusal is a failure of its own."""
    assert status in allowed, f"answered {status}, not {allowed}: {body}"
