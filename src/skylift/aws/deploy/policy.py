"""What a function may do, as IAM says it: exactly the actions its verbs need, on exactly the things
it reaches. A verb without a row here would be granted nothing and fail, so every verb has one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ...graph.collect import dead_of
from ...graph.model import Graph, Node
from ...resources.api import Route
from ...resources.bus import Bus
from ...resources.change import Observation
from ...resources.channel import Channel
from ...resources.consumer import Consumer
from ...resources.dead import Burial, DeadLetters
from ...resources.queue import Consumption, Queue
from ...resources.secret import Secret
from ...resources.setting import Setting
from ...resources.table import Table
from ...resources.timer import Due, Timer
from ...resources.topic import Topic
from ...resources.users import Users
from . import secret as secrets
from . import users
from .change import stream
from .channel import own_arn
from .invoked import counts_attempts
from .names import logical
from .plan import Permission
from .reference import Resource as Written
from .reference import arn, of, ref
from .unit import SENDING, Unit, relayed

LEDGER = "ledger"
LEDGER_ID = "Ledger"

TABLE: dict[str, tuple[str, ...]] = {
    "get": ("dynamodb:GetItem",),
    "require": ("dynamodb:GetItem",),
    "get_many": ("dynamodb:BatchGetItem",),
    "put": ("dynamodb:PutItem",),
    "create": ("dynamodb:PutItem",),
    "update": ("dynamodb:UpdateItem",),
    "delete": ("dynamodb:DeleteItem",),
    "check": ("dynamodb:ConditionCheckItem",),
    "put_many": ("dynamodb:BatchWriteItem",),
    "delete_many": ("dynamodb:BatchWriteItem",),
    "scan": ("dynamodb:Scan",),
}
QUERY: dict[str, tuple[str, ...]] = {  # on the table and its indexes
    "query": ("dynamodb:Query",),
    "page": ("dynamodb:Query",),
}
QUEUE: dict[str, tuple[str, ...]] = {
    "send": ("sqs:SendMessage",),
    "send_many": ("sqs:SendMessage",),
}
TOPIC: dict[str, tuple[str, ...]] = {
    "publish": ("sns:Publish",),
}
DEAD: dict[str, tuple[str, ...]] = {
    "peek": ("sqs:ReceiveMessage", "sqs:ChangeMessageVisibility"),
    "redrive": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"),
    "purge": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"),
}
SCHEDULES: dict[str, tuple[str, ...]] = {
    "set": ("scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule"),
    "cancel": ("scheduler:DeleteSchedule",),
}
RECEIVE = (
    *("sqs:ReceiveMessage", "sqs:DeleteMessage"),
    *("sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"),
)
OF_LEDGER: dict[str, tuple[str, ...]] = {
    "keep messages of transactions": ("dynamodb:PutItem",),
    "run once": ("dynamodb:UpdateItem", "dynamodb:DeleteItem"),
    "seal cursors": ("dynamodb:UpdateItem",),
    "count requests": ("dynamodb:UpdateItem",),
    "count what is put back": ("dynamodb:BatchGetItem", "dynamodb:UpdateItem"),
    "count attempts": ("dynamodb:UpdateItem",),
    "take messages of transactions": ("dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"),
    "remember what failed": ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
}
STREAM = (
    *("dynamodb:DescribeStream", "dynamodb:GetRecords"),
    *("dynamodb:GetShardIterator", "dynamodb:ListStreams"),
)
SCHEDULE = "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule/"
SCHEDULER = "scheduler.amazonaws.com"
START = ("lambda:InvokeFunction",)
LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")


def permissions(unit: Unit, graph: Graph) -> tuple[Permission, ...]:
    """In the order of what they are on, the logs last."""
    said = [*_granted(unit, graph), *_of_trigger(unit, graph)]
    name = arn(logical(unit.name, "Logs"))
    return (*merged(said), Permission("logs", ("write",), LOGS, (name,)))


def needs_ledger(unit: Unit, graph: Graph) -> bool:
    words = (word for node in unit.nodes for word in _ledger_words(node, graph))
    return unit.kind == "relay" or any(words)


def merged(permissions: Iterable[Permission]) -> Iterator[Permission]:
    """Those on the same thing as one."""
    held: dict[tuple[str, tuple[str, ...], str], list[Permission]] = {}
    for one in permissions:
        held.setdefault((one.on, one.arns, one.passed_to), []).append(one)
    for (on, arns, passed_to), some in sorted(held.items()):
        words = dict.fromkeys(word for one in some for word in one.words)
        actions = sorted({action for one in some for action in one.actions})
        yield Permission(on, tuple(words), tuple(actions), arns, passed_to)


# -- by what a function's code reaches


def _granted(unit: Unit, graph: Graph) -> Iterator[Permission]:
    found = reachable(graph)
    for node in unit.nodes:
        for name, verb in sorted(node.grants):
            resource = found[name]
            if verb in SENDING and (name, verb) not in node.alone:
                continue  # the relay sends it
            yield from GRANTED[resource.kind](resource, verb)
        for word in _ledger_words(node, graph):
            yield Permission(LEDGER, (word,), OF_LEDGER[word], (arn(LEDGER_ID),))


def reachable(graph: Graph) -> dict[str, Any]:
    """What grants speak of, by name: resources, dead letters, and functions that are started."""
    found: dict[str, Any] = {one.name: one for one in graph.resources}
    for node in graph.functions:
        if letters := dead_of(node.function):
            found |= {node.name: node.function, letters.name: letters}
    return found


def _on_table(table: Table[Any, *tuple[Any, ...]], verb: str) -> Iterator[Permission]:
    own = arn(logical(table.name, "Table"))
    if verb in QUERY:
        indexes = (f"{own}/index/{name}" for name in sorted(table.indexes))
        yield Permission(table.name, (verb,), QUERY[verb], (own, *indexes))
    else:
        yield Permission(table.name, (verb,), TABLE[verb], (own,))


def _on_queue(queue: Queue[Any], verb: str) -> Iterator[Permission]:
    yield Permission(queue.name, (verb,), QUEUE[verb], (arn(logical(queue.name, "Queue")),))


def _on_timer(timer: Timer[Any], verb: str) -> Iterator[Permission]:
    """In its own group, with the role of its own that Scheduler sends by."""
    name = timer.name
    schedules = f"{SCHEDULE}${{{logical(name, 'Timer')}}}/*"
    yield Permission(name, (verb,), SCHEDULES[verb], (schedules,))
    if verb == "set":
        role = arn(logical(name, "TimerRole"))
        yield Permission(name, ("lend",), ("iam:PassRole",), (role,), SCHEDULER)
        yield Permission(name, ("hasten",), QUEUE["send"], (arn(logical(name, "Due")),))


def _on_bus(bus: Bus, verb: str) -> Iterator[Permission]:
    yield Permission(bus.name, (verb,), ("events:PutEvents",), (arn(logical(bus.name, "Bus")),))


def _on_topic(topic: Topic[Any], verb: str) -> Iterator[Permission]:
    yield Permission(topic.name, (verb,), TOPIC[verb], (ref(logical(topic.name, "Topic")),))


def _on_channel(channel: Channel[Any, ...], verb: str) -> Iterator[Permission]:
    yield Permission(channel.name, (verb,), ("appsync:EventPublish",), (own_arn(channel.name),))


def _on_secret(secret: Secret, verb: str) -> Iterator[Permission]:
    """The keys they are sealed with are AWS's own: whoever may read one may have it opened."""
    action = "secretsmanager:GetSecretValue" if secret.rotate else "ssm:GetParameter"
    yield Permission(secret.name, (verb,), (action,), (secrets.reference(secret),))


def _on_setting(setting: Setting[Any], verb: str) -> Iterator[Permission]:
    """It stands in the function's environment."""
    del setting, verb
    return iter(())


def _on_dead(letters: DeadLetters[Any], verb: str) -> Iterator[Permission]:
    yield Permission(letters.name, (verb,), DEAD[verb], (arn(logical(letters.name)),))
    if verb == "redrive":
        function: Any = letters.function
        redriven = REDRIVEN.get(function.trigger.kind, _on_started)
        yield from redriven(function, "take redriven letters")


def _redriven_to_queue(consumer: Any, word: str) -> Iterator[Permission]:
    queue: str = consumer.trigger.resource.name
    yield Permission(queue, (word,), QUEUE["send"], (arn(logical(queue, "Queue")),))


def _redriven_to_timer(function: Any, word: str) -> Iterator[Permission]:
    timer: str = function.trigger.resource.name
    yield Permission(timer, (word,), QUEUE["send"], (arn(logical(timer, "Due")),))


def _on_started(function: Any, verb: str) -> Iterator[Permission]:
    yield Permission(function.name, (verb,), START, (arn(logical(function.name, "Function")),))


GRANTED: dict[str, Callable[[Any, str], Iterator[Permission]]] = {  # by kind of resource
    Table.kind: _on_table,
    Queue.kind: _on_queue,
    Bus.kind: _on_bus,
    Timer.kind: _on_timer,
    Topic.kind: _on_topic,
    Channel.kind: _on_channel,
    Secret.kind: _on_secret,
    Users.kind: users.permissions,
    Setting.kind: _on_setting,
    DeadLetters.kind: _on_dead,
    Consumer.kind: _on_started,
}
REDRIVEN: dict[str, Callable[[Any, str], Iterator[Permission]]] = {  # by kind of trigger
    "queue": _redriven_to_queue,
    "timer": _redriven_to_timer,
}


def _ledger_words(node: Node, graph: Graph) -> Iterator[str]:
    trigger = node.function.trigger
    if sent_together(node):
        yield "keep messages of transactions"
    if isinstance(trigger, Route) and trigger.once:
        yield "run once"
    if isinstance(trigger, Route) and trigger.limit is not None:
        yield "count requests"
    if getattr(trigger, "runs_once", False):
        yield "run once"
    if isinstance(trigger, Observation):
        yield "remember what failed"
    if puts_back(trigger):
        yield "count what is put back"
    if counts_attempts(node, graph):
        yield "count attempts"
    if any(verb == "page" for _, verb in node.grants):
        yield "seal cursors"


def puts_back(trigger: Any) -> bool:
    """It may hand back a message that has cost no attempt, which SQS cannot count."""
    if isinstance(trigger, Consumption):
        return trigger.runs_once or (trigger.resource.fifo and trigger.batch > 1)
    return isinstance(trigger, Due) and trigger.runs_once


def sent_together(node: Node) -> set[str]:
    """What it sends to inside transactions."""
    return {name for name, verb in node.together if verb in SENDING}


# -- by what calls it


def _of_trigger(unit: Unit, graph: Graph) -> Iterator[Permission]:
    if unit.kind == "relay":
        yield from _relaying(graph)
    trigger = unit.node.function.trigger if unit.node else None
    if unit.node and dead_of(unit.node.function):
        dead = f"{unit.name}.dead"
        yield Permission(dead, ("bury",), QUEUE["send"], (arn(logical(dead)),))
    if isinstance(trigger, Consumption):
        queue = trigger.resource.name
        yield Permission(queue, ("receive",), RECEIVE, (arn(logical(queue, "Queue")),))
    elif isinstance(trigger, Due):
        timer = trigger.resource.name
        yield Permission(timer, ("receive",), RECEIVE, (arn(logical(timer, "Due")),))
    elif isinstance(trigger, Observation):
        table = trigger.resource.name
        yield Permission(table, ("be told of changes",), STREAM, (stream(table),))
    elif isinstance(trigger, Burial):
        dead = trigger.resource.name
        yield Permission(dead, ("receive",), RECEIVE, (arn(logical(dead)),))


def _relaying(graph: Graph) -> Iterator[Permission]:
    word = "take messages of transactions"
    yield Permission(LEDGER, (word,), OF_LEDGER[word], (arn(LEDGER_ID),))
    stream = f"${{{LEDGER_ID}.StreamArn}}"
    yield Permission(LEDGER, ("be told of messages",), STREAM, (stream,))
    found = reachable(graph)
    for name, verbs in relayed(graph).items():
        for verb in sorted(verbs):
            yield from GRANTED[found[name].kind](found[name], verb)


# -- as a template says it


def role(permissions: Iterable[Permission], functions: Mapping[str, str]) -> Written:
    """`functions` are their ARNs made of names, by those of the template: two that start each other
    would wait in a circle. So are those of buses that another app owns.
    """
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": assumed_by("lambda.amazonaws.com"),
            "Policies": [policy([_statement(one, functions) for one in permissions])],
        },
    }


def assumed_by(service: str) -> dict[str, Any]:
    return document([allow("sts:AssumeRole", {"Principal": {"Service": service}})])


def policy(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"PolicyName": "exactly", "PolicyDocument": document(statements)}


def document(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}


def allow(actions: str | list[str], more: dict[str, Any]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, **more}


def _statement(permission: Permission, functions: Mapping[str, str]) -> dict[str, Any]:
    arns = [of(functions.get(one, one)) for one in permission.arns]
    more: dict[str, Any] = {"Resource": arns[0] if len(arns) == 1 else arns}
    if permission.passed_to:
        more["Condition"] = {"StringEquals": {"iam:PassedToService": permission.passed_to}}
    return allow(list(permission.actions), more)
