"""Mistakes in rates and limits; see `test_declarations.py` for what a case is."""

from __future__ import annotations

Case = tuple[str, str, str]  # source, part of the reason, part of the remedy

MEMBERS = 'members = Users("members")\n'


def route(options: str, before: str = "") -> str:
    return f'{before}@api.get("/x", {options})  # <-\nasync def handler() -> None: ...'


RATES = {
    "a number": ('"web", throttle=5', "throttle=5 is no Rate", "Rate(per_s=100"),
    "no rate": ('"web", throttle=Rate(0, 5)', "throttle: per_s=0", "0.01 to 10,000"),
    "too high a rate": ('"web", throttle=Rate(20_000, 5)', "per_s=20000", "an account has that"),
    "no burst": ('"web", throttle=Rate(5, 0)', "burst=0", "from 1 to 5,000"),
    "half a burst": ('"web", throttle=Rate(5, 1.5)', "burst=1.5", "whole numbers"),
}
ROUTES = {
    "a rate of a route": (route("throttle=Rate(5, 6_000)"), "burst=6000", "from 1 to 5,000"),
    "a limit that is a number": (route("limit=5"), "limit=5 is no Limit", "Limit(5, per_s=60"),
    "no requests": (route('limit=Limit(0, 60, "ip")'), "limit: n=0", "from 1 to 1,000,000"),
    "no window": (route('limit=Limit(5, 0, "ip")'), "limit: per_s=0", "1 to 86,400"),
    "who is not asked": (
        route("limit=Limit(5, 60)"),
        'by="caller", and the route asks nobody who he is',
        'by="ip"',
    ),
    "who may say nothing": (
        route("auth=members.optional, limit=Limit(5, 60)", MEMBERS),
        'by="caller", and the route asks nobody who he is',
        "say auth=",
    ),
    "a word": (route('limit=Limit(5, 60, "calller")'), "by='calller'", "did you mean 'caller'?"),
    "no function": (route("limit=Limit(5, 60, 7)"), "by=7 is no function", "takes the Request"),
    "an async function": (
        route(
            "limit=Limit(5, 60, who)", 'async def who(request: Request) -> str:\n    return ""\n'
        ),
        "by= is an async function",
        "a plain def",
    ),
}
GROUPS = {"rate": ("web = Api({})  # <-", RATES), "limit": ("{}", ROUTES)}
