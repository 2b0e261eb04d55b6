"""A function that follows a table, as Lambda calls it with records of the stream: which of them are
handled in which call, what it answers, what is buried. A case is what the stream holds, what the
handler does with it, and what comes of it call by call; Lambda asks again from the lowest record
that is said to have failed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from skylift import Backoff, Change, Context, Struct, Table
from skylift.aws.runtime.failure import Failure
from skylift.aws.runtime.lambda_change import ChangeLambda
from skylift.aws.runtime.lambda_ports import Backend
from skylift.aws.runtime.letter_sqs import Lost, letter_of
from skylift.errors import DeclarationError
from tests.unit import lambda_events as given
from tests.unit.lambda_events import Said, surroundings, unit


class Lot(Struct):
    id: str
    bid: int = 0
    ends: int | None = None


lots = Table("lots", Lot, key="id", ttl="ends")
crashing: list[str] = []
handled: list[tuple[str, int]] = []  # `a1 created`, and the attempt
deeds: dict[str, str] = {}


@lots.on_change(attempts_max=3, backoff=Backoff(2, max_s=4))
async def follow(change: Change[Lot], context: Context) -> None:
    lot = change.after or change.before
    assert lot is not None
    name = f"{lot.id}{lot.bid}"
    handled.append((name, context.attempt))
    said = deeds.get(name, "ok").split()
    deed = said[min(sum(one == name for one, _ in handled), len(said)) - 1]
    if deed == "raise":
        raise ValueError(f"{name} cannot be")
    if deed == "crash":
        crashing.append(name)


class Crash(BaseException):
    """Nothing after it is done: the process has ended."""


@dataclass
class Aws:
    """As much of it as the entry asks for."""

    ledger: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    letters: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    broken: set[str] = field(default_factory=set[str])
    asked: list[str] = field(default_factory=list[str])

    async def call(self, operation: str, asked: Any, answer: object, **_: object) -> dict[str, Any]:
        self.asked.append(operation)
        if operation in self.broken:
            raise Failure("InternalServerError", "not today", status=500)
        if operation == "GetItem":
            item = self.ledger.get(asked["Key"]["id"]["S"])
            return {"Item": item} if item else {}
        if operation == "UpdateItem":
            item = self.ledger.setdefault(asked["Key"]["id"]["S"], {})
            item["begun"] = {"N": str(int(item.get("begun", {"N": "0"})["N"]) + 1)}
            return {"Attributes": item}
        if operation == "PutItem":
            self.ledger[asked["Item"]["id"]["S"]] = asked["Item"]
            return {}
        assert operation == "SendMessageBatch", operation
        self.letters += asked["Entries"]
        return {"Successful": [{"Id": one["Id"]} for one in asked["Entries"]], "Failed": []}

    async def paused(self, *_: object) -> bool:
        return False


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    found = Aws()
    monkeypatch.setattr(Backend, "client", lambda self, service: found)
    handled.clear()
    deeds.clear()
    return found


class Followed:
    """The deployed function, and how long it has slept."""

    def __init__(self, said: Said) -> None:
        places = json.dumps({"things.follow.dead": "https://sqs.eu-west-1.amazonaws.com/1/dead"})
        world = surroundings(said, SKYLIFT_LEDGER="ledger", SKYLIFT_RESOURCES=places)
        world.sleep = self._sleep
        self.slept: list[float] = []
        function = ChangeLambda(unit(follow, "things.follow"), world)
        self._handle, work = function.handle, function._work  # pyright: ignore[reportPrivateUsage]
        driven = work.drive

        def dying(coroutine: Any) -> Any:
            result = driven(coroutine)
            if crashing:
                crashing.clear()
                raise Crash
            return result

        work.drive = dying  # type: ignore[method-assign]

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def __call__(self, records: Sequence[Any], remaining_s: float = 80) -> list[str]:
        answer = self._handle({"Records": [*records]}, given.Context(remaining_s))
        return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def record(at: int, name: str = "", *, event: str = "INSERT", **images: Any) -> dict[str, Any]:
    """`a1` is the first bid for lot a."""
    found = images or {"NewImage": image(name[0], int(name[1:]))}
    some = next(iter(found.values()))
    return {
        "eventID": f"event{at:04}",
        "eventName": event,
        "dynamodb": {
            "ApproximateCreationDateTime": 1_700_000_000,
            "Keys": {"id": some["id"]},
            "SequenceNumber": f"{at:021}",
            **found,
        },
    }


def image(id: str, bid: int, **more: Any) -> dict[str, Any]:
    return {"id": {"S": id}, "bid": {"N": str(bid)}, **more}


def stream(names: str) -> list[dict[str, Any]]:
    return [record(at, name) for at, name in enumerate(names.split())]


@dataclass(frozen=True)
class Case:
    fact: str
    stream: str
    calls: Sequence[str]  # what is handled in each
    deeds: dict[str, str] = field(default_factory=dict[str, str])
    letters: Sequence[str] = ()


CASES = [
    Case("all is handled, item by item", "a1 b1 a2", ["a1 a2 b1"]),
    Case(
        "of one item nothing is handled before what failed; others go on, and are not done again",
        "a1 b1 a2 c1",
        ["a1 b1 c1", "a1 a2"],
        {"a1": "raise ok"},
    ),
    Case(
        "asked again is from the lowest that failed",
        "a1 b1 c1 b2",
        ["a1 b1 c1", "b1 b2"],
        {"b1": "raise ok"},
    ),
    Case(
        "after its last attempt a change is a dead letter, and the item's next one comes",
        "a1 a2 b1",
        ["a1 b1", "a1", "a1 a2"],
        {"a1": "raise"},
        ["a1"],
    ),
    Case(
        "each has all of its attempts, whoever failed before it",
        "a1 b1",
        ["a1 b1", "a1 b1", "a1 b1"],
        {"a1": "raise", "b1": "raise raise ok"},
        ["a1"],
    ),
    Case(
        "one that begins to fail when another is given up has its attempts yet",
        "a1 b1 b2",
        ["a1 b1 b2", "a1 b2", "a1 b2"],
        {"a1": "raise", "b2": "raise raise ok"},
        ["a1"],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.fact)
def test_what_is_handled_when(case: Case, aws: Aws) -> None:
    handle, said = Followed(Said()), list[str]()
    deeds.update(case.deeds)
    records = stream(case.stream)
    while records:
        before = len(handled)
        failed = handle(records)
        said.append(" ".join(name for name, _ in handled[before:]))
        records = [
            one for one in records if failed and one["dynamodb"]["SequenceNumber"] >= failed[0]
        ]
        assert len(said) < 10
    assert [sorted(one.split()) for one in said] == [sorted(one.split()) for one in case.calls]
    buried = [json.loads(one["MessageBody"])["body"]["after"] for one in aws.letters]
    assert [f"{one['id']}{one['bid']}" for one in buried] == list(case.letters)


def test_a_batch_that_is_done_with_writes_nothing_to_the_ledger(aws: Aws) -> None:
    assert Followed(Said())(stream("a1 b1")) == []
    assert aws.asked == ["GetItem"]


def test_the_handler_is_told_its_attempt_and_a_letter_the_whole_story(aws: Aws) -> None:
    deeds["a1"] = "raise"
    handle = Followed(Said())
    while handle(stream("a1")):
        pass
    assert handled == [("a1", 1), ("a1", 2), ("a1", 3)]
    (letter,) = aws.letters
    told = {k: one["StringValue"] for k, one in letter["MessageAttributes"].items()}
    assert (told["skylift.reason"], told["skylift.attempts"]) == ("failed", "3")
    assert told["skylift.error"].startswith("ValueError: a1 cannot be")
    assert told["skylift.id"] == json.loads(letter["MessageBody"])["id"] == "event0000"


def test_what_failed_waits_for_its_backoff_and_nobody_else_does(aws: Aws) -> None:
    deeds["a1"] = "raise"
    handle = Followed(Said())
    assert handle(stream("a1 b1")) == ["0" * 21]
    (noted,) = aws.ledger.values()
    due = json.loads(noted["told"]["S"])["failed"]["event0000"][1]
    told = json.dumps({"failed": {"event0000": [1, due + 3]}, "done": []})
    noted["told"]["S"] = told
    handled.clear()
    handle(stream("a1 b1"))
    assert [name for name, _ in handled] == ["b1", "a1"]
    (slept,) = handle.slept
    assert 2 < slept <= 5


def test_what_there_is_no_time_for_is_asked_for_again_at_no_cost(aws: Aws) -> None:
    handle = Followed(Said())
    assert handle(stream("a1 b1"), remaining_s=5) == [f"{1:021}"]  # one has all there is
    assert handled == [("a1", 1)]
    (noted,) = aws.ledger.values()
    assert json.loads(noted["told"]["S"])["failed"] == {"event0001": [0, 0]}


def test_what_is_never_come_back_from_is_a_letter_with_all_it_was_about(aws: Aws) -> None:
    deeds["a1"] = "crash"
    handle = Followed(Said())
    for _ in range(3):
        with pytest.raises(Crash):
            handle(stream("a1"))
    assert handle(stream("a1")) == []
    assert [attempt for _, attempt in handled] == [1, 2, 3]
    (letter,) = aws.letters
    assert letter["MessageAttributes"]["skylift.reason"]["StringValue"] == "lost"
    assert json.loads(letter["MessageBody"])["body"]["after"]["id"] == "a"


def test_crashes_and_failures_are_attempts_of_one_change(aws: Aws) -> None:
    deeds["a1"] = "crash raise ok"
    handle = Followed(Said())
    with pytest.raises(Crash):
        handle(stream("a1"))
    assert handle(stream("a1")) == ["0" * 21]
    assert handle(stream("a1")) == []
    assert [attempt for _, attempt in handled] == [1, 2, 3]


def test_a_crash_of_several_together_is_held_against_none_of_them(aws: Aws) -> None:
    deeds["b1"] = "crash crash crash crash ok"
    handle = Followed(Said())
    for _ in range(4):
        with pytest.raises(Crash):
            handle(stream("a1 b1"))
    assert handle(stream("a1 b1")) == []
    assert {attempt for _, attempt in handled} == {1}


def test_what_is_fresh_costs_no_write(aws: Aws) -> None:
    (one,) = stream("a1")
    one["dynamodb"]["ApproximateCreationDateTime"] = time.time()
    assert Followed(Said())([one]) == []
    assert aws.asked == ["GetItem"]


def test_a_letter_that_cannot_be_sent_is_tried_again(aws: Aws) -> None:
    deeds["a1"] = "raise"
    said = Said()
    handle = Followed(said)
    handle(stream("a1"))
    handle(stream("a1"))
    aws.broken.add("SendMessageBatch")
    assert handle(stream("a1")) == ["0" * 21]
    assert any("could not be buried" in json.dumps(one) for one in said.logs)
    aws.broken.clear()
    assert handle(stream("a1")) == []
    assert len(aws.letters) == 1


def test_without_a_ledger_nothing_is_lost(aws: Aws) -> None:
    deeds["a1"] = "raise raise ok"
    aws.broken |= {"GetItem", "PutItem", "UpdateItem"}
    handle = Followed(Said())
    assert handle(stream("a1")) == ["0" * 21]
    assert handle(stream("a1")) == ["0" * 21]
    assert handle(stream("a1")) == []
    assert [attempt for _, attempt in handled] == [1, 1, 1]


WRITER = {
    "~writer": {"S": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 1700000000500000"}
}
OVER = {"ends": {"N": "1700000000"}, "~expires": {"N": "1700000000"}}
TTL = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


@pytest.mark.parametrize(
    ("event", "images", "more", "kinds"),
    [
        ("INSERT", {"NewImage": image("a", 1, **WRITER)}, {}, "created"),
        ("MODIFY", {"OldImage": image("a", 1), "NewImage": image("a", 2)}, {}, "updated"),
        ("MODIFY", {"OldImage": image("a", 1), "NewImage": image("a", 1, **WRITER)}, {}, ""),
        (
            "MODIFY",
            {"OldImage": image("a", 1), "NewImage": {"id": {"S": "a"}, "bid": {"N": "1.0"}}},
            {},
            "",
        ),
        ("REMOVE", {"OldImage": image("a", 1)}, {}, "deleted"),
        ("REMOVE", {"OldImage": image("a", 1, **OVER)}, {}, "expired"),
        ("REMOVE", {"OldImage": image("a", 1, **OVER)}, {"userIdentity": TTL}, "expired"),
        (
            "MODIFY",
            {"OldImage": image("a", 1, **OVER), "NewImage": image("a", 2, **WRITER)},
            {},
            "expired created",
        ),
        (
            "MODIFY",
            {
                "OldImage": image("a", 1, ends={"N": "1700000001"}),
                "NewImage": image("a", 2, **WRITER),
            },
            {},
            "updated",
        ),
    ],
)
def test_what_a_record_tells(
    event: str, images: Any, more: Any, kinds: str, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Change[Lot]] = []

    async def note(change: Change[Lot], context: Context) -> None:
        told.append(change)

    monkeypatch.setattr(follow, "handler", note)
    assert Followed(Said())([record(0, event=event, **images) | more]) == []
    assert " ".join(one.kind for one in told) == kinds


def test_what_is_no_record_is_said_to_be_none(aws: Aws) -> None:
    with pytest.raises(DeclarationError, match="the event is no event of a table's stream"):
        Followed(Said())([{"eventName": "INSERT"}])


def test_what_lambda_gave_up_by_itself_is_a_letter_that_says_where_it_was() -> None:
    """Its destination is told the place in the stream, and not what is there."""
    batch = {"shardId": "shardId-1", "startSequenceNumber": "1", "endSequenceNumber": "1"}
    body = json.dumps(
        {"requestContext": {"condition": "RetryAttemptsExhausted"}, "DDBStreamBatchInfo": batch}
    )
    letter = letter_of("id", body, {"SentTimestamp": "1000"}, {}, Lost("never came back", 3))
    dead = follow.dead.read(letter)
    assert (dead.message, dead.reason, dead.attempts) == (None, "lost", 3)
    assert "shardId-1" in dead.body
