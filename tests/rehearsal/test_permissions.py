"""Nothing missing, nothing spare: the bundle of each function does all it can with its deployed
role, and without any one action of that role something fails. What Lambda's service itself does
with the role (it polls queues and streams, and writes logs) is done here as it does it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from skylift.aws.runtime.outbox import is_outbox, outbox_item
from skylift.aws.runtime.relayed import MARK
from skylift.ports import Outgoing
from tests.rehearsal.deployment import Deployment
from tests.rehearsal.ministack import Ministack
from tests.rehearsal.role import Role, Stage, Trial, prove
from tests.rehearsal.test_eject_hello import BLOCK, shell
from tests.rehearsal.trial import COUNT, allowed, http, logged, polled, queued, wrong

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy.md"


# -- hello: a request, the outbox, the relay, the worker


@pytest.fixture(scope="module")
def hello(guarded: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return staged(guarded, ROOT / "apps" / "hello", tmp_path_factory.mktemp("hello"))


def staged(guarded: Ministack, app: Path, folder: Path) -> Stage:
    return Stage(Deployment(guarded, app, folder / "state"), folder / "bundles")


def test_each_function_of_hello_may_do_exactly_what_it_does(hello: Stage) -> None:
    item = {"id": {"S": "one"}, "text": {"S": "two words"}}
    dynamodb = hello.deployment.client("dynamodb")
    dynamodb.put_item(TableName=hello.physical("notes"), Item=item)

    write = Role(hello, "notes.write")
    prove(write, [http(write, "POST", "/notes", {"text": "x"}, status=201), logged(write)])
    read = Role(hello, "notes.read")
    prove(read, [http(read, "GET", "/notes/one", id="one"), logged(read)])
    default = Role(hello, "skylift.api")
    prove(default, [http(default, "GET", "/nowhere", status=404), logged(default)])

    count, queue = Role(hello, "notes.count"), "counting"
    good, bad = {"note_id": "one"}, {"note_id": "none"}
    trials = [
        queued(count, queue, good),
        queued(count, queue, bad, failed=1),  # it comes back later
        queued(count, queue, bad, attempt=5),  # it is given up
        queued(count, queue, {"what": 1}),  # it cannot be read
        *(polled(count, queue), logged(count)),
    ]
    prove(count, trials)

    relay = Role(hello, "skylift.relay")
    prove(relay, [relayed(relay), streamed(relay), logged(relay)])


def relayed(role: Role) -> Trial:
    """The stream's last record of a transaction's messages, as Lambda hands it over; not new, so
    the relay asks whether the item is there still, and it is. Of what it could not send in an
    earlier trial it knows nothing.
    """
    (record,) = records = last_records(role.stage)
    dynamodb, ledger = (
        role.stage.deployment.client("dynamodb"),
        role.stage.physical("skylift.ledger"),
    )

    def trial() -> str:
        dynamodb.put_item(TableName=ledger, Item=record["dynamodb"]["NewImage"])
        noted = f"{MARK}{record['dynamodb']['SequenceNumber']}"
        dynamodb.delete_item(TableName=ledger, Key={"id": {"S": noted}})
        outcome = role.behind({"Records": records})
        failed = (outcome.result or {}).get("batchItemFailures")
        return wrong(outcome) or ("" if failed == [] else str(outcome))

    return trial


def last_records(stage: Stage, event: str = "INSERT") -> list[dict[str, Any]]:
    streams, arn = stage.deployment.client("dynamodbstreams"), stream_of(stage)
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    start = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )
    found = streams.get_records(ShardIterator=start["ShardIterator"])["Records"]
    kept = [
        one for one in found if one["eventName"] == event and is_outbox(one["dynamodb"]["Keys"])
    ]
    for one in kept:
        del one["dynamodb"]["ApproximateCreationDateTime"]  # a date is no JSON
    return kept[-1:]


def test_a_stuck_item_that_is_touched_as_the_docs_say_is_relayed(
    hello: Stage, tmp_path: Path
) -> None:
    relay, ledger = Role(hello, "skylift.relay"), hello.physical("skylift.ledger")
    dynamodb, url = hello.deployment.client("dynamodb"), hello.url("counting")
    sent = [("counting", Outgoing('{"note_id":"stuck"}'))]
    item = outbox_item(sent, "stuck", 1_800_000_000)
    dynamodb.put_item(TableName=ledger, Item=item)
    (block,) = (one for one in BLOCK.findall(DEPLOY.read_text("utf-8")) if "touched" in one)
    shell(block, tmp_path, hello.deployment.stack)
    (record,) = last_records(hello, "MODIFY")
    assert record["dynamodb"]["NewImage"] == item | {"touched": {"N": "1"}}
    hello.sqs.purge_queue(QueueUrl=url)
    for _ in range(2):
        outcome = relay.behind({"Records": [record]})
        assert outcome.result == {"batchItemFailures": []}, outcome
    relay.behind.close()
    assert "Item" not in dynamodb.get_item(TableName=ledger, Key={"id": item["id"]})
    told = hello.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [one["Body"] for one in told] == ['{"note_id":"stuck"}']


def stream_of(stage: Stage) -> str:
    name = stage.physical("skylift.ledger")
    dynamodb = stage.deployment.client("dynamodb")
    return dynamodb.describe_table(TableName=name)["Table"]["LatestStreamArn"]


def streamed(role: Role) -> Trial:
    """Lambda's service finds the stream, its shards, and what is in them."""
    arn, own = stream_of(role.stage), role.client("dynamodbstreams")
    admin = role.stage.deployment.client("dynamodbstreams")
    (shard,) = admin.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    at = {
        "StreamArn": arn,
        "ShardId": shard["ShardId"],
        "ShardIteratorType": "LATEST",
    }
    iterator = admin.get_shard_iterator(**at)["ShardIterator"]

    def trial() -> str:
        return (
            allowed(own.list_streams)
            or allowed(own.describe_stream, StreamArn=arn)
            or allowed(own.get_shard_iterator, **at)
            or allowed(own.get_records, ShardIterator=iterator)
        )

    return trial


# -- each verb by itself


@pytest.fixture(scope="module")
def deeds(guarded: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return staged(guarded, ROOT / "tests" / "apps" / "deeds", tmp_path_factory.mktemp("deeds"))


# Where each route of things.py is asked; what stands there already is made before each trial.
THINGS: dict[str, tuple[str, int]] = {
    "get": ("/get/one", 200),
    "require": ("/require/one", 200),
    "get_many": ("/get_many/one", 200),
    "put": ("/put/one", 204),
    "create": ("/create/{new}", 204),
    "update": ("/update/one", 200),
    "delete": ("/delete/gone", 204),
    "put_many": ("/put_many/some", 204),
    "delete_many": ("/delete_many/some", 204),
    "query": ("/query/kept", 200),
    "page": ("/page/kept", 200),
    "scan": ("/scan", 200),
    "put_together": ("/together/put/one", 204),
    "update_together": ("/together/update/one", 204),
    "delete_together": ("/together/delete/gone", 204),
    "check": ("/together/check/one", 204),
}


@pytest.mark.parametrize("verb", THINGS)
def test_a_verb_of_a_table_needs_exactly_what_its_role_allows(deeds: Stage, verb: str) -> None:
    for name, kind in (("one", "one"), ("k1", "kept"), ("k2", "kept")):
        item = {"id": {"S": name}, "kind": {"S": kind}, "size": {"N": "1"}}
        deeds.deployment.client("dynamodb").put_item(TableName=deeds.physical("things"), Item=item)
    role = Role(deeds, f"things.{verb}")
    path, status = THINGS[verb]

    def trial() -> str:
        if verb == "page":  # the key that seals cursors is asked for once
            role.start_anew()
        asked = path.replace("{new}", f"new{next(COUNT)}")
        last = asked.rpartition("/")[2]
        return http(role, "POST", asked, id=last, kind=last, status=status)()

    prove(role, [logged(role), trial])


def test_a_route_that_runs_once_needs_exactly_what_its_role_allows(deeds: Stage) -> None:
    role = Role(deeds, "things.once")

    def trial() -> str:
        key = {"idempotency-key": f"key-{next(COUNT)}"}
        once = http(role, "POST", "/once", headers=key)
        other = {"idempotency-key": f"key-{next(COUNT)}"}
        failing = http(role, "POST", "/once", headers=other, query="fails=true", status=500)
        return once() or once() or failing() or failing()  # what failed may run again

    prove(role, [logged(role), trial])


@pytest.mark.parametrize("verb", ["send", "send_many", "send_together"])
def test_sending_needs_exactly_what_its_role_allows(deeds: Stage, verb: str) -> None:
    role = Role(deeds, f"messages.{verb}")
    path = "/together/send" if verb == "send_together" else f"/{verb}"
    prove(role, [http(role, "POST", path, status=204), logged(role)])


@pytest.mark.parametrize(
    ("name", "queue"),
    [("work", "jobs"), ("work_on_pairs", "pairs"), ("work_once", "singles")],
)
def test_a_consumer_needs_exactly_what_its_role_allows(deeds: Stage, name: str, queue: str) -> None:
    role = Role(deeds, f"messages.{name}")
    bad = {"id": "bad", "fails": True}
    trials = [
        queued(role, queue, {"id": "good"}),
        queued(role, queue, bad, failed=1),
        queued(role, queue, bad, attempt=2),
        queued(role, queue, {"what": 1}),
        *(polled(role, queue), logged(role)),
    ]
    prove(role, trials)


@pytest.mark.parametrize("verb", ["peek", "redrive", "purge"])
def test_a_verb_of_dead_letters_needs_exactly_what_its_role_allows(deeds: Stage, verb: str) -> None:
    role = Role(deeds, f"messages.{verb}")
    url, sqs = deeds.url("messages.work.dead"), deeds.sqs

    def trial() -> str:
        sqs.purge_queue(QueueUrl=url)
        sqs.send_message(QueueUrl=url, MessageBody='{"id": "dead"}')
        return http(role, "POST", f"/dead/{verb}", status=204 if verb == "purge" else 200)()

    def untouched() -> str:
        """What is only looked at, or came after the start, is there for others at once."""
        role.start_anew(late_s=0 if verb == "peek" else 60)
        found = trial() or ("" if sqs.receive_message(QueueUrl=url).get("Messages") else "hidden")
        role.start_anew()
        return found

    prove(role, [logged(role), untouched, *([] if verb == "peek" else [trial])])


def test_a_consumer_in_order_needs_exactly_what_its_role_allows(deeds: Stage) -> None:
    """What stands behind a failure is put back, which costs it no attempt."""
    role, bad, good = (
        Role(deeds, "messages.work_in_order"),
        {"id": "bad", "fails": True},
        {"id": "good"},
    )
    trials = [
        queued(role, "trains", bad, good, failed=2),
        queued(role, "trains", bad, good, attempt=2, failed=1),
        queued(role, "trains", {"what": 1}),
        *(polled(role, "trains"), logged(role)),
    ]
    prove(role, trials)


def test_a_consumer_of_dead_letters_needs_exactly_what_its_role_allows(deeds: Stage) -> None:
    role, letters = Role(deeds, "messages.mourn"), "messages.work_on_pairs.dead"
    trials = [
        queued(role, letters, {"id": "good"}),
        queued(role, letters, {"id": "bad", "fails": True}, failed=1),
        *(polled(role, letters), logged(role)),
    ]
    prove(role, trials)


# -- gazette: publications


@pytest.fixture(scope="module")
def gazette(guarded: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder = tmp_path_factory.mktemp("gazette")
    return staged(guarded, ROOT / "tests" / "apps" / "gazette", folder)


def test_a_publication_needs_exactly_what_its_role_allows(gazette: Stage) -> None:
    item = {"id": "a", "about": "weather"}
    spread = Role(gazette, "desk.spread")
    prove(spread, [http(spread, "POST", "/rumours", item, status=204), logged(spread)])
    again = Role(gazette, "press.set_again")
    said = {"id": "monday", "number": "1", "status": 204}
    prove(again, [http(again, "POST", "/editions/monday/pages/1", **said), logged(again)])


def test_the_relay_of_publications_needs_exactly_what_its_role_allows(gazette: Stage) -> None:
    """One transaction for each topic: the relay has a right on each."""
    relay, trials = Role(gazette, "skylift.relay"), []
    for name, path, body, said in (
        ("desk.take", "/items", {"id": f"item{next(COUNT)}", "about": "weather"}, {}),
        ("press.set_pages", "/editions/monday", None, {"id": "monday", "query": "count=1"}),
    ):
        role = Role(gazette, name)
        told = http(role, "POST", path, body, status=204, **said)()
        role.behind.close()
        assert not told
        trials.append(relayed(relay))
    prove(relay, [*trials, streamed(relay), logged(relay)])


# -- lobby: events


@pytest.fixture(scope="module")
def lobby(guarded: Ministack, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    app = ROOT / "tests" / "apps" / "lobby"
    folder = tmp_path_factory.mktemp("lobby")
    deployment = Deployment(guarded, app, folder / "state")
    deployment.client("events").create_event_bus(Name="bakery-dev-house")  # another app's
    return Stage(deployment, folder / "bundles")


def told(role: Role, *, fails: bool = False, **fields: Any) -> Trial:
    """An event as EventBridge hands it over, another each time."""

    def trial() -> str:
        mark = {"version": 1, "id": f"event{next(COUNT)}", "type": "RoomOpened"}
        detail = {**fields, "skylift": {**mark, "sent_at": "", "trace": ""}}
        said = {"version": "0", "id": "x", "detail-type": "RoomOpened", "source": "skylift"}
        outcome = role.behind({**said, "detail": detail})
        is_wrong = outcome.is_denied or bool(outcome.raised) is not fails
        return f"{outcome}" if is_wrong else ""

    return trial


def test_an_event_needs_exactly_what_its_role_allows(lobby: Stage) -> None:
    room = {"id": {"S": "one"}, "topic": {"S": "go"}, "size": {"N": "5"}, "greeted": {"N": "0"}}
    table = lobby.physical("rooms")
    lobby.deployment.client("dynamodb").put_item(TableName=table, Item=room)
    close = Role(lobby, "rooms.close_room")
    prove(close, [http(close, "DELETE", "/rooms/gone", id="gone", status=204), logged(close)])
    welcome = Role(lobby, "rooms.welcome")
    good = told(welcome, id="one", topic="go", size=5)
    missing = told(welcome, fails=True, id="none", topic="go", size=5)
    prove(welcome, [good, missing, told(welcome, id=7), logged(welcome)])
    count = Role(lobby, "statistics.count")
    trials = [
        queued(count, "closed", {"id": "one"}),
        queued(count, "closed", {"id": "x" * 3_000}, failed=1),  # no key is so long
        queued(count, "closed", {"what": 1}),
    ]
    prove(count, [*trials, polled(count, "closed"), logged(count)])


def test_the_relay_of_events_needs_exactly_what_its_role_allows(lobby: Stage) -> None:
    role, relay = Role(lobby, "rooms.open_room"), Role(lobby, "skylift.relay")
    asked = http(role, "POST", "/rooms", {"topic": "go"}, status=201)
    prove(role, [asked, logged(role)])
    prove(relay, [relayed(relay), streamed(relay), logged(relay)])
