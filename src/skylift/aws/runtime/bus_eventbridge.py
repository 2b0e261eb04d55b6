"""A bus in EventBridge: publishing, each event on its own. What is put twice is two events, so what
nobody knows the end of is not put again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ...ports import Clock, Outgoing
from ...resources.bus import type_of
from .client import Client
from .entries_sqs import Entries, Entry
from .send_sqs import became, bytes_of
from .wait import deadline

if TYPE_CHECKING:
    from .retry import Effect

SOURCE = "skylift"  # of ours: what an event is says its detail-type
BYTES_MAX = 1_040_000  # of one request, which EventBridge takes below 1 MiB
TIME_BYTES = 14
OWN_FAULTS = frozenset(["InternalException", "InternalFailure", "ThrottlingException"])


class EventBridgeBus:
    """The SendPort of the bus of this name."""

    def __init__(self, client: Client, name: str, clock: Clock) -> None:
        self._client, self._name, self._clock = client, name, clock

    async def send(self, messages: Sequence[Outgoing]) -> list[Exception | None]:
        entries = [self._entry(one) for one in messages]
        sizes = [_size(one) for one in entries]
        entered = Entries(entries, sizes=sizes, bytes_max=BYTES_MAX)
        publishing = Publishing(deadline(self._clock))
        return became(len(messages), await entered.carried_out(self._client, publishing))

    send_in_order = send  # a bus keeps no order

    def _entry(self, one: Outgoing) -> Entry:
        said = {"EventBusName": self._name, "Source": SOURCE}
        return {**said, "DetailType": type_of(one.body), "Detail": one.body}


def _size(entry: Entry) -> int:
    """As EventBridge counts."""
    return TIME_BYTES + sum(bytes_of(entry[one]) for one in ("Source", "DetailType", "Detail"))


class Publishing(Struct, frozen=True):
    """PutEvents. Its answers stand in the order of its entries, which have no names."""

    until: float
    is_repeatable: bool = False
    name: str = "events.PutEvents"

    async def ask(self, client: Client, entries: list[Entry], effect: Effect) -> dict[str, Any]:
        ids = [entry.pop("Id") for entry in entries]
        answer = await client.call(
            *("PutEvents", {"Entries": entries}, dict[str, Any]),
            deadline=self.until,
            effect=effect,
        )
        done: list[Entry] = []
        failed: list[Entry] = []
        for id, one in zip(ids, answer.get("Entries", ()), strict=False):
            code = one.get("ErrorCode")
            if code is None:
                done.append({"Id": id})
                continue
            said = {"Id": id, "Code": code, "Message": one.get("ErrorMessage", "")}
            failed.append({**said, "SenderFault": code not in OWN_FAULTS})
        return {"Successful": done, "Failed": failed}
