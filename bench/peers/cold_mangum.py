"""FastAPI behind Mangum, and boto3."""

from __future__ import annotations

import uuid
from typing import Any

import boto3
from fastapi import FastAPI
from mangum import Mangum
from pydantic import BaseModel, ConfigDict


class NewNote(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str


class Note(BaseModel):
    id: str
    text: str
    words: int | None = None


app = FastAPI()
dynamodb: Any = boto3.client("dynamodb")  # pyright: ignore[reportUnknownMemberType]


@app.post("/notes", status_code=201)
def write(new: NewNote) -> Note:
    note = Note(id=str(uuid.uuid4()), text=new.text)
    item = {"id": {"S": note.id}, "text": {"S": note.text}}
    dynamodb.put_item(TableName="notes", Item=item, ConditionExpression="attribute_not_exists(id)")
    return note


handler = Mangum(app, lifespan="off")
