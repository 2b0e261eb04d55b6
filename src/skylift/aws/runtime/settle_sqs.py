"""What a function was given of a queue, and what becomes of it. An event's record becomes a Held;
what is settled is carried out, and those that come back are named, as `batchItemFailures` wants it.

Whoever polls the queue deletes the others: Lambda's poller does so by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from msgspec import Struct

from ...ports import Outgoing
from ...ports.delivery import Bury, Held, Retry, Settled
from .entries_sqs import Entries, Operation
from .failure import Failure
from .put_back import PutBacks
from .send_sqs import SqsSender, whole_seconds
from .wait import deadline

# SQS allows 12 hours from when a message was received; a function may have had it for 15 minutes.
HIDDEN_S_MAX = 42_000
NEVER = float("inf")
GONE = {"ReceiptHandleIsInvalid", "MessageNotInflight"}  # another has it, or it is no more


class Receipt(Struct, eq=False):
    """A message in the hands of one function, with what is needed to bury it. What was settled, or
    whose lease has ended at `until`, is another's affair: SQS itself would still delete it.
    """

    handle: str
    id: str  # SQS's own
    body: str
    group: str
    sent_at: float
    until: float = NEVER
    is_settled: bool = False


class Carried(Struct):
    """`failed`: SQS's ids of those that come back. `warnings` say, for people, what went wrong on
    the way; nothing is lost by it.
    """

    failed: list[str]
    warnings: list[str]


class Settling(Struct, frozen=True):
    """The queue that messages came from, and where its dead letters go."""

    queue: SqsSender
    dead: SqsSender | None = None
    put_backs: PutBacks | None = None  # only where `Retry(counts=False)` occurs


def held_of(record: Mapping[str, Any]) -> Held:
    """A record of Lambda's event."""
    said = cast("Mapping[str, str]", record["attributes"])
    return held(record["messageId"], record["receiptHandle"], record["body"], said)


def held(id: str, handle: str, body: str, said: Mapping[str, str], until: float = NEVER) -> Held:
    """`said`: ApproximateReceiveCount, SentTimestamp and, of a group, MessageGroupId."""
    group, sent_at = said.get("MessageGroupId", ""), int(said["SentTimestamp"]) / 1000
    receipt = Receipt(handle, id, body, group, sent_at, until)
    return Held(receipt, id, body, int(said["ApproximateReceiveCount"]), sent_at, group)


async def carry_out(settled: Sequence[Settled], settling: Settling) -> Carried:
    """Done: nothing is left to do here. Retry: it is hidden for so long. Bury: it goes to the dead
    letters with its story, and comes back when it could not be sent there.
    """
    carried = Carried([], [])
    now = settling.queue.clock.time()
    live = [one for one in settled if is_live(one.receipt, now)]
    for one in live:
        one.receipt.is_settled = True
    retries = [one for one in live if isinstance(one, Retry)]
    burials = [one for one in live if isinstance(one, Bury)]
    if burials:
        await _bury(burials, settling, carried)
    if retries:
        await _put_back(retries, settling, carried)
    return carried


def is_live(receipt: Receipt, now: float) -> bool:
    return not receipt.is_settled and now < receipt.until


async def delete(queue: SqsSender, receipts: Sequence[Receipt]) -> None:
    """What whoever polls the queue does with those that do not come back."""
    entries = [{"ReceiptHandle": receipt.handle} for receipt in receipts]
    operation = Operation("DeleteMessageBatch", queue.url, deadline(queue.clock))
    failed = await Entries(entries).carried_out(queue.client, operation)
    for failure in failed.values():
        if failure.code not in GONE:
            from .errors import translated

            raise translated(failure) from failure


async def _bury(burials: Sequence[Bury], settling: Settling, carried: Carried) -> None:
    """A crash between this and the deletion leaves the letter and the message: it is handled again,
    or follows its letter to the dead letters.
    """
    assert settling.dead is not None
    errors = await bury(burials, settling.dead)
    for one, error in zip(burials, errors, strict=True):
        if error is not None:
            carried.failed.append(one.receipt.id)
            carried.warnings.append(unburied(one, error))


async def bury(burials: Sequence[Bury], dead: SqsSender) -> list[Exception | None]:
    """Send each to the dead letters with its story. Of a receipt it takes id, body, group and when
    the message was sent.
    """
    from .letter_sqs import attributes_of  # what succeeds does not need it

    letters: list[Outgoing] = []
    for one in burials:
        receipt: Receipt = one.receipt
        # A FIFO queue wants a group of each message, and takes the same letter once.
        letters.append(Outgoing(receipt.body, receipt.group, f"dead-{receipt.id}"))
    return await dead.send(letters, [attributes_of(one) for one in burials])


def unburied(letter: Bury, error: Exception) -> str:
    return f"message {letter.id} could not be buried: {error}"


async def _put_back(retries: Sequence[Retry], settling: Settling, carried: Carried) -> None:
    carried.failed += [one.receipt.id for one in retries]
    free = [one.receipt.id for one in retries if not one.counts]
    if free and settling.put_backs is not None:
        carried.warnings += await settling.put_backs.note(free)
    hidden = [(one.receipt, one.after_s) for one in retries if one.after_s is not None]
    for failure in await hide(settling.queue, hidden):
        carried.warnings.append(f"a message comes back when its lease ends: {failure}")


async def hide(queue: SqsSender, receipts: Sequence[tuple[Receipt, float]]) -> list[Failure]:
    """Each for so many seconds from now on; why some were not."""
    entries = [
        {"ReceiptHandle": one.handle, "VisibilityTimeout": whole_seconds(after_s, HIDDEN_S_MAX)}
        for one, after_s in receipts
    ]
    operation = Operation("ChangeMessageVisibilityBatch", queue.url, deadline(queue.clock))
    failed = await Entries(entries).carried_out(queue.client, operation)
    return [failure for failure in failed.values() if failure.code not in GONE]
