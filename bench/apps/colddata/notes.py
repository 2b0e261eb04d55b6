from dataclasses import dataclass

from skylift import Api, Table, new_id


@dataclass
class Note:
    id: str
    text: str
    words: int | None = None


@dataclass
class NewNote:
    text: str


api = Api("api")
notes = Table("notes", Note, key="id")


@api.post("/notes", status=201)
async def write(new: NewNote) -> Note:
    note = Note(new_id(), new.text)
    await notes.create(note)
    return note
