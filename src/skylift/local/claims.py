"""What one source has in flight: who holds which row, until when, and in which slot of the flight
file. In memory, so that a claim costs no write.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Generic, TypeVar

from msgspec import Struct

from ..ports.delivery import Retry, Settled
from .flight import Flight
from .lease import Leases

R = TypeVar("R")


class Claim(Struct, Generic[R], gc=False, frozen=True):
    seq: int
    row: R  # what was claimed, as its source knows it
    slot: int
    until: float  # the lease's end


class Claims(Generic[R]):
    """`number` is the source's own in the flight file."""

    def __init__(self, flight: Flight, number: int) -> None:
        self._flight, self._number = flight, number
        self._claims: dict[int, Claim[R]] = {}  # by receipt
        self._receipts: dict[int, int] = {}  # by sequence number
        self._leases = Leases()
        self._last = 0

    def __len__(self) -> int:
        return len(self._claims)

    @property
    def seqs(self) -> Collection[int]:
        """The rows in flight, by their sequence numbers."""
        return self._receipts

    @property
    def rows(self) -> list[R]:
        return [claim.row for claim in self._claims.values()]

    def room(self, count: int) -> int:
        """How many of so many may be claimed at most."""
        return min(count, self._flight.free)

    def begin(self, seq: int, row: R, until: float) -> int:
        """The receipt of a new claim."""
        self._last = receipt = self._last + 1
        self._claims[receipt] = Claim(seq, row, self._flight.up(self._number, seq), until)
        self._receipts[seq] = receipt
        self._leases.begin(receipt, until)
        return receipt

    def of(self, settled: Sequence[Settled]) -> list[tuple[Settled, Claim[R]]]:
        """What is settled, with its claim; a claim that has ended is left out."""
        return [(one, claim) for one in settled if (claim := self._claims.get(one.receipt))]

    def end(self, receipt: int) -> bool:
        """Let go of it; false when that was done before."""
        claim = self._claims.pop(receipt, None)
        if claim is None:
            return False
        del self._receipts[claim.seq]
        self._flight.down(claim.slot)
        return True

    def over(self, now: float) -> list[Settled]:
        """What was claimed and never settled comes back, an attempt poorer."""
        return [Retry(receipt, 0) for receipt in self._leases.over(now, self._claims)]

    @property
    def next_end(self) -> float | None:
        """When a lease may end, if nothing comes before."""
        return self._leases.next_at

    def interrupted(self) -> list[int]:
        """The rows that were in flight when the process died."""
        return sorted(seq for number, seq in self._flight.interrupted if number == self._number)
