"""Mistakes in the declaration of a queue, of its consumer and of who takes its dead letters; see
`test_declarations.py` for what a case is.
"""

from __future__ import annotations

Case = tuple[str, str, str]  # source, part of the reason, part of the remedy


def consumer(options: str, taken: str = "job: Job") -> str:
    return f"@jobs.consumer({options})  # <-\nasync def handler({taken}) -> None: ..."


def buried(trigger: str, taken: str = "letter: Dead[Job]") -> str:
    """A consumer of dead letters, told at its decorator."""
    work = "@jobs.consumer\nasync def work(job: Job) -> None: ...\n"
    return f"{work}@work.dead.consumer{trigger}  # <-\nasync def handler({taken}) -> None: ..."


MESSAGES = {
    "text": ('Queue("bad", str)', "str cannot be a message", "a class with fields"),
    "a number": ('Queue("bad", 5)', "5 cannot be a message", "a class with fields"),
    "a dict": ('Queue("bad", dict[str, int])', "dict[str, int] cannot be", "a class with fields"),
    "one of two": ('Queue("bad", Job | New)', "Job | New cannot be a message", "a class with"),
    "a named tuple": (
        'Queue("bad", __import__("typing").NamedTuple("Pair", [("a", int)]))',
        "Pair cannot be a message",
        "a class with fields",
    ),
}
FIELDS = {
    "a field of any type": ("what: Any", "Wrong.what: Any cannot be stored", "say what it is"),
    "a field of a type outside": ("what: timedelta", "timedelta cannot be stored", "seconds"),
    "None in a list": ("what: list[str | None]", "None cannot stand inside", "leave it out"),
    "a type that is not there": ("what: Nowhere", "'Nowhere' is not defined", "can be stored"),
    "a default that is no absence": ("what: str | None = 'a'", "None is absence", "the default"),
    "a wrong pattern": (
        'what: Annotated[str, Meta(pattern="[")]',
        "Wrong has a wrong pattern: unterminated",
        "regular expression",
    ),
    "a pattern beside a list": (
        'what: Annotated[str, Meta(pattern="a")] | list[int]',
        "a str with a pattern shares a union",
        "a field of its own",
    ),
}
QUEUES = {
    "a name AWS has not": ('"my jobs", Job', "queue name 'my jobs': AWS", "a letter first"),
    "a name twice": ('"items", Job', "queue 'items': the table at ", "unique over all kinds"),
    "fifo that is no bool": ('"bad", Job, fifo="yes"', "fifo='yes'", "True or False"),
    "fifo that is a number": ('"bad", Job, fifo=1', "fifo=1", "True or False"),
    "no lease": ('"bad", Job, lease_s=0', "lease_s=0, allowed are more than 0", "12 hours"),
    "a lease too long": ('"bad", Job, lease_s=43_201', "up to 43,200", "12 hours"),
    "a lease that is text": ('"bad", Job, lease_s="60"', "lease_s='60'", "12 hours"),
    "a lease that is no number": ('"bad", Job, lease_s=float("nan")', "lease_s=nan", "12 hours"),
    "a lease that is a bool": ('"bad", Job, lease_s=True', "lease_s=True", "12 hours"),
    "kept too short": ('"bad", Job, retention_s=59', "allowed are 60 to 1,209,600", "14 days"),
    "kept too long": ('"bad", Job, retention_s=1_209_601', "retention_s=1209601", "14 days"),
    "kept for nothing": ('"bad", Job, retention_s=None', "retention_s=None", "14 days"),
    "dedup of another kind": (
        '"bad", Job, fifo=True, dedup="id"',
        "dedup='id'",
        'write dedup="content"',
    ),
    "dedup that is a bool": ('"bad", Job, fifo=True, dedup=True', "dedup=True", "dedup=id"),
    "dedup without fifo": ('"bad", Job, dedup="content"', "needs fifo=True", "once_by="),
}
CONSUMERS = {
    "an empty batch": (
        consumer("batch=0", "batch: list[Delivery[Job]]"),
        "batch=0, allowed are whole numbers from 1 to 10,000",
    ),
    "a batch too large": (consumer("batch=10_001", "batch: list[Delivery[Job]]"), "batch=10001"),
    "a batch that is a float": (consumer("batch=1.0"), "batch=1.0, allowed are whole"),
    "a batch that is a bool": (consumer("batch=True"), "batch=True, allowed are whole"),
    "no attempt": (consumer("attempts_max=0"), "attempts_max=0, allowed are whole"),
    "too many attempts": (consumer("attempts_max=991"), "allowed are whole numbers from 1 to 990"),
    "attempts that are text": (consumer('attempts_max="5"'), "attempts_max='5'"),
    "a backoff in seconds": (consumer("backoff=5"), "backoff=5 is no Backoff"),
    "a backoff below nothing": (consumer("backoff=Backoff(-1)"), "first_s=-1, max_s=300, allowed"),
    "a backoff too long": (consumer("backoff=Backoff(1, 43_201)"), "allowed are 0 to 43,200"),
    "a backoff that is text": (consumer('backoff=Backoff("1")'), "first_s='1'"),
    "a backoff that shrinks": (consumer("backoff=Backoff(9, 5)"), "first_s=9, above its max_s=5"),
    "a backoff and an attempt": (
        consumer("backoff=Backoff(1, 43_000), timeout_s=201"),
        "max_s=43000 and timeout_s=201 are 12 hours and more",
    ),
    "one at a time": (consumer("concurrency_max=1"), "SQS calls two at a time at least"),
    "once that is text": (consumer('once="id"'), "once='id'"),
    "once by a number": (consumer("once_by=5"), "once_by=5 is no field name"),
    "an unknown option": (consumer("attempts=3"), "there is no option 'attempts'"),
    "too much time": (consumer("timeout_s=901"), "allowed are 0.001 to 900"),
    "another message": (consumer("", "new: New"), "handler() takes new: New, and is given Job"),
    "no message": (consumer("", ""), "handler() takes nothing, and is given Job"),
    "more than a message": (consumer("", "job: Job, n: int"), "takes job: Job, n: int, and"),
    "no type": (consumer("", "job"), "parameter 'job' has no type"),
    "anything": (consumer("", "**all: Job"), "*args or **kwargs"),
    "one of a batch": (
        consumer("batch=2"),
        "takes job: Job, and is given list[Delivery[Job]]",
    ),
    "a list of messages": (
        consumer("batch=2", "jobs: list[Job]"),
        "takes jobs: list[Job], and is given list[Delivery[Job]]",
    ),
    "a batch of one": (
        consumer("", "batch: list[Delivery[Job]]"),
        "takes batch: list[Delivery[Job]], and is given Job",
    ),
    "a second consumer": (
        "@jobs.consumer\nasync def one(job: Job) -> None: ...\n" + consumer(""),
        "queue 'jobs' has a consumer already, at ",
    ),
    "a consumer in a class": (
        "class Kept:\n    @jobs.consumer  # <-\n    async def handler(job: Job) -> None: ...",
        "the module does not hold it",
    ),
    "a consumer of two": (
        '@api.post("/x")  # <-\n@jobs.consumer\nasync def handler(job: Job) -> None: ...',
        "handler() has two triggers",
    ),
    "a generator": (
        "@jobs.consumer  # <-\nasync def handler(job: Job) -> None:\n    yield",
        "handler() yields",
    ),
    "dead letters of no message": (
        buried("", "job: Job"),
        "takes job: Job, and is given Dead[Job]",
    ),
    "dead letters of another": (
        buried("", "letter: Dead[New]"),
        "takes letter: Dead[New], and is given Dead[Job]",
    ),
    "dead letters without end": (buried("(attempts_max=1_000)"), "attempts_max=1000, allowed"),
    "dead letters at once": (buried("(backoff=0)"), "backoff=0 is no Backoff"),
    "dead letters one by one": (buried("(concurrency_max=1)"), "SQS calls two at a time at least"),
    "dead letters in a batch": (buried("(batch=2)"), "there is no option 'batch'"),
    "dead letters in a class": (
        "@jobs.consumer\nasync def work(job: Job) -> None: ...\n"
        "class Kept:\n    @work.dead.consumer  # <-\n"
        "    async def handler(letter: Dead[Job]) -> None: ...",
        "the module does not hold it",
    ),
    "a second undertaker": (
        buried("").replace("  # <-", "").replace("handler", "other")
        + "\n@work.dead.consumer  # <-\nasync def handler(letter: Dead[Job]) -> None: ...",
        "'things.work.dead' has a consumer already, at ",
    ),
}
REMEDIES = {
    "an empty batch": "SQS hands over 10,000 at most",
    "no attempt": "SQS counts 1,000 attempts",
    "a backoff in seconds": "write backoff=Backoff(first_s=0.5, max_s=300)",
    "a backoff that shrinks": "it doubles from first_s up to max_s",
    "a backoff and an attempt": "43,200 s at most, its attempt included",
    "one at a time": "fifo=True, and one group",
    "once that is text": "once_by= names a field",
    "an unknown option": "did you mean 'attempts_max'?",
    "another message": "write `async def handler(new: Job) -> None`",
    "no message": "write `async def handler(message: Job) -> None`",
    "no type": "write `job: Job`",
    "one of a batch": "(job: list[Delivery[Job]]) -> None`; one message comes alone",
    "a batch of one": "(batch: Job) -> None`; one message comes alone, batch=2 or more",
    "a second consumer": "use two queues",
    "dead letters of no message": "(job: Dead[Job]) -> None`",
    "a second undertaker": "keep one",
}
FIFO = {
    "a large batch": ("batch=11", "allowed are whole numbers from 1 to 10", "of a FIFO queue"),
}
LEASES = {
    "shorter than its consumer": ("lease_s=9.5", "lease_s=9.5 ends before work() must", "6 x"),
}
GROUPS: dict[str, tuple[str, dict[str, Case]]] = {
    "message": ("bad = {}  # <-", MESSAGES),
    "field": (
        'class Wrong(Struct):\n    id: str\n    {}\nbad = Queue("bad", Wrong)  # <-',
        FIELDS,
    ),
    "queue": ("bad = Queue({})  # <-", QUEUES),
    "consumer": (
        "{}",
        {
            told: (source, reason, REMEDIES.get(told, ""))
            for told, (source, reason) in CONSUMERS.items()
        },
    ),
    "fifo": (
        'ordered = Queue("ordered", Job, fifo=True)\n'
        "@ordered.consumer({})  # <-\nasync def work(batch: list[Delivery[Job]]) -> None: ...",
        FIFO,
    ),
    "lease": (
        'short = Queue("short", Job, {})  # <-\n'
        "@short.consumer\nasync def work(job: Job) -> None: ...",
        LEASES,
    ),
}
