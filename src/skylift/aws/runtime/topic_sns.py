"""A topic in SNS: publishing, each message on its own. To a FIFO topic what is sent twice is one
message, as in SQS; to any other it would be two, so what nobody knows the end of is not sent again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ...ports import Clock, Entropy, Outgoing
from .client import Client
from .client_query import Query, called
from .entries_sqs import Entries, Entry
from .send_sqs import DEDUP_BYTES, became, bytes_of, sent_in_order
from .wait import deadline

if TYPE_CHECKING:
    from .retry import Effect

VERSION = "2010-03-31"
BYTES_MAX = 262_144  # of one batch, as of one message


class SnsTopic:
    """The SendPort of the topic that has this ARN."""

    def __init__(self, client: Client, arn: str, clock: Clock, entropy: Entropy) -> None:
        self._client, self._arn, self._clock, self._entropy = client, arn, clock, entropy
        self.fifo = arn.endswith(".fifo")

    async def send(self, messages: Sequence[Outgoing]) -> list[Exception | None]:
        entered = Entries(
            [self._entry(one) for one in messages],
            sizes=[bytes_of(one.body) for one in messages],
            groups=[one.group for one in messages] if self.fifo else (),
            bytes_max=BYTES_MAX,
        )
        publishing = Publishing(self._arn, deadline(self._clock), self.fifo)
        return became(len(messages), await entered.carried_out(self._client, publishing))

    async def send_in_order(self, messages: Sequence[Outgoing]) -> list[Exception | None]:
        """The same, and of each group of a FIFO topic none before one that failed: nothing of it is
        sent then that comes after.
        """
        return await (sent_in_order(self.send, messages) if self.fifo else self.send(messages))

    def _entry(self, one: Outgoing) -> Entry:
        entry: Entry = {"Message": one.body}
        if self.fifo:
            own = one.dedup or self._entropy.token_bytes(DEDUP_BYTES).hex()
            entry |= {"MessageGroupId": one.group, "MessageDeduplicationId": own}
        return entry


class Publishing(Struct, frozen=True):
    """PublishBatch, to one topic."""

    arn: str
    until: float
    is_repeatable: bool
    name: str = "sns.PublishBatch"

    async def ask(self, client: Client, entries: list[Entry], effect: Effect) -> dict[str, Any]:
        asked = {"TopicArn": self.arn, "PublishBatchRequestEntries": entries}
        query = Query("PublishBatch", VERSION, asked)
        answer = await called(client, query, dict[str, Any], deadline=self.until, effect=effect)
        for entry in answer.get("Failed", ()):
            entry["SenderFault"] = entry.get("SenderFault") == "true"
        return answer
