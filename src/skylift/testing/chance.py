"""Chance of a world, from its seed: the same draws in the same order are the same bytes."""

from __future__ import annotations

from hashlib import blake2b

DIGEST_BYTES = 64
STEPS = 1 << 32


class Chance:
    """An Entropy. Each purpose draws from a stream of its own: more draws of one change nothing
    for the others.
    """

    def __init__(self, seed: int, purpose: str) -> None:
        self._name = f"{seed} {purpose}".encode()
        self._drawn = 0

    def token_bytes(self, count: int) -> bytes:
        found = self._next()
        while len(found) < count:
            found += self._next()
        return found[:count]

    def happens(self, share: float) -> bool:
        """True in this share of cases: 0 is never, 1 is always."""
        return int.from_bytes(self.token_bytes(4), "big") < share * STEPS

    def up_to(self, most: int) -> int:
        """1 to `most`."""
        return 1 + int.from_bytes(self.token_bytes(4), "big") % most

    def _next(self) -> bytes:
        self._drawn += 1
        return blake2b(b"%d %b" % (self._drawn, self._name), digest_size=DIGEST_BYTES).digest()
