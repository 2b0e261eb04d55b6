"""Resources on MiniStack without an app around them: `async with AwsStand(stack, notes, seats)`,
and their verbs work; where a function would be called stands a queue. The twin of
`skylift.testing.stand`: all is made as a deployment makes it, with names of its own, a clock that
is moved, and chance that counts.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from contextvars import Token
from hashlib import sha256
from typing import Any

from skylift.aws.runtime.client import Client
from skylift.aws.runtime.client import World as ClientWorld
from skylift.aws.runtime.lambda_gather import Gathering
from skylift.aws.runtime.wait import drive
from skylift.function import Function
from skylift.invocation import EVERYTHING, Invocation, current
from skylift.ports import Batch, Clock, Ports, StorePort
from skylift.resources.bus import Bus
from skylift.resources.channel import Channel
from skylift.resources.dead import DeadLetters
from skylift.resources.queue import Queue
from skylift.resources.resource import Resource
from skylift.resources.schedule import Schedule
from skylift.resources.secret import Secret
from skylift.resources.setting import Setting
from skylift.resources.table import Table
from skylift.resources.timer import Timer
from skylift.resources.topic import Topic
from skylift.resources.users import Users
from skylift.testing.stand import Failures
from skylift.testing.story import Declared
from tests.rehearsal.buses import make_bus, open_bus
from tests.rehearsal.changes import SHAPE, ChangeInbox, Stream, is_followed
from tests.rehearsal.channels import Listening, listening, make_channel, open_channel
from tests.rehearsal.clocked import ClockedMinistack, MovedClock
from tests.rehearsal.making import LEASE_S, make_ledger, make_queue, make_table
from tests.rehearsal.proxy import FaultProxy
from tests.rehearsal.schedules import looked, make_schedule, open_schedule
from tests.rehearsal.secrets import (
    make_secret,
    open_secret,
    open_setting,
    remove_secret,
    set_secret,
)
from tests.rehearsal.starts import is_started, make_start, open_start
from tests.rehearsal.timers import TimerInbox, fired, make_timer, open_timer
from tests.rehearsal.topics import make_topic, open_topic
from tests.rehearsal.users import mailed, make_users, open_users

PAUSE_S_MAX = 0.002  # a retry waits for nothing here: the emulator is as well as it was before


class CountingEntropy:
    """Another sequence for each world: AWS remembers tokens for minutes."""

    def __init__(self, seed: str) -> None:
        self._seed, self._drawn = seed, 0

    def token_bytes(self, count: int) -> bytes:
        self._drawn += 1
        return sha256(f"{self._seed} {self._drawn}".encode()).digest()[:count]


class Sleep:
    """Real, but for its length."""

    def __call__(self, seconds: float) -> None:
        import time

        time.sleep(min(seconds, PAUSE_S_MAX))


class HandWorkers:
    """Verbs at the same time, as in a function without an event loop."""

    def __init__(self, clock: Clock) -> None:
        self._gathering = Gathering(clock)
        self.is_gathering = False

    async def gather(self, verbs: Sequence[Awaitable[Any]]) -> list[Any]:
        self.is_gathering = True
        try:
            return drive(self._gathering.gather(verbs))
        finally:
            self.is_gathering = False


class Driven:
    """An adapter of AWS as the loop of a test may await it: a verb blocks there, and where verbs
    are gathered it waits as they do.
    """

    def __init__(self, adapter: Any, workers: HandWorkers) -> None:
        self._adapter, self._workers = adapter, workers

    def __getattr__(self, name: str) -> Any:
        verb = getattr(self._adapter, name)

        async def call(*given: Any) -> Any:
            waiting = verb(*given)
            return await waiting if self._workers.is_gathering else drive(waiting)

        return call


class Relaying:
    """A store whose messages are relayed as soon as a transaction has ended, as its stream does a
    moment later.
    """

    def __init__(self, store: StorePort, stand: AwsStand) -> None:
        self._store, self._stand = store, stand

    async def commit(self, batch: Batch) -> None:
        if batch.messages:
            self._stand.has_sent = True
        try:
            await self._store.commit(batch)
        finally:  # who was not answered may have written all the same
            await self._stand.settle()


class Later:
    """Made when first asked for anything: a queue's contract needs no table's adapter."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:
        made = self.__dict__.setdefault("_made", self._make())
        found = self.__dict__[name] = getattr(made, name)
        return found


class AwsStand:
    """The resources of a test, open. Adapters reach AWS through the `proxy` when there is one; what
    the stand itself does never goes through it.
    """

    def __init__(
        self,
        stack: ClockedMinistack,
        *declared: Declared,
        proxy: FaultProxy | None = None,
    ) -> None:
        self.resources = [one for one in declared if isinstance(one, Resource)]
        self.functions = [one for one in declared if isinstance(one, Function)]
        self.proxy = proxy
        self._direct = stack.environment
        self._environment = proxy.environment(self._direct) if proxy else self._direct
        self.clock: MovedClock = stack.clock
        self.name = uuid.uuid4().hex[:12]
        self.entropy = CountingEntropy(self.name)
        self.failures = Failures()
        self.places: dict[str, str] = {}  # table names and queue URLs by resource
        self.environment: dict[str, str] = {}  # of the functions: what is said to the app
        self.is_relaying, self.has_sent = True, False
        self._clients: list[Client | Stream] = []

    async def __aenter__(self) -> AwsStand:
        self._calls = {service: self._client(service, self._direct) for service in SERVICES}
        self._asked = {service: self._client(service, self._environment) for service in SERVICES}
        self._make()
        self._inboxes = {one.name: self._open_inbox(one) for one in self.functions}
        adapters: dict[str, Any] = {}
        for resource in self.resources:
            adapters[resource.name] = OPENED[type(resource)](self, resource)
        started = filter(is_started, self.functions)
        adapters |= {one.name: open_start(self, one) for one in started}
        self._adapters = adapters
        self._ledger: Any = Later(self.open_ledger)
        workers = HandWorkers(self.clock)
        store: Any = Driven(Later(lambda: self._open_store(adapters)), workers)
        ledger: Any = Driven(self._ledger, workers)
        self.ports = Ports(
            adapters={name: Driven(adapter, workers) for name, adapter in adapters.items()},
            store=Relaying(store, self),
            ledger=ledger,
            clock=self.clock,
            entropy=self.entropy,
            workers=workers,  # pyright: ignore[reportArgumentType] # nothing else runs here
            report=self.failures,
        )
        running = Invocation("stand", EVERYTHING, self.ports)
        self._token: Token[Invocation] = current.set(running)
        return self

    async def __aexit__(self, *_: object) -> None:
        current.reset(self._token)
        for client in self._clients:
            client.close()

    def inbox(self, function: Function[..., Any]) -> Any:
        """A queue in the place of the function: what would call it is sent there."""
        return Driven(self._inboxes[function.name], HandWorkers(self.clock))

    async def set_secret(self, name: str, value: str) -> None:
        set_secret(self, name, value)

    async def mail(self, address: str) -> list[str]:
        return mailed(self, address)

    async def remove_secret(self, name: str) -> None:
        remove_secret(self, name)

    def listening(
        self, channel: Channel[Any, ...], **ids: str
    ) -> AbstractAsyncContextManager[Listening]:
        return listening(self, channel.path(ids))

    async def settle(self) -> None:
        """Until everything shows every write: MiniStack's indexes do at once."""
        if self.is_relaying and self.has_sent:
            self.has_sent = False
            self.relay()
        for one in self.resources:
            if isinstance(one, Timer):
                fired(self, one)
            elif isinstance(one, Schedule):
                looked(self)

    def relay(self) -> None:
        """What the ledger's stream does, which asks again until it is done: messages of
        transactions go to their queues.
        """
        from skylift.aws.runtime.outbox import relay

        for _ in range(RELAYS_MAX):
            items = drive(self.outbox.items())
            errors = list(filter(None, drive(relay(items, self.senders, self.outbox))))
            if not errors:
                return
        raise errors[0]

    @property
    def outbox(self) -> Any:
        from skylift.aws.runtime.outbox import Outbox

        return Outbox(self._asked["dynamodb"], self.places[LEDGER], self.clock)

    @property
    def senders(self) -> dict[str, Any]:
        """Of each queue and whatever else takes messages, by its name."""
        queues = [one.name for one in self.resources if isinstance(one, Queue)]
        others = {k: one for k, one in self._adapters.items() if hasattr(one, "send_in_order")}
        return {name: self.sender(name) for name in queues} | others

    # -- what is there before any adapter

    def _make(self) -> None:
        call = self.call
        self.places[LEDGER] = make_ledger(call, f"{self.name}-skylift-ledger")
        consumers = {
            one.function.trigger.resource.name: one.function
            for one in self.resources
            if isinstance(one, DeadLetters)
        }
        for resource in self.resources:
            physical = f"{self.name}-{resource.name}"
            if isinstance(resource, Table):
                stream = SHAPE if is_followed(resource.name, self.functions) else None
                self.places[resource.name] = make_table(call, physical, resource, stream)
            elif isinstance(resource, Queue):
                consumer = consumers.get(resource.name)
                url, dead_url = make_queue(call, physical, resource, consumer)
                self.places[resource.name] = url
                self.places[f"{resource.name} dead"] = dead_url
        for function in self.functions:
            if function.trigger.kind == "change":
                continue
            inbox = inbox_of(function)
            url, dead_url = make_queue(call, f"{self.name}-{function.name}", inbox, None)
            self.places[function.name], self.places[f"{function.name} dead"] = url, dead_url
            if is_started(function):
                make_start(self, function)
        for resource in self.resources:
            if type(resource) in MADE:  # what leads into queues and inboxes
                MADE[type(resource)](self, resource)

    def arn(self, queue: str) -> str:
        """Of a queue, or of the inbox of a function, by its name."""
        asked = {"QueueUrl": self.places[queue], "AttributeNames": ["QueueArn"]}
        return str(self.call("sqs", "GetQueueAttributes", asked)["Attributes"]["QueueArn"])

    def call(self, service: str, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        until = self.clock.time() + 30
        return drive(self._calls[service].call(operation, asked, dict[str, Any], deadline=until))

    @property
    def endpoint(self) -> str:
        return self._direct["AWS_ENDPOINT_URL"]

    def direct(self, service: str) -> Client:
        return self._calls[service]

    # -- adapters

    def asking(self, service: str) -> Client:
        return self._asked[service]

    def _client(self, service: str, environment: Mapping[str, str]) -> Client:
        world = ClientWorld(self.clock, self.entropy, Sleep())
        client = Client(service, environment, world)
        self._clients.append(client)
        return client

    def _open_table(self, table: Table[Any, Any]) -> Any:
        from skylift.aws.runtime.table_dynamodb import DynamoTable

        place = self.places[table.name]
        told = is_followed(table.name, self.functions)
        return DynamoTable(self._asked["dynamodb"], place, table, self.clock, is_followed=told)

    def _open_queue(self, queue: Queue[Any]) -> Any:
        from skylift.aws.runtime.outbox import Outbox
        from skylift.aws.runtime.put_back import PutBacks
        from skylift.aws.runtime.queue_sqs import Outside, SqsQueue

        ledger = (self._asked["dynamodb"], self.places[LEDGER], self.clock)
        dead = self.sender(f"{queue.name} dead")
        lease_s = queue.lease_s or LEASE_S
        outside = Outside(queue.name, lease_s, dead, PutBacks(*ledger), Outbox(*ledger))
        return SqsQueue(self.sender(queue.name), outside)

    def _open_inbox(self, function: Function[..., Any]) -> Any:
        if function.trigger.kind == "change":
            table = function.trigger.resource
            stream = Stream(self._direct, self.places[table.name])
            self._clients.append(stream)
            return ChangeInbox(stream, table)
        inbox = self._open_queue(inbox_of(function))
        return TimerInbox(inbox, self.clock) if function.trigger.kind == "timer" else inbox

    def _open_dead(self, letters: DeadLetters[Any]) -> Any:
        from skylift.aws.runtime.dead_sqs import SqsDead

        trigger = letters.function.trigger
        dead = self.sender(f"{trigger.resource.name} dead")
        return SqsDead(dead, self.sender(trigger.resource.name), trigger.attempts_max, wait_s=0)

    def sender(self, name: str) -> Any:
        from skylift.aws.runtime.send_sqs import SqsSender

        return SqsSender(self._asked["sqs"], self.places[name], self.clock, self.entropy)

    def open_ledger(self) -> Any:
        from skylift.aws.runtime.ledger_dynamodb import DynamoLedger

        client, place = self._asked["dynamodb"], self.places[LEDGER]
        return DynamoLedger(client, place, self.clock, self.entropy)

    def _open_store(self, adapters: Mapping[str, Any]) -> Any:
        from skylift.aws.runtime.store_dynamodb import DynamoStore

        client = self._asked["dynamodb"]
        return DynamoStore(client, adapters, self._ledger, self.clock, self.entropy)


def inbox_of(function: Function[..., Any]) -> Queue[Any]:
    trigger: Any = function.trigger
    return Queue(function.name, trigger.message)


SERVICES = (
    *("dynamodb", "sqs", "scheduler", "sns", "events", "lambda", "ssm", "secretsmanager"),
    *("appsync", "cognito-idp", "iam"),
)
LEDGER = "skylift.ledger"
RELAYS_MAX = 5
# By type: makes it, and has it lead into the queues and inboxes of the stand.
MADE: dict[type[Resource], Callable[[AwsStand, Any], None]] = {
    Timer: make_timer,
    Schedule: make_schedule,
    Topic: make_topic,
    Bus: make_bus,
    Channel: make_channel,
    Secret: make_secret,
    Users: make_users,
}
OPENED: dict[type[Resource], Any] = {
    Table: AwsStand._open_table,  # pyright: ignore[reportPrivateUsage]
    Timer: open_timer,
    Schedule: open_schedule,
    Topic: open_topic,
    Bus: open_bus,
    Channel: open_channel,
    Secret: open_secret,
    Users: open_users,
    Setting: open_setting,
    Queue: AwsStand._open_queue,  # pyright: ignore[reportPrivateUsage]
    DeadLetters: AwsStand._open_dead,  # pyright: ignore[reportPrivateUsage]
}
