"""Mistakes in channels and in their guards; see `test_declarations.py` for what a case is."""

from __future__ import annotations

Case = tuple[str, str, str]  # source, part of the reason, part of the remedy

MEMBERS = 'members = Users("members")\n'


def channel(template: str, guard: str = "caller: Caller, id: str", *, more: str = "") -> str:
    """A case that is told at the channel."""
    written = f"async def may({guard}) -> bool: ...\n"
    return f'{MEMBERS}{written}live = Channel("live", {template}, Item, guard=may{more})  # <-'


def guard(taken: str, *, template: str = "rooms/{id}", head: str = "async def") -> str:
    """A case that is told at the guard."""
    written = f"{head} may({taken}) -> bool: ...  # <-\n"
    return f'{MEMBERS}{written}live = Channel("live", "{template}", Item, guard=may)'


def limits(said: str) -> str:
    before = f"{MEMBERS}async def may(caller: Caller) -> bool: ...  # <-\n"
    return f'{before}live = Channel("live", "all", Item, guard=may, {said})'


NAMES = {
    "a name twice": ('"items", "a", Job', "channel 'items': the table at ", "unique over all"),
    "an underscore": (
        '"a_b", "a", Job',
        "channel 'a_b': AWS would refuse",
        "letters, digits and -",
    ),
    "a dash at the end": ('"a-", "a", Job', "AWS would refuse", "neither begins nor ends"),
    "no event": ('"bad", "a", str', "str cannot be a message", "a class with fields"),
    "no template": ('"bad", 5, Job', "its template 5 is no text", "rooms/{id}"),
    "a slash before it": ('"bad", "/a", Job', "'' in its template is no segment", "no slash"),
    "nothing": ('"bad", "", Job', "'' in its template is no segment", "1 to 50 of a-z"),
    "a wildcard": ('"bad", "a/*", Job', "'*' in its template is no segment", "1 to 50 of a-z"),
    "text and an id": ('"bad", "a-{id}", Job', "'a-{id}' in its template", "or one {id}"),
    "no name": ('"bad", "{}", Job', "{} is no name of an id", "{room_id}"),
    "a greedy id": ('"bad", "{id+}", Job', "{id+} is no name of an id", "{room_id}"),
    "too many segments": ('"bad", "a/b/c/d/e", Job', "has 5 segments", "4 at most"),
    "an id twice": ('"bad", "{a}/{a}", Job', "{a} stands twice", "its own name"),
}
SURROUNDINGS = {
    "no users": (
        "async def may(caller: Caller) -> bool: ...\n"
        'live = Channel("live", "a", Item, guard=may)  # <-',
        "its guard takes a Caller, and the app has no Users",
        'members = Users("members")',
    ),
    "two users": (
        'others = Users("others")\n' + channel('"{id}"'),
        "its guard takes a Caller, and the app has 2 Users",
        "say auth=members",
    ),
    "users by name": (
        channel('"{id}"', more=', auth="members"'),
        "auth='members' are no users of the app",
        "auth=members",
    ),
    "users that are nowhere": (
        channel('"{id}"', more=', auth=[Users("others")][0]'),
        "auth=Users('others') are no users of the app",
        "is in the app",
    ),
}
GUARDS = {
    "takes what is not there": (
        guard("caller: Caller, id: str, epok: str", template="{id}/{epoch}"),
        "may() takes 'epok', and the template of channel 'live' has no {epok}",
        "did you mean 'epoch'?",
    ),
    "leaves one out": (
        guard("caller: Caller"),
        "the template of channel 'live' has {id}, and may() takes no 'id'",
        "add `id: str`",
    ),
    "no caller": (
        guard("id: str"),
        "may() guards a channel, and does not take its Caller first",
        "write `caller: Caller`",
    ),
    "the caller last": (
        guard("id: str, caller: Caller"),
        "does not take its Caller first",
        "write",
    ),
    "an id that is no text": (
        guard("caller: Caller, id: int"),
        "may(): id is int, and an id of a channel is text",
        "write `id: str`",
    ),
    "a default": (guard('caller: Caller, id: str = ""'), "may(): id has a default", "`id: str`"),
    "no async": (
        guard("caller: Caller, id: str", head="def"),
        "it is `async def` and answers with a bool",
        "write `async def may(…) -> bool`",
    ),
    "an answer that is no bool": (
        MEMBERS + "async def may(caller: Caller) -> str: ...  # <-\n"
        'live = Channel("live", "all", Item, guard=may)',
        "it is `async def` and answers with a bool",
        "write `async def may(…) -> bool`",
    ),
    "no type": (guard("caller: Caller, id"), "parameter 'id' has no type", "write `id: str`"),
    "a lambda": (
        f'{MEMBERS}live = Channel("live", "all", Item, guard=lambda caller: True)  # <-',
        "a lambda has no name",
        "write the handler with `def`",
    ),
    "a route": (
        MEMBERS + '@api.get("/x")  # <-\nasync def handler() -> None: ...\n'
        'live = Channel("live", "all", Item, guard=handler)',
        "handler() has two triggers",
        "write a second handler",
    ),
    "a limit": (limits("timeout_s=0"), "timeout_s=0, allowed are", "Lambda"),
    "more time than there is": (limits("timeout_s=11"), "AppSync waits 10 s", "reads one row"),
    "an unknown option": (limits("timeout=5"), "there is no option 'timeout'", "'timeout_s'"),
}
GROUPS = {
    "a channel": ("bad = Channel({}, guard=None)  # <-", NAMES),
    "a channel of an app": ("{}", SURROUNDINGS),
    "a guard": ("{}", GUARDS),
}
SOUND = """
members = Users("members")

async def may_watch(caller: Caller, id: str, epoch: str) -> bool:
    return (await items.get(id)) is not None

async def anybody(caller: Caller | None) -> bool:
    return True

live = Channel("live", "rooms/{id}/{epoch}", Item, guard=may_watch)
news = Channel("news", "all", Item, guard=anybody, auth=members, timeout_s=3)
silent = Channel("silent", "a/b/{c}/d", Item, guard=None)

@jobs.consumer
async def tell(job: Job) -> None:
    await live.publish(Item(job.id), id=job.id, epoch="1")
"""
