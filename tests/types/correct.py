"""What an author may write: both checkers find nothing here and infer exactly these types."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, TypedDict, assert_type

from skylift import (
    Api,
    Backoff,
    Bus,
    Caller,
    Change,
    Channel,
    Condition,
    Conflict,
    Context,
    Cors,
    Dead,
    Delivery,
    Function,
    Header,
    Limit,
    Meta,
    Page,
    Policy,
    Queue,
    Rate,
    Request,
    Response,
    Schedule,
    Scheduled,
    Secret,
    Setting,
    Site,
    Struct,
    Table,
    Timer,
    Tokens,
    Topic,
    Transaction,
    User,
    Users,
    attr,
    gather,
    in_thread,
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


def waited(text: str, *, times: int = 1) -> bytes:
    return text.encode() * times


async def aside() -> None:
    assert_type(await in_thread(waited, "x", times=2), bytes)


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


class CountWords(Struct):
    note_id: str


@dataclass
class Mail:
    to: str


class Ship(TypedDict):
    order: str


counting = Queue("counting", CountWords)
assert_type(counting, Queue[CountWords])
mailing = Queue("mailing", Mail, fifo=True, dedup="content", lease_s=60, retention_s=86_400)
assert_type(mailing, Queue[Mail])
shipping: Queue[Ship] = Queue("shipping", Ship)
bulk = Queue("bulk", CountWords)


@counting.consumer
async def count(job: CountWords) -> None: ...


@mailing.consumer(batch=10, attempts_max=3, backoff=Backoff(1, max_s=5), timeout_s=3)
async def mail(batch: list[Delivery[Mail]]) -> None:
    for one in batch:
        assert_type(one, Delivery[Mail])
        assert_type(one.message, Mail)
        assert_type((one.id, one.attempt), tuple[str, int])
        one.fail()
        one.fail(one.message.to)


@shipping.consumer(once=True, concurrency_max=2, uses=(counting.send, notes.get))
def ship(job: Ship, context: Context) -> None: ...


@bulk.consumer(batch=500, once_by="note_id")
def in_bulk(context: Context, batch: list[Delivery[CountWords]]) -> None: ...


class Worker:
    async def work(self, job: CountWords) -> None: ...


work = counting.consumer(Worker().work)
one_at_a_time = bulk.consumer(batch=1)(Worker().work)


@counting.consumer
async def with_context(job: CountWords, context: Context) -> None: ...


@count.dead.consumer
async def bury(letter: Dead[CountWords]) -> None:
    assert_type(letter.message, CountWords | None)
    assert_type((letter.reason, letter.attempts), tuple[str, int])
    assert_type(letter.first_sent, datetime)


@mail.dead.consumer(attempts_max=2, backoff=Backoff(), timeout_s=5)
def bury_mail(letter: Dead[Mail], context: Context) -> None: ...


@ship.dead.consumer
async def bury_ship(letter: Dead[Ship]) -> None: ...


# A consumer stays callable as the handler is; a message it cannot be called with is refused.
called: Callable[[CountWords], Coroutine[Any, Any, None]] = count
in_a_thread: Callable[[Ship, Context], None] = ship


@notes.on_change
async def follow(change: Change[Note]) -> None:
    assert_type(change.before, Note | None)
    assert_type(change.after, Note | None)
    if change.kind == "created" and change.after:
        await counting.send(CountWords(change.after.id))


@seats.on_change(attempts_max=3, backoff=Backoff(1), once=True, timeout_s=5, uses=(notes.get,))
def follow_seats(change: Change[Seat], context: Context) -> None: ...


@seats.on_change
def follow_seats_too(context: Context, change: Change[Seat]) -> None: ...


@follow.dead.consumer
async def bury_change(letter: Dead[Change[Note]]) -> None:
    assert_type(letter.message, Change[Note] | None)


called_with_a_change: Callable[[Change[Note]], Coroutine[Any, Any, None]] = follow


fee = Setting("fee", Decimal, Decimal("2.50"))
page_size = Setting("page_size", int)
signing = Secret("signing", rotate=True)
catalogue = Secret("catalogue", optional=True)


async def said() -> None:
    assert_type(await fee.value(), Decimal)
    assert_type(await page_size.value(), int)
    assert_type(await signing.reveal(), str)


def by_key(request: Request) -> str:
    return request.headers.get("x-api-key", "")


limited = Api("limited", throttle=Rate(per_s=10, burst=20))


@limited.get("/fee", throttle=Rate(1, 2), limit=Limit(5, per_s=60, by=by_key))
async def the_fee() -> Decimal:
    return await fee.value()


nightly = Schedule("nightly", cron="0 3 * * *", timezone="Europe/Madrid")
beat = Schedule("beat", rate="5 minutes")


@nightly.run
async def sweep() -> None: ...


@nightly.run
def sweep_with_time(run: Scheduled) -> None:
    assert_type(run.time, datetime)


@beat.run(attempts_max=2, once=True, timeout_s=60, uses=(notes.scan,))
async def check(context: Context) -> None:
    assert_type(context.scheduled_time, datetime | None)


@beat.run(memory_mb=128)
def check_all(run: Scheduled, context: Context) -> None: ...


@beat.run
async def check_everything(context: Context, run: Scheduled) -> None: ...


@sweep.dead.consumer
async def bury_run(letter: Dead[Scheduled]) -> None:
    assert_type(letter.message, Scheduled | None)


called_without: Callable[[], Coroutine[Any, Any, None]] = sweep


closing = Timer("closing", CountWords)
assert_type(closing, Timer[CountWords])


@closing.on_due
async def close(due: CountWords) -> None:
    await closing.set(due.note_id, now(), due)
    await closing.cancel(due.note_id)


@closing.on_due(attempts_max=3, backoff=Backoff(1), once_by="note_id", timeout_s=5)
def close_well(due: CountWords, context: Context) -> None: ...


@closing.on_due
def close_too(context: Context, due: CountWords) -> None: ...


@close.dead.consumer
async def bury_due(letter: Dead[CountWords]) -> None:
    assert_type(letter.message, CountWords | None)


async def timers(at: datetime) -> None:
    async with transaction() as tx:
        assert_type(await closing.set("1", at, CountWords("x"), tx=tx), None)
        assert_type(await closing.cancel("1", tx=tx), None)
    await gather(closing.set("1", at, CountWords("x")), closing.cancel("2"))
    await close(CountWords("x"))


async def messages() -> None:
    assert_type(await counting.send(CountWords("x"), delay_s=3, group="x"), None)
    assert_type(await counting.send_many([CountWords("x")], group="x"), None)
    await mailing.send(Mail("x"), group="a", dedup="b")
    await shipping.send({"order": "x"})
    async with transaction() as tx:
        await notes.create(Note("a", "b"), tx=tx)
        await counting.send(CountWords("a"), tx=tx)
    await gather(counting.send(CountWords("x")), notes.get("x"))
    await gather(*[counting.send(CountWords(id)) for id in ("a", "b")])
    await count(CountWords("x"))
    await asyncio.create_task(count(CountWords("x")))
    await mail([Delivery(Mail("x"), "1", 1)])


async def starting() -> None:
    await count.start(CountWords("x"))
    await mail.start(Mail("x"))
    async with transaction() as tx:
        await count.start(CountWords("x"), tx=tx)
    await gather(*[count.start(CountWords(id)) for id in ("a", "b")])


@api.post("/begin", uses=(count.start,))
async def begin() -> None:
    await count.start(CountWords("x"))


async def dead_letters() -> None:
    assert_type(await count.dead.peek(limit=3), list[Dead[CountWords]])
    assert_type(await count.dead.redrive(), int)
    assert_type(await mail.dead.redrive(limit=5), int)
    assert_type(await in_bulk.dead.purge(), int)


@api.post("/redrive", uses=(count.dead.redrive, mailing.send_many))
async def redrive() -> int:
    return await count.dead.redrive()


async def forward(queue: Queue[CountWords], job: CountWords) -> None:
    await queue.send(job)


placed = Topic("placed", CountWords)
assert_type(placed, Topic[CountWords])
placed.feeds(counting)
Topic("lines", Mail, fifo=True).feeds(mailing, where={"to": [{"prefix": "a"}]})


@placed.subscriber
async def hear(told: CountWords) -> None:
    await placed.publish(told)
    await placed.publish(told, group="a", dedup="b")


@placed.subscriber(where={"note_id": ["a", {"prefix": "b"}]}, attempts_max=2, timeout_s=5)
def hear_some(told: CountWords, context: Context) -> None: ...


@placed.subscriber
async def hear_late(context: Context, told: CountWords) -> None: ...


@hear.dead.consumer
async def bury_told(letter: Dead[CountWords]) -> None:
    assert_type(letter.message, CountWords | None)


async def publish() -> None:
    async with transaction() as tx:
        assert_type(await placed.publish(CountWords("x"), tx=tx), None)
    await gather(placed.publish(CountWords("x")), counting.send(CountWords("y")))
    await hear(CountWords("x"))
    assert_type(await hear.dead.redrive(), int)


events = Bus("events", archive_days=7, shared="bakery")
events.feeds(counting, CountWords)
events.feeds(mailing, Mail, where={"$or": [{"to": [{"prefix": "a"}]}, {"to": [{"suffix": "b"}]}]})


@events.on(CountWords)
async def count_told(event: CountWords) -> None:
    await events.publish(event)
    await events.publish(Mail("a"))


@events.on(Mail, where={"to": ["a", {"wildcard": "b*"}]}, attempts_max=1, once=True, timeout_s=5)
def mail_told(event: Mail, context: Context) -> None: ...


@events.on(Mail)
async def mail_late(context: Context, event: Mail) -> None: ...


@count_told.dead.consumer
async def bury_event(letter: Dead[CountWords]) -> None:
    assert_type(letter.message, CountWords | None)


async def tell() -> None:
    async with transaction() as tx:
        assert_type(await events.publish(CountWords("x"), tx=tx), None)
    await count_told(CountWords("x"))
    mail_told(Mail("a"), await something())
    assert_type(await mail_told.dead.purge(), int)


async def something() -> Context:
    raise NotImplementedError


members = Users("members")
closed = Api("closed", auth=members)


async def may_watch(caller: Caller, id: str, epoch: str) -> bool:
    return caller.id == id


async def anybody(caller: Caller | None) -> bool:
    return caller is not None


live = Channel("live", "rooms/{id}/{epoch}", Note, guard=may_watch)
news = Channel("news", "all", NewNote, guard=anybody, auth=members, timeout_s=3)
silent = Channel("silent", "{id}", NewNote, guard=None)


async def tell_all() -> None:
    assert_type(await live.publish(Note("a", "b"), id="r1", epoch="1"), None)
    await live.publish(Note("a", "b"), "r1", "1")
    await news.publish(NewNote("a"))
    await silent.publish(NewNote("a"), id="a")


strict = Users("strict", password=Policy(12, digits=True), access_s=300, refresh_days=1)


@closed.get("/me")
async def me(caller: Caller) -> User | None:
    return await members.get(caller.id)


@closed.get("/maybe", auth=members.optional)
async def maybe(caller: Caller | None, request: Request) -> str:
    assert_type(request.caller, Caller | None)
    return caller.username if caller is not None else "nobody"


@closed.post("/login", auth=None, timeout_s=5)
async def login(new: NewNote) -> Tokens:
    return await members.login("ann@example.com", new.text)


async def people() -> None:
    assert_type(await me(Caller("01", "Ann")), User | None)
    assert_type(await members.register("ann@example.com", "a password"), str)
    assert_type(await members.confirm("01", "123456"), None)
    tokens = await members.guest("Ann")
    assert_type(tokens, Tokens)
    assert_type(await members.refresh(tokens.refresh), Tokens)
    assert_type(await members.groups(tokens.id, add=["staff"], remove=("a",)), list[str])
    assert_type(await login(NewNote("a")), Tokens)


web = Site("web", "web", api=api, spa=False, allow={"img-src": ["https://images.example", "data:"]})
pages = Site("pages", "../pages/dist")
assert_type(web.directory, str)
