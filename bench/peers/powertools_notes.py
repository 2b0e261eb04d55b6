"""Powertools for AWS Lambda with validation switched on."""

from __future__ import annotations

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


@app.post("/notes")
def write(new: NewNote) -> tuple[Note, int]:
    return Note(id="1", text=new.text), 201


handler = app.resolve
