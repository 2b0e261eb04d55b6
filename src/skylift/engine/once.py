"""Runs on record: what has finished under a key does not run again for 24 hours, and while it runs
nobody else begins it.

A run holds its record by a token. Whoever finds the record of a run that should have ended long ago
takes it over, and the earlier run cannot finish it any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from ..codec.envelope import Undecodable
from ..errors import SkyliftError
from ..invocation import Once, invocation
from ..ports import Found, OnceMark, Ports
from ..ports.delivery import Done, Retry
from .invoke import Way
from .retry import PutBack

if TYPE_CHECKING:
    from .deliver import QueueFunction, Read

GRACE_S = 1.0  # a run is stopped a little after its deadline, and clocks differ
KEY_LENGTH_MAX = 255  # a longer one is told by its digest
BEHIND_S = 0.01  # what is put back finds the other run over, by any rounding
LEDGER_S = 1.0  # until a ledger that failed is asked again
TAKEN = "it ran past its deadline, and another run has taken over its once record"


class OnceDeliveries:
    """The once records of one consumer's deliveries, each by the message's own id or by a field of
    it.
    """

    def __init__(self, function: QueueFunction, ports: Ports) -> None:
        self._function, self._ports = function, ports
        self._run_s = function.target.timeout_s + GRACE_S

    def key(self, id: str, message: Any) -> str:
        """Undecodable when the message does not say which others are the same."""
        name, by = self._function.target.name, self._function.once_by
        if by is None:
            return record_key(name, id)
        keyed = isinstance(message, dict)
        said = cast("dict[str, Any]", message)[by] if keyed else getattr(message, by)
        if said == "":
            raise Undecodable(f"its {by} is empty, and tells which messages are the same")
        return record_key(name, str(said))

    async def begin(self, reads: list[Read]) -> tuple[list[Read], list[Read], list[Done | Retry]]:
        """Those whose run is ours to begin; those that have no attempt left; and what becomes of
        the others: what was handled is done, what is being handled is put back.
        """
        try:
            found = await self._found([read.key for read in reads])
        except SkyliftError as failure:
            self._warn(f"its once records cannot be read: {failure}")
            return [], [], [Retry(one.held.receipt, LEDGER_S, counts=False) for one in reads]
        begun: list[Read] = []
        lost: list[Read] = []
        settled: list[Done | Retry] = []
        behind: list[OnceMark] = []
        stopped = set[str]()  # groups in which something is put back: the order must hold
        for read, (mark, one) in zip(reads, found, strict=True):
            if one.state == "finished":
                settled.append(Done(read.held.receipt))
            elif one.state == "running" or read.held.group in stopped:
                settled.append(self._put_back(read, one.until, stopped))
                behind += [mark] if one.state == "begun" else []
            else:
                read.mark = mark
                has_left = read.held.attempt <= self._function.attempts_max
                (begun if has_left else lost).append(read)
        behind += [read.mark for read in lost]
        if behind:
            await self._abandon(behind)
        return begun, lost, settled

    async def _found(self, keys: Sequence[str]) -> list[tuple[OnceMark, Found]]:
        """What there is under each key. Of two in one batch the second finds the first running."""
        ports = self._ports
        until = ports.clock.time() + self._run_s
        token = ports.entropy.token_bytes(16).hex()
        marks = {key: OnceMark(key, token) for key in keys}
        asked = await ports.ledger.begin(list(marks.values()), until)
        found = dict(zip(marks, asked, strict=True))
        told: list[tuple[OnceMark, Found]] = []
        for key in keys:
            told.append((marks[key], found[key]))
            if found[key].state == "begun":
                found[key] = Found("running", until=until)
        return told

    def _put_back(self, read: Read, until: float, stopped: set[str]) -> Retry:
        """Until the run that was found must have ended. In a FIFO queue what is behind it in its
        group comes back too, and keeps its place.
        """
        if self._function.fifo:
            stopped.add(read.held.group)
        if not until:
            return Retry(read.held.receipt, 0, counts=False)
        after_s = max(until - self._ports.clock.time(), 0) + BEHIND_S
        return Retry(read.held.receipt, after_s, counts=False)

    async def end(
        self, once: Once, reads: Sequence[Read], errors: Sequence[Exception | None]
    ) -> list[Exception | None]:
        """Finish the records of what succeeded and give up the others; what became of each. What a
        transaction has finished is done, whatever was raised after it.
        """
        if once.is_finished:
            return [None] * len(reads)
        done = [read.mark for read, error in zip(reads, errors, strict=True) if error is None]
        failed = [read.mark for read, error in zip(reads, errors, strict=True) if error is not None]
        if failed:
            await self._abandon(failed)
        try:
            kept = await self._ports.ledger.finish(done) if done else []
        except SkyliftError as failure:  # the records count for nothing from their `until` on
            self._warn(f"its once records cannot be written: {failure}")
            return [error or failure for error in errors]
        if not all(kept):
            self._warn(TAKEN)
        outcome = iter(kept)
        return [error or self._ended(next(outcome)) for error in errors]

    def _ended(self, is_kept: bool) -> PutBack | None:
        """The run that has taken over decides what becomes of the message."""
        return None if is_kept else PutBack(self._run_s)

    async def _abandon(self, marks: Sequence[OnceMark]) -> None:
        try:
            await self._ports.ledger.abandon(marks)
        except SkyliftError as failure:  # they count for nothing from their `until` on
            self._warn(f"its once records cannot be given up: {failure}")

    def _warn(self, text: str) -> None:
        self._ports.report.warned(self._function.target.name, text)


def once_way(way: Way) -> Way:
    """The same way, for an invocation that is also given its record."""

    def bind(given: Any, once: Once) -> dict[str, Any]:
        invocation().once = once
        return way.bind(given)

    return Way(bind, way.finish, answers=way.answers)


def unprotected(way: Way, *, is_batch: bool = False) -> Way:
    """The same way, for a call that nobody repeats: it has no record."""

    def bind(given: Any) -> dict[str, Any]:
        invocation().once = Once(is_batch=is_batch)
        return way.bind(given)

    return Way(bind, way.finish, answers=way.answers)


def record_key(function: str, text: str) -> str:
    """Each function has its own keys. A name has neither a space nor a #."""
    if len(text) <= KEY_LENGTH_MAX:
        return f"{function} {text}"
    from hashlib import sha256  # only where somebody sends such a key

    return f"{function}#{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
