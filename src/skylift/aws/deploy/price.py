"""What a plan costs, in us-east-1: at rest, and under a load that is said. An estimate to compare
two plans by; no bill. Each price has its date, and says where it could not be checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .plan import Permission, Plan, PlannedFunction

LIST = "AWS Price List, us-east-1"
UNCHECKED = "AWS's pricing page, from memory"
MILLION = 1_000_000


@dataclass(frozen=True)
class Price:
    usd: float
    per: float  # units
    read_on: str
    source: str

    @property
    def each(self) -> float:
        return self.usd / self.per


PRICES: Mapping[str, Price] = {
    "lambda request": Price(0.20, MILLION, "2026-09-19", LIST),
    "lambda GB-s x86_64": Price(0.0000166667, 1, "2026-09-19", LIST),
    "lambda GB-s arm64": Price(0.0000133334, 1, "2026-09-19", LIST),
    "http api request": Price(1.00, MILLION, "2026-09-21", LIST),
    "dynamodb write": Price(0.625, MILLION, "2026-09-11", LIST),
    "dynamodb read": Price(0.125, MILLION, "2026-09-11", LIST),
    "eventbridge event": Price(1.00, MILLION, "2026-08-09", LIST),
    "scheduler invocation": Price(1.00, MILLION, "2026-09-11", LIST),
    "sqs request": Price(0.40, MILLION, "2026-08-09", LIST),
    "sqs fifo request": Price(0.50, MILLION, "2026-11-20", UNCHECKED),
    "sns publish": Price(0.50, MILLION, "2026-09-11", UNCHECKED),
    "sns fifo publish": Price(0.30, MILLION, "2026-11-20", UNCHECKED),
    "user a month": Price(0.015, 1, "2026-11-20", UNCHECKED),
    "cloudfront request": Price(0.010, 10_000, "2026-09-16", LIST),
    "cloudfront function": Price(0.10, MILLION, "2026-09-16", LIST),
    "secret a month": Price(0.40, 1, "2026-09-11", LIST),
    "log GB": Price(0.50, 1, "2026-09-22", LIST),
    "alarm metric": Price(0.10, 1, "2026-08-09", LIST),
    "metric": Price(0.30, 1, "2026-08-09", LIST),
}
READ_ON = max(price.read_on for price in PRICES.values())

# Free for ever, in each account: what one app leaves of it the next may use.
ALARMS_FREE = 10
SQS_FREE = MILLION
# Lambda asks a queue that is empty all the time: five at once, each for 20 seconds.
IDLE_POLLS = 5 * 3 * 60 * 24 * 30


@dataclass(frozen=True)
class Load:
    """Of a month. Each function is called so often, and does each of its verbs once."""

    calls: int = 100_000
    call_ms: int = 50
    log_bytes: int = 1_000
    people: int = 1_000  # who sign in, of each users


LOAD = Load()
# Units of DynamoDB for items up to 1 KB; inside a transaction a write costs two.
WRITES = frozenset(
    ["put", "create", "update", "delete", "check", "put_many", "delete_many"]
    + ["keep messages of transactions", "take messages of transactions"]
)
READS = frozenset(
    ["get", "require", "get_many", "query", "scan", "page"] + ["remember what failed"]
)
STREAMS = ("ledger", "change")  # Lambda asks them for nothing
ONCE = "run once"  # begun and finished
CENT = 0.005  # what is less is not shown
COUNT = "count requests"
FIGURES = 1  # metrics of a function that is called: how long what succeeds took
SILENT = "default"  # the kind that tells none


def idle(plan: Plan) -> float:
    """Dollars a month when nothing happens."""
    return sum(dollars for dollars, _ in resting(plan))


def resting(plan: Plan) -> Iterator[tuple[float, str]]:
    """What costs when nothing happens: dollars a month, and for what."""
    metrics = sum(len(one.metrics) for one in plan.alarms)
    if metrics > ALARMS_FREE:
        dollars = (metrics - ALARMS_FREE) * PRICES["alarm metric"].each
        yield dollars, f"alarms look at {metrics} metrics, {ALARMS_FREE} are free"
    polled = sum(one.feed is not None and one.feed.kind not in STREAMS for one in plan.functions)
    if polled * IDLE_POLLS > SQS_FREE:
        dollars = (polled * IDLE_POLLS - SQS_FREE) * PRICES["sqs request"].each
        yield dollars, f"Lambda asks the queues of {polled} consumers all the time"

    rotated = sum(one.is_rotated for one in plan.secrets)
    if rotated:
        yield rotated * PRICES["secret a month"].each, f"Secrets Manager keeps {rotated} of them"

    runs = sum(one.runs_a_month for one in plan.schedules)
    calls = sum(
        one.runs_a_month * a_call(plan.function(one.function), plan, LOAD) for one in plan.schedules
    )
    if calls >= CENT:
        yield calls, f"schedules run {runs:,.0f} times"


def under(plan: Plan, load: Load = LOAD) -> float:
    """Dollars a month under a load, with nothing of it free."""
    told = sum(FIGURES for one in plan.functions if one.kind != SILENT)
    calls = sum(load.calls * a_call(one, plan, load) for one in plan.functions)
    calls += len(plan.users) * load.people * PRICES["user a month"].each
    return calls + told * PRICES["metric"].each


def a_call(function: PlannedFunction, plan: Plan, load: Load) -> float:
    seconds = load.call_ms / 1000 * function.memory_mb / 1024
    cost = PRICES["lambda request"].each + seconds * PRICES[f"lambda GB-s {plan.arch}"].each
    cost += load.log_bytes / 1e9 * PRICES["log GB"].each
    if function.kind in ("http", "default"):
        cost += PRICES["http api request"].each
        if is_behind_a_site(function, plan):
            cost += PRICES["cloudfront request"].each + PRICES["cloudfront function"].each
    if any(one.function == function.name for one in plan.schedules):
        cost += PRICES["scheduler invocation"].each
    return cost + sum(of_verbs(one, plan) for one in function.permissions)


def is_behind_a_site(function: PlannedFunction, plan: Plan) -> bool:
    behind = {one.api for one in plan.sites}
    routes = ((api.name, route) for api in plan.apis for route in api.routes)
    return any(route.function == function.name for name, route in routes if name in behind)


def of_verbs(permission: Permission, plan: Plan) -> float:
    return sum(_of_verb(word, permission, plan) for word in permission.words)


def _of_verb(word: str, permission: Permission, plan: Plan) -> float:
    if word in WRITES:
        return PRICES["dynamodb write"].each
    if word in READS:
        return PRICES["dynamodb read"].each
    if word == COUNT:
        return PRICES["dynamodb write"].each
    if word == ONCE:
        return 2 * PRICES["dynamodb write"].each
    fifo = {one.name for one in plan.queues if one.fifo}
    request = PRICES["sqs fifo request" if permission.on in fifo else "sqs request"].each
    if word == "set":  # and is due, some day
        return PRICES["scheduler invocation"].each + request
    if word == "publish" and permission.on in {one.name for one in plan.buses}:
        return PRICES["eventbridge event"].each
    topics = {one.name: one for one in plan.topics}
    if permission.on in topics:
        fifo = topics[permission.on].fifo
        return PRICES["sns fifo publish" if fifo else "sns publish"].each
    if word in ("send", "send_many"):
        return request
    return 2 * request if word == "receive" else 0  # and delete
