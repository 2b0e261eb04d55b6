"""Litestar with msgspec Structs, the fastest way it has; no OpenAPI, no logging."""

from __future__ import annotations

import msgspec
from litestar import Litestar, get, post
from litestar.exceptions import NotFoundException

from bench.peers.notebook import new_id, opened


class NewNote(msgspec.Struct, forbid_unknown_fields=True):
    text: str


class Note(msgspec.Struct):
    id: str
    text: str
    words: int | None = None


notebook = opened()


@get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@post("/notes")
async def write(data: NewNote) -> Note:
    note = Note(new_id(), data.text)
    notebook.write(note.id, note.text)
    return note


@get("/notes/{id:str}")
async def read(id: str) -> Note:
    row = notebook.read(id)
    if row is None:
        raise NotFoundException
    return Note(*row)


app = Litestar([health, write, read], openapi_config=None, logging_config=None)
