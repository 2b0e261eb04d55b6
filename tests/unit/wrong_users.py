"""Mistakes in users, and in what Apis and routes demand of who calls; see `test_declarations.py`
for what a case is.
"""

from __future__ import annotations

Case = tuple[str, str, str]  # source, part of the reason, part of the remedy

MEMBERS = 'members = Users("members")\n'
CLOSED = f'{MEMBERS}closed = Api("closed", auth=members)\n'


def told(trigger: str, taken: str, before: str = CLOSED) -> str:
    return f"{before}@{trigger}  # <-\nasync def handler({taken}) -> None: ..."


USERS = {
    "a name twice": ('"items"', "users 'items': the table at ", "unique over all kinds"),
    "a short access": ('"bad", access_s=60', "access_s=60", "from 300 to 86,400"),
    "a long access": ('"bad", access_s=1e9', "access_s=1000000000.0", "whole numbers"),
    "no refresh": ('"bad", refresh_days=0', "refresh_days=0", "from 1 to 3,650"),
    "no policy": ('"bad", password=12', "password=12 is no Policy", "Policy(length_min=12)"),
    "a short password": ('"bad", password=Policy(5)', "length_min=5", "6 to 99"),
    "a policy that is no bool": ('"bad", password=Policy(digits=3)', "digits=3", "True or False"),
}
APIS = {
    "by name": ('"web", auth="members"', "api 'web': auth='members' are no users", "auth=members"),
    "a class": ('"web", auth=Users', "are no users", "auth=members"),
    "users that are nowhere": (
        '"web", auth=[Users("members")][0]',
        "api 'web' asks for tokens of users 'members', which are not in the app",
        "add their module",
    ),
}
ROUTES = {
    "by name": (told('api.get("/x", auth="members")', ""), "auth='members' are no users", "auth="),
    "users that are nowhere": (
        told('api.get("/x", auth=[Users("members")][0].optional)', "", ""),
        "handler() asks for tokens of users 'members', which are not in the app",
        "add their module",
    ),
    "a caller of a public Api": (
        told('api.get("/x")', "who: Caller"),
        "handler(who): nobody is asked who calls",
        "say auth= on the route or on Api('api')",
    ),
    "a caller of an open route": (
        told('closed.get("/x", auth=None)', "who: Caller | None"),
        "handler(who): nobody is asked who calls",
        "say auth= on the route",
    ),
    "a caller who may be nobody": (
        told('closed.get("/x", auth=members.optional)', "who: Caller"),
        "handler(who): who calls may bring no token",
        "write `who: Caller | None`",
    ),
    "nobody where there is always somebody": (
        told('closed.get("/x")', "who: Caller | None"),
        "handler(who): who calls always brings a token",
        "write `who: Caller`, or auth=members.optional",
    ),
}
ONCE = {
    "tokens that would be kept": (
        f"{MEMBERS}@api.post('/in', once=True)  # <-\nasync def handler() -> Tokens: ...",
        "handler() -> Tokens: with once=True its answer is stored",
        "leave once= away",
    ),
}
GROUPS = {
    "tokens": ("{}", ONCE),
    "users": ("bad = Users({})  # <-", USERS),
    "auth of an Api": ("web = Api({})  # <-", APIS),
    "auth of a route": ("{}", ROUTES),
}
SOUND = """
members = Users("members", password=Policy(12, digits=True), access_s=300, refresh_days=3650)
others = Users("others")
closed = Api("closed", auth=members)
half = Api("half", auth=members.optional)

@closed.get("/a")
async def first(who: Caller, request: Request) -> None: ...

@closed.get("/b", auth=others)
async def second(who: Caller) -> None: ...

@half.get("/a")
async def third(who: Caller | None) -> None: ...

@half.get("/b", auth=members)
async def fourth(*, who: Caller) -> None: ...

@api.get("/c", auth=others.optional)
async def fifth(who: Caller | None, text: str = "") -> None: ...

@half.get("/c", auth=None)
async def sixth() -> None: ...
"""
