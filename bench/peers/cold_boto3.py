"""A handler as one writes it by hand: boto3, and a check of the body."""

from __future__ import annotations

import json
import uuid
from typing import Any

import boto3

dynamodb: Any = boto3.client("dynamodb")  # pyright: ignore[reportUnknownMemberType]


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    new = json.loads(event["body"])
    if not isinstance(new, dict) or new.keys() != {"text"} or not isinstance(new["text"], str):
        return {"statusCode": 422, "body": "a note has a text and nothing else"}
    note = {"id": str(uuid.uuid4()), "text": new["text"]}
    item = {name: {"S": value} for name, value in note.items()}
    dynamodb.put_item(TableName="notes", Item=item, ConditionExpression="attribute_not_exists(id)")
    headers = {"content-type": "application/json"}
    return {"statusCode": 201, "headers": headers, "body": json.dumps({**note, "words": None})}
