# apps/hello/notes.py
from skylift import Api, Queue, Struct, Table, new_id, transaction


class Note(Struct):
    id: str
    text: str
    words: int | None = None


class NewNote(Struct):
    text: str


class CountWords(Struct):
    note_id: str


api = Api("api")
notes = Table("notes", Note, key="id")
counting = Queue("counting", CountWords)


@api.post("/notes", status=201)
async def write(new: NewNote) -> Note:
    note = Note(new_id(), new.text)
    async with transaction() as tx:                 # all or nothing, the message included
        await notes.create(note, tx=tx)
        await counting.send(CountWords(note.id), tx=tx)
    return note


@api.get("/notes/{id}")
async def read(id: str) -> Note:
    return await notes.require(id)                  # NotFound -> 404 problem+json


@counting.consumer(attempts_max=5, timeout_s=30)
async def count(job: CountWords) -> None:
    note = await notes.require(job.note_id)
    await notes.update(note.id, set={"words": len(note.text.split())})
