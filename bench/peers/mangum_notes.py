"""FastAPI behind Mangum, the usual way to put it on Lambda."""

from __future__ import annotations

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


@app.post("/notes", status_code=201)
async def write(new: NewNote) -> Note:
    return Note(id="1", text=new.text)


handler = Mangum(app, lifespan="off")
