"""What AWS does with events of every source but queues, as facts: each is a situation, and what
comes of it. `fact` names where the material on AWS says so; `ours` says where we do otherwise on
purpose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from skylift import Backoff

TIMEOUT_S = 10  # of a function that says nothing
LEASE_S = 6 * TIMEOUT_S
HOUR_S = 3_600
SOON = Backoff(1, 1)
Gap: TypeAlias = float | tuple[float, float]  # seconds, or between which
TOLD = ("start", "topic", "bus")  # Lambda is called and nobody waits; a schedule calls it so too


@dataclass(frozen=True)
class Fact:
    """`sent` are numbers, or (number, more that the source is told), or a text: what somebody else
    has sent. `deeds` are what the handler does with one, attempt by attempt (the last one for
    ever): ok, raise, hang (past its deadline). `runs` are the seconds between its attempts, from
    its sending on; `ends` what becomes of it within `span_s`.
    """

    fact: str
    sources: Sequence[str]
    ours: str = ""
    trigger: Mapping[str, Any] = field(default_factory=dict[str, Any])
    sent: Sequence[Any] = (1,)
    deeds: Mapping[int, str] = field(default_factory=dict[int, str])
    runs: Mapping[int, Sequence[Gap]] = field(default_factory=dict[int, Sequence[Gap]])
    ends: Mapping[Any, str] = field(default_factory=dict[Any, str])
    order: Sequence[int] = ()  # of all runs
    span_s: float = 900


def text(no: int) -> str:
    """What a sender of ours has sent, always with the same id."""
    return f'{{"skylift":1,"id":"m{no}","type":"Job","sent_at":"","trace":"","body":{{"no":{no}}}}}'


FACTS = [
    # -- Lambda is told, and nobody waits
    Fact(
        "§2 async, invoke: an event is one call, and its result is nobody's",
        (*TOLD, "schedule"),
        runs={1: [0]},
        ends={1: "done"},
    ),
    Fact(
        "§2 async, batch 1: several events are several calls",
        TOLD,
        sent=[1, 2, 3],
        runs={1: [0], 2: [0], 3: [0]},
        ends={1: "done", 2: "done", 3: "done"},
    ),
    Fact(
        "§2 async, retries: two, after one minute and two more; then the on-failure destination",
        (*TOLD, "schedule"),
        ours="design §3.3: the destination is the function's own place for dead letters",
        deeds={1: "raise"},
        runs={1: [0, 60, 120]},
        ends={1: "failed after 3"},
    ),
    Fact(
        "§2 async, retries: it may succeed at the last",
        TOLD,
        deeds={1: "raise raise ok"},
        runs={1: [0, 60, 120]},
        ends={1: "done"},
    ),
    Fact(
        "§2 async, retries 0 to 2: MaximumRetryAttempts is attempts_max without the first",
        TOLD,
        trigger={"attempts_max": 2},
        deeds={1: "raise"},
        runs={1: [0, 60]},
        ends={1: "failed after 2"},
    ),
    Fact(
        "§2 async, retries 0",
        TOLD,
        trigger={"attempts_max": 1},
        deeds={1: "raise"},
        runs={1: [0]},
        ends={1: "failed after 1"},
    ),
    Fact(
        "§2 async, retries: a time-out is a failure, and the wait begins with it",
        TOLD,
        ours="§3.3: what never came back is `lost`, and what raised is `failed`",
        deeds={1: "hang"},
        runs={1: [0, 60 + TIMEOUT_S, 120 + TIMEOUT_S]},
        ends={1: "lost after 3"},
    ),
    Fact(
        "§2 async, order: none; what waits for its next attempt holds nobody up",
        TOLD,
        sent=[1, 2, 3],
        deeds={1: "raise ok"},
        runs={1: [0, 60], 2: [0], 3: [0]},
        ends={1: "done", 2: "done", 3: "done"},
        order=[1, 2, 3, 1],
    ),
    Fact(
        "§2 async, duplicates: Lambda's queue is eventually consistent",
        TOLD,
        sent=[text(1), text(1)],
        runs={1: [0, 0]},
        ends={1: "done"},
    ),
    Fact(
        "§2 async, duplicates: what has finished once does not run again",
        TOLD,
        ours="design §3.4: once=True, by the message's own id",
        trigger={"once": True},
        sent=[text(1), text(1)],
        runs={1: [0]},
        ends={1: "done"},
    ),
    Fact(
        "§2 async, where failures end: what nobody can read fails three times there",
        TOLD,
        ours="design §3.3: it is buried at once, with the reason, and no attempt is wasted",
        sent=["no json", '{"no":"one"}', '{"no":1}'],
        runs={1: [0]},
        ends={1: "done", "no json": "undecodable after 1", '{"no":"one"}': "undecodable after 1"},
    ),
    Fact(
        "§2 async, throttled: retried for six hours, and not counted",
        ("topic", "bus"),
        ours="nothing is taken that may not run: it waits, and that costs nothing",
        trigger={"concurrency_max": 1, "attempts_max": 1},
        sent=[1, 2],
        deeds={1: "hang"},
        runs={1: [0], 2: [TIMEOUT_S]},
        ends={1: "lost after 1", 2: "done"},
    ),
    # -- schedules
    Fact(
        "§1.12 rate: the first at once, without a StartDate; then every hour",
        ("schedule",),
        runs={1: [0], 2: [HOUR_S], 3: [2 * HOUR_S]},
        ends={1: "done", 2: "done", 3: "done"},
        span_s=2.5 * HOUR_S,
    ),
    Fact(
        "§2 Scheduler: as async after accept; the next time comes whatever became of this one",
        ("schedule",),
        deeds={1: "raise"},
        runs={1: [0, 60, 120], 2: [HOUR_S]},
        ends={1: "failed after 3", 2: "done"},
        span_s=1.5 * HOUR_S,
    ),
    # -- timers
    Fact(
        "§1.12 at: once, at its time and not before",
        ("timer",),
        ours="§2 SQS: a one-time schedule sends to a queue, for its retries and its backoff",
        sent=[(1, 61), (2, 700.5)],
        runs={1: [61], 2: [700.5]},
        ends={1: "done", 2: "done"},
    ),
    Fact(
        "§1.12 at: a time that has passed is now",
        ("timer",),
        ours="Scheduler refuses it; a timer that was set too late is due",
        sent=[(1, -5)],
        runs={1: [0]},
        ends={1: "done"},
    ),
    Fact(
        "§1.12 update: a schedule of one name is replaced",
        ("timer",),
        sent=[(1, 60, "x"), (2, 120, "x")],
        runs={1: [], 2: [120]},
        ends={2: "done"},
    ),
    Fact(
        "§2 SQS standard, retries: until maxReceiveCount, hidden in between",
        ("timer",),
        trigger={"attempts_max": 3, "backoff": SOON},
        deeds={1: "raise"},
        runs={1: [0, (0, 1), (0, 1)]},
        ends={1: "failed after 3"},
    ),
    Fact(
        "§1.8 mapping, function error: a time-out; the message is back when its lease ends",
        ("timer",),
        deeds={1: "hang ok"},
        runs={1: [0, LEASE_S]},
        ends={1: "done"},
    ),
    Fact(
        "§2 SQS standard, order: none; one that failed holds nobody up",
        ("timer",),
        trigger={"backoff": Backoff(100, 100)},
        sent=[1, 2],
        deeds={1: "raise ok"},
        runs={1: [0, (0, 100)], 2: [0]},
        ends={1: "done", 2: "done"},
    ),
    # -- changes of a table
    Fact(
        "§2 streams, order: of one item as it was written",
        ("change",),
        sent=[(1, "a"), (2, "a"), (3, "a")],
        ends={1: "done", 2: "done", 3: "done"},
        order=[1, 2, 3],
    ),
    Fact(
        "§2 streams, retries: the shard waits for what fails",
        ("change",),
        ours="§3.2: only the item waits, all others go on",
        trigger={"backoff": SOON},
        sent=[(1, "a"), (2, "a"), (3, "b")],
        deeds={1: "raise raise ok"},
        runs={1: [0, (0, 1), (0, 1)], 3: [0]},
        ends={1: "done", 2: "done", 3: "done"},
        order=[1, 3, 1, 1, 2],
    ),
    Fact(
        "§2 streams, where failures end: blocks for 24 h, then the place in the stream, no data",
        ("change",),
        ours="§3.3: after attempts_max the change itself is among the dead letters, and the next "
        "of its item comes",
        trigger={"attempts_max": 2, "backoff": SOON},
        sent=[(1, "a"), (2, "a")],
        deeds={1: "raise"},
        runs={1: [0, (0, 1)]},
        ends={1: "failed after 2", 2: "done"},
        order=[1, 1, 2],
    ),
    Fact(
        "§1.13 streams: no record of a write that changes nothing",
        ("change",),
        sent=[(1, "a"), (1, "a"), (2, "a")],
        runs={1: [0], 2: [0]},
        ends={1: "done", 2: "done"},
    ),
    Fact(
        "§2 streams, batch: up to 10,000 in one call",
        ("change",),
        ours="the handler is given one at a time: each is judged alone",
        sent=[(no, str(no)) for no in range(1, 6)],
        runs={no: [0] for no in range(1, 6)},
        ends=dict.fromkeys(range(1, 6), "done"),
    ),
]
CASES = [(source, fact) for fact in FACTS for source in fact.sources]
