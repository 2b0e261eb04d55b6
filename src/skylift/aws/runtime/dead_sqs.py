"""The dead letters of one function in SQS. Looking at a queue there is taking from it for a while;
whoever consumes the letters is given none that somebody looks at. What is looked at is the oldest
of what SQS shows; of one FIFO group that is at most ten.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from ...ports import Outgoing
from ...ports.delivery import Held, Letter
from .letter_sqs import Lost, letter_of, story_of
from .queue_sqs import CLAIM_MAX, SYSTEM, called
from .send_sqs import SqsSender
from .settle_sqs import Receipt, delete, held, held_of

if TYPE_CHECKING:
    from .outbox import Sender

LOOKED_S = 30  # a letter is hidden for so long when whoever looks at it dies
EMPTY_MAX = 2  # answers without a message, in a row
LOST = "the last attempt never came back: a crash, or no end before its deadline"


class Found(Struct, frozen=True):
    """A letter that we have taken."""

    receipt: Receipt
    letter: Letter
    since: float  # in this queue; of one that SQS moved there, when it was sent


Deed = Callable[[Sequence[Found]], Awaitable[list[Exception | None]]]


class SqsDead:
    """The DeadPort of one function. `back` takes its letters when they are redriven."""

    def __init__(
        self, dead: SqsSender, back: Sender, attempts_max: int, *, wait_s: int = 1
    ) -> None:
        """Asked at once, a queue may say that it is empty when it is not."""
        self._dead, self._back, self._wait_s = dead, back, wait_s
        self._lost = Lost(LOST, attempts_max)

    # -- the port

    async def peek(self, limit: int) -> list[Letter]:
        found: list[Found] = []
        try:
            while len(found) < limit and (more := await self._taken(limit - len(found))):
                found += more
        finally:
            await self._show([one.receipt for one in found])
        return [one.letter for one in sorted(found, key=lambda one: one.since)]

    async def redrive(self, limit: int | None) -> int:
        """Ten at a time; one that was sent and not deleted, because this died, is sent again."""

        async def sent(found: Sequence[Found]) -> list[Exception | None]:
            # The same whenever it is sent: a FIFO queue takes it once.
            return await self._back.send_in_order(
                [
                    Outgoing(one.letter.body, one.letter.group, f"redrive-{one.receipt.id}")
                    for one in found
                ]
            )

        return await self._each(sent, limit)

    async def purge(self) -> int:
        """SQS's own takes a minute, and does not count."""

        async def nothing(found: Sequence[Found]) -> list[Exception | None]:
            return [None] * len(found)

        return await self._each(nothing, None)

    async def _each(self, deed: Deed, limit: int | None) -> int:
        """Do it with the letters there are now, and delete them; how many."""
        began, count = self._dead.clock.time(), 0
        while limit is None or count < limit:
            found = await self._taken(CLAIM_MAX if limit is None else limit - count)
            old = [one for one in found if one.since <= began]
            await self._show([one.receipt for one in found if one.since > began])
            if not old:
                break
            errors = await deed(old)
            gone = [one.receipt for one, error in zip(old, errors, strict=True) if error is None]
            await delete(self._dead, gone)
            count += len(gone)
            for error in filter(None, errors):
                await self._show([one.receipt for one in old if one.receipt not in gone])
                raise error
        return count

    # -- what its consumer is given

    def held_of(self, record: Mapping[str, Any], receives: int) -> Held:
        """A record of Lambda's event. What SQS itself has moved goes on counting from the so many
        times that it was received before; a letter of ours begins anew.
        """
        given = {
            name: value.get("stringValue") or ""
            for name, value in record.get("messageAttributes", {}).items()
        }
        letter = letter_of(
            *(record["messageId"], record["body"], record["attributes"]), given, self._lost
        )
        one = held_of(record)
        is_told = story_of(record["body"], given) is not None
        attempt = one.attempt if is_told else max(1, one.attempt - receives)
        return replace(one, id=letter.id, letter=letter, attempt=attempt)

    # -- taking

    async def _taken(self, count: int) -> list[Found]:
        asked = {
            "QueueUrl": self._dead.url,
            "MaxNumberOfMessages": min(count, CLAIM_MAX),
            "VisibilityTimeout": LOOKED_S,
            "WaitTimeSeconds": self._wait_s,
            "MessageSystemAttributeNames": SYSTEM,
            "MessageAttributeNames": ["All"],
        }
        for _ in range(EMPTY_MAX):
            found = (await called(self._dead, "ReceiveMessage", asked)).get("Messages", [])
            if found:
                return [self._found(one) for one in found]
        return []

    def _found(self, one: Mapping[str, Any]) -> Found:
        id, body, system = one["MessageId"], one["Body"], one["Attributes"]
        given = {
            name: value.get("StringValue") or ""
            for name, value in one.get("MessageAttributes", {}).items()
        }
        receipt = held(id, one["ReceiptHandle"], body, system).receipt
        letter = letter_of(id, body, system, given, self._lost)
        return Found(receipt, letter, int(system["SentTimestamp"]) / 1000)

    async def _show(self, receipts: Sequence[Receipt]) -> None:
        """At once, and not when our time is over."""
        from .settle_sqs import hide

        await hide(self._dead, [(one, 0) for one in receipts])
