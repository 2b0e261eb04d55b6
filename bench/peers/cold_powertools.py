"""Powertools for AWS Lambda with validation switched on, and boto3."""

from __future__ import annotations

import uuid
from typing import Any

import boto3
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from pydantic import BaseModel, ConfigDict


class NewNote(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str


class Note(BaseModel):
    id: str
    text: str
    words: int | None = None


app = APIGatewayHttpResolver(enable_validation=True)
dynamodb: Any = boto3.client("dynamodb")  # pyright: ignore[reportUnknownMemberType]


@app.post("/notes")
def write(new: NewNote) -> tuple[Note, int]:
    note = Note(id=str(uuid.uuid4()), text=new.text)
    item = {"id": {"S": note.id}, "text": {"S": note.text}}
    dynamodb.put_item(TableName="notes", Item=item, ConditionExpression="attribute_not_exists(id)")
    return note, 201


handler = app.resolve
