"""Messages of transactions on their way. They are one item of the ledger, written with everything
else; its stream calls the relay, which sends them and deletes the item. A relay that dies in
between sends again: a FIFO queue drops that, any other has the message twice. Where one message
could not be sent, the others are not sent again with it. A stream that is read from its start, as
after a new event source, repeats nothing: those items are gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from msgspec.structs import replace

from ...errors import SkyliftError, Unavailable
from ...ports import Clock, Outgoing
from .client import Client
from .failure import Failure
from .wait import deadline

if TYPE_CHECKING:
    from typing import Protocol

    from .relayed import Tried
    from .retry import Effect

    class Sender(Protocol):
        """What takes the messages for one resource: of what has an order, nothing after what failed
        of it. What is sent twice has the same dedup id both times.
        """

        async def send_in_order(self, messages: Sequence[Outgoing]) -> list[Exception | None]: ...


MARK = "outbox "  # before the transaction's id
NEWS = ("INSERT", "MODIFY")  # who changes a stuck item sends it on its way again
NEWS_S = 60  # a record that is older may be read for the second time
KEYS_MAX, DELETES_MAX = 100, 25
ROUNDS_MAX = 5

Item = dict[str, Any]
Sent: TypeAlias = dict[str, list[int]]  # numbers of messages, by their item


def outbox_item(messages: Sequence[tuple[str, Outgoing]], id: str, now: float) -> Item:
    """In DynamoDB's own form. What is said of each message is a line of text, since 400 KB must do
    for 380 KB of bodies, groups and ids, of which there may be thousands.
    """
    queues = list(dict.fromkeys([queue for queue, _ in messages]))
    places = {queue: place for place, queue in enumerate(queues)}
    return {
        "id": {"S": f"{MARK}{id}"},
        "sent_at": {"N": str(int(now * 1000))},
        "queues": {"L": [{"S": queue} for queue in queues]},
        "heads": {"S": "\n".join([_head(places[queue], one) for queue, one in messages])},
        "bodies": {"L": [{"S": one.body} for _, one in messages]},
    }


def messages_of(item: Mapping[str, Any]) -> list[tuple[str, Outgoing]]:
    """What such an item holds, in order."""
    queues = [one["S"] for one in item["queues"]["L"]]
    heads = str(item["heads"]["S"]).split("\n")
    found: list[tuple[str, Outgoing]] = []
    for head, body in zip(heads, item["bodies"]["L"], strict=True):
        place, delay_s, group, dedup = [*head.split(" "), "", "", ""][:4]
        outgoing = Outgoing(body["S"], group, dedup, int(delay_s or 0))
        found.append((queues[int(place)], outgoing))
    return found


def is_outbox(keys: Mapping[str, Any]) -> bool:
    return str(keys["id"]["S"]).startswith(MARK)


async def relay_records(
    records: Sequence[Mapping[str, Any]],
    senders: Mapping[str, Sender],
    outbox: Outbox,
    tried: Tried | None = None,
) -> tuple[str | None, SkyliftError | None]:
    """Relay what an event of the ledger's stream holds; the sequence number from which on Lambda
    is to ask again, and why. Nothing of either when all of it was sent. `tried` is brought up to
    date.
    """
    is_again = tried is not None and tried.is_again
    left = [
        one for one in records if one["eventName"] in NEWS and is_outbox(one["dynamodb"]["Keys"])
    ]
    old = [one for one in left if is_again or not outbox.is_news(one)]
    try:
        gone = await outbox.gone([id_of(one) for one in old])
    except Failure as failure:
        return sequence_of(left[0]), told(failure)
    fresh = {id_of(one): one["dynamodb"] for one in reversed(left) if id_of(one) not in gone}
    changes = [*fresh.values()][::-1]  # of each item the first
    sent = None if tried is None else tried.sent
    errors = await relay([one["NewImage"] for one in changes], senders, outbox, sent)
    for one, error in zip(changes, errors, strict=True):
        if error is not None:
            return str(one["SequenceNumber"]), error
    return None, None


def id_of(record: Mapping[str, Any]) -> str:
    return str(record["dynamodb"]["Keys"]["id"]["S"])


def sequence_of(record: Mapping[str, Any]) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


async def relay(
    items: Sequence[Item],
    senders: Mapping[str, Sender],
    outbox: Outbox,
    sent: Sent | None = None,
) -> list[SkyliftError | None]:
    """Send what these items hold, in order, but for what was `sent`, and delete them; what became
    of each. Of those that stay `sent` says then what is not to be sent again.
    """
    known: Sent = {} if sent is None else sent
    errors: list[SkyliftError | None] = [None] * len(items)
    for name, going in _by_receiver(items, known).items():
        sender = senders.get(name)
        found: Sequence[Exception | None]
        if sender is None:
            found = [Unavailable(f"{name!r} is none of this app's")] * len(going)
        else:
            found = await sender.send_in_order([one for _, _, one in going])
        for (at, number, _), error in zip(going, found, strict=True):
            errors[at] = errors[at] or cast("SkyliftError | None", error)
            if error is None:
                known.setdefault(items[at]["id"]["S"], []).append(number)
    gone = [items[at]["id"]["S"] for at, error in enumerate(errors) if error is None]
    error = await outbox.remove(gone)
    if error is None:
        for id in gone:
            known.pop(id, None)
    return [one or error for one in errors]


def _by_receiver(items: Sequence[Item], sent: Sent) -> dict[str, list[tuple[int, int, Outgoing]]]:
    """The messages for each resource, in order, with the places of their items and their numbers
    there. Each has an id, the same whenever it is relayed.
    """
    found: dict[str, list[tuple[int, int, Outgoing]]] = {}
    for at, item in enumerate(items):
        id = item["id"]["S"].removeprefix(MARK)
        done = {*sent.get(item["id"]["S"], ())}
        for number, (queue, one) in enumerate(messages_of(item)):
            if number in done:
                continue
            named = one if one.dedup else replace(one, dedup=f"{id}-{number}")
            found.setdefault(queue, []).append((at, number, named))
    return found


def told(failure: Failure) -> SkyliftError:
    from .errors import translated  # what succeeds does not need it

    error = translated(failure)
    error.__cause__ = failure
    return error


def _head(place: int, one: Outgoing) -> str:
    delay_s = 0
    if one.delay_s:
        from .send_sqs import SECONDS_MAX, whole_seconds  # who only writes the item sends nothing

        delay_s = whole_seconds(one.delay_s, SECONDS_MAX)
    return f"{place} {delay_s or ''} {one.group} {one.dedup}".rstrip(" ")


class Outbox:
    """What of the ledger's `table` is not relayed yet."""

    def __init__(self, client: Client, table: str, clock: Clock) -> None:
        self._client, self.table, self._clock = client, table, clock

    def is_news(self, record: Mapping[str, Any]) -> bool:
        """Nobody can have relayed it before, but for a relay that died."""
        written_at: float = record["dynamodb"].get("ApproximateCreationDateTime", 0)
        return record["eventName"] == "INSERT" and written_at > self._clock.time() - NEWS_S

    async def gone(self, ids: Sequence[str]) -> set[str]:
        """Those of them that are there no more. Failure when nobody can tell."""
        there = set[str]()
        for first in range(0, len(ids), KEYS_MAX):
            keys = [{"id": {"S": id}} for id in {*ids[first : first + KEYS_MAX]}]
            asked = {"Keys": keys, "ConsistentRead": True, "ProjectionExpression": "id"}
            for answer in await self.whole("BatchGetItem", asked, "none"):
                there |= {one["id"]["S"] for one in answer["Responses"].get(self.table, ())}
        return {*ids} - there

    async def remove(self, ids: Sequence[str]) -> SkyliftError | None:
        """Delete items; an error when some may still be there."""
        for first in range(0, len(ids), DELETES_MAX):
            keys = [{"id": {"S": id}} for id in ids[first : first + DELETES_MAX]]
            deletes = [{"DeleteRequest": {"Key": key}} for key in keys]
            try:
                await self.whole("BatchWriteItem", deletes, "repeatable")
            except Failure as failure:
                return told(failure)
        return None

    async def whole(self, operation: str, asked: Any, effect: Effect) -> list[dict[str, Any]]:
        """Of the ledger, until nothing is left undone: all answers."""
        from .batch import left_undone

        until, answers = deadline(self._clock), list[dict[str, Any]]()
        rest: dict[str, Any] | None = {"RequestItems": {self.table: asked}}
        for rounds in range(1, ROUNDS_MAX + 1):
            answer = await self._client.call(
                *(operation, rest, dict[str, Any]), deadline=until, effect=effect
            )
            answers.append(answer)
            rest = left_undone(rest or {}, answer)
            if rest is None:
                return answers
            if not await self._client.paused(rounds, until):
                break
        raise Failure("ThrottlingException", "items were left unprocessed")

    async def items(self) -> list[Item]:
        """All of them, the oldest first: of the whole table, so nothing for a running function."""
        from .batch import next_page

        found: list[Item] = []
        asked: dict[str, Any] | None = {
            "TableName": self.table,
            "ConsistentRead": True,
            "FilterExpression": "begins_with(id, :mark)",
            "ExpressionAttributeValues": {":mark": {"S": MARK}},
        }
        while asked is not None:
            answer = await self._client.call(
                *("Scan", asked, dict[str, Any]), deadline=deadline(self._clock), effect="none"
            )
            found += answer["Items"]
            asked = next_page(asked, answer)
        return sorted(found, key=lambda item: int(item["sent_at"]["N"]))

    async def waiting(self, queue: str) -> int:
        """How many messages for this queue."""
        return sum(name == queue for item in await self.items() for name, _ in messages_of(item))
