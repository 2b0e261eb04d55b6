"""Chalice, and boto3. It validates nothing, so the handler does."""

from __future__ import annotations

import uuid
from typing import Any

import boto3
from chalice import BadRequestError, Chalice, Response

app = Chalice(app_name="notes")
dynamodb: Any = boto3.client("dynamodb")  # pyright: ignore[reportUnknownMemberType]


@app.route("/notes", methods=["POST"])
def write() -> Response:
    new = app.current_request.json_body
    if not isinstance(new, dict) or new.keys() != {"text"} or not isinstance(new["text"], str):
        raise BadRequestError("a note has a text and nothing else")
    note = {"id": str(uuid.uuid4()), "text": new["text"]}
    item = {name: {"S": value} for name, value in note.items()}
    dynamodb.put_item(TableName="notes", Item=item, ConditionExpression="attribute_not_exists(id)")
    return Response({**note, "words": None}, status_code=201)


handler = app
