"""What a queue hands out and what it is told of it: a message for one attempt, how that ended, and
the dead letter that may become of it.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Struct


class Held(Struct, frozen=True):
    """A message claimed for one attempt: nobody else gets it until its lease ends."""

    receipt: Any
    id: str  # the queue's own; an envelope has one of its sender's
    body: str
    attempt: int  # the first is 1
    sent_at: float  # seconds since the epoch
    group: str = ""
    letter: Letter | None = None  # of a dead letter: what is known about it


class Done(Struct, frozen=True):
    """The attempt succeeded: the message goes."""

    receipt: Any


class Retry(Struct, frozen=True):
    """The message comes back after `after_s`, or when its lease ends; one put back without `counts`
    costs no attempt. `error` says why, for those who tell somebody else to try it again.
    """

    receipt: Any
    after_s: float | None
    counts: bool = True
    error: str = ""


class Bury(Struct, frozen=True):
    """The message goes to the dead letters of its function, in one step."""

    receipt: Any
    id: str
    reason: str
    error: str
    attempts: int
    trace: str = ""

    @property
    def told(self) -> str:
        return f"message {self.id} is a dead letter, {self.reason}: {self.error}"


Settled: TypeAlias = Done | Retry | Bury


class Counts(Struct, frozen=True):
    ready: int
    in_flight: int
    delayed: int  # sent with a delay, or waiting for its next attempt (on SQS that is in flight)
    dead: int


class Letter(Struct, frozen=True):
    """A dead letter as it is stored."""

    id: str
    body: str
    reason: str
    error: str
    attempts: int
    trace: str
    sent_at: float
    group: str = ""
