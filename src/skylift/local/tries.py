"""How often something was tried: passwords, and mails to an address. An address that nobody has is
counted like any other, and a try is counted before anything is looked at.
"""

from __future__ import annotations

from typing import Any, Protocol

from ..errors import TooManyRequests

SECOND = 1_000_000
FREE_TRIES = 5  # of a password, before one has to wait
WAIT_S_MAX = 900
FORGIVEN_S = 3_600  # after the last try
MAILS_MAX, MAILS_S = 5, 3_600  # to one address
INSERT = "INSERT OR REPLACE INTO {tries} VALUES (?, ?, ?, ?)"
SELECT = "SELECT count, until FROM {tries} WHERE key = ? AND expires > ?"


class Run(Protocol):
    """SQL of one declaration."""

    def __call__(self, sql: str, given: tuple[object, ...]) -> Any: ...


class Tries:
    """Called inside a transaction; the time is in microseconds."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def password(self, whose: str, now: int) -> None:
        """One more, of an address or of an id; TooManyRequests while one has to wait."""
        count, until = self._counted(f"password:{whose}", now)
        if until > now:
            raise too_many("too many tries", until - now)
        until = now + waited_s(count + 1) * SECOND
        self._run(INSERT, (f"password:{whose}", count + 1, until, now + FORGIVEN_S * SECOND))

    def forgive(self, whose: str) -> None:
        self._run("DELETE FROM {tries} WHERE key = ?", (f"password:{whose}",))

    def mail(self, email: str, now: int) -> None:
        """One more mail; TooManyRequests when there were enough."""
        count, until = self._counted(f"mail:{email}", now)
        if count >= MAILS_MAX:
            raise too_many("too many mails to this address", until - now)
        until = until if count else now + MAILS_S * SECOND
        self._run(INSERT, (f"mail:{email}", count + 1, until, until))

    def _counted(self, key: str, now: int) -> tuple[int, int]:
        """How many, and until when one waits."""
        return self._run(SELECT, (key, now)).fetchone() or (0, 0)


def waited_s(tries: int) -> int:
    """After so many in a row: a second first, then twice as long each time."""
    doubled = tries - FREE_TRIES
    return min(2 ** min(doubled, 30), WAIT_S_MAX) if doubled >= 0 else 0


def too_many(reason: str, wait: int) -> TooManyRequests:
    wait_s = (wait + SECOND - 1) // SECOND
    return TooManyRequests(f"{reason}: wait {wait_s} s", retry_after_s=wait_s)
