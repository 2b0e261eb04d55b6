"""When claims end. One that is not settled by then is over; nobody here knows what was claimed."""

from __future__ import annotations

from collections.abc import Container
from heapq import heappop, heappush

AGAIN_S = 1.0


class Leases:
    def __init__(self) -> None:
        self._ends: list[tuple[float, int]] = []

    def begin(self, receipt: int, until: float) -> None:
        heappush(self._ends, (until, receipt))

    def over(self, now: float, claims: Container[int]) -> list[int]:
        """The receipts of claims that are over. Each is told again after a while, as long as it is
        among the claims: what was to be written of it may have failed.
        """
        ends, over = self._ends, list[int]()
        while ends and (ends[0][0] <= now or ends[0][1] not in claims):
            _, receipt = heappop(ends)
            if receipt in claims:
                over.append(receipt)
        for receipt in over:
            heappush(ends, (now + AGAIN_S, receipt))
        return over

    @property
    def next_at(self) -> float | None:
        return self._ends[0][0] if self._ends else None
