"""Routes whose handlers start tasks: those that may be left, and those that may not."""

from __future__ import annotations

import asyncio
import gc
from types import ModuleType

from skylift import Api, Backoff, Conflict, Context, Queue, Struct, Table, gather

api = Api("api")


class Errand(Struct):
    id: str


errands = Table("errands", Errand, key="id")
begun: list[asyncio.Task[None]] = []
seen: list[BaseException | str] = []


async def run(errand: str, steps: int = 10_000) -> None:
    for _ in range(steps):
        await asyncio.sleep(0)
    await errands.put(Errand(errand))


class Courier:
    async def deliver(self) -> None:
        await run("delivered")


def start(errand: str, steps: int = 10_000) -> None:
    begun.append(asyncio.create_task(run(errand, steps)))


@api.get("/{id}")
async def read(id: str) -> Errand:
    return await errands.require(id)


# -- what is an error


@api.post("/left")
async def leave() -> None:
    start("left")


@api.post("/left-and-raised")
async def leave_and_raise() -> None:
    start("left")
    raise Conflict("the shop is closed")


@api.post("/left-method")
async def leave_a_method() -> None:
    task = asyncio.create_task(Courier().deliver())
    await asyncio.sleep(0)
    begun.append(task)


@api.post("/left-by-a-task")
async def leave_by_a_task() -> None:
    async def starts_another() -> None:
        start("started by a task")

    await asyncio.create_task(starts_another())


@api.post("/left-verb")
async def leave_a_verb() -> None:
    tasks.append(asyncio.create_task(errands.put(Errand("verb"))))


tasks: list[asyncio.Task[None]] = []


@api.post("/left-by-gather")
async def leave_by_gather() -> None:
    """It raises when the first does, and the others run on."""

    async def fail() -> None:
        raise Conflict("the shop is closed")

    await asyncio.gather(fail(), run("gathered"))


@api.post("/left-many")
async def leave_many() -> None:
    for no in range(8):
        start(f"many {no}")


@api.post("/left-stubborn")
async def leave_a_stubborn_one() -> None:
    async def stay() -> None:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            await errands.put(Errand("stubborn"))

    begun.append(asyncio.create_task(stay()))
    await asyncio.sleep(0)


sending = Queue("sending", Errand)
attempts: list[int] = []


@api.post("/send")
async def send() -> None:
    await sending.send(Errand("sent"))


@sending.consumer(attempts_max=2, backoff=Backoff(0, 0))
async def leave_when_sent(errand: Errand, context: Context) -> None:
    attempts.append(context.attempt)
    start(errand.id)


@api.post("/left-at-the-deadline", timeout_s=0.05)
async def leave_at_the_deadline() -> None:
    start("late", 1_000_000)
    await asyncio.sleep(30)


# -- what is none


@api.post("/awaited")
async def wait_for_all() -> int:
    await asyncio.gather(run("a", 3), run("b", 3))
    async with asyncio.TaskGroup() as group:
        group.create_task(run("c", 3))
        group.create_task(Courier().deliver()).cancel()
    await gather(errands.put(Errand("d")), errands.get("a"))
    await asyncio.wait_for(run("e", 3), 5)
    async with asyncio.timeout(5):
        await asyncio.shield(run("f", 3))
    done, _ = await asyncio.wait([asyncio.create_task(run("g", 3))])
    return len(done)


@api.post("/done")
async def leave_what_is_done() -> None:
    task = asyncio.create_task(run("done", 1))
    while not task.done():
        await asyncio.sleep(0)


@api.post("/cancelled")
async def leave_what_was_cancelled() -> None:
    start("cancelled")
    await asyncio.sleep(0)
    begun[-1].cancel()


@api.post("/failed")
async def leave_what_has_failed() -> None:
    async def fail() -> None:
        raise Conflict("nobody hears this")

    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    seen.append(task.exception() or "none")


@api.post("/library")
async def use_a_library() -> None:
    assert library is not None
    library.connect()


library: ModuleType | None = None  # a test puts one here that keeps a connection alive


@api.post("/one-by-one")
async def run_one_by_one() -> int:
    """How many of many finished tasks are kept."""
    for _ in range(2_000):
        await asyncio.create_task(asyncio.sleep(0))
    return sum(isinstance(one, asyncio.Task) for one in gc.get_objects())


# -- by whom it was begun


@api.post("/left-sleep")
async def leave_a_sleep() -> None:
    tasks.append(asyncio.create_task(asyncio.sleep(30)))


@api.post("/left-gathered-sleep")
async def leave_a_gathered_sleep() -> None:
    gathered.append(asyncio.gather(asyncio.sleep(30), asyncio.sleep(30)))
    await asyncio.sleep(0)


gathered: list[object] = []


@api.post("/left-librarys")
async def leave_a_librarys() -> None:
    assert library is not None
    tasks.append(asyncio.ensure_future(library.keep_alive()))
