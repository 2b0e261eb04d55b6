"""Messages into one queue of SQS, each on its own. What is sent twice to a FIFO queue is one
message, for each has an id by which the second is dropped; to any other it would be two, so what
nobody knows the end of is not sent again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from ...ports import Clock, Entropy, Outgoing
from .client import Client
from .entries_sqs import Entries, Entry, Failed, Operation
from .wait import deadline

Attributes = Mapping[str, str]
Send: TypeAlias = Callable[[Sequence[Outgoing]], Awaitable[list[Exception | None]]]

DEDUP_BYTES = 16
SECONDS_MAX = 900


class SqsSender:
    """Sends to the queue at `url`."""

    def __init__(self, client: Client, url: str, clock: Clock, entropy: Entropy) -> None:
        self.client, self.url, self.clock = client, url, clock
        self.fifo = url.endswith(".fifo")
        self._entropy = entropy

    async def send(
        self, messages: Sequence[Outgoing], attributes: Sequence[Attributes] = ()
    ) -> list[Exception | None]:
        """What became of each; `attributes` go along, of each message its own."""
        entries = [self._entry(one) for one in messages]
        for entry, said in zip(entries, attributes, strict=False):
            if said:
                entry["MessageAttributes"] = attribute_values(said)
        return became(len(messages), await self._sent(messages, entries, attributes))

    async def send_in_order(self, messages: Sequence[Outgoing]) -> list[Exception | None]:
        """The same, and of each group of a FIFO queue none before one that failed: nothing of it is
        sent then that comes after.
        """
        return await (sent_in_order(self.send, messages) if self.fifo else self.send(messages))

    async def _sent(
        self, messages: Sequence[Outgoing], entries: list[Entry], attributes: Sequence[Attributes]
    ) -> Failed:
        sizes = [bytes_of(one.body) for one in messages]
        for at, said in enumerate(attributes):
            sizes[at] += attributes_size(said)
        groups = [one.group for one in messages] if self.fifo else ()
        until = deadline(self.clock)
        operation = Operation("SendMessageBatch", self.url, until, is_repeatable=self.fifo)
        entered = Entries(entries, sizes=sizes, groups=groups)
        return await entered.carried_out(self.client, operation)

    def _entry(self, one: Outgoing) -> Entry:
        entry: Entry = {"MessageBody": one.body}
        if one.group:
            entry["MessageGroupId"] = one.group
        if self.fifo:
            own = one.dedup or self._entropy.token_bytes(DEDUP_BYTES).hex()
            entry["MessageDeduplicationId"] = own
        elif one.delay_s:
            entry["DelaySeconds"] = whole_seconds(one.delay_s, SECONDS_MAX)
        return entry


def became(count: int, failed: Failed) -> list[Exception | None]:
    """What became of each of so many messages."""
    if not failed:
        return [None] * count
    from .errors import translated  # what succeeds does not need it

    errors = {at: translated(failure) for at, failure in failed.items()}
    for at, error in errors.items():
        error.__cause__ = failed[at]
    return [errors.get(at) for at in range(count)]


async def sent_in_order(send: Send, messages: Sequence[Outgoing]) -> list[Exception | None]:
    """Of each group none before one that failed: nothing of it is sent then that comes after."""
    errors: list[Exception | None] = [None] * len(messages)
    stopped: dict[str, Exception] = {}
    for wave in waves([one.group for one in messages]):
        going = [at for at in wave if messages[at].group not in stopped]
        found = await send([messages[at] for at in going])
        stopped |= {
            messages[at].group: error
            for at, error in zip(going, found, strict=True)
            if error is not None
        }
        for at in wave:
            errors[at] = stopped.get(messages[at].group)
    return errors


def whole_seconds(seconds: float, seconds_max: int) -> int:
    """SQS knows no others: rounded up, since nothing may come too early."""
    whole = int(seconds)
    return min(whole + (whole < seconds), seconds_max)


def waves(groups: Sequence[str]) -> Iterator[list[int]]:
    """Places in order, of each group at most one in a wave."""
    left = list(range(len(groups)))
    while left:
        seen = set[str]()
        wave: list[int] = []
        rest: list[int] = []
        for at in left:
            (rest if groups[at] in seen else wave).append(at)
            seen.add(groups[at])
        yield wave
        left = rest


def attribute_values(said: Attributes) -> dict[str, Any]:
    return {name: {"DataType": "String", "StringValue": text} for name, text in said.items()}


def attributes_size(said: Attributes) -> int:
    """What they count of the limit of a message: names, types and values."""
    return sum(bytes_of(name) + len("String") + bytes_of(text) for name, text in said.items())


def bytes_of(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())
