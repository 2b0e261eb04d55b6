from skylift import (
    Api,
    Caller,
    Channel,
    Response,
    Struct,
    Table,
    Tokens,
    Users,
    new_id,
    now,
    transaction,
)

members = Users("members")
api = Api("api", auth=members)


class Room(Struct):
    id: str
    people: list[str]
    epoch: int = 1
    seq: int = 0


class Said(Struct):
    room: str
    seq: int
    text: str


class NewRoom(Struct):
    people: list[str] = []


class Saying(Struct):
    text: str


class Guest(Struct):
    name: str


class Page(Struct):
    said: list[Said]


rooms = Table("rooms", Room, key="id")
said = Table[Said, str, int]("said", Said, key=("room", "seq"))


async def may_watch(caller: Caller, id: str, epoch: str) -> bool:
    room = await rooms.get(id)
    return room is not None and caller.id in room.people and epoch == str(room.epoch)


async def anybody(caller: Caller | None) -> bool:
    return True


async def fails(caller: Caller, id: str) -> bool:
    raise ValueError(f"{caller.username} asked for {id}")


async def sleeps(caller: Caller, id: str) -> bool:
    from asyncio import sleep

    await sleep(30)
    return True


live = Channel("live", "rooms/{id}/{epoch}", Said, guard=may_watch)
news = Channel("news", "all", Said, guard=anybody)
broken = Channel("broken", "{id}", Said, guard=fails)
slow = Channel("slow", "{id}", Said, guard=sleeps, timeout_s=0.3)
silent = Channel("silent", "{id}", Said, guard=None)


@api.get("/", auth=None)
async def page() -> Response:
    return Response("<!doctype html><title>hall</title>", headers={"content-type": "text/html"})


@api.post("/guests", auth=None)
async def come_in(guest: Guest) -> Tokens:
    return await members.guest(guest.name)


@api.post("/rooms", status=201)
async def open_room(new: NewRoom, caller: Caller) -> Room:
    room = Room(new_id(), [caller.id, *new.people])
    await rooms.create(room)
    return room


@api.post("/rooms/{id}/said", status=201)
async def say(id: str, saying: Saying) -> Said:
    async with transaction() as tx:
        room = await rooms.require(id)
        told = Said(id, room.seq + 1, saying.text)
        await said.create(told, tx=tx)
        await rooms.update(id, add={"seq": 1}, tx=tx)
    await live.publish(told, id=id, epoch=str(room.epoch))
    return told


@api.get("/rooms/{id}/said")
async def heard(id: str, after: int = 0) -> Page:
    return Page([one async for one in said.query(id) if one.seq > after])


@api.post("/rooms/{id}/epoch")
async def turn_out(id: str) -> Room:
    return await rooms.update(id, add={"epoch": 1})


@api.post("/news", status=204)
async def announce(saying: Saying) -> None:
    await news.publish(Said("", int(now().timestamp()), saying.text))


@api.post("/silent", status=204)
async def whisper(saying: Saying) -> None:
    await silent.publish(Said("", 0, saying.text), id="a")
