"""No framework at all: what the server alone costs, for scale. Reads only, nothing validated."""

from __future__ import annotations

from typing import Any

import msgspec

from bench.peers.notebook import new_id, opened


class Note(msgspec.Struct):
    id: str
    text: str
    words: int | None = None


notebook = opened()
encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder().decode
JSON = (b"content-type", b"application/json")


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    if scope["method"] == "POST":  # the whole body is one message: it is small
        text = decode((await receive())["body"])["text"]
        note = Note(new_id(), text)
        notebook.write(note.id, note.text)
        await answer(send, 201, encode(note))
    elif scope["path"] == "/health":
        await answer(send, 200, b'{"status":"ok"}')
    else:
        row = notebook.read(scope["path"][len("/notes/") :])
        await answer(send, 200 if row else 404, encode(Note(*row)) if row else b"")


async def answer(send: Any, status: int, body: bytes) -> None:
    headers = [JSON, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
