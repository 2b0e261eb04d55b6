"""Dead letters of one function, given to the function that consumes them. What it fails on stays
where it is; nothing is ever buried twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from ..errors import SkyliftError
from ..invocation import Cause
from ..ports import Ports
from ..ports.delivery import Bury, Done, Held, Settled
from ..resources.backoff import Backoff
from ..resources.dead import DeadLetters
from ..signature import Signature
from .deliver import LOST, described, storable
from .given import given_way
from .invoke import Target, invoke
from .retry import again


class DeadFunction(Struct, frozen=True):
    """A function with the dead letters that call it."""

    target: Target
    signature: Signature
    letters: DeadLetters[Any]
    attempts_max: int
    backoff: Backoff


class DeadEngine:
    """Handles the deliveries of one function's dead letters. Bury says that a letter stays, and is
    not offered again.
    """

    def __init__(self, function: DeadFunction, ports: Ports) -> None:
        self._function, self._ports = function, ports
        self._way = given_way(function.signature)

    async def deliver(self, held: Sequence[Held]) -> list[Settled]:
        """What becomes of each letter, in their order; nothing is raised."""
        return [await self._one(one) for one in held]

    async def _one(self, held: Held) -> Settled:
        function = self._function
        if held.attempt > function.attempts_max:
            return self._left(held, "lost", LOST, function.attempts_max)
        error = await self._invoked(held)
        if error is None:
            return Done(held.receipt)
        retry = again(*(held, error, function.attempts_max, function.backoff, self._ports.entropy))
        return retry or self._left(held, "failed", described(error), held.attempt)

    async def _invoked(self, held: Held) -> SkyliftError | None:
        function, letter = self._function, held.letter
        assert letter is not None
        cause = Cause(
            *("dead", function.letters.name, letter.trace, held.sent_at, letter.id),
            *(held.attempt, function.attempts_max),
        )
        try:
            given = function.letters.read(letter)
            await invoke(function.target, self._ports, self._way, given, cause=cause)
        except SkyliftError as error:  # it was told, and becomes an outcome
            return error
        return None

    def _left(self, held: Held, reason: str, error: str, attempts: int) -> Bury:
        name = self._function.target.name
        said = f"it gave up dead letter {held.id} after {attempts} attempts: {storable(error)}"
        hint = "hint: it stays where it is, and is offered again after a redrive"
        self._ports.report.warned(name, f"{said}. {hint}")
        return Bury(held.receipt, held.id, reason, error, attempts)
