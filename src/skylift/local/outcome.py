"""What became of one work of a tick, and how its caller is told."""

from __future__ import annotations

import asyncio
from typing import Any, TypeAlias

Outcome: TypeAlias = "tuple[asyncio.Future[Any], Any, BaseException | None]"


def settle(future: asyncio.Future[Any], result: object, error: BaseException | None) -> None:
    if future.done():  # its invocation was cancelled meanwhile; the write counts all the same
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
