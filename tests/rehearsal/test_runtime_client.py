"""Deployed functions under the runtime client that Lambda runs them with, against MiniStack: what
they answer, what of a batch comes back, what they say when something goes wrong.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from hello.notes import CountWords, counting, notes
from hello.notes import count as count_function
from skylift.aws.runtime.client import Client, World
from skylift.aws.runtime.lambda_relay import NAME as RELAY
from skylift.aws.runtime.wait import drive
from skylift.system import SystemClock, SystemEntropy
from tests.rehearsal.making import make_ledger, make_queue, make_table
from tests.rehearsal.ministack import Ministack
from tests.rehearsal.runtime_api import Posted, RuntimeApi
from tests.tidy.source import APPS, SRC
from tests.unit.lambda_events import TRACE, http_event, sqs_record

WRITE = """
from skylift.aws.runtime.lambda_entry import http_entry
from hello.notes import counting, notes, write as function
handler = http_entry(
    app="hello", name="notes.write", function=function, resources=(counting, notes),
    grants=(("counting", "send"), ("notes", "create")), consumers={}, is_loop_free=True,
)
"""
COUNT = """
from skylift.aws.runtime.lambda_entry import queue_entry
from hello.notes import count as function, notes
handler = queue_entry(
    app="hello", name="notes.count", function=function, resources=(notes,),
    grants=(("notes", "require"), ("notes", "update")), consumers={}, is_loop_free=True,
)
"""
RELAYING = """
from skylift.aws.runtime.lambda_entry import relay_entry
handler = relay_entry(app="hello", senders={"counting": "queue"})
"""
LETTERS = """
from skylift import Dead
from skylift.aws.runtime.lambda_entry import dead_entry
from hello.notes import CountWords, count

@count.dead.consumer
async def function(letter: Dead[CountWords]) -> None:
    if letter.reason == "undecodable":
        raise ValueError(letter.body)
    print("LETTER", letter.reason, letter.attempts, letter.message)

handler = dead_entry(
    app="hello", name="notes.letters", function=function, resources=(), grants=(),
    consumers={"notes.count": count}, is_loop_free=True,
)
"""
EVENTS = """
from skylift import Context, Queue, Struct
from skylift.aws.runtime.lambda_entry import event_entry

class Job(Struct):
    no: int

jobs = Queue("counting", Job)

@jobs.consumer
async def function(job: Job, context: Context) -> None:
    if job.no > context.attempt:
        raise ValueError(f"attempt {context.attempt} of {context.attempts_max}")
    print("DONE", context.attempt)

handler = event_entry(
    app="hello", name="notes.count", function=function, resources=(), grants=(), consumers={},
    is_loop_free=True,
)
"""
OTHERS = """
import logging, os, time
from datetime import UTC, datetime
from decimal import Decimal
from skylift import Api, Request
from skylift.aws.runtime.lambda_entry import http_entry

api = Api("api")

@api.post("/{deed}", timeout_s=TIMEOUT_S)
async def function(deed: str, request: Request) -> object:
    if deed == "sleep":
        time.sleep(0.5)
    if deed == "raise":
        raise ValueError("no such deed")
    if deed == "exit":
        os._exit(3)
    if deed == "odd":
        return object()
    if deed == "log":
        logging.getLogger("mine").warning("said by the author", extra={"more": 1})
    return {"at": datetime(2026, 1, 1, tzinfo=UTC), "price": Decimal("1.50"), "text": "ü\\u2028"}

handler = http_entry(
    app="asked", name="others", function=function, resources=(), grants=(), consumers={},
    is_loop_free=IS_LOOP_FREE,
)
"""


class Stage:
    """What hello needs on AWS, and its functions beside it."""

    def __init__(self, stack: Ministack, folder: Path) -> None:
        self._folder, self._stack = folder, stack
        world = World(SystemClock(), SystemEntropy(), time.sleep)
        self._clients = {one: Client(one, stack.environment, world) for one in ("dynamodb", "sqs")}
        name = f"hello-{uuid.uuid4().hex[:12]}"
        self.ledger = make_ledger(self.call, f"{name}-ledger")
        self.table = make_table(self.call, f"{name}-notes", notes)
        self.queue, self.dead = make_queue(self.call, f"{name}-counting", counting, count_function)

    def call(self, service: str, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        until = time.time() + 30
        return drive(self._clients[service].call(operation, asked, dict[str, Any], deadline=until))

    def function(self, source: str, **environment: str) -> RuntimeApi:
        folder = self._folder / uuid.uuid4().hex
        folder.mkdir()
        (folder / "skylift_function.py").write_text(source, "utf-8")
        for package in (APPS / "hello", SRC):
            (folder / package.name).symlink_to(package)
        places = {"notes": self.table, "counting": self.queue, "notes.count.dead": self.dead}
        given = {
            "SKYLIFT_STAGE": "test",
            "SKYLIFT_LEDGER": self.ledger,
            "SKYLIFT_RESOURCES": json.dumps(places),
        }
        return RuntimeApi(folder, self._stack.environment | given | environment)

    def send(self, *bodies: str) -> list[dict[str, Any]]:
        """Records of an event, as Lambda takes them from the queue."""
        return self.taken(self.queue, bodies)

    def taken(self, url: str, bodies: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        for body in bodies:
            self.call("sqs", "SendMessage", {"QueueUrl": url, "MessageBody": body})
        asked = {
            "QueueUrl": url,
            "MaxNumberOfMessages": 10,
            "MessageSystemAttributeNames": ["All"],
            "MessageAttributeNames": ["All"],
        }
        found = self.call("sqs", "ReceiveMessage", asked).get("Messages", [])
        return [as_record(one) for one in found]

    def item(self, id: str) -> dict[str, Any]:
        asked = {"TableName": self.table, "Key": {"id": {"S": id}}, "ConsistentRead": True}
        return self.call("dynamodb", "GetItem", asked).get("Item", {})

    def outbox(self) -> list[dict[str, Any]]:
        return self.call("dynamodb", "Scan", {"TableName": self.ledger})["Items"]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


def as_record(message: Mapping[str, Any]) -> dict[str, Any]:
    given = {
        name: {"stringValue": value["StringValue"], "dataType": value["DataType"]}
        for name, value in message.get("MessageAttributes", {}).items()
    }
    return sqs_record(0, message["Body"], message["Attributes"]) | {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "messageAttributes": given,
    }


@pytest.fixture(scope="module")
def stage(ministack: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = Stage(ministack, tmp_path_factory.mktemp("functions"))
    yield stage
    stage.close()


@pytest.fixture
def asked(stage: Stage) -> Iterator[Callable[..., RuntimeApi]]:
    """A function of what `OTHERS` does, under its runtime."""
    running: list[RuntimeApi] = []

    def ask(*, timeout_s: float = 10, is_loop_free: bool = True) -> RuntimeApi:
        source = OTHERS.replace("TIMEOUT_S", str(timeout_s))
        api = stage.function(source.replace("IS_LOOP_FREE", str(is_loop_free)))
        running.append(api.__enter__())
        return api

    yield ask
    for api in running:
        api.__exit__()


def deed(api: RuntimeApi, name: str, **options: float) -> Posted:
    event = http_event("POST", f"/{name}", pathParameters={"deed": name})
    return api.ask(event, **options)  # type: ignore[arg-type]


def test_a_note_is_written_with_its_message(stage: Stage) -> None:
    with stage.function(WRITE) as write:
        event = http_event("POST", "/notes", '{"text":"three little words"}')
        first = write.ask(event, trace=TRACE)
        assert (first.kind, first.body["statusCode"]) == ("response", 201)
        note = json.loads(first.body["body"])
        assert stage.item(note["id"])["text"] == {"S": "three little words"}
        (item,) = [one for one in stage.outbox() if note["id"] in str(one)]
        assert "5759e988bd862e3fe1be46a994272793" in str(item)  # Lambda's trace goes along

        refused = write.ask(http_event("POST", "/notes", '{"text":1}'))
        assert refused.body["statusCode"] == 422
        again = write.ask(event)  # in the same warm process
        assert json.loads(again.body["body"])["id"] != note["id"]
        cold = [line.get("coldStart") for line in write.lines if "_aws" in line]
        assert cold == [1, None, None]


def test_of_a_batch_only_what_failed_comes_back(stage: Stage) -> None:
    stage.call(
        *("dynamodb", "PutItem"),
        {"TableName": stage.table, "Item": {"id": {"S": "n1"}, "text": {"S": "two words"}}},
    )
    records = stage.send('{"note_id":"n1"}', '{"note_id":"nowhere"}', "no JSON")
    by_body = {record["body"]: record["messageId"] for record in records}
    assert len(records) == 3
    with stage.function(COUNT) as count:
        answer = count.ask({"Records": records})
    failed = [one["itemIdentifier"] for one in answer.body["batchItemFailures"]]
    assert failed == [by_body['{"note_id":"nowhere"}']]
    assert stage.item("n1")["words"] == {"N": "2"}
    (letter,) = stage.taken(stage.dead)
    said = {name: value["stringValue"] for name, value in letter["messageAttributes"].items()}
    assert (letter["body"], said["skylift.reason"]) == ("no JSON", "undecodable")
    (failure,) = [line for line in count.lines if line.get("level") == "ERROR"]
    assert failure["errorType"] == "NotFound"
    (burial,) = [line for line in count.lines if line.get("reason")]
    assert burial["messageId"] == said["skylift.id"]


def test_what_failed_comes_back_after_its_backoff_and_is_buried_in_the_end(stage: Stage) -> None:
    (record,) = [one for one in stage.send('{"note_id":"never"}') if "never" in one["body"]]
    with stage.function(COUNT) as count:
        record["attributes"]["ApproximateReceiveCount"] = "1"
        assert count.ask({"Records": [record]}).body["batchItemFailures"]
        time.sleep(1.1)  # the backoff of a first failure is half a second at most
        (again,) = [one for one in stage.taken(stage.queue) if "never" in one["body"]]
        again["attributes"]["ApproximateReceiveCount"] = "5"
        assert count.ask({"Records": [again]}).body == {"batchItemFailures": []}
    (letter,) = [one for one in stage.taken(stage.dead) if "never" in one["body"]]
    said = {name: value["stringValue"] for name, value in letter["messageAttributes"].items()}
    assert (said["skylift.reason"], said["skylift.attempts"]) == ("failed", "5")
    assert said["skylift.error"].startswith("NotFound: ")


def test_dead_letters_are_handled_and_what_is_given_up_stays(stage: Stage) -> None:
    handled, failing = '{"note_id":"lost"}', "still no JSON"
    records = [
        one
        for one in stage.taken(stage.dead, (handled, failing))
        if one["body"] in (handled, failing)
    ]
    with stage.function(LETTERS) as letters:
        for record in records:
            if record["body"] == failing:
                said = {"reason": "undecodable", "id": "x", "attempts": "1", "sent_at": "1.5"}
                record["messageAttributes"] = {
                    f"skylift.{name}": {"stringValue": value} for name, value in said.items()
                }
                record["attributes"]["ApproximateReceiveCount"] = "5"
        answer = letters.ask({"Records": records})
        assert "LETTER lost 5 CountWords(note_id='lost')" in letters.log
    stays = [one["messageId"] for one in records if one["body"] == failing]
    assert [one["itemIdentifier"] for one in answer.body["batchItemFailures"]] == stays
    assert "it gave up dead letter" in letters.log


def test_the_relay_sends_what_the_ledgers_stream_brings(stage: Stage) -> None:
    with stage.function(WRITE) as write:
        answer = write.ask(http_event("POST", "/notes", '{"text":"relayed"}'))
    id = json.loads(answer.body["body"])["id"]
    (item,) = [one for one in stage.outbox() if id in str(one)]
    keys = {"id": item["id"]}
    change = {"Keys": keys, "NewImage": item, "SequenceNumber": "111"}
    with stage.function(RELAYING) as relay:
        event = {"Records": [{"eventName": "INSERT", "dynamodb": change}]}
        assert relay.ask(event).body == {"batchItemFailures": []}
        assert [one for one in stage.outbox() if id in str(one)] == []
        (message,) = [one for one in stage.taken(stage.queue) if id in one["body"]]
        assert json.loads(message["body"])["body"] == {"note_id": id}
        stray = {**item, "queues": {"L": [{"S": "nobodys"}]}}
        fresh = {"NewImage": stray, "ApproximateCreationDateTime": time.time()}
        bad = {"eventName": "INSERT", "dynamodb": {**change, **fresh}}
        failed = relay.ask({"Records": [bad]})
        assert failed.body == {"batchItemFailures": [{"itemIdentifier": "111"}]}
        (told,) = [line for line in relay.lines if line.get("level") == "ERROR"]
        assert told["function"] == RELAY
        assert "'nobodys' is none of this app's" in told["message"]


def test_who_asks_for_the_attempt_of_an_event_is_told_and_buries_the_last(stage: Stage) -> None:
    with stage.function(EVENTS) as function:
        for _ in range(2):
            failed = function.ask({"no": 4}, id="r1")
            assert (failed.kind, failed.body["errorType"]) == ("error", "Unfinished")
        assert failed.body["errorMessage"].startswith("ValueError: attempt 2 of 3 (skylift_func")
        last = function.ask({"no": 4}, id="r1")
        assert (last.kind, last.body) == ("response", None)
        for kind in ("error", "response"):
            assert function.ask({"no": 2}, id="r2").kind == kind
        assert "DONE 2" in function.log
        # Nobody can read it: it is buried at once, and not tried again.
        assert function.ask({"no": "one"}).kind == "response"
    letters = [
        ({name: value["stringValue"] for name, value in one["messageAttributes"].items()}, one)
        for one in stage.taken(stage.dead)
    ]
    found = {one["body"]: said for said, one in letters if "no" in one["body"][:4]}
    first, second = found['{"no":4}'], found['{"no":"one"}']
    assert (first["skylift.reason"], first["skylift.attempts"]) == ("failed", "3")
    assert first["skylift.error"].startswith("ValueError: attempt 3 of 3 (skylift_function.py:")
    assert (second["skylift.reason"], second["skylift.attempts"]) == ("undecodable", "1")


def test_what_json_does_not_know_is_answered_and_what_nobody_knows_is_a_500(
    asked: Callable[..., RuntimeApi],
) -> None:
    api = asked()
    known = deed(api, "answer")
    body = '{"at":"2026-01-01T00:00:00Z","price":"1.50","text":"ü\u2028"}'
    assert (known.kind, known.body["body"]) == ("response", body)
    assert deed(api, "odd").body["statusCode"] == 500
    assert deed(api, "raise").body["statusCode"] == 500
    types = [line["errorType"] for line in api.lines if line.get("level") == "ERROR"]
    assert types == ["NotImplementedError", "ValueError"]


@pytest.mark.parametrize("is_loop_free", [True, False])
def test_a_deadline_is_answered_and_the_next_event_served(
    asked: Callable[..., RuntimeApi], is_loop_free: bool
) -> None:
    api = asked(timeout_s=0.2, is_loop_free=is_loop_free)
    assert deed(api, "sleep").body["statusCode"] == 503
    assert deed(api, "answer").body["statusCode"] == 200
    assert "its deadline has passed" in api.log or not is_loop_free


def test_lambdas_deadline_counts(asked: Callable[..., RuntimeApi]) -> None:
    api = asked()
    assert deed(api, "sleep", remaining_s=0.4).body["statusCode"] == 503
    (warning,) = [line for line in api.lines if line.get("level") == "WARN"]
    assert "at skylift_function.py:" in warning["message"]


def test_what_an_author_logs_says_the_function_and_its_trace(
    asked: Callable[..., RuntimeApi],
) -> None:
    api = asked()
    deed(api, "log")
    (line,) = [line for line in api.lines if line.get("logger") == "mine"]
    assert (line["message"], line["more"], line["function"]) == ("said by the author", 1, "others")
    (figures,) = [line for line in api.lines if "_aws" in line]
    assert line["trace"] == figures["trace"]
    assert line["requestId"] == figures["requestId"]


def test_an_event_of_another_kind_is_an_error_that_says_what_to_do(
    asked: Callable[..., RuntimeApi],
) -> None:
    posted = asked().ask({"Records": []})
    assert (posted.kind, posted.body["errorType"]) == ("error", "DeclarationError")
    assert "the event is no HTTP API event, payload 2.0" in posted.body["errorMessage"]


def test_a_variable_that_is_missing_is_told_at_the_start(stage: Stage) -> None:
    with stage.function(COUNT, SKYLIFT_RESOURCES="") as count:
        posted = count.posted()
    assert posted.kind == "init"
    assert "environment: SKYLIFT_RESOURCES: is not set" in posted.body["errorMessage"]
    assert "hint: deploy with `skylift deploy`" in posted.body["errorMessage"]


def test_a_message_has_the_form_that_an_envelope_has() -> None:
    """The bodies above are those of a foreign sender."""
    assert counting.codec.content(CountWords("n1")) == '{"note_id":"n1"}'


LOOPED = """
import asyncio
from skylift import Api, Queue, Response, Struct, Table, gather, transaction
from skylift.aws.runtime.lambda_entry import http_entry
from hello.notes import Note, notes

api = Api("api")

@api.post("/{deed}", once=True)
async def function(deed: str) -> object:
    if deed == "leave":
        asyncio.create_task(asyncio.sleep(5))
        return "left"
    await asyncio.sleep(0)
    await gather(*(notes.put(Note(f"{deed}{at}", "text")) for at in range(8)))
    async with transaction(once=True) as tx:
        await notes.update(f"{deed}0", set={"words": 1}, tx=tx)
    return [note.id for note in await gather(*(notes.require(f"{deed}{at}") for at in range(8)))]

handler = http_entry(
    app="hello", name="looped", function=function, resources=(notes,), consumers={},
    grants=(("notes", "put"), ("notes", "require"), ("notes", "update")), is_loop_free=IS_LOOP_FREE,
)
"""


@pytest.mark.parametrize("is_loop_free", [True, False])
def test_verbs_run_with_a_loop_and_without_and_once_is_once(
    stage: Stage, is_loop_free: bool
) -> None:
    source = LOOPED.replace("IS_LOOP_FREE", str(is_loop_free))
    if is_loop_free:
        source = source.replace("    await asyncio.sleep(0)\n", "")
    name = uuid.uuid4().hex[:8]
    with stage.function(source) as looped:
        event = http_event("POST", f"/{name}", pathParameters={"deed": name})
        event["headers"]["idempotency-key"] = name
        first, second = looped.ask(event), looped.ask(event)
        assert first.body["statusCode"] == 200, looped.log
        assert json.loads(first.body["body"]) == [f"{name}{at}" for at in range(8)]
        assert second.body["body"] == first.body["body"]
        assert second.body["headers"]["idempotency-replayed"] == "true"
        assert stage.item(f"{name}0")["words"] == {"N": "1"}


def test_what_a_handler_leaves_running_is_an_error(stage: Stage) -> None:
    with stage.function(LOOPED.replace("IS_LOOP_FREE", "False")) as looped:
        event = http_event("POST", "/leave", pathParameters={"deed": "leave"})
        assert looped.ask(event).body["statusCode"] == 500
        (failure,) = [line for line in looped.lines if line.get("level") == "ERROR"]
    assert failure["errorType"] == "LeftRunning"
    assert "sleep()" in failure["message"]


FIFO = """
from skylift import Delivery, Queue, Struct
from skylift.aws.runtime.lambda_entry import queue_entry

class Step(Struct):
    no: int

steps = Queue("steps", Step, fifo=True)

@steps.consumer(batch=10)
async def function(batch: list[Delivery[Step]]) -> None:
    for one in batch:
        if one.message.no < 0:
            one.fail("negative")

handler = queue_entry(
    app="asked", name="steps.walk", function=function, resources=(), grants=(), consumers={},
    is_loop_free=True,
)
"""


def test_in_a_fifo_group_all_after_the_first_failure_comes_back(stage: Stage) -> None:
    name = f"steps-{uuid.uuid4().hex[:8]}"
    urls = [
        stage.call(
            "sqs",
            "CreateQueue",
            {"QueueName": f"{name}{end}.fifo", "Attributes": {"FifoQueue": "true"}},
        )["QueueUrl"]
        for end in ("", "-dead")
    ]
    for at, (group, no) in enumerate([("a", 1), ("a", -2), ("b", 3), ("a", 4)]):
        asked = {
            "QueueUrl": urls[0],
            "MessageBody": f'{{"no":{no}}}',
            "MessageGroupId": group,
            "MessageDeduplicationId": str(at),
        }
        stage.call("sqs", "SendMessage", asked)
    records: list[dict[str, Any]] = []
    while more := stage.taken(urls[0]):
        records += more
    places = json.dumps({"steps": urls[0], "steps.walk.dead": urls[1]})
    with stage.function(FIFO, SKYLIFT_RESOURCES=places) as walk:
        answer = walk.ask({"Records": records})
    bodies = {record["messageId"]: record["body"] for record in records}
    failed = [bodies[one["itemIdentifier"]] for one in answer.body["batchItemFailures"]]
    assert sorted(failed) == ['{"no":-2}', '{"no":4}']
    assert len(records) == 4
    backs = [one for one in stage.outbox() if one["id"]["S"].startswith("back ")]
    assert [bodies.get(one["id"]["S"].removeprefix("back ")) for one in backs] == ['{"no":4}']
