"""A timer in EventBridge Scheduler: each id is a one-time schedule in the timer's own group, whose
target is the hidden queue of the timer's function.

Scheduler keeps to the minute: it is told the full minute before, and the function's entry puts back
what comes too early. What is due before Scheduler would surely act goes to the queue by itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from ...errors import Invalid, SkyliftError
from ...ports import Clock, Outgoing
from ...resources.timer import Order, order_of
from .client import Client
from .client_rest import Rest, body_of, called, path_of
from .failure import Failure
from .send_sqs import SqsSender
from .wait import deadline

MINUTE_S = 60
LEAD_S = 10.0  # before its minute a schedule must be there
ROUNDS_MAX = 5
NAME_LENGTH_MAX = 63  # of 64: a digest has all of them, and is nobody's name
TAKEN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
THERE, ABSENT = "ConflictException", "ResourceNotFoundException"
RETRIES = {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}


class Place(Struct, frozen=True):
    """Where a timer is; ARNs but for the group's name."""

    group: str
    queue: str
    role: str  # by which Scheduler may send to the queue
    dead: str  # for what it could not send there


class SchedulerTimer:
    """The TimerPort of one timer; `queue` sends to its hidden queue."""

    def __init__(self, client: Client, place: Place, queue: SqsSender, clock: Clock) -> None:
        self._client, self._place, self._queue, self._clock = client, place, queue, clock

    async def set(self, id: str, at: float, body: str) -> None:
        minute = at // MINUTE_S * MINUTE_S
        if minute - self._clock.time() >= LEAD_S and await self._is_in_time(id, minute, body):
            return
        # In this order: what is delivered at once may set the same id anew.
        await self.cancel(id)
        delay_s = max(0.0, at - self._clock.time())
        (error,) = await self._queue.send([Outgoing(body, delay_s=delay_s)])
        if error is not None:
            raise error

    async def _is_in_time(self, id: str, minute: float, body: str) -> bool:
        """False when its minute had begun before Scheduler knew: it refuses that, or never acts."""
        try:
            await self._told(id, lambda rest: self._schedule(rest, minute, body))
        except Invalid:
            if self._clock.time() < minute:
                raise
        return self._clock.time() < minute

    async def cancel(self, id: str) -> None:
        await self._told(id, self._delete)

    async def send_in_order(self, messages: Sequence[Outgoing]) -> list[Exception | None]:
        """Orders of transactions. Each replaces what is said of the same id before, so the last of
        an id is all that is carried out.
        """
        last = {one.group: one for one in messages}
        errors = {id: await self._obeyed(order_of(one)) for id, one in last.items()}
        return [errors[one.group] for one in messages]

    async def _obeyed(self, order: Order) -> SkyliftError | None:
        try:
            if body := bytes(order.body).decode():
                await self.set(order.id, order.at, body)
            else:
                await self.cancel(order.id)
        except SkyliftError as error:
            return error
        return None

    async def _told(self, id: str, tell: Callable[[str], Awaitable[bool]]) -> None:
        """Again while others are faster with the same schedule; then it is Busy."""
        path = path_of("schedules", name_of(id))
        until = deadline(self._clock)
        for rounds in range(1, ROUNDS_MAX + 1):
            try:
                if await tell(path):
                    return
            except Failure as failure:
                from .errors import translated

                raise translated(failure) from failure
            if not await self._client.paused(rounds, until, "contended"):
                break
        from ...errors import Busy

        raise Busy("scheduler: others set and cancel the same timer all the time")

    async def _schedule(self, path: str, minute: float, body: str) -> bool:
        """Most are new. One whose answer was lost is found to be there, and written once more."""
        place, at = self._place, datetime.fromtimestamp(minute, UTC)
        asked = body_of(
            {
                "GroupName": place.group,
                "ScheduleExpression": f"at({at:%Y-%m-%dT%H:%M:%S})",
                "FlexibleTimeWindow": {"Mode": "OFF"},
                "ActionAfterCompletion": "DELETE",
                "Target": {
                    "Arn": place.queue,
                    "RoleArn": place.role,
                    "Input": body,
                    "RetryPolicy": RETRIES,
                    "DeadLetterConfig": {"Arn": place.dead},
                },
            }
        )
        if await self._done(Rest("CreateSchedule", "POST", path, asked), THERE):
            return True
        return await self._done(Rest("UpdateSchedule", "PUT", path, asked), THERE, ABSENT)

    async def _delete(self, path: str) -> bool:
        asked = Rest("DeleteSchedule", "DELETE", path, query={"groupName": self._place.group})
        return await self._done(asked, THERE, done=ABSENT)

    async def _done(self, asked: Rest, *undone: str, done: str = "") -> bool:
        """False when it is refused for one of these reasons; others are raised."""
        until = deadline(self._clock)
        try:
            await called(self._client, asked, dict[str, Any], deadline=until, effect="repeatable")
        except Failure as failure:
            if failure.code not in (*undone, done):
                raise
            return failure.code == done
        return True


def name_of(id: str) -> str:
    """Of its schedule: the id itself where it may be one."""
    # A path of . or .. is another path.
    if len(id) <= NAME_LENGTH_MAX and TAKEN.issuperset(id) and id.strip("."):
        return id
    from ...digest import sha256

    return sha256(id.encode()).hexdigest()
