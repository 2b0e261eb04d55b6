"""A table that two functions follow: each folds the changes of an item into what it takes the item
for. Versions of an item only grow, so a change that was left out, or came late, shows.
"""

from datetime import UTC, datetime

from skylift import Backoff, Change, Context, Struct, Table

from .api import api

SOON = Backoff(first_s=0.005, max_s=0.02)


class Counter(Struct):
    id: str
    version: int
    ends_at: datetime | None = None


class Fold(Struct):
    id: str
    by: str
    version: int = 0  # of the item; 0 is none
    newest: int = 0  # change
    wrong: str = ""  # the first change that could not be
    again: str = ""  # the first that came again, as if it had not come before


class Compared(Struct):
    id: str
    version: int
    folds: list[Fold]


class Asked(Struct):
    ids: list[str]


counters = Table("counters", Counter, key="id", ttl="ends_at")
folds = Table[Fold, str, str]("folds", Fold, key=("id", "by"))


@api.put("/counters/{id}")
async def count(id: str, version: int, ends_at: float | None = None) -> None:
    ends = datetime.fromtimestamp(ends_at, UTC) if ends_at is not None else None
    await counters.put(Counter(id, version, ends))


@api.patch("/counters/{id}")
async def recount(id: str, version: int) -> None:
    await counters.update(id, set={"version": version})


@api.delete("/counters/{id}")
async def forget(id: str) -> None:
    await counters.delete(id)


@counters.on_change(attempts_max=50, backoff=SOON)
async def fold(change: Change[Counter], context: Context) -> None:
    if _versions(change)[1] % 7 == 0 and context.attempt == 1:
        raise RuntimeError("it holds up the item")
    await folded(change, context, "fold")


@counters.on_change(attempts_max=50, backoff=SOON)
async def fold_again(change: Change[Counter], context: Context) -> None:
    await folded(change, context, "fold_again")


async def folded(change: Change[Counter], context: Context, by: str) -> None:
    id = (change.after or change.before or Counter("", 0)).id
    before, after = _versions(change)
    one = await folds.get(id, by) or Fold(id, by)
    number = 2 * max(before, after) + (after == 0)
    if number <= one.newest:
        if context.attempt == 1:  # after a crash it may come again, and only then
            one.again = one.again or f"{change.kind} {before} -> {after} came twice"
    elif before != one.version:
        one.wrong = one.wrong or f"{change.kind} {before} -> {after} came at {one.version}"
    if number > one.newest:
        one.version, one.newest = after, number
    await folds.put(one)


def _versions(change: Change[Counter]) -> tuple[int, int]:
    before, after = change.before, change.after
    return before.version if before else 0, after.version if after else 0


@api.post("/counters/known")
async def compared(asked: Asked) -> list[Compared]:
    """Each item with what was made of it."""
    return [await compare(id) for id in asked.ids]


async def compare(id: str) -> Compared:
    one = await counters.get(id)
    return Compared(id, one.version if one else 0, [found async for found in folds.query(id)])
