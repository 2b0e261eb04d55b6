"""Routes for the tests of dispatch: one for each thing that can become of an invocation."""

from __future__ import annotations

import asyncio
import threading
from typing import Annotated

from skylift import (
    Api,
    Conflict,
    Context,
    Expired,
    Header,
    Invalid,
    Meta,
    Request,
    Response,
    Struct,
    Table,
    Transaction,
    Unavailable,
    gather,
    new_id,
    now,
    transaction,
)

api = Api("api")


class Thing(Struct):
    id: str
    count: int = 0


class NewThing(Struct):
    id: str
    count: Annotated[int, Meta(ge=0)] = 0


things = Table("things", Thing, key="id")
secret = Table("secret", Thing, key="id")
seen: list[object] = []  # what handlers noticed after their answer could no longer be sent


@api.post("/things", status=201)
async def make(new: NewThing) -> Thing:
    thing = Thing(new.id, new.count)
    await things.create(thing)
    return thing


@api.get("/things/{id}")
async def read(id: str) -> Thing:
    return await things.require(id)


@api.delete("/things/{id}")
async def drop(id: str) -> None:
    await things.delete(id)


@api.get("/pair")
async def pair(a: str, b: str) -> list[Thing | None]:
    return list(await gather(things.get(a), things.get(b)))


@api.get("/sneaky")
async def sneaky() -> str:
    verb = SNEAKY
    await verb(Thing("x"))
    return "done"


SNEAKY = None  # a test puts a verb here that the walk over the source never saw


@api.get("/slow", timeout_s=0.1)
async def slow() -> str:
    try:
        await asyncio.sleep(30)
    finally:
        try:
            await things.put(Thing("written too late"))
        except Expired as error:
            seen.append(error)
    return "never"


@api.get("/stubborn", timeout_s=0.1)
async def stubborn() -> str:
    try:
        await asyncio.sleep(30)
    except asyncio.CancelledError:
        seen.append("cancelled")
    return "an answer nobody waits for"


@api.post("/late", timeout_s=0.1)
async def late() -> None:
    async with transaction() as tx:
        await things.put(Thing("sent too late"), tx=tx)
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            seen.append("cancelled")


left: list[asyncio.Task[None]] = []


@api.post("/left")
async def leave_a_task() -> None:
    async def put() -> None:
        await asyncio.sleep(0)
        await things.put(Thing("left behind"))

    left.append(asyncio.create_task(put()))


blocks: list[Transaction] = []


@api.post("/block")
async def keep_a_block_open() -> None:
    async with transaction() as tx:
        blocks.append(tx)
        await asyncio.sleep(0.02)


@api.post("/stranger", uses=(things.put,))
async def write_into_the_block_of_another() -> None:
    await things.put(Thing("a stranger's"), tx=blocks[-1])


class Stop(BaseException):
    """No Exception, as those of some libraries are."""


ENDS: dict[str, type[BaseException]] = {
    "exit": SystemExit,
    "interrupt": KeyboardInterrupt,
    "stop": Stop,
}


@api.get("/ends/{how}")
async def end(how: str) -> None:
    raise ENDS[how]


@api.get("/ends-in-a-thread/{how}")
def end_in_a_thread(how: str) -> None:
    raise ENDS[how]


@api.get("/iterates")
def iterate() -> int:
    return next(iter(list[int]()))


@api.get("/tags")
async def tags(tag: list[str] = []) -> list[str]:  # noqa: B006  (a test changes it)
    tag.append("seen")
    return tag


ANSWERS = {
    "a line break": Response("", headers={"x-a": "1\r\nset-cookie: a=1"}),
    "a line break in a cookie": Response("", cookies=["a=1\nb"]),
    "a name with a space": Response("", headers={"x a": "1"}),
    "None": Response("", headers={"x-a": None}),  # type: ignore[dict-item]
    "a status that is none": Response("", status=99),
    "a text as cookies": Response("", cookies="a=1"),
    "bytes": Response(bytearray(b"\x00\xff")),
}


@api.get("/answers/{which}")
async def answer(which: str) -> Response:
    return ANSWERS[which]


@api.get("/one", concurrency_max=1)
async def one() -> str:
    await asyncio.sleep(0.02)
    return "done"


@api.get("/thread")
def in_a_thread(context: Context) -> dict[str, str | bool]:
    return {
        "function": context.function,
        "main": threading.current_thread() is threading.main_thread(),
    }


@api.get("/context")
async def of_context(context: Context) -> dict[str, str]:
    return {"id": context.invocation_id, "trace": context.trace, "at": now().isoformat()}


@api.get("/ids")
async def ids() -> list[str]:
    return [new_id(), new_id()]


@api.get("/bug")
async def bug() -> str:
    return {}["a secret of the author"]


@api.get("/conflict")
async def conflict() -> None:
    raise Conflict("the room is full", code="ROOM_FULL")


@api.get("/unavailable")
async def unavailable() -> None:
    raise Unavailable("the disk is full")


@api.get("/invalid")
async def invalid() -> None:
    raise Invalid("no", errors=["of the author's"])


@api.get("/said")
async def said(request: Request, agent: Annotated[str, Header("User-Agent")] = "none") -> Response:
    return Response(
        f"{request.cookies.get('a')} {agent}", 418, {"X-Tea": "yes"}, ["b=1; Path=/", "c=2"]
    )


@api.get("/none")
async def none() -> None:
    return None


@api.post("/half")
async def half() -> None:
    async with transaction() as tx:
        await things.create(Thing("half"), tx=tx)
        raise Conflict("changed my mind")


@api.get("/unwritable")
async def unwritable() -> object:
    return object()
