"""Events of a bus told again, from its archive. EventBridge does it by itself, minute by minute and
in no order within one; what is begun here goes on when nobody looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..failure import DeployRefused, in_words, unless
from ..plan import PlannedBus
from .session import Account

ABSENT = {"ResourceNotFoundException"}


@dataclass(frozen=True)
class Wish:
    """What was published from `since` until `until`, to all rules or to one."""

    bus: PlannedBus
    rule: str  # its name on AWS; "" is all
    since: datetime
    until: datetime


def start(account: Account, wish: Wish, at: datetime) -> str:
    """The name of the replay that has begun. DeployRefused when there is nothing to replay from."""
    bus, own = wish.bus, f"arn:{account.partition}:events:{account.region}:{account.number}"
    destination: dict[str, Any] = {"Arn": f"{own}:event-bus/{bus.physical}"}
    if wish.rule:
        destination["FilterArns"] = [f"{own}:rule/{bus.physical}/{wish.rule}"]
    name = f"{bus.archive}-{at:%Y%m%d%H%M%S}"
    with in_words():
        events = account.client("events")
        begun = unless(
            ABSENT,
            events.start_replay,
            ReplayName=name,
            EventSourceArn=f"{own}:archive/{bus.archive}",
            EventStartTime=wish.since,
            EventEndTime=wish.until,
            Destination=destination,
        )
    if begun is None:
        reason = f"bus {bus.name} has no archive on AWS"
        raise DeployRefused(reason, "deploy it with archive_days= first")
    return name
