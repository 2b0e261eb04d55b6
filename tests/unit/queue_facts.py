"""What AWS does with the messages of a queue, as facts: each is a situation, and what comes of it.
`fact` names where the material on AWS says so; `ours` says where we do otherwise on purpose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from skylift import Backoff

LEASE_S = 60  # of a consumer that says nothing: 6 x its time-out
SOON = Backoff(1, 1)
Gap: TypeAlias = float | tuple[float, float]  # seconds, or between which


@dataclass(frozen=True)
class Fact:
    """`sent` are numbers, or (number, options of send), or a text: a foreign sender's message.
    `deeds` are what the handler does with a message, attempt by attempt (the last one for ever):
    ok, raise, hang (past its deadline), fail (of a batch), wait (until the gate is opened).
    `runs` are the seconds between its attempts, from its sending on; `ends` what becomes of it.
    """

    fact: str
    ours: str = ""
    queue: Mapping[str, Any] = field(default_factory=dict[str, Any])
    consumer: Mapping[str, Any] = field(default_factory=dict[str, Any])
    sent: Sequence[Any] = (1,)
    deeds: Mapping[int, str] = field(default_factory=dict[int, str])
    runs: Mapping[int, Sequence[Gap]] = field(default_factory=dict[int, Sequence[Gap]])
    ends: Mapping[Any, str] = field(default_factory=dict[Any, str])
    attempts: Mapping[int, Sequence[int]] = field(default_factory=dict[int, Sequence[int]])
    order: Sequence[int] = ()  # of all runs


FIFO = {"fifo": True}
A, B = {"group": "a"}, {"group": "b"}

FACTS = [
    # -- standard queues
    Fact(
        "§2 SQS standard: the mapping polls and invokes; what returned is deleted",
        runs={1: [0]},
        ends={1: "done"},
    ),
    Fact(
        "§2 SQS standard, retries: until maxReceiveCount, then the queue's dead letters",
        consumer={"attempts_max": 3, "backoff": SOON},
        deeds={1: "raise"},
        runs={1: [0, (0, 1), (0, 1)]},
        ends={1: "failed after 3"},
    ),
    Fact(
        "§2 SQS standard, retries: it may succeed at the last",
        consumer={"attempts_max": 3, "backoff": SOON},
        deeds={1: "raise raise ok"},
        runs={1: [0, (0, 1), (0, 1)]},
        ends={1: "done"},
    ),
    Fact(
        "§2 SQS standard, back-off: the visibility timeout",
        ours="design §3.2: the entry calls ChangeMessageVisibility, so that a failure comes back "
        "after a backoff with full jitter that doubles, and not when its lease ends",
        queue={"lease_s": 900},
        consumer={"attempts_max": 5, "backoff": Backoff(10, 25)},
        deeds={1: "raise"},
        runs={1: [0, (0, 10), (0, 20), (0, 25), (0, 25)]},
        ends={1: "failed after 5"},
    ),
    Fact(
        "§1.8 mapping, function error: a time-out; the message is back after the visibility timeout"
        " and has cost a receive",
        consumer={"attempts_max": 3},
        deeds={1: "hang ok"},
        runs={1: [0, LEASE_S]},
        ends={1: "done"},
    ),
    Fact(
        "§1.8 SQS, redrive: it moves when the count exceeds maxReceiveCount, on receive n + 1",
        ours="design §3.3: what never came back is `lost`; what raised is `failed`, and is buried "
        "on attempt n by the entry itself",
        consumer={"attempts_max": 2},
        deeds={1: "hang"},
        runs={1: [0, LEASE_S]},
        ends={1: "lost after 2"},
    ),
    Fact(
        "§1.8 SQS, visibility timeout: as the queue says",
        queue={"lease_s": 300},
        consumer={"attempts_max": 2},
        deeds={1: "hang ok"},
        runs={1: [0, 300]},
        ends={1: "done"},
    ),
    Fact(
        "§1.8 SQS, message delay: 0 to 900 s",
        sent=[1, (2, {"delay_s": 0}), (3, {"delay_s": 5}), (4, {"delay_s": 900})],
        runs={1: [0], 2: [0], 3: [5], 4: [900]},
        ends={1: "done", 2: "done", 3: "done", 4: "done"},
    ),
    Fact(
        "§1.8 SQS, order: one that failed holds nobody up",
        consumer={"backoff": Backoff(100, 100), "concurrency_max": 2},
        sent=[1, 2, 3],
        deeds={1: "raise ok"},
        runs={1: [0, (0, 100)], 2: [0], 3: [0]},
        ends={1: "done", 2: "done", 3: "done"},
        order=[1, 2, 3, 1],
    ),
    Fact(
        "§1.8 SQS, MessageGroupId on a standard queue: fairness and no order",
        consumer={"backoff": Backoff(100, 100)},
        sent=[(1, A), (2, A), (3, B)],
        deeds={1: "raise ok"},
        runs={1: [0, (0, 100)], 2: [0], 3: [0]},
        ends={1: "done", 2: "done", 3: "done"},
    ),
    Fact(
        "§2 SQS standard, where failures end: what nobody can read is received in vain and moved",
        ours="design §3.3: it is buried at once, with the reason, and no attempt is wasted",
        sent=["no json", '{"no": "one"}', '{"no": 1}'],
        runs={1: [0]},
        ends={1: "done", "no json": "undecodable after 1", '{"no": "one"}': "undecodable after 1"},
    ),
    Fact(
        "§1.8 SQS, retention: what is too old is gone, and is no dead letter",
        queue={"lease_s": 900, "retention_s": 60},
        deeds={1: "hang ok"},
        runs={1: [0]},
        ends={1: "gone"},
    ),
    Fact(
        "§1.8 SQS, retention: the time between attempts counts",
        queue={"lease_s": 40, "retention_s": 100},
        consumer={"attempts_max": 9},
        deeds={1: "hang"},
        runs={1: [0, 40, 40]},
        ends={1: "gone"},
    ),
    # -- batches
    Fact(
        "§1.8 mapping, batch: up to n in one invocation, without waiting for more (window 0)",
        consumer={"batch": 10},
        sent=[1, 2, 3],
        runs={1: [0], 2: [0], 3: [0]},
        ends={1: "done", 2: "done", 3: "done"},
    ),
    Fact(
        "§1.8 and §2, ReportBatchItemFailures: what is named comes back, the rest is deleted",
        consumer={"batch": 10, "backoff": SOON},
        sent=[1, 2, 3],
        deeds={2: "fail ok"},
        runs={1: [0], 2: [0, (0, 1)], 3: [0]},
        ends={1: "done", 2: "done", 3: "done"},
    ),
    Fact(
        "§2 truth table: a thrown exception is complete failure",
        consumer={"batch": 10, "backoff": SOON, "attempts_max": 2},
        sent=[1, 2],
        deeds={1: "raise raise"},
        runs={1: [0, (0, 1)], 2: [0, (0, 1)]},
        ends={1: "failed after 2"},  # the second may come back in a batch of its own, and succeed
    ),
    Fact(
        "§1.8 mapping, function error: a batch past its deadline comes back after the visibility"
        " timeout, all of it",
        consumer={"batch": 10, "attempts_max": 3},
        sent=[1, 2],
        deeds={1: "hang ok"},
        runs={1: [0, LEASE_S], 2: [0, LEASE_S]},
        ends={1: "done", 2: "done"},
    ),
    Fact(
        "§2 SQS standard, retries: each message of a batch has its own count",
        consumer={"batch": 10, "backoff": Backoff(0, 0), "attempts_max": 3},
        sent=[1, 2],
        deeds={1: "fail fail fail", 2: "fail ok"},
        attempts={1: [1, 2, 3], 2: [1, 2]},
        ends={1: "failed after 3", 2: "done"},
    ),
    Fact(
        "§2 SQS standard, where failures end: one of a batch that nobody can read",
        ours="the others of its batch are handled as if it were not there",
        consumer={"batch": 10},
        sent=['{"no": 1}', "no json", '{"no": 2}'],
        runs={1: [0], 2: [0]},
        ends={1: "done", 2: "done", "no json": "undecodable after 1"},
    ),
    # -- FIFO queues
    Fact(
        "§2 SQS FIFO, order: per group",
        queue=FIFO,
        sent=[(1, A), (2, A), (3, A)],
        ends={1: "done", 2: "done", 3: "done"},
        order=[1, 2, 3],
    ),
    Fact(
        "§2 SQS FIFO: a failed message blocks its group, and no other",
        queue=FIFO,
        consumer={"backoff": SOON},
        sent=[(1, A), (2, A), (3, B)],
        deeds={1: "raise raise ok"},
        runs={1: [0, (0, 1), (0, 1)], 3: [0]},
        ends={1: "done", 2: "done", 3: "done"},
        order=[1, 3, 1, 1, 2],
    ),
    Fact(
        "§2 SQS FIFO: a message past its deadline blocks its group until its visibility ends",
        queue=FIFO,
        consumer={"attempts_max": 2},
        sent=[(1, A), (2, A), (3, B)],
        deeds={1: "hang ok"},
        runs={1: [0, LEASE_S], 2: [LEASE_S], 3: [0]},
        ends={1: "done", 2: "done", 3: "done"},
    ),
    Fact(
        "§1.8 SQS, redrive: dead letters on a FIFO queue break its order",
        queue=FIFO,
        consumer={"attempts_max": 2, "backoff": SOON},
        sent=[(1, A), (2, A)],
        deeds={1: "raise"},
        ends={1: "failed after 2", 2: "done"},
        order=[1, 1, 2],
    ),
    Fact(
        "§2 SQS FIFO, partial batch: the first failure and all after it come back",
        ours="followers are put back by the entry without the cost of an attempt",
        queue=FIFO,
        consumer={"batch": 10, "attempts_max": 2, "backoff": SOON},
        sent=[(1, A), (2, A), (3, A)],
        deeds={2: "fail ok"},
        runs={1: [0], 2: [0, (0, 1)], 3: [0, (0, 1)]},
        attempts={1: [1], 2: [1, 2], 3: [1, 1]},
        ends={1: "done", 2: "done", 3: "done"},
        order=[1, 2, 3, 2, 3],
    ),
    Fact(
        "§1.8 mapping, FIFO: stop at the first failure",
        ours="of a batch with several groups, each stops at its own first failure",
        queue=FIFO,
        consumer={"batch": 10, "backoff": SOON},
        sent=[(1, A), (2, A), (3, B), (4, B)],
        deeds={1: "fail ok"},
        runs={3: [0], 4: [0]},
        attempts={1: [1, 2], 2: [1, 1], 3: [1], 4: [1]},
        ends={1: "done", 2: "done", 3: "done", 4: "done"},
    ),
    Fact(
        "§1.8 SQS FIFO: one in-flight batch blocks the group; a batch holds several of one group",
        queue=FIFO,
        consumer={"batch": 2},
        sent=[(1, A), (2, A), (3, A), (4, A), (5, A)],
        ends=dict.fromkeys(range(1, 6), "done"),
        order=[1, 2, 3, 4, 5],
    ),
    Fact(
        "§1.8 SQS FIFO: a duplicate send is accepted and dropped",
        queue=FIFO,
        sent=[(1, A | {"dedup": "x"}), (2, A | {"dedup": "x"}), (3, B | {"dedup": "x"})],
        runs={1: [0], 2: [], 3: []},
        ends={1: "done"},
    ),
    Fact(
        "§1.8 SQS FIFO: the id may be the content",
        queue=FIFO | {"dedup": "content"},
        sent=[(1, A), (1, A), (1, B), (2, A)],
        runs={1: [0], 2: [0]},
        ends={1: "done", 2: "done"},
    ),
]


@dataclass(frozen=True)
class Crowd:
    """While all that was begun waits, `most` run, and all are done in the end, at the first
    attempt.
    """

    fact: str
    sent: Sequence[Any]
    most: int
    ours: str = ""
    queue: Mapping[str, Any] = field(default_factory=dict[str, Any])
    consumer: Mapping[str, Any] = field(default_factory=dict[str, Any])


def in_groups(count: int, each: int) -> list[Any]:
    return [(no, {"group": f"g{no % count}"}) for no in range(count * each)]


CROWDS = [
    Crowd("§1.8 mapping, pollers: as many as there are messages", [*range(20)], most=20),
    Crowd(
        "§1.8 mapping, MaximumConcurrency: no more than it says",
        [*range(20)],
        most=3,
        consumer={"concurrency_max": 3},
    ),
    Crowd(
        "§1.8 mapping, MaximumConcurrency: whatever has become due meanwhile",
        [(no, {"delay_s": 5}) for no in range(20)],
        most=3,
        consumer={"concurrency_max": 3},
    ),
    Crowd(
        "§1.8 mapping, throttle: a message that is throttled has cost a receive",
        [*range(20)],
        most=2,
        ours="nothing is taken that may not run, so waiting never buries a message",
        consumer={"concurrency_max": 2, "attempts_max": 1},
    ),
    Crowd(
        "§1.8 mapping, FIFO concurrency: the number of groups",
        in_groups(4, each=3),
        most=4,
        queue=FIFO,
    ),
    Crowd(
        "§1.8 mapping, FIFO concurrency: or MaximumConcurrency, when that is less",
        in_groups(4, each=3),
        most=2,
        queue=FIFO,
        consumer={"concurrency_max": 2},
    ),
    Crowd(
        "§1.8 SQS FIFO: one in-flight batch blocks the group",
        in_groups(1, each=25),
        most=1,
        queue=FIFO,
        consumer={"batch": 10},
    ),
    Crowd(
        "§1.8 mapping, batch: one invocation for many",
        [*range(20)],
        most=2,
        consumer={"batch": 10},
    ),
]


CRASHES = [
    Fact(
        "§2 SQS standard, duplicates: what was received and not deleted comes again",
        ours="design §3.2: at the restart, at the cost of one attempt, and not when its lease ends",
        deeds={1: "hang ok"},
        attempts={1: [1, 2]},
        ends={1: "done"},
    ),
    Fact(
        "§2 SQS FIFO, duplicates: at least once, in order",
        queue=FIFO,
        sent=[(1, A), (2, A), (3, B)],
        deeds={1: "hang ok"},
        attempts={1: [1, 2], 2: [1], 3: [1]},
        ends={1: "done", 2: "done", 3: "done"},
    ),
    Fact(
        "§1.8 SQS, redrive: a message that kills its function ends in the dead letters",
        ours="design §3.3: with the reason `lost`",
        consumer={"attempts_max": 1},
        deeds={1: "hang"},
        attempts={1: [1]},
        ends={1: "lost after 1"},
    ),
    Fact(
        "§2 SQS standard, batch: of one that was not finished all come again",
        consumer={"batch": 10},
        sent=[1, 2],
        deeds={2: "hang ok"},
        attempts={1: [1, 2], 2: [1, 2]},
        ends={1: "done", 2: "done"},
    ),
]


REFUSED: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("§1.8 SQS, visibility timeout: to 43,200 s", {"lease_s": 43_201}, {}, "up to 43,200"),
    ("§1.8 SQS, retention: 60 s to 14 d", {"retention_s": 59}, {}, "60 to 1,209,600"),
    ("§1.8 SQS, retention: 60 s to 14 d", {"retention_s": 1_209_601}, {}, "60 to 1,209,600"),
    ("§1.8 SQS, redrive: maxReceiveCount 1 to 1,000", {}, {"attempts_max": 1_001}, "1 to 990"),
    ("§1.8 SQS, redrive: maxReceiveCount 1 to 1,000", {}, {"attempts_max": 0}, "1 to 990"),
    ("§1.8 mapping, batch: at most 10,000", {}, {"batch": 10_001}, "1 to 10,000"),
    ("§1.8 mapping, batch: FIFO at most 10", FIFO, {"batch": 11}, "from 1 to 10"),
    ("§1.8 mapping, MaximumConcurrency: 2 to 1,000", {}, {"concurrency_max": 1}, "two at a time"),
    ("§1.8 mapping, MaximumConcurrency: 2 to 1,000", {}, {"concurrency_max": 1_001}, "1,000"),
    ("§1.8 mapping: visibility is at least the time-out", {"lease_s": 5}, {}, "timeout_s=10"),
    ("§1.8 SQS FIFO: dedup is of FIFO queues", {"dedup": "content"}, {}, "dedup= needs fifo=True"),
]


SENDS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("§1.8 SQS, delay: 0 to 900 s", {}, {"delay_s": 901}, "0 to 900"),
    ("§1.8 SQS, delay: not on FIFO", FIFO, {"group": "a", "delay_s": 1}, "no delay_s"),
    ("§1.8 SQS FIFO: a group is required", FIFO, {}, "needs a group"),
    ("§1.8 SQS FIFO: a group has at most 128", FIFO, {"group": "a" * 129}, "1 to 128"),
]
