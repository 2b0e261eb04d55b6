"""Passwords: argon2id, in threads of its own and never on the loop. Of who is not known a hash of
nobody is looked at, so that it takes as long.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from msgspec import Struct

from ..errors import Busy

R = TypeVar("R")

CORES = os.cpu_count() or 1
THREADS = max(1, CORES - 1)  # each takes a core and the memory of one hash; the loop needs one too
WAITING_MAX = 64
NICENESS = 10
SALT_BYTES, HASH_BYTES = 16, 32


class Cost(Struct, frozen=True):
    """What one hash takes: of what OWASP holds for equal, what takes its neighbours the least."""

    memory_kib: int = 12_288
    rounds: int = 3

    @property
    def nobody(self) -> str:
        """A hash of no password, that costs as much as any."""
        return self.written(bytes(SALT_BYTES), bytes(HASH_BYTES))

    def written(self, salt: bytes, made: bytes) -> str:
        """As every argon2 writes it, so that any other can read it."""
        costs = f"m={self.memory_kib},t={self.rounds},p=1"
        parts = (b64encode(part).rstrip(b"=").decode() for part in (salt, made))
        return "$".join(("$argon2id$v=19", costs, *parts))


CHEAP = Cost(memory_kib=8, rounds=1)  # of a state in memory: nobody can steal it


class Passwords:
    def __init__(self, cost: Cost) -> None:
        self._cost = cost
        # They start when needed.
        self._threads = ThreadPoolExecutor(THREADS, "skylift-password", initializer=step_back)
        self._waiting = 0

    async def hashed(self, password: str, salt: bytes) -> str:
        """As it is stored; Busy when too many are waiting."""
        return await self._in_thread(lambda: hash_of(password, salt, self._cost))

    async def is_right(self, password: str, stored: str | None) -> bool:
        """Whether this was hashed; of who has no password it never is, and takes as long."""
        kept = stored or self._cost.nobody
        return await self._in_thread(lambda: _is_right(password, kept)) and stored is not None

    async def _in_thread(self, call: Callable[[], R]) -> R:
        if self._waiting >= WAITING_MAX:
            raise Busy("too many passwords are being looked at. hint: try again")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        finally:
            self._waiting -= 1


def step_back() -> None:
    """Have this thread run where the others leave room: requests come first."""
    if sys.platform == "linux":  # where niceness is each thread's own
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def hash_of(password: str, salt: bytes, cost: Cost) -> str:
    from nacl.bindings import crypto_pwhash_alg, crypto_pwhash_ALG_ARGON2ID13

    bytes_max = cost.memory_kib * 1024
    made = crypto_pwhash_alg(
        HASH_BYTES, _secret(password), salt, cost.rounds, bytes_max, crypto_pwhash_ALG_ARGON2ID13
    )
    return cost.written(salt, made)


def _is_right(password: str, stored: str) -> bool:
    from nacl.bindings import crypto_pwhash_str_verify
    from nacl.exceptions import InvalidkeyError

    try:
        return crypto_pwhash_str_verify(stored.encode(), _secret(password))
    except InvalidkeyError:
        return False


def _secret(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
