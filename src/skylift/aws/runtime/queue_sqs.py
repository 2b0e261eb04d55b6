"""A queue in SQS. A deployed function sends by it; what it is given comes with Lambda's event and
is settled by `settle_sqs.py`. Claiming, settling and counting are for whoever stands outside.

SQS takes whole seconds, counts what it has received and not what was tried, counts what waits for
its next attempt as in flight, and all its counts are approximate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ...ports import Outgoing
from ...ports.delivery import Counts, Held, Settled
from .send_sqs import SqsSender, whole_seconds
from .wait import deadline

if TYPE_CHECKING:
    from .outbox import Outbox
    from .put_back import PutBacks

CLAIM_MAX, LEASE_S_MAX = 10, 43_200
SYSTEM = ["ApproximateReceiveCount", "SentTimestamp", "MessageGroupId"]
READY, IN_FLIGHT, DELAYED = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


class Outside(Struct, frozen=True):
    """What is needed to take from a queue from outside of Lambda."""

    name: str  # as its app declares it
    lease_s: float
    dead: SqsSender
    put_backs: PutBacks
    outbox: Outbox


class SqsQueue:
    """The QueuePort of one queue."""

    def __init__(self, sender: SqsSender, outside: Outside | None = None) -> None:
        self.sender, self._outside = sender, outside

    async def send(self, messages: Sequence[Outgoing]) -> list[Exception | None]:
        return await self.sender.send(messages)

    async def claim(self, count: int) -> list[Held]:
        from .settle_sqs import held

        outside = self._given()
        lease_s = whole_seconds(outside.lease_s, LEASE_S_MAX)
        until = self.sender.clock.time() + lease_s
        asked = {
            "QueueUrl": self.sender.url,
            "MaxNumberOfMessages": min(count, CLAIM_MAX),
            "VisibilityTimeout": lease_s,
            "MessageSystemAttributeNames": SYSTEM,
        }
        found = (await self._call("ReceiveMessage", asked)).get("Messages", [])
        held_ = [
            held(one["MessageId"], one["ReceiptHandle"], one["Body"], one["Attributes"], until)
            for one in found
        ]
        return await outside.put_backs.discounted(held_)

    async def settle(self, settled: Sequence[Settled]) -> None:
        """What cannot be deleted comes back: it is handled again, as after a crash."""
        from .settle_sqs import Settling, carry_out, delete, is_live

        outside = self._given()
        ours = [one for one in settled if is_live(one.receipt, self.sender.clock.time())]
        carried = await carry_out(ours, Settling(self.sender, outside.dead, outside.put_backs))
        coming = set(carried.failed)
        await delete(self.sender, [one.receipt for one in ours if one.receipt.id not in coming])

    async def counts(self) -> Counts:
        outside = self._given()
        own, dead = await self._counts(self.sender.url), await self._counts(outside.dead.url)
        ready = own[READY] + await outside.outbox.waiting(outside.name)
        return Counts(ready, own[IN_FLIGHT], own[DELAYED], dead[READY] + dead[IN_FLIGHT])

    async def _counts(self, url: str) -> dict[str, int]:
        names = [READY, IN_FLIGHT, DELAYED]
        answer = await self._call("GetQueueAttributes", {"QueueUrl": url, "AttributeNames": names})
        return {name: int(answer["Attributes"][name]) for name in names}

    async def _call(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Repeated when it fails: what was received in vain comes back when its lease ends."""
        return await called(self.sender, operation, asked)

    def _given(self) -> Outside:
        assert self._outside is not None, "a function does not poll its queue"
        return self._outside


async def called(sender: SqsSender, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
    from .failure import Failure

    until = deadline(sender.clock)
    try:
        return await sender.client.call(
            operation, asked, dict[str, Any], deadline=until, effect="repeatable"
        )
    except Failure as failure:
        from .errors import translated

        raise translated(failure) from failure
