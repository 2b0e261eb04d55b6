"""Mistakes in topics, in who subscribes and in what is fed; see `test_declarations.py` for what a
case is.
"""

from __future__ import annotations

Case = tuple[str, str, str]  # source, part of the reason, part of the remedy

TOPIC = 'placed = Topic("placed", Item)\n'
QUEUE = 'packing = Queue("packing", Item)\n'
LINE = 'line = Queue("line", Item, fifo=True)\n'


def subscriber(options: str, taken: str = "item: Item") -> str:
    return f"{TOPIC}@placed.subscriber{options}  # <-\nasync def handler({taken}) -> None: ..."


def where(said: str) -> str:
    return subscriber(f"(where={said})")


def feeds(call: str, before: str = QUEUE) -> str:
    return f"{TOPIC}{before}placed.feeds({call})  # <-"


TOPICS = {
    "no message": ('"bad", str', "str cannot be a message", "a class with fields"),
    "fifo that is no bool": ('"bad", Job, fifo="yes"', "fifo='yes'", "True or False"),
    "a name twice": ('"items", Job', "topic 'items': the table at ", "unique over all kinds"),
    "a field that is ours": (
        '"bad", type("Bad", (Struct,), {"__annotations__": {"skylift": str}})',
        "Bad has a field that is 'skylift' in JSON",
        "rename it",
    ),
}
SUBSCRIBERS = {
    "another message": (
        subscriber("", "job: Job"),
        "handler() takes job: Job, and is given Item",
        "write `async def handler(job: Item) -> None`",
    ),
    "too many attempts": (
        subscriber("(attempts_max=4)"),
        "attempts_max=4, allowed are whole numbers from 1 to 3",
        "Lambda itself tries again",
    ),
    "an option of others": (
        subscriber("(backoff=Backoff(1, 2))"),
        "there is no option 'backoff'",
        "feed a queue, whose consumer has",
    ),
    "an option of nobody": (
        subscriber("(retries=3)"),
        "there is no option 'retries'",
        "there is 'attempts_max', 'concurrency_max', 'isolate', 'memory_mb', 'once', 'once_by', 't",
    ),
    "once by a word": (subscriber('(once="yes")'), "once='yes'", "once is True or False"),
    "once by no field": (subscriber('(once_by="ids")'), "'ids' is no field of Item", "'id'"),
    "an unknown field": (where('{"ownr": ["a"]}'), "has no field 'ownr'", "did you mean 'owner'"),
    "no list": (where('{"owner": "a"}'), "'a' stands in no list", "write ['a']"),
    "no object": (where('["a"]'), "is no object", "is a pattern"),
    "nothing at all": (where("{}"), "an empty object says nothing", "leave it away"),
    "an unknown operator": (where('{"owner": [{"starts": "a"}]}'), "starts", "prefix"),
    "a number for text": (where('{"owner": [5]}'), "5 matches a number", "what stands in its JSON"),
    "too many fields": (
        where(
            '{"id": ["a"], "owner": ["a"], "price": [1], "sold": [True], "note": ["a"], '
            '"tags": ["a"]}'
        ),
        "6 fields (id, note, owner, price, sold, tags), limit 5",
        "SNS takes no more",
    ),
    "a FIFO topic that calls": (
        'placed = Topic("placed", Item, fifo=True)\n'
        "@placed.subscriber  # <-\nasync def handler(item: Item) -> None: ...",
        "topic 'placed' has fifo=True, and so calls no functions",
        "topic.feeds(queue)",
    ),
}
FEEDS = {
    "no queue": (feeds('"packing"'), "it cannot feed 'packing'", "takes a Queue"),
    "a queue of another type": (
        feeds("jobs"),
        "it publishes Item, and queue 'jobs' holds Job",
        "declare the queue with Item",
    ),
    "a queue that is nowhere": (
        feeds("[Queue('packing', Item)][0]", ""),
        "queue 'packing' (declared at ",
        "add its module",
    ),
    "a FIFO queue": (
        feeds("line", LINE),
        "queue 'line' has fifo=True, and the topic has not",
        "on both, or on neither",
    ),
    "the same queue twice": (
        f"{TOPIC}{QUEUE}placed.feeds(packing)\nplaced.feeds(packing, where={{'id': ['a']}})  # <-",
        "it feeds queue 'packing' already, at ",
        "subscribes once",
    ),
    "a wrong filter": (feeds('packing, where={"ownr": ["a"]}'), "no field 'ownr'", "'owner'"),
}
GROUPS = {
    "topic": ("bad = Topic({})  # <-", TOPICS),
    "subscriber": ("{}", SUBSCRIBERS),
    "feeds": ("{}", FEEDS),
}
SOUND = """
placed = Topic("placed", Item)
steps = Topic("steps", Item, fifo=True)
packing = Queue("packing", Item)
line = Queue("line", Item, fifo=True)
placed.feeds(packing, where={"price": [{"numeric": [">", 3]}], "owner": [{"exists": True}]})
placed.feeds(loose := Queue("loose", Item))
steps.feeds(line)
steps.feeds(loose)

@placed.subscriber
async def first(item: Item) -> None: ...

@placed.subscriber(where={"owner": ["a", {"prefix": "b"}]}, once_by="id", attempts_max=1)
def second(context: Context, item: Item) -> None: ...

@first.dead.consumer
async def bury(letter: Dead[Item]) -> None: ...
"""
