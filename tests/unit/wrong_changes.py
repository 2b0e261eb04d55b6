"""Mistakes in what follows a table; see `test_declarations.py` for what a case is."""

from __future__ import annotations

Case = tuple[str, str, str]  # source, part of the reason, part of the remedy

FOLLOWER = "@items.on_change\nasync def {}(change: Change[Item]) -> None: ...\n"


def follower(options: str, taken: str = "change: Change[Item]") -> str:
    return f"@items.on_change{options}  # <-\nasync def handler({taken}) -> None: ..."


FOLLOWERS = {
    "the item alone": (
        follower("", "item: Item"),
        "handler() takes item: Item, and is given Change[Item]",
        "write `async def handler(item: Change[Item]) -> None`",
    ),
    "changes of another table": (
        follower("", "change: Change[New]"),
        "and is given Change[Item]",
        "write `async def handler(change: Change[Item]) -> None`",
    ),
    "no attempt": (follower("(attempts_max=0)"), "attempts_max=0, allowed", "holds up what comes"),
    "too many attempts": (follower("(attempts_max=991)"), "from 1 to 990", "holds up"),
    "a backoff of seconds": (follower("(backoff=5)"), "backoff=5 is no Backoff", "Backoff("),
    "a backoff that is too long": (
        follower("(backoff=Backoff(max_s=61))"),
        "the backoff's max_s=61, allowed are 0 to 60",
        "holds up what comes after it",
    ),
    "once by a word": (follower('(once="yes")'), "once='yes'", "once is True or False"),
    "a third": (
        FOLLOWER.format("one") + FOLLOWER.format("two") + follower(""),
        "table 'items' is followed by 2 functions already, at ",
        "let one of them send messages to a topic",
    ),
}
GROUPS = {"changes": ("{}", FOLLOWERS)}
