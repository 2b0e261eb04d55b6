"""The ledger's stream: what a transaction has left in its outbox goes where it was sent. Lambda
asks again from the first record that could not be relayed, or for which there was no time: what is
sent comes off the ledger piece by piece, since a FIFO queue knows for five minutes only what it has
had.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from ...engine.invoke import Target, Way, invoke
from ...invocation import NOTHING, Cause, invocation
from .failure import Failure
from .lambda_ports import Backend
from .lambda_unit import Surroundings, misfit
from .lambda_work import Work
from .outbox import relay_records, sequence_of, told
from .relayed import Relayed, Tried

NAME = "skylift.relay"
CAUSE = Cause("outbox", "the ledger's stream")
TIMEOUT_S = 900  # Lambda's own is shorter, and counts
# One group of a FIFO queue takes one at a time: that is seconds.
PIECE_MESSAGES = 250

Record: TypeAlias = Mapping[str, Any]


class RelayLambda:
    """`handle` is what Lambda calls for changes of the ledger."""

    def __init__(self, app: str, senders: Mapping[str, str], world: Surroundings) -> None:
        self._work = Work(app, world)
        self._backend = Backend(world)
        self._ports, self._clock = self._backend.ports(self._work), world.clock
        self._senders = {name: self._backend.sending(name, kind) for name, kind in senders.items()}
        self._outbox = self._backend.outbox()
        self._relayed = Relayed(self._outbox, world.clock)
        self._target = Target(NAME, self._relay, True, NOTHING, TIMEOUT_S)
        self._way = Way(_records, _as_it_is, answers=False)

    def handle(self, event: Any, context: Any) -> dict[str, Any]:
        self._work.begin(context)
        try:
            failed = self._work.drive(self._invoked(event))
        finally:
            self._work.end()
        return {"batchItemFailures": [{"itemIdentifier": failed}] if failed else []}

    async def _invoked(self, event: Any) -> str | None:
        return await invoke(self._target, self._ports, self._way, event, cause=CAUSE)

    async def _relay(self, records: Sequence[Record]) -> str | None:
        """Where to begin again."""
        running = invocation()
        # A piece that is begun later than this might not come to its end.
        until = (self._clock.time() + running.deadline) / 2
        try:
            tried = await self._relayed.of(sequence_of(records[0]))
            for piece in pieces(records):
                if self._clock.time() > until:
                    return await self._again(sequence_of(piece[0]), tried)
                failed, error = await relay_records(piece, self._senders, self._outbox, tried)
                if error is not None:
                    self._work.report.failed(running, error)
                    tried.is_again = True
                    return await self._again(str(failed), tried)
        except Failure as failure:
            self._work.report.failed(running, told(failure))
            return sequence_of(records[0])
        except (KeyError, IndexError, TypeError, ValueError) as wrong:
            raise misfit(NAME, "event of the ledger's stream", wrong) from wrong
        return None

    async def _again(self, sequence: str, tried: Tried) -> str:
        """From there on, but for what was sent behind it."""
        if tried.is_again and (warning := await self._relayed.note(sequence, tried)):
            self._work.report.warned(NAME, warning)
        return sequence


def pieces(records: Sequence[Record]) -> Iterator[list[Record]]:
    """Each sent, and off the ledger, before the next; a transaction is never divided."""
    piece: list[Record] = []
    count = 0
    for record in records:
        own = len(record["dynamodb"].get("NewImage", {}).get("bodies", {}).get("L", ()))
        if piece and count + own > PIECE_MESSAGES:
            yield piece
            piece, count = [], 0
        piece.append(record)
        count += own
    if piece:
        yield piece


def _records(event: Any) -> dict[str, Any]:
    try:
        return {"records": event["Records"]}
    except (KeyError, TypeError) as error:
        raise misfit(NAME, "event of the ledger's stream", error) from error


def _as_it_is(failed: str | None) -> str | None:
    return failed
