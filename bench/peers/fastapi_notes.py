"""FastAPI: `app` with async handlers, `app_threaded` with plain ones (FastAPI's thread pool)."""

from __future__ import annotations

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict

from bench.peers.notebook import new_id, opened


class NewNote(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str


class Note(BaseModel):
    id: str
    text: str
    words: int | None = None


notebook = opened()
app = FastAPI()
app_threaded = FastAPI()


@app.get("/health")
@app_threaded.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/notes", status_code=201)
async def write(new: NewNote) -> Note:
    note = Note(id=new_id(), text=new.text)
    notebook.write(note.id, note.text)
    return note


@app.get("/notes/{id}")
async def read(id: str) -> Note:
    return _note(notebook.read(id))


@app_threaded.post("/notes", status_code=201)
def write_in_a_thread(new: NewNote) -> Note:
    note = Note(id=new_id(), text=new.text)
    notebook.write_locked(note.id, note.text)
    return note


@app_threaded.get("/notes/{id}")
def read_in_a_thread(id: str) -> Note:
    return _note(notebook.read_locked(id))


def _note(row: tuple[str, str, int | None] | None) -> Note:
    if row is None:
        raise HTTPException(404)
    id, text, words = row
    return Note(id=id, text=text, words=words)
