"""The ledger of an app on AWS: one table for messages of transactions, once records and the key
that seals cursors; and the relay, which its stream calls for messages of transactions.
"""

from __future__ import annotations

from typing import Any

from ...graph.model import Graph
from .names import TABLE_MAX, physical
from .plan import Feed, Plan, PlannedLedger
from .policy import LEDGER_ID, needs_ledger
from .reference import Resources
from .table import kept, restorable
from .unit import is_relaying, units

NAME = "skylift.ledger"
KEY, ENDS = "id", "ends"
BATCH = 100  # records of the stream at a time: an item is a whole transaction's messages
# Only what was written, or touched to send it on its way again, and of it only messages: a once
# record wakes nobody.
OUTBOX = '"dynamodb":{"Keys":{"id":{"S":[{"prefix":"outbox"}]}}}'
MESSAGES = f'{{"eventName":["INSERT","MODIFY"],{OUTBOX}}}'


def planned(graph: Graph, stage: str) -> PlannedLedger | None:
    """None for an app that has no use for it."""
    if not any(needs_ledger(unit, graph) for unit in units(graph)):
        return None
    return PlannedLedger(physical(graph.app, stage, NAME, TABLE_MAX), is_relaying(graph))


def feed() -> Feed:
    return Feed("ledger", "ledger", BATCH)


def resources(ledger: PlannedLedger, plan: Plan) -> Resources:
    properties: dict[str, Any] = {
        "TableName": ledger.physical,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": KEY, "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": KEY, "KeyType": "HASH"}],
        "TimeToLiveSpecification": {"AttributeName": ENDS, "Enabled": True},
    }
    if ledger.is_relaying:
        properties["StreamSpecification"] = {"StreamViewType": "NEW_IMAGE"}
    properties |= restorable(plan)
    return {LEDGER_ID: kept("AWS::DynamoDB::Table", properties, plan)}
