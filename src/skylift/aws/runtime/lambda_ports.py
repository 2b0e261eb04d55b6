"""The ports of a deployed function: its own DynamoDB tables and SQS queues. Each adapter, with its
connection, is made when it is first asked for: a function pays for what an invocation touches.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from msgspec import json

from ...errors import DeclarationError, Mistake
from ...ports import OnceMark, Ports
from .lambda_unit import DeployedFunction, Surroundings

if TYPE_CHECKING:
    from .attempt import Attempts
    from .bus_eventbridge import EventBridgeBus
    from .channel_appsync import AppSyncChannel
    from .client import Client
    from .lambda_work import Work
    from .ledger_dynamodb import DynamoLedger
    from .outbox import Outbox
    from .progress import Progress
    from .put_back import PutBacks
    from .send_sqs import SqsSender
    from .start_lambda import LambdaStarter
    from .store_dynamodb import DynamoStore
    from .timer_scheduler import SchedulerTimer
    from .topic_sns import SnsTopic

PLACES = "SKYLIFT_RESOURCES"
LEDGER = "SKYLIFT_LEDGER"


class Adapters(dict[str, Any]):
    """By resource name."""

    def __init__(self, make: Callable[[str], Any]) -> None:
        self._make = make

    def __missing__(self, name: str) -> Any:
        adapter = self[name] = self._make(name)
        return adapter


class Deferred:
    """Stands for what is made when it is first asked for anything."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._made: Any = None

    def __getattr__(self, name: str) -> Any:
        if self._made is None:
            self._made = self._make()
        return getattr(self._made, name)


class LedgerAhead:
    """The ledger as the store asks for it: to leave messages there, its place is enough."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @property
    def table(self) -> str:
        return self._backend.ledger_table

    def finishing(self, mark: OnceMark) -> dict[str, Any]:
        return self._backend.ledger().finishing(mark)


class Backend:
    """What the adapters of one function are made of."""

    def __init__(self, world: Surroundings, unit: DeployedFunction | None = None) -> None:
        self.clock, self.entropy = world.clock, world.entropy
        self._world = world
        self._declared: dict[str, Any] = {}
        self._followed: Collection[str] = unit.followed if unit is not None else ()
        if unit is not None:
            consumers: list[Any] = list(unit.consumers.values())
            declared = (*unit.resources, *consumers, *[one.dead for one in consumers])
            self._declared = {one.name: one for one in declared}
        self._places: dict[str, str] = {}
        self._clients: dict[str, Client] = {}
        self.adapters = Adapters(self._adapter)

    def client(self, service: str) -> Client:
        """One for each service: adapters share its connections."""
        found = self._clients.get(service)
        if found is None:
            from .client import Client, World

            given = World(self.clock, self.entropy, self._world.sleep)
            found = self._clients[service] = Client(service, self._world.environment, given)
        return found

    def place(self, name: str) -> str:
        """A table's name, a queue's URL."""
        if not self._places:
            self._places = json.decode(self._world.said(PLACES), type=dict[str, str])
        place = self._places.get(name)
        if place is None:
            reason = f"does not say where {name!r} is"
            raise DeclarationError(Mistake(f"environment: {PLACES}", reason, REMEDY))
        return place

    def sender(self, queue: str) -> SqsSender:
        from .send_sqs import SqsSender

        return SqsSender(self.client("sqs"), self.place(queue), self.clock, self.entropy)

    def timer_at(self, name: str) -> SchedulerTimer:
        from .timer_scheduler import Place, SchedulerTimer

        place = Place(
            *[self.place(f"{name}.{what}") for what in ("group", "queue", "role", "dead")]
        )
        return SchedulerTimer(self.client("scheduler"), place, self.sender(name), self.clock)

    def topic_at(self, name: str) -> SnsTopic:
        from .topic_sns import SnsTopic

        return SnsTopic(self.client("sns"), self.place(name), self.clock, self.entropy)

    def bus_at(self, name: str) -> EventBridgeBus:
        from .bus_eventbridge import EventBridgeBus

        return EventBridgeBus(self.client("events"), self.place(name), self.clock)

    def channel_at(self, name: str) -> AppSyncChannel:
        from .channel_appsync import SERVICE, AppSyncChannel, reached
        from .client import Client, World

        host = self.place(name)  # of the API, which all channels share
        found = self._clients.get(SERVICE)
        if found is None:
            given = World(self.clock, self.entropy, self._world.sleep)
            environment = reached(self._world.environment, host)
            found = self._clients[SERVICE] = Client(SERVICE, environment, given)
        return AppSyncChannel(found, host, self.clock)

    def starter(self, function: str) -> LambdaStarter:
        from .start_lambda import LambdaStarter

        return LambdaStarter(self.client("lambda"), self.place(function), self.clock)

    def sending(self, name: str, kind: str) -> Any:
        """What takes messages of transactions for this, in their order."""
        return SENDERS[kind](self, name)

    @property
    def ledger_table(self) -> str:
        return self._world.said(LEDGER)

    def ledger(self) -> DynamoLedger:
        from .ledger_dynamodb import DynamoLedger

        place = self.ledger_table
        return DynamoLedger(self.client("dynamodb"), place, self.clock, self.entropy)

    def store(self) -> DynamoStore:
        from .store_dynamodb import DynamoStore

        ledger: Any = LedgerAhead(self)
        client = self.client("dynamodb")
        return DynamoStore(client, self.adapters, ledger, self.clock, self.entropy)

    def put_backs(self) -> PutBacks:
        from .put_back import PutBacks

        return PutBacks(self.client("dynamodb"), self.ledger_table, self.clock)

    def attempts(self) -> Attempts:
        from .attempt import Attempts

        return Attempts(self.client("dynamodb"), self.ledger_table, self.clock)

    def progress(self, function: str) -> Progress:
        from .progress import Progress

        return Progress(self.client("dynamodb"), self.ledger_table, function, self.clock)

    def outbox(self) -> Outbox:
        from .outbox import Outbox

        return Outbox(self.client("dynamodb"), self.ledger_table, self.clock)

    def ports(self, work: Work) -> Ports:
        beside = work.beside
        store: Any = Deferred(lambda: beside(self.store()))
        ledger: Any = Deferred(lambda: beside(self.ledger()))
        given = (self.clock, self.entropy, work.workers, work.report)
        adapters = Adapters(lambda name: beside(self.adapters[name]))
        return Ports(adapters, store, ledger, *given)

    def _adapter(self, name: str) -> Any:
        declared = self._declared[name]
        return ADAPTERS[declared.kind](self, declared)

    def table(self, declared: Any) -> Any:
        from .table_dynamodb import DynamoTable

        place = self.place(declared.name)
        is_followed = declared.name in self._followed
        client = self.client("dynamodb")
        return DynamoTable(client, place, declared, self.clock, is_followed=is_followed)

    def queue(self, declared: Any) -> Any:
        from .queue_sqs import SqsQueue

        # A function that sends only in transactions is not told where the queue is.
        sender: Any = Deferred(lambda: self.sender(declared.name))
        return SqsQueue(sender)

    def bus(self, declared: Any) -> Any:
        return Deferred(lambda: self.bus_at(declared.name))

    def timer(self, declared: Any) -> Any:
        return self.timer_at(declared.name)

    def topic(self, declared: Any) -> Any:
        return self.topic_at(declared.name)

    def channel(self, declared: Any) -> Any:
        return self.channel_at(declared.name)

    def users(self, declared: Any) -> Any:
        from .keys_cognito import Pool
        from .users_cognito import CognitoUsers

        pool, _, client = self.place(declared.name).partition("/")
        service = self.client("cognito-idp")
        return CognitoUsers(service, Pool(pool, client), self.clock, self.entropy)

    def secret(self, declared: Any) -> Any:
        from .secret_ssm import KeptSecret, service_of

        client = self.client(service_of(declared))
        return KeptSecret(client, self.place(declared.name), declared, self.clock)

    def setting(self, declared: Any) -> Any:
        from ...engine.setting import SaidSetting

        return SaidSetting(declared, self._world.environment)

    def dead(self, declared: Any) -> Any:
        from .dead_sqs import SqsDead

        function = declared.function
        to = REDRIVEN.get(function.trigger.kind, Backend.to_function)
        # Who only looks at letters is not told where they came from.
        back: Any = Deferred(lambda: to(self, function))
        return SqsDead(self.sender(declared.name), back, function.trigger.attempts_max)

    def to_function(self, function: Any) -> Any:
        return self.starter(function.name)

    def to_resource(self, function: Any) -> Any:
        return self.sender(function.trigger.resource.name)

    def function(self, declared: Any) -> Any:
        return Deferred(lambda: self.starter(declared.name))


REMEDY = "deploy with `skylift deploy`"
ADAPTERS: dict[str, Callable[[Backend, Any], Any]] = {
    "table": Backend.table,
    "queue": Backend.queue,
    "dead": Backend.dead,
    "timer": Backend.timer,
    "bus": Backend.bus,
    "topic": Backend.topic,
    "channel": Backend.channel,
    "secret": Backend.secret,
    "users": Backend.users,
    "setting": Backend.setting,
    "function": Backend.function,
}
SENDERS: dict[str, Callable[[Backend, str], Any]] = {  # by kind of what transactions send to
    "queue": Backend.sender,
    "timer": Backend.timer_at,
    "bus": Backend.bus_at,
    "topic": Backend.topic_at,
    "function": Backend.starter,
}
# Where letters go when they are redriven, by kind of trigger; all others start their function.
REDRIVEN: dict[str, Callable[[Backend, Any], Any]] = {
    "queue": Backend.to_resource,
    "timer": Backend.to_resource,
}
