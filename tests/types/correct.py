"""What an author may write: both checkers find nothing here and infer exactly these types."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Annotated, Any, assert_type

from skylift import (
    Api,
    Condition,
    Conflict,
    Context,
    Cors,
    Function,
    Header,
    Meta,
    Page,
    Request,
    Response,
    Struct,
    Table,
    Transaction,
    attr,
    gather,
    new_id,
    now,
    transaction,
)


class Note(Struct):
    id: str
    text: str
    words: int | None = None
    expires_at: datetime | None = None


class NewNote(Struct):
    text: str


class Seat(Struct):
    room: str
    no: int
    holder: str | None = None


api = Api("api", cors=Cors(["https://app.example"], credentials=True))

notes = Table("notes", Note, key="id", ttl="expires_at")
assert_type(notes, Table[Note, str])
pairs = Table("pairs", Note, key=("text", "id"), indexes={"by_id": "id"})
assert_type(pairs, Table[Note, str, str])
seats = Table[Seat, str, int](
    "seats", Seat, key=("room", "no"), indexes={"by_holder": ("holder", "no")}
)
assert_type(seats, Table[Seat, str, int])
numbers = Table[Seat, int]("numbers", Seat, key="no")
assert_type(numbers, Table[Seat, int])
spelled = Table[Note, str]("spelled", Note, key="id")
assert_type(spelled, Table[Note, str])
spelled_pairs = Table[Note, str, str]("spelled-pairs", Note, key=("text", "id"))
assert_type(spelled_pairs, Table[Note, str, str])


@api.post("/notes", status=201, timeout_s=5, memory_mb=512, uses=(notes.get, seats.scan))
async def write(new: NewNote, caller: str | None = None) -> Note:
    return Note(new_id(), new.text)


@api.get("/notes/{id}")
def read(id: str, depth: int = 1) -> int:
    return depth


@api.delete("/notes/{id}", concurrency_max=None, warm=0)
async def remove(
    id: Annotated[str, Meta(min_length=1)],
    etag: Annotated[str, Header("if-match")],
    request: Request,
    context: Context,
) -> Response:
    return Response(f"{context.attempt} {request.ip} {etag} {now()}", status=200)


# A decorator returns a Function with the handler's own signature.
kept: Function[..., int] = read
plain: Callable[[str], int] = read
with_default: Callable[[NewNote], Coroutine[Any, Any, Note]] = write


async def one_item() -> None:
    assert_type(await notes.get("x"), Note | None)
    assert_type(await notes.require("x"), Note)
    assert_type(await seats.get("a", 3), Seat | None)
    assert_type(await seats.require("a", 3), Seat)
    assert_type(await numbers.get(3), Seat | None)
    assert_type(await pairs.get("a", "b"), Note | None)
    assert_type(await notes.put(Note("a", "b"), if_=attr("words").missing()), None)
    assert_type(await notes.create(Note("a", "b")), None)
    assert_type(await notes.update("x", set={"text": "y"}, add={"words": 1}), Note)
    assert_type(await seats.update("a", 3, remove=["holder"], if_=attr("no") > 2), Seat)
    assert_type(await seats.delete("a", 3), Seat | None)
    assert_type(await write(NewNote("x"), caller=None), Note)
    assert_type(read("x", depth=3), int)


async def many_items() -> None:
    async for note in notes.query("x", where=attr("text").begins_with("a"), reverse=True, limit=9):
        assert_type(note, Note)
    async for seat in seats.scan(limit=3):
        assert_type(seat, Seat)
    page = await seats.page("a", index="by_holder", cursor=None, limit=10)
    assert_type(page, Page[Seat])
    assert_type(page.items, list[Seat])
    assert_type(page.cursor, str | None)
    assert_type(await notes.get_many([("x",), ("y",)]), list[Note | None])
    assert_type(await seats.get_many([("a", 3)]), list[Seat | None])
    assert_type(await seats.put_many([Seat("a", 1)]), None)
    assert_type(await seats.delete_many([("a", 3)]), None)


async def together() -> None:
    two = await gather(notes.get("x"), seats.require("a", 3))
    assert_type(two, tuple[Note | None, Seat])
    three = await gather(notes.require("x"), seats.require("a", 3), numbers.get(1))
    assert_type(three, tuple[Note, Seat, Seat | None])
    alike = await gather(*[notes.require(id) for id in ("a", "b")])
    assert_type(alike, tuple[Note, ...])


async def all_or_nothing() -> None:
    async with transaction() as tx:
        assert_type(tx, Transaction)
        await notes.create(Note("a", "b"), tx=tx)
        await notes.update("a", set={"text": "c"}, tx=tx)
        await seats.delete("a", 3, tx=tx)
        await seats.check("a", 4, if_=attr("holder").present(), tx=tx)
    raise Conflict("too late", room="a")


def conditions() -> Condition:
    assert_type(attr("words") == 3, Condition)
    assert_type(attr("words") != 3, Condition)
    assert_type((attr("a") > 3) & ~(attr("b.c") <= now()) | attr("d").one_of("x", "y"), Condition)
    assert_type(attr("a").between(1, 2), Condition)
    return attr("tags").contains("x") & attr("done").missing()
