from skylift import Api, NotFound, Site, Struct, Table

api = Api("api")
web = Site("web", "web", api=api)


class Guest(Struct):
    name: str
    seat: int


guests = Table("guests", Guest, key="name")


@api.post("/guests", status=201)
async def sit(guest: Guest) -> Guest:
    await guests.put(guest)
    return guest


@api.get("/guests/{name}")
async def find(name: str) -> Guest:
    guest = await guests.get(name)
    if guest is None:
        raise NotFound(f"{name} is not here")
    return guest


@api.get("/")
async def count() -> int:
    return len([one async for one in guests.scan()])
