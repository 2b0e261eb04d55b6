"""Each verb of a table, by itself and inside a transaction."""

from __future__ import annotations

from skylift import Api, Struct, Table, attr, transaction

api = Api("api")


class Thing(Struct):
    id: str
    kind: str
    size: int = 0


things = Table("things", Thing, key="id", indexes={"by_kind": ("kind", "size")})


@api.post("/get/{id}", status=200)
async def get(id: str) -> bool:
    return await things.get(id) is not None


@api.post("/require/{id}", status=200)
async def require(id: str) -> Thing:
    return await things.require(id)


@api.post("/get_many/{id}", status=200)
async def get_many(id: str) -> int:
    return len(await things.get_many([(id,), ("none",)]))


@api.post("/put/{id}")
async def put(id: str) -> None:
    await things.put(Thing(id, "put"))


@api.post("/create/{id}")
async def create(id: str) -> None:
    await things.create(Thing(id, "created"))


@api.post("/update/{id}", status=200)
async def update(id: str) -> int:
    return (await things.update(id, add={"size": 1})).size


@api.post("/delete/{id}")
async def delete(id: str) -> None:
    await things.delete(id)


@api.post("/put_many/{id}")
async def put_many(id: str) -> None:
    await things.put_many([Thing(f"{id}-{number}", "many") for number in range(3)])


@api.post("/delete_many/{id}")
async def delete_many(id: str) -> None:
    await things.delete_many([(f"{id}-{number}",) for number in range(3)])


@api.post("/query/{kind}", status=200)
async def query(kind: str) -> int:
    return len([one async for one in things.query(kind, index="by_kind")])


@api.post("/page/{kind}", status=200)
async def page(kind: str) -> list[Thing]:
    first = await things.page(kind, index="by_kind", limit=1)
    if first.cursor is None:
        return first.items
    return first.items + (await things.page(kind, index="by_kind", cursor=first.cursor)).items


@api.post("/scan", status=200)
async def scan() -> int:
    return len([one async for one in things.scan()])


@api.post("/together/put/{id}")
async def put_together(id: str) -> None:
    async with transaction() as tx:
        await things.put(Thing(id, "together"), tx=tx)


@api.post("/together/update/{id}")
async def update_together(id: str) -> None:
    async with transaction() as tx:
        await things.update(id, set={"kind": "changed"}, tx=tx)


@api.post("/together/delete/{id}")
async def delete_together(id: str) -> None:
    async with transaction() as tx:
        await things.delete(id, tx=tx)


@api.post("/together/check/{id}")
async def check(id: str) -> None:
    async with transaction() as tx:
        await things.check(id, if_=attr("kind").present(), tx=tx)


@api.post("/once", status=200, once=True)
async def once(fails: bool = False) -> str:
    if fails:
        raise ValueError("it fails")
    return "done"
