from skylift import Api, Caller, Channel, Struct, Table, Users

members = Users("members")
api = Api("api")


class Room(Struct):
    id: str
    people: list[str] = []


class Said(Struct):
    text: str


rooms = Table("rooms", Room, key="id")


async def may_watch(caller: Caller, id: str) -> bool:
    room = await rooms.get(id)
    return room is not None and caller.id in room.people


async def is_open(caller: Caller | None, id: str) -> bool:
    room = await rooms.get(id)
    return room is not None and not room.people


live = Channel("live", "rooms/{id}", Said, guard=may_watch)
board = Channel("board", "rooms/{id}", Said, guard=is_open, timeout_s=3)
silent = Channel("silent", "all", Said, guard=None)


@api.post("/rooms/{id}", status=201)
async def open_room(id: str) -> Room:
    room = Room(id)
    await rooms.put(room)
    return room


@api.post("/rooms/{id}/said", status=204)
async def say(id: str, said: Said) -> None:
    await board.publish(said, id=id)
    await live.publish(said, id=id)
