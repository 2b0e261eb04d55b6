"""Entries of a batch of SQS or SNS, ten at a time, each with its own fate: what failed for a reason
that passes is asked again, what was refused is not, and of what nobody knows the end that is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from .batch import entries_failed, fitting
from .client import Client
from .failure import Failure

if TYPE_CHECKING:
    from typing import Protocol

    from .retry import Effect

    class Asking(Protocol):
        """An operation that takes a batch. `is_repeatable`: doing it twice is doing it once."""

        @property
        def name(self) -> str: ...  # with its service, in errors
        @property
        def until(self) -> float: ...
        @property
        def is_repeatable(self) -> bool: ...
        async def ask(
            self, client: Client, entries: list[Entry], effect: Effect
        ) -> dict[str, Any]: ...  # its answer, with `Successful` and `Failed`


COUNT_MAX = 10
BYTES_MAX = 1_048_576  # of one batch, as of one message
ROUNDS_MAX = 4

Entry = dict[str, Any]
Failed = dict[int, Failure]


class Operation(Struct, frozen=True):
    """Of SQS, on one queue."""

    operation: str
    url: str
    until: float
    is_repeatable: bool = True

    @property
    def name(self) -> str:
        return f"sqs.{self.operation}"

    async def ask(self, client: Client, entries: list[Entry], effect: Effect) -> dict[str, Any]:
        asked = {"QueueUrl": self.url, "Entries": entries}
        return await client.call(
            self.operation, asked, dict[str, Any], deadline=self.until, effect=effect
        )


class Entries:
    """Each with its size. With `groups` one that failed is asked again only while none that comes
    after it in its group has succeeded.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        *,
        sizes: Sequence[int] = (),
        groups: Sequence[str] = (),
        bytes_max: int = BYTES_MAX,
    ) -> None:
        self._entries, self._groups, self._bytes_max = entries, groups, bytes_max
        self._sizes = sizes or [0] * len(entries)
        self._over = set[int]()  # the client has asked for them again in vain

    async def carried_out(self, client: Client, operation: Asking) -> Failed:
        """Those that failed, by their places."""
        failed: Failed = {}
        places = range(len(self._entries))
        for rounds in range(1, ROUNDS_MAX + 1):
            for at in places:
                failed.pop(at, None)
            failed |= await self._round(client, operation, places)
            places = [at for at in places if at in failed and self._passes(at, failed, operation)]
            if not places or rounds == ROUNDS_MAX:
                break
            if not await client.paused(rounds, operation.until):
                break
        return failed

    async def _round(self, client: Client, operation: Asking, places: Sequence[int]) -> Failed:
        failed: Failed = {}
        for batch in fitting([self._sizes[at] for at in places], COUNT_MAX, self._bytes_max):
            failed |= await self._batch(client, operation, [places[one] for one in batch])
        return failed

    async def _batch(self, client: Client, operation: Asking, places: Sequence[int]) -> Failed:
        ids = [str(at) for at in places]
        told = [{"Id": id, **self._entries[at]} for id, at in zip(ids, places, strict=True)]
        try:
            answer = await operation.ask(
                client, told, "repeatable" if operation.is_repeatable else "single"
            )
        except Failure as failure:
            self._over.update(places)
            return dict.fromkeys(places, failure)
        found = entries_failed(ids, answer)
        for failure in found.values():
            failure.operation = operation.name
        return {int(id): failure for id, failure in found.items()}

    def _passes(self, at: int, failed: Failed, operation: Asking) -> bool:
        """Whether it may succeed at another moment, and may be asked again."""
        from .retry import kind_of

        if at in self._over or (failed[at].unknown and not operation.is_repeatable):
            return False
        group = self._groups[at] if self._groups else ""
        behind = range(at + 1, len(self._groups) if group else 0)
        is_last = all(one in failed for one in behind if self._groups[one] == group)
        return is_last and kind_of(failed[at]) != "final"
