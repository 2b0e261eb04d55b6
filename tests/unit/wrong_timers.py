"""Mistakes in timers and in what takes what is due; `test_declarations.py` says what a case is."""

from __future__ import annotations

Case = tuple[str, str, str]  # source, part of the reason, part of the remedy

TIMER = 'closing = Timer("closing", Item)\n'


def due(options: str, taken: str = "item: Item") -> str:
    return f"{TIMER}@closing.on_due{options}  # <-\nasync def handler({taken}) -> None: ..."


TIMERS = {
    "no message": (
        'bad = Timer("bad", str)  # <-\n@bad.on_due\nasync def take(text: str) -> None: ...',
        "str cannot be a message",
        "a class with fields",
    ),
    "no function": (
        'bad = Timer("bad", Job)  # <-',
        "timer 'bad' has no function",
        "@bad.on_due",
    ),
    "a name twice": (
        'bad = Timer("items", Job)  # <-\n@bad.on_due\nasync def take(job: Job) -> None: ...',
        "timer 'items': the table at ",
        "unique over all kinds",
    ),
}
FUNCTIONS = {
    "another message": (
        due("", "job: Job"),
        "handler() takes job: Job, and is given Item",
        "write `async def handler(job: Item) -> None`",
    ),
    "a list": (due("", "items: list[Item]"), "and is given Item", "items: Item"),
    "too many attempts": (
        due("(attempts_max=991)"),
        "attempts_max=991, allowed are whole numbers from 1 to 990",
        "SQS counts 1,000",
    ),
    "no attempt": (due("(attempts_max=0)"), "attempts_max=0", "SQS counts 1,000"),
    "no backoff": (due("(backoff=5)"), "backoff=5 is no Backoff", "Backoff(first_s=0.5"),
    "once by a word": (due('(once="yes")'), "once='yes'", "once is True or False"),
    "once by no name": (due("(once_by=5)"), "once_by=5 is no field name", "as a string"),
    "once by no field": (due('(once_by="ids")'), "'ids' is no field of Item", "'id'"),
    "one at a time": (due("(concurrency_max=1)"), "concurrency_max=1", "fifo=True"),
    "a second function": (
        TIMER
        + "@closing.on_due\nasync def one(item: Item) -> None: ...\n"
        + "@closing.on_due  # <-\nasync def two(item: Item) -> None: ...",
        "timer 'closing' has a function already, at ",
        "use a Topic",
    ),
}
GROUPS = {
    "timer": ("{}", TIMERS),
    "due": ("{}", FUNCTIONS),
}
SOUND = """
closing = Timer("closing", Item)
opening = Timer("opening", Job)

@closing.on_due
async def close(item: Item) -> None:
    await opening.cancel(item.id)

@opening.on_due(attempts_max=990, backoff=Backoff(1, 5), once_by="id", concurrency_max=2)
def reopen(context: Context, job: Job) -> None: ...

@close.dead.consumer
async def bury(letter: Dead[Item]) -> None: ...
"""
