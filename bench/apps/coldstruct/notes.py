from skylift import Api, Struct, Table, new_id


class Note(Struct):
    id: str
    text: str
    words: int | None = None


class NewNote(Struct):
    text: str


api = Api("api")
notes = Table("notes", Note, key="id")


@api.post("/notes", status=201)
async def write(new: NewNote) -> Note:
    note = Note(new_id(), new.text)
    await notes.create(note)
    return note
