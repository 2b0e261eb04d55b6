"""Handlers that do not end when they should, and those that end as nobody else does."""

from __future__ import annotations

import asyncio

from skylift import Api, Queue, Struct

api = Api("api")
seen: list[str] = []
last: list[bool] = []  # a test says here that all may end
TIMEOUT_S = 0.05


class Work(Struct):
    id: str
    way: str = "fine"


async def linger(seen: list[str]) -> None:
    """Does not end when it is cancelled."""
    while True:
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            seen.append("cancelled")
            if last:
                raise


async def spin() -> None:
    while True:
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            seen.append("cancelled")
            if last:
                raise


async def refuse() -> None:
    """Nor when it is closed, but by an interpreter that ends: it has let go of the names above."""
    told, sleep, may_end = seen, asyncio.sleep, last
    while True:
        try:
            await sleep(100)
        except BaseException:
            if may_end or asyncio is None:  # pyright: ignore[reportUnnecessaryComparison]
                raise
            told.append("refused")


async def wait_for_another() -> None:
    """It is not told itself: what it waits for is, and does not care."""
    await asyncio.create_task(linger([]))


async def clean_up() -> None:
    """A little after it was cancelled it ends."""
    try:
        await asyncio.sleep(100)
    finally:
        await asyncio.sleep(0)
        seen.append("clean")


WAYS = {
    "linger": lambda: linger(seen),
    "spin": spin,
    "refuse": refuse,
    "wait_for_another": wait_for_another,
}


@api.post("/linger/{way}", timeout_s=TIMEOUT_S)
async def go_on(way: str) -> None:
    await WAYS[way]()


@api.post("/once/{way}", timeout_s=TIMEOUT_S, once=True)
async def go_on_once(way: str) -> None:
    await WAYS[way]()


@api.get("/clean", timeout_s=TIMEOUT_S)
async def end_cleanly() -> None:
    await clean_up()


@api.get("/one", timeout_s=TIMEOUT_S, concurrency_max=1)
async def one(way: str = "") -> str:
    if way:
        await WAYS[way]()
    return "fine"


@api.get("/closed")
async def closes_itself() -> None:
    raise GeneratorExit


@api.get("/closed-later")
async def closes_itself_later() -> None:
    await asyncio.sleep(0)
    raise GeneratorExit


@api.get("/closed-in-a-thread")
def closes_itself_in_a_thread() -> None:
    raise GeneratorExit


works = Queue("works", Work)


@api.post("/work")
async def send(work: list[Work]) -> None:
    await works.send_many(work)


@works.consumer(timeout_s=TIMEOUT_S, concurrency_max=2, attempts_max=1)
async def do_work(work: Work) -> None:
    if work.way == "closed":
        raise GeneratorExit
    if work.way != "fine":
        await WAYS[work.way]()
    seen.append(work.id)
