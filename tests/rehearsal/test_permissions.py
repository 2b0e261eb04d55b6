"""Nothing missing, nothing spare: the bundle of each function does all it can with its deployed
role, and without any one action of that role something fails. What Lambda's service itself does
with the role (it polls queues and streams, and writes logs) is done here as it does it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.rehearsal.behind_role import BehindRole, Outcome
from tests.rehearsal.deployment import Deployment
from tests.rehearsal.ministack import REGION, Ministack

ROOT = Path(__file__).parents[2]
ACCOUNT = "000000000000"
POLICY = "exactly"
FIFO = {"trains"}
SINGLE = ("SendMessage", "DeleteMessage", "ChangeMessageVisibility")
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        }
    ],
}


def as_over_tls(request: Any, **_: Any) -> None:
    """What a proxy in front of MiniStack would say of a request that came over TLS."""
    request.headers["X-Forwarded-Proto"] = "https"


Trial = Callable[[], str]  # what went wrong, or nothing


@dataclass
class Stage:
    """An app on MiniStack that checks permissions. Lambda hands it no messages: tests do."""

    deployment: Deployment
    folder: Path
    plan: dict[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        self.deployment.deployed()
        self.iam, self.sqs = self.deployment.client("iam"), self.deployment.client("sqs")
        self.functions = self.deployment.client("lambda")
        for source in self.functions.list_event_source_mappings()["EventSourceMappings"]:
            self.functions.update_event_source_mapping(UUID=source["UUID"], Enabled=False)
        self._speak_without_tls()

    def _speak_without_tls(self) -> None:
        """Queues refuse whoever comes without TLS, as everybody does here: they are told not to."""
        self.sqs.meta.events.register("before-sign.sqs", as_over_tls)
        for url in self.sqs.list_queues()["QueueUrls"]:
            self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})

    def physical(self, name: str) -> str:
        return f"{self.deployment.app.name}-{self.deployment.stage}-{name.replace('.', '-')}"

    def url(self, queue: str) -> str:
        name = self.physical(queue) + ".fifo" * (queue in FIFO)
        return self.sqs.get_queue_url(QueueName=name)["QueueUrl"]


class Role:
    """A function with what its role may do, which tests take parts of."""

    def __init__(self, stage: Stage, name: str) -> None:
        self.stage, self.name = stage, name
        physical = stage.physical(name)
        said = stage.functions.get_function_configuration(FunctionName=physical)
        self.role = said["Role"].rpartition("/")[2]
        trust = json.dumps(TRUST)
        stage.iam.update_assume_role_policy(RoleName=self.role, PolicyDocument=trust)
        held = stage.iam.get_role_policy(RoleName=self.role, PolicyName=POLICY)["PolicyDocument"]
        self.policy: dict[str, Any] = held if isinstance(held, dict) else json.loads(held)
        for statement in self.policy["Statement"]:
            if isinstance(statement["Action"], str):
                statement["Action"] = [statement["Action"]]
        self._put(self.policy)
        sts = stage.deployment.client("sts")
        assumed = sts.assume_role(RoleArn=said["Role"], RoleSessionName="test")["Credentials"]
        self.credentials = {
            "AWS_ACCESS_KEY_ID": assumed["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": assumed["SecretAccessKey"],
            "AWS_SESSION_TOKEN": assumed["SessionToken"],
        }
        environment = said["Environment"]["Variables"] | self.credentials
        environment |= {"AWS_REGION": REGION, "AWS_ENDPOINT_URL": stage.deployment.stack.url}
        environment["AWS_LAMBDA_FUNCTION_NAME"] = physical
        state = stage.deployment.state / stage.deployment.app.name / "build"
        self._bundle, self._environment = state / f"{name}.zip", environment
        self.behind = self._started()

    def _started(self, late_s: float = 0) -> BehindRole:
        folder = self.stage.folder / self.name
        return BehindRole(self._bundle, folder, self._environment, late_s=late_s)

    def start_anew(self, late_s: float = 0) -> None:
        """Cold, and perhaps with a clock that is late."""
        self.behind.close()
        self.behind = self._started(late_s)

    def client(self, service: str) -> Any:
        """As Lambda's service has it: with this role."""
        session: Any = boto3.Session(
            self.credentials["AWS_ACCESS_KEY_ID"],
            self.credentials["AWS_SECRET_ACCESS_KEY"],
            self.credentials["AWS_SESSION_TOKEN"],
            REGION,
        )
        return session.client(service, endpoint_url=self.stage.deployment.stack.url)

    @contextmanager
    def without(self, statement: int, action: str) -> Iterator[None]:
        cut = json.loads(json.dumps(self.policy))
        cut["Statement"][statement]["Action"].remove(action)
        cut["Statement"] = [one for one in cut["Statement"] if one["Action"]]
        self._put(cut)
        yield
        self._put(self.policy)

    def _put(self, policy: Mapping[str, Any]) -> None:
        if policy["Statement"]:
            said = json.dumps(as_emulated(policy))
            self.stage.iam.put_role_policy(
                RoleName=self.role, PolicyName=POLICY, PolicyDocument=said
            )
        else:
            self.stage.iam.delete_role_policy(RoleName=self.role, PolicyName=POLICY)


# MiniStack asks for these by names that are no actions of IAM: AWS asks for the one they repeat.
BATCHES = {f"sqs:{one}": f"sqs:{one}Batch" for one in SINGLE}


def as_emulated(policy: Mapping[str, Any]) -> dict[str, Any]:
    """The same policy in what MiniStack asks about. An own log is `<group>:*` to AWS, as its own
    roles for functions have it, and `<group>` here (core/iam_actions.py: `log-group:{name}`);
    it asks for what is done with a stream on `*` (there, `service == "dynamodb"`).
    """
    said = json.loads(json.dumps(policy))
    for statement in said["Statement"]:
        actions: list[str] = statement["Action"]
        actions += [BATCHES[action] for action in actions if action in BATCHES]
        if actions[0].startswith("logs:"):
            statement["Resource"] = statement["Resource"].removesuffix(":*")
        if "/stream/" in str(statement["Resource"]):
            statement["Resource"] = "*"
    return said


# -- trials


def http(role: Role, method: str, path: str, body: Any = None, **said: Any) -> Trial:
    """A request that is answered with `status`."""
    status, headers = said.pop("status", 200), said.pop("headers", {})
    event = {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": said.pop("query", ""),
        "headers": {"content-type": "application/json", **headers},
        "pathParameters": said,
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "127.0.0.1"},
            "requestId": "x",
            "stage": "$default",
            "routeKey": f"{method} {path}",
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }

    def trial() -> str:
        outcome = role.behind(event)
        answered = (outcome.result or {}).get("statusCode")
        return wrong(outcome) or ("" if answered == status else f"{answered}: {outcome}")

    return trial


def queued(role: Role, queue: str, *bodies: Any, attempt: int = 1, failed: int = 0) -> Trial:
    """Messages that were received so often, of which so many are said to have failed."""
    sqs, url = role.stage.sqs, role.stage.url(queue)

    def send(body: Any) -> None:
        more = {"MessageGroupId": "g", "MessageDeduplicationId": str(next(COUNT))}
        given = more if queue in FIFO else {}
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body), **given)

    def trial() -> str:
        sqs.purge_queue(QueueUrl=url)
        for body in bodies:
            send(body)
        asked = {"MaxNumberOfMessages": 10, "AttributeNames": ["All"]}
        held = sqs.receive_message(QueueUrl=url, **asked)["Messages"]
        assert len(held) == len(bodies)
        outcome = role.behind({"Records": [record_of(one, attempt) for one in held]})
        found = len((outcome.result or {}).get("batchItemFailures", ()))
        return wrong(outcome) or ("" if found == failed else f"{found} failed: {outcome}")

    return trial


def record_of(held: dict[str, Any], attempt: int) -> dict[str, Any]:
    """As Lambda hands a message over."""
    return {
        "messageId": held["MessageId"],
        "receiptHandle": held["ReceiptHandle"],
        "body": held["Body"],
        "attributes": held["Attributes"] | {"ApproximateReceiveCount": str(attempt)},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "awsRegion": REGION,
    }


def wrong(outcome: Outcome) -> str:
    if outcome.raised or outcome.is_denied:
        return f"{outcome.raised or 'denied'}: {outcome.said[-2000:]}"
    return ""


COUNT = iter(range(1_000_000))


def allowed(call: Callable[..., Any], **asked: Any) -> str:
    try:
        call(**asked)
    except ClientError as error:
        return str(error)
    return ""


def polled(role: Role, queue: str) -> Trial:
    """Lambda's service takes messages, deletes them, and looks how many there are."""
    own, url = role.client("sqs"), role.stage.url(queue)

    def trial() -> str:
        return (
            allowed(own.receive_message, QueueUrl=url)
            or deleted(own, url)
            or allowed(own.get_queue_attributes, QueueUrl=url, AttributeNames=["All"])
        )

    def deleted(own: Any, url: str) -> str:
        said = allowed(own.delete_message, QueueUrl=url, ReceiptHandle="AQEB")
        return said if "AccessDenied" in said else ""  # the handle is nobody's

    return trial


def logged(role: Role) -> Trial:
    logs, group = role.client("logs"), f"/aws/lambda/{role.stage.physical(role.name)}"

    def trial() -> str:
        stream = f"stream-{next(COUNT)}"
        event = {"timestamp": 1_800_000_000_000, "message": "x"}
        return allowed(logs.create_log_stream, logGroupName=group, logStreamName=stream) or allowed(
            logs.put_log_events, logGroupName=group, logStreamName=stream, logEvents=[event]
        )

    return trial


# -- the claim


def prove(role: Role, trials: Sequence[Trial]) -> None:
    """All pass with the role, and without any action of it one does not."""
    try:
        for trial in trials:
            told = trial()
            assert not told, f"{role.name}: {told}"
        spare = list(spare_actions(role, trials))
        assert (role.name, spare) == (role.name, [])
    finally:
        role.behind.close()


def spare_actions(role: Role, trials: Sequence[Trial]) -> Iterator[str]:
    for number, statement in enumerate(role.policy["Statement"]):
        for action in statement["Action"]:
            with role.without(number, action):
                if not any(trial() for trial in trials):
                    yield f"{action} on {statement['Resource']}"


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
    """The stream's last record of a transaction's messages, as Lambda hands it over."""
    records = last_records(role.stage)

    def trial() -> str:
        outcome = role.behind({"Records": records})
        failed = (outcome.result or {}).get("batchItemFailures")
        return wrong(outcome) or ("" if failed == [] else str(outcome))

    return trial


def last_records(stage: Stage) -> list[dict[str, Any]]:
    streams, arn = stage.deployment.client("dynamodbstreams"), stream_of(stage)
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    start = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )
    found = streams.get_records(ShardIterator=start["ShardIterator"])["Records"]
    kept = [one for one in found if one["eventName"] == "INSERT"]
    for one in kept:
        del one["dynamodb"]["ApproximateCreationDateTime"]  # a date is no JSON
    return kept[-1:]


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
