"""All of what will exist, in our words: what the template is written from, what two deploys are
compared by, and what is kept of the last one. An ARN is written as the template's `${Name.Arn}`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import msgspec

VERSION = 1
PRODUCTION = "production"

Kind: TypeAlias = Literal[
    "http", "queue", "dead", "default", "relay", "event", "timer", "change", "authorizer"
]


@dataclass(frozen=True)
class Permission:
    """What may be done with one thing: in the author's words, and as IAM says it."""

    on: str  # notes, counting, notes.count.dead, ledger, logs
    words: tuple[str, ...]
    actions: tuple[str, ...]
    arns: tuple[str, ...]
    passed_to: str = ""  # of a role that is lent: to which service


@dataclass(frozen=True)
class Key:
    """Stored names and types (S, N, B) of a partition field and perhaps a sort field."""

    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PlannedTable:
    name: str
    physical: str
    key: Key
    indexes: dict[str, Key]
    expires: str | None  # the attribute after which DynamoDB deletes
    kind: Literal["table"] = "table"
    is_followed: bool = False  # it has a stream


@dataclass(frozen=True)
class PlannedQueue:
    name: str
    physical: str
    fifo: bool
    dedup_by_content: bool
    lease_s: int
    retention_s: int
    receives_max: int | None  # then SQS itself moves a message to `dead`
    dead: str | None
    kind: Literal["queue"] = "queue"


@dataclass(frozen=True)
class PlannedSubscription:
    """Of a function, or of a queue that is fed. `where` is the filter as JSON; "" is everything.
    What SNS cannot hand over goes to `dead`; "" is nowhere.
    """

    function: str
    queue: str
    where: str
    dead: str


@dataclass(frozen=True)
class PlannedTopic:
    name: str
    physical: str
    fifo: bool
    subscriptions: tuple[PlannedSubscription, ...]
    kind: Literal["topic"] = "topic"


@dataclass(frozen=True)
class PlannedDead:
    name: str  # notes.count.dead
    physical: str
    fifo: bool
    lease_s: int
    queue: str  # that takes its redrives; where there is none, its function is started again
    kind: Literal["dead"] = "dead"


@dataclass(frozen=True)
class PlannedRule:
    """For events of one type that a function or a queue asked for. `pattern` is JSON, and `dead`
    has what could not be handed over.
    """

    function: str
    queue: str
    event: str
    physical: str
    pattern: str
    dead: str


@dataclass(frozen=True)
class PlannedBus:
    name: str
    physical: str
    owner: str  # the app that makes it; "" is this one
    rules: tuple[PlannedRule, ...]
    archive: str  # its name; "" is none
    archive_days: int
    kind: Literal["bus"] = "bus"


@dataclass(frozen=True)
class PlannedTimer:
    name: str
    physical: str  # of the hidden queue for what is due
    group: str  # of its schedules
    lease_s: int
    receives_max: int
    dead: str
    kind: Literal["timer"] = "timer"


@dataclass(frozen=True)
class PlannedSchedule:
    name: str
    physical: str
    group: str  # of all schedules of the app
    expression: str
    timezone: str
    function: str
    dead: str
    runs_a_month: float
    kind: Literal["schedule"] = "schedule"


@dataclass(frozen=True)
class PlannedChannel:
    name: str
    physical: str  # of the API that all channels of the app share
    template: str
    guard: str  # "" is nobody: then nobody may subscribe
    kind: Literal["channel"] = "channel"


@dataclass(frozen=True)
class PlannedUsers:
    name: str
    physical: str
    claims: str  # the function that says in every token whose it is
    length_min: int
    needs: tuple[str, ...]  # of a password: kinds of letters
    access_s: int
    refresh_days: int
    kind: Literal["users"] = "users"


@dataclass(frozen=True)
class PlannedSite:
    name: str
    physical: str  # what the names of its bucket and its distribution begin with
    api: str  # under /api; "" is none
    spa: bool
    csp: str
    files: dict[str, str]  # their digests
    kind: Literal["site"] = "site"


@dataclass(frozen=True)
class PlannedSecret:
    """No part of the stack: a command gives it its value."""

    name: str
    physical: str
    is_rotated: bool


@dataclass(frozen=True)
class PlannedSetting:
    """One that has not its default; `text` reads as its value."""

    name: str
    text: str


@dataclass(frozen=True)
class PlannedLedger:
    physical: str
    is_relaying: bool
    name: str = "ledger"
    kind: Literal["ledger"] = "ledger"


@dataclass(frozen=True)
class PlannedCors:
    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    credentials: bool
    max_age_s: int


@dataclass(frozen=True)
class PlannedRate:
    """What the gateway lets through, of each route by itself."""

    per_s: float
    burst: int


@dataclass(frozen=True)
class PlannedRoute:
    method: str
    path: str
    function: str
    stack: str = ""  # "" is the app's own, any other is nested in it
    rate: PlannedRate | None = None  # where it is not that of its Api
    users: str = ""  # whose tokens the gateway asks for
    is_public: bool = False  # though its Api asks who calls

    @property
    def methods(self) -> tuple[str, ...]:
        """Of the gateway's routes: a GET answers HEAD too."""
        return ("GET", "HEAD") if self.method == "GET" else (self.method,)


@dataclass(frozen=True)
class PlannedApi:
    name: str
    physical: str
    is_public: bool
    cors: PlannedCors | None
    routes: tuple[PlannedRoute, ...]
    default: str  # the function that answers what no route does
    stack: str = ""  # of that function's integration
    kind: Literal["api"] = "api"
    own: tuple[PlannedRoute, ...] = ()  # to that function too: a route would take their paths
    rate: PlannedRate | None = None  # of each route


@dataclass(frozen=True)
class Feed:
    """What AWS hands to a function by itself: messages of a queue, changes of a table or of the
    ledger.
    """

    kind: Literal["queue", "dead", "timer", "ledger", "change"]
    name: str
    batch: int
    window_s: int = 0
    concurrency_max: int | None = None  # of a change: in each shard
    retries_max: int | None = None  # of a batch that ends in a crash


@dataclass(frozen=True)
class PlannedInvoked:
    """What Lambda does with what it keeps for a function that nobody waits for."""

    attempts_max: int
    dead: str


@dataclass(frozen=True)
class PlannedFunction:
    name: str  # in its app; ours begin with `skylift.`
    physical: str
    kind: Kind
    memory_mb: int
    timeout_s: int
    reserved: int | None  # of the account's concurrency
    permissions: tuple[Permission, ...]
    places: dict[str, str]  # resource name -> where it is, as `${Name}`
    needs_ledger: bool
    feed: Feed | None
    code: str = ""  # its bundle's digest; "" is not built
    stack: str = ""
    invoked: PlannedInvoked | None = None
    said: dict[str, str] = field(default_factory=dict[str, str])  # settings, by their variables
    sites: tuple[str, ...] = ()  # whose edges tell it from where they were asked


@dataclass(frozen=True)
class PlannedAlarm:
    """`metrics` are CloudWatch's, summed up by `expression`: one alarm for many things."""

    name: str
    physical: str
    told: str
    expression: str
    threshold: float
    metrics: tuple[Metric, ...]


@dataclass(frozen=True)
class Metric:
    namespace: str
    name: str
    dimension: tuple[str, str]  # name, and the value as `${Name}`
    statistic: Literal["Sum", "Maximum"]
    beside: tuple[tuple[str, str], ...] = ()  # other dimensions


@dataclass(frozen=True)
class Plan:
    app: str
    stage: str
    runtime: str
    arch: str
    retention_days: int  # of logs
    tables: tuple[PlannedTable, ...]
    queues: tuple[PlannedQueue, ...]
    dead: tuple[PlannedDead, ...]
    apis: tuple[PlannedApi, ...]
    ledger: PlannedLedger | None
    functions: tuple[PlannedFunction, ...]
    alarms: tuple[PlannedAlarm, ...]
    version: int = VERSION
    tags: dict[str, str] = field(default_factory=dict[str, str])  # of the stack and all in it
    topics: tuple[PlannedTopic, ...] = ()
    timers: tuple[PlannedTimer, ...] = ()
    schedules: tuple[PlannedSchedule, ...] = ()
    buses: tuple[PlannedBus, ...] = ()
    secrets: tuple[PlannedSecret, ...] = ()
    channels: tuple[PlannedChannel, ...] = ()
    settings: tuple[PlannedSetting, ...] = ()
    sites: tuple[PlannedSite, ...] = ()
    users: tuple[PlannedUsers, ...] = ()

    @property
    def is_production(self) -> bool:
        return self.stage == PRODUCTION

    @property
    def stack(self) -> str:
        """Its name."""
        return f"{self.app}-{self.stage}"

    def stateful(
        self,
    ) -> Iterator[
        PlannedTable | PlannedQueue | PlannedDead | PlannedTimer | PlannedUsers | PlannedLedger
    ]:
        """What holds data that a change could lose."""
        yield from self.tables
        yield from self.queues
        yield from self.dead
        yield from self.timers
        yield from self.users
        if self.ledger is not None:
            yield self.ledger

    def archived(self) -> Iterator[PlannedBus]:
        """Buses that keep what they were told."""
        return (one for one in self.buses if one.archive)

    def function(self, name: str) -> PlannedFunction:
        return next(one for one in self.functions if one.name == name)


def to_document(plan: Plan) -> Any:
    """As builtins, to be kept as JSON."""
    return msgspec.to_builtins(plan)


def from_document(document: Any) -> Plan:
    """What `to_document` made, perhaps by an older version; ValidationError when it is none."""
    return msgspec.convert(document, Plan)
