"""A Table on AWS: a DynamoDB table that costs nothing at rest and can be restored to any second of
35 days. It is encrypted with a key that DynamoDB owns, and reached over TLS alone.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from ...graph.model import Graph
from ...graph.stored import Kind, key_attributes
from ...resources.table import Table
from .change import is_followed
from .names import DIGITS, TABLE_MAX, digest, logical, physical
from .plan import Key, Plan, PlannedTable
from .reference import Resource, Resources

AnyTable: TypeAlias = "Table[Any, *tuple[Any, ...]]"

EXPIRES = "~expires"  # seconds since 1970: what the adapters store beside an item of a `ttl` table
TYPES: dict[Kind, str] = {"text": "S", "number": "N", "bytes": "B"}
RECOVERY_DAYS = 35


def planned(table: AnyTable, graph: Graph, stage: str, before: Plan | None) -> PlannedTable:
    key = key_of(table, table.key)
    return PlannedTable(
        table.name,
        physical_of(table.name, key, graph.app, stage, before),
        key,
        {name: key_of(table, fields) for name, fields in sorted(table.indexes.items())},
        EXPIRES if table.ttl else None,
        is_followed=is_followed(table, graph),
    )


def key_of(table: AnyTable, fields: tuple[str, ...]) -> Key:
    return Key(tuple((one.name, TYPES[one.kind]) for one in key_attributes(table, fields)))


def physical_of(name: str, key: Key, app: str, stage: str, before: Plan | None) -> str:
    """A table with another key is another table, and AWS takes no two of one name: it gets a name
    of its own, beside what is kept of the first.
    """
    plain = physical(app, stage, name, TABLE_MAX)
    for deployed in before.tables if before else ():
        if deployed.name == name:
            other = f"{plain[: TABLE_MAX - DIGITS - 1]}-{digest(repr(key))}"
            return deployed.physical if deployed.key == key else other
    return plain


def resources(table: PlannedTable, plan: Plan) -> Resources:
    keys = [table.key, *table.indexes.values()]
    attributes = sorted({field for key in keys for field in key.fields})
    properties: dict[str, Any] = {
        "TableName": table.physical,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": kind} for name, kind in attributes
        ],
        "KeySchema": schema(table.key),
    }
    if table.indexes:
        properties["GlobalSecondaryIndexes"] = [
            {"IndexName": name, "KeySchema": schema(key), "Projection": {"ProjectionType": "ALL"}}
            for name, key in table.indexes.items()
        ]
    if table.expires:
        properties["TimeToLiveSpecification"] = {"AttributeName": table.expires, "Enabled": True}
    if table.is_followed:
        properties["StreamSpecification"] = {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    properties |= restorable(plan)
    return {logical(table.name, "Table"): kept("AWS::DynamoDB::Table", properties, plan)}


def restorable(plan: Plan) -> dict[str, Any]:
    return {
        "PointInTimeRecoverySpecification": {
            "PointInTimeRecoveryEnabled": True,
            "RecoveryPeriodInDays": RECOVERY_DAYS,
        },
        "DeletionProtectionEnabled": plan.is_production,
    }


def schema(key: Key) -> list[dict[str, str]]:
    return [
        {"AttributeName": name, "KeyType": role}
        for (name, _), role in zip(key.fields, ("HASH", "RANGE"), strict=False)
    ]


def kept(kind: str, properties: dict[str, Any], plan: Plan) -> Resource:
    """What holds data. In production it outlives its stack; what a failed first deploy made does
    not, or the second would find its name taken.
    """
    stays = ("RetainExceptOnCreate", "Retain") if plan.is_production else ("Delete", "Delete")
    return {
        "Type": kind,
        "DeletionPolicy": stays[0],
        "UpdateReplacePolicy": stays[1],
        "Properties": properties,
    }
