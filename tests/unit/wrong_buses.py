"""Mistakes in buses, in who listens and in what is fed; see `test_declarations.py` for what a case
is.
"""

from __future__ import annotations

Case = tuple[str, str, str]  # source, part of the reason, part of the remedy

BUS = 'events = Bus("events")\n'
QUEUE = 'packing = Queue("packing", Item)\n'


def on(options: str, taken: str = "item: Item") -> str:
    return f"{BUS}@events.on({options})  # <-\nasync def handler({taken}) -> None: ..."


def where(said: str) -> str:
    return on(f"Item, where={said}")


def feeds(call: str, before: str = QUEUE) -> str:
    return f"{BUS}{before}events.feeds({call})  # <-"


BUSES = {
    "days that are none": ('"bad", archive_days=-1', "archive_days=-1, allowed are", "keeps"),
    "days without end": ('"bad", archive_days=9999', "from 0 to 3,650", "0 keeps nothing"),
    "shared with nobody": ('"bad", shared=True', "shared=True is no name of an app", "owner"),
    "shared by no app": ('"bad", shared="No App"', "shared='No App' is no name", '"bakery"'),
    "another's archive": (
        '"bad", shared="bakery", archive_days=7',
        "archive_days= in an app that does not own it",
        "say it in app 'bakery'",
    ),
    "a name twice": ('"items"', "bus 'items': the table at ", "unique over all kinds"),
}
LISTENERS = {
    "no event": (on("str", "item: str"), "str cannot be a message", "a class with fields"),
    "a field that is ours": (
        "class Bad(Struct):\n    skylift: str\n" + on("Bad", "item: Bad"),
        "Bad has a field that is 'skylift' in JSON",
        "rename it",
    ),
    "a dict with a name": (
        "from typing import TypedDict\nclass Bad(TypedDict):\n    id: str\n"
        + on("Bad", "item: Bad"),
        "Bad is a TypedDict, and so a dict",
        "make it a Struct",
    ),
    "a decorator without its type": (
        f"{BUS}@events.on  # <-\nasync def handler(item: Item) -> None: ...",
        "@events.on without a type asks for no event",
        "write @events.on(RoomOpened)",
    ),
    "an option of others": (
        f"{BUS}@events.on(Item, batch=9)  # <-\nasync def handler(item: Item) -> None: ...",
        "there is no option 'batch'",
        "feed a queue",
    ),
    "another event": (
        on("Item", "job: Job"),
        "handler() takes job: Job, and is given Item",
        "write `async def handler(job: Item) -> None`",
    ),
    "a namesake": (
        f"{BUS}Other = type('Item', (Struct,), {{'__annotations__': {{'id': str}}}})\n"
        "@events.on(Item)\nasync def first(item: Item) -> None: ...\n"
        "@events.on(Other)  # <-\nasync def handler(item: Other) -> None: ...",
        "Item is another class than the Item at ",
        "rename one of them",
    ),
    "too many attempts": (
        on("Item, attempts_max=4"),
        "attempts_max=4, allowed are whole numbers from 1 to 3",
        "Lambda itself tries again",
    ),
    "once by a word": (on('Item, once="yes"'), "once='yes'", "once is True or False"),
    "once by no field": (on('Item, once_by="ids"'), "'ids' is no field of Item", "'id'"),
    "an unknown field": (where('{"ownr": ["a"]}'), "has no field 'ownr'", "did you mean 'owner'"),
    "no list": (where('{"owner": "a"}'), "'a' stands in no list", "write ['a']"),
    "an unknown operator": (where('{"owner": [{"starts": "a"}]}'), "starts", "prefix"),
    "a number for text": (where('{"owner": [5]}'), "5 matches a number", "what stands in its JSON"),
    "too long a pattern": (where('{"owner": ["x" * 2100]}'), "limit 2,048", "a prefix"),
}
FEEDS = {
    "no queue": (feeds('"packing", Item'), "it cannot feed 'packing'", "takes a Queue"),
    "a queue of another type": (
        feeds("jobs, Item"),
        "it publishes Item, and queue 'jobs' holds Job",
        "declare the queue with Item",
    ),
    "a FIFO queue": (
        feeds("packing, Item", 'packing = Queue("packing", Item, fifo=True)\n'),
        "queue 'packing' has fifo=True, and a bus keeps no order",
        "a Topic with fifo=True",
    ),
    "the same queue twice": (
        f"{BUS}{QUEUE}events.feeds(packing, Item)\n"
        "events.feeds(packing, Item, where={'id': ['a']})  # <-",
        "it feeds queue 'packing' already, at ",
        "$or",
    ),
    "a wrong pattern": (
        feeds('packing, Item, where={"ownr": ["a"]}'),
        "no field 'ownr'",
        "'owner'",
    ),
}
GROUPS = {
    "bus": ("bad = Bus({})  # <-", BUSES),
    "listener": ("{}", LISTENERS),
    "bus feeds": ("{}", FEEDS),
}
SOUND = """
events = Bus("events", archive_days=30)
house = Bus("house", shared="bakery")
packing = Queue("packing", Item)
working = Queue("working", Job)
events.feeds(packing, Item, where={"price": [{"numeric": [">", 3]}], "note": [None]})
events.feeds(working, Job)
house.feeds(working, Job)

@events.on(Item)
async def first(item: Item) -> None: ...

@events.on(Item, where={"owner": ["a", {"prefix": "b"}]}, once_by="id", attempts_max=1)
def second(context: Context, item: Item) -> None: ...

@house.on(Job, once=True)
async def third(job: Job) -> None: ...

@first.dead.consumer
async def bury(letter: Dead[Item]) -> None: ...
"""
