"""What an author may get wrong: both checkers refuse each marked line and no other.

A new mistake takes the next number, on the line where it is reported. Conditions joined by `and`,
`or` or a chain are missing here: no checker sees them, so they fail when they run and in the graph.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from skylift import (
    Api,
    App,
    Backoff,
    Bus,
    Caller,
    Change,
    Channel,
    Context,
    Dead,
    Delivery,
    NotFound,
    Page,
    Queue,
    Response,
    Schedule,
    Scheduled,
    Site,
    Struct,
    Table,
    Timer,
    Topic,
    Users,
    attr,
    gather,
    transaction,
)
from skylift.testing import running


class Note(Struct):
    id: str
    text: str
    words: int | None = None


class NewNote(Struct):
    text: str


class Seat(Struct):
    room: str
    no: int
    holder: str | None = None


api = Api("api")
notes = Table("notes", Note, key="id")
pairs = Table("pairs", Note, key=("text", "id"))
seats = Table[Seat, str, int]("seats", Seat, key=("room", "no"))


@api.post("/notes", status=201)
async def write(new: NewNote) -> Note:
    return Note("x", new.text)


async def keys() -> None:
    await pairs.get("a")  # E1 a key field is missing
    await notes.get("a", "b")  # E2 one key field too many
    await notes.get(5)  # E3 the key is a str
    await seats.get("a", "b")  # E4 the second key field was said to be an int
    await seats.update(3, "a", set={"holder": "x"})  # E5 the key fields are swapped
    await seats.delete("a")  # E6 a key field is missing in another verb
    await notes.get_many(["x"])  # E7 keys of many are tuples


async def items() -> None:
    await notes.put(NewNote("x"))  # E8 an item of another type
    await notes.create(Seat("a", 1))  # E9 an item of another table
    await seats.put_many([Note("a", "b")])  # E10 items of another table
    print((await notes.get("a")).text)  # E11 get may find nothing
    print((await notes.page("a")).items[0].wrods)  # E12 a field that is not there
    seat: Seat = await notes.require("a")  # E13 a result of another type
    print(seat)


async def options() -> None:
    await notes.update("a", sets={"text": "b"})  # E14 an option that is not there
    await notes.create(Note("a", "b"), if_=attr("x") == 3)  # E15 create has its own condition
    await notes.check("a", if_=attr("x") == 3)  # E16 a check belongs to a transaction
    await notes.query("a")  # E17 a query is iterated, not awaited
    async with transaction() as tx:
        print((await notes.update("a", set={"text": "b"}, tx=tx)).text)  # E18 None inside of one


async def conditions() -> None:
    await notes.update("a", if_=attr("words") == None)  # E19 absence is .missing()
    await notes.update("a", if_=attr("words") is None)  # E20 `is` compares nothing
    await notes.update("a", if_=True)  # E21 not a condition
    await notes.update("a", if_=not attr("words").missing())  # E22 `not` is ~
    await notes.update("a", if_=attr("x") == None and attr("y") == 3)  # E23 a bool and a condition
    await notes.update("a", if_=attr("x") in ["a", "b"])  # E24 `in` is .one_of()
    await notes.update("a", if_=attr("x") > 3 & attr("y") == 4)  # E25 & binds tighter
    await notes.update("a", if_=(attr("x") == 3) & True)  # E26 one half is no condition
    await notes.update("a", if_=attr("x") == attr("y"))  # E27 attributes are compared with values
    await notes.update("a", if_=attr("x") > None)  # E28 nothing is greater than absence
    await notes.update("a", if_=attr("x"))  # E29 an attribute alone
    await notes.put(Note("a", "b"), if_=attr("x").starts_with("a"))  # E30 it is begins_with


async def calls() -> None:
    await write(new="x")  # E31 the handler's own parameter type
    await write(NewNote("x"), caller=None)  # E32 the handler has no such parameter
    text: str = await write(NewNote("x"))  # E33 the handler's own result
    first: Seat = (await gather(notes.require("x"), notes.require("y")))[0]  # E34 gathered types
    a, b, c = await gather(notes.get("x"), notes.get("y"))  # E35 two verbs, three results
    await gather(1, 2)  # E36 not verbs
    print(text, first)
    raise NotFound(404)  # E37 the detail is text


@api.get("/a", timeout=3)  # E38 the unit belongs to the name
async def unknown_option() -> None: ...


@api.get("/b", memory_mb="256")  # E39 a number
async def wrong_limit() -> None: ...


@api.get("/c", uses=("notes.get",))  # E40 uses= takes verbs, not their names
async def wrong_uses() -> None: ...


@api.get("/d", uses=notes.get)  # E41 uses= takes a tuple
async def bare_uses() -> None: ...


@api.get("/e", status="201")  # E42 a number
async def wrong_status() -> None: ...


@api.get  # E43 a route has a path
async def no_path() -> None: ...


@api.fetch("/g")  # E44 no such method
async def unknown_method() -> None: ...


Response("x", status="200")  # E45 a number
Api("api", cors=["https://app.example"])  # E46 cors= takes a Cors
Table("t", Note)  # E47 a table has a key
Table("t", Note, key=("a", "b", "c"))  # E48 one or two key fields
Table("t", Note, key="id", index={"by_text": "text"})  # E49 it is indexes
Table[Seat, str, int]("t", Note, key=("room", "no"))  # E50 another item type than was said


def mixed(page: Page[Note]) -> Page[Seat]:
    return page  # E51 a page of other items


class CountWords(Struct):
    note_id: str


counting = Queue("counting", CountWords)
mailing = Queue("mailing", NewNote, fifo=True)


async def sending() -> None:
    await counting.send(NewNote("x"))  # E52 a message of another type
    await counting.send("x")  # E53 a message is no text
    await counting.send_many(CountWords("x"))  # E54 many messages are a list
    await counting.send_many([CountWords("x"), NewNote("y")])  # E55 one of them of another type
    await counting.send(CountWords("x"), delay=5)  # E56 the unit belongs to the name
    await counting.send(CountWords("x"), delay_s="5")  # E57 a number
    await mailing.send(NewNote("x"), group=5)  # E58 a group is text
    await counting.send(CountWords("x"), tx=transaction)  # E59 the block's transaction
    await counting.send_many([CountWords("x")], delay_s=5)  # E60 send_many has no delay
    sent: str = await counting.send(CountWords("x"))  # E61 sending gives nothing back
    counting.put(CountWords("x"))  # E62 a verb of another kind
    print(sent)


@counting.consumer  # E63 a handler of another message
async def another(job: NewNote) -> None: ...


@counting.consumer(batch=10)  # E64 a batch is a list of deliveries
async def one_of_many(job: CountWords) -> None: ...


@counting.consumer(batch=10)  # E65 deliveries, not messages
async def bare_messages(jobs: list[CountWords]) -> None: ...


@counting.consumer(attempts_max=3)  # E66 one at a time, without batch=
async def many_of_one(batch: list[Delivery[CountWords]]) -> None: ...


@counting.consumer(batch=5)  # E67 deliveries of another message
async def other_deliveries(batch: list[Delivery[NewNote]]) -> None: ...


@counting.consumer  # E68 nothing waits for a result
async def with_result(job: CountWords) -> int:
    return 3


@counting.consumer  # E69 a message is given, and nothing else but the Context
async def with_more(job: CountWords, depth: int) -> None: ...


@counting.consumer(attempts=3)  # E70 it is attempts_max
async def unknown_attempts(job: CountWords) -> None: ...


@counting.consumer(backoff=5)  # E71 a Backoff, not seconds
async def wrong_backoff(job: CountWords) -> None: ...


@counting.consumer(once="note_id")  # E72 the field is said with once_by
async def wrong_once(job: CountWords) -> None: ...


@counting.consumer(batch="10")  # E73 a number
async def wrong_batch(batch: list[Delivery[CountWords]]) -> None: ...


@counting.consumer
async def count(job: CountWords, context: Context) -> None: ...


@mailing.consumer(batch=10)
async def mail(batch: list[Delivery[NewNote]]) -> None:
    for one in batch:
        print(one.text)  # E74 the message is inside of the delivery
        one.fail(5)  # E75 a reason is text


@count.dead.consumer  # E76 a dead letter holds the message
async def bury(job: CountWords) -> None: ...


@count.dead.consumer  # E77 dead letters of another function
async def bury_another(letter: Dead[NewNote]) -> None: ...


@count.dead.consumer(batch=2)  # E78 dead letters come one by one
async def bury_many(letter: Dead[CountWords]) -> None: ...


@count.dead.consumer
async def bury_well(letter: Dead[CountWords]) -> None:
    print(letter.message.note_id)  # E79 what could not be read has no message
    print(letter.note_id)  # E80 a field of the message


async def burying() -> None:
    first: NewNote | None = (await count.dead.peek())[0].message  # E81 a message of another type
    await count.dead.redrive("all")  # E82 a number, or nothing
    await count.dead.send(CountWords("x"))  # E83 dead letters take no messages
    await bury_well.dead.purge()  # E84 dead letters have no dead letters
    await count(NewNote("x"), context=None)  # E85 the handler's own parameters
    print(first)


Backoff(first="1")  # E86 the unit belongs to the name
Queue("q", CountWords("x"))  # E87 the type, not a message
Queue("q", CountWords, dedup="id")  # E88 dedup is by content, or by the id of each send
Queue("q")  # E89 a queue has a type of message
Queue("q", CountWords, visibility_s=30)  # E90 it is lease_s
on_time: Callable[[NewNote], object] = count  # E91 called with another message


def narrowed(queue: Queue[CountWords]) -> Queue[NewNote]:
    return queue  # E92 a queue of other messages


async def worlds(app: App) -> None:
    async with running("app"):  # E93 the App, not its name
        pass
    async with running(app, contention="some") as world:  # E94 a share
        await world.http.post("/notes", jsn={})  # E95 an option that is not there
        await world.http.get("/notes", query={"a": {}})  # E96 no value of a query
        await world.counts(notes)  # E97 queues have counts
        await world.clock.advance(5)  # E98 the unit is said
        print((await world.counts(counting)).waiting)  # E99 it is called ready


@notes.on_change  # E100 what it was and what it has become, not the item
async def follow(note: Note) -> None: ...


@notes.on_change  # E101 changes of another table
async def follow_another(change: Change[Seat]) -> None: ...


@notes.on_change(batch=10)  # E102 changes come one by one
async def follow_many(change: Change[Note]) -> None: ...


@notes.on_change(attempts_max=3)
async def follow_well(change: Change[Note]) -> None:
    print(change.after.text)  # E103 a deleted item has nothing after
    print(change.kind == "removed", change.key)  # E104 a change has no key of its own


odd = Schedule("odd", cron=5)  # E105 five fields, as text
nightly = Schedule("nightly", every="day")  # E106 an option that is not there


@nightly.run  # E107 a run has its Scheduled, and no message of the author's
async def sweep(note: Note) -> None: ...


@nightly.run(once_by="time")  # E108 a run's id is made of its time already
async def sweep_once() -> None: ...


@nightly.run  # E109 nobody has its result
async def sweep_and_count() -> int:
    return 1


@nightly.run(attempts_max=3)
async def sweep_well(run: Scheduled) -> None:
    print(run.at)  # E110 it is called time


closing = Timer("closing", CountWords)
Timer("t")  # E111 a timer has a type of message


@closing.on_due  # E112 another message than the timer's
async def close(due: NewNote) -> None: ...


@closing.on_due(batch=10)  # E113 what is due comes one by one
async def close_many(due: CountWords) -> None: ...


@closing.on_due(attempts_max=3)
async def close_well(due: CountWords) -> None:
    print(due.room)  # E114 a field that the message does not have


async def setting(at: datetime) -> None:
    await closing.set("1", at, NewNote("x"))  # E115 a message of another type
    await closing.set("1", 60, CountWords("x"))  # E116 a time, and no number of seconds
    await closing.set("1", CountWords("x"), at)  # E117 first when, then what
    await closing.set(1, at, CountWords("x"))  # E118 an id is text
    await closing.cancel("1", at)  # E119 whatever time it waits for
    await closing.send(CountWords("x"))  # E120 a timer is set


placed = Topic("placed", CountWords)
noted = Queue("noted", NewNote)
Topic("t")  # E121 a topic has a type of message
Topic("t", CountWords, "fifo")  # E122 options are named
placed.feeds(noted)  # E123 a queue of another type of message
placed.feeds("counting")  # E124 the queue itself, and not its name


@placed.subscriber  # E125 another message than the topic's
async def hear(told: NewNote) -> None: ...


@placed.subscriber(backoff=Backoff())  # E126 Lambda waits as it waits
async def hear_later(told: CountWords) -> None: ...


@placed.subscriber(where={"note_id": ["a"]}, once=True)
async def hear_well(told: CountWords) -> None:
    print(told.room)  # E127 a field that the message does not have


@placed.subscriber(where=["a"])  # E128 a filter names fields
async def hear_some(told: CountWords) -> None: ...


async def publishing() -> None:
    await placed.publish(NewNote("x"))  # E129 a message of another type
    await placed.publish(CountWords("x"), "a")  # E130 a group is named
    await placed.send(CountWords("x"))  # E131 a topic publishes
    await placed.publish(CountWords("x"), delay_s=5)  # E132 a topic does not wait


events = Bus("events")
Bus("b", CountWords)  # E133 a bus takes events of any type
Bus("b", archive_days="30")  # E134 a number of days
events.feeds(noted, CountWords)  # E135 a queue of another type of event
events.feeds(noted)  # E136 the type of the events is said


@events.on(CountWords)  # E137 another event than was asked for
async def heed(event: NewNote) -> None: ...


@events.on  # E138 of which type is said
async def heed_all(event: CountWords) -> None: ...


@events.on(CountWords, attempts_max=2, batch=10)  # E139 one at a time
async def heed_many(event: CountWords) -> None: ...


@events.on(CountWords, where=["a"])  # E140 a pattern names fields
async def heed_some(event: CountWords) -> None: ...


@events.on(CountWords)
async def heed_well(event: CountWords) -> None:
    print(event.room)  # E141 a field that the event does not have


async def telling() -> None:
    await events.publish(CountWords("x"), group="a")  # E142 a bus keeps no order
    await events.send(CountWords("x"))  # E143 a bus publishes
    await events.publish()  # E144 an event


async def starting() -> None:
    await heed_well.start(NewNote("x"))  # E145 it is given another message
    await heed_well.start()  # E146 what it is started with
    await heed_well.start(CountWords("x"), delay_s=5)  # E147 it does not wait
    await write.start(NewNote("x"))  # E148 a route is started by requests


async def may_watch(caller: Caller, id: str, epoch: str) -> bool:
    return caller.id == id


async def may_not_ask(id: str) -> bool:
    return bool(id)


async def says_nothing(caller: Caller, id: str) -> None: ...


def waits_for_nothing(caller: Caller, id: str) -> bool:
    return True


live = Channel("live", "rooms/{id}/{epoch}", Note, guard=may_watch)
Channel("a", "rooms/{id}", Note)  # E149 guard=None is written out
Channel("b", "rooms/{id}", Note, guard=may_not_ask)  # E150 a guard is told who asks
Channel("c", "rooms/{id}", Note, guard=says_nothing)  # E151 a guard says yes or no
Channel("d", "rooms/{id}", Note, guard=waits_for_nothing)  # E152 a guard is async
Channel("e", "rooms/{id}", Note, guard=may_watch, timeout="3")  # E153 no such option


async def telling_live() -> None:
    await live.publish(NewNote("x"), id="r1", epoch="1")  # E154 another event
    await live.publish(Note("x", "y"), id="r1")  # E155 an id is missing
    await live.publish(Note("x", "y"), id="r1", epoch=1)  # E156 an id is text
    await live.publish(Note("x", "y"), id="r1", epoch="1", room="x")  # E157 no such id
    await live.publish(Note("x", "y"), id="r1", epoch="1", tx=None)  # E158 no transaction
    await live.send(Note("x", "y"), id="r1", epoch="1")  # E159 a channel publishes


members = Users("members")
Api("api", auth="members")  # E160 auth= takes users
Api("api", auth=Users)  # E161 users that were made
Users("other", password="secret")  # E162 a Policy
Users("other", access_s="900")  # E163 a number
Users("other", refresh=30)  # E164 the unit belongs to the name


@api.get("/m", auth=True)  # E165 auth= takes users
async def asked() -> None: ...


async def people() -> None:
    await members.register("ann@example.com")  # E166 a password
    await members.login(email="ann@example.com", password=5)  # E167 a text
    await members.groups("01", ["staff"])  # E168 add= or remove=
    await members.create("01")  # E169 there is no such verb
    (await members.get("01")).email  # E170 there may be none


Site("a")  # E171 a site has a folder
Site("b", "web", api="api")  # E172 the Api itself, and not its name
Site("c", "web", api)  # E173 api= is written out
Site("d", "web", allow=["img-src"])  # E174 sources by directive
Site("e", "web", index="main.html")  # E175 no such option
