"""Jobs that are done, fail or wait as the app is told, and a route for each thing that can be done
with what was given up.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import time

from skylift import (
    Api,
    Backoff,
    Dead,
    Delivery,
    NotFound,
    Queue,
    Response,
    Struct,
    Table,
    transaction,
)

api = Api("api")


class Job(Struct):
    name: str


class Jobs(Struct):
    first: int
    count: int


class Mood(Struct):
    """What becomes of jobs: done, fail, wait."""

    id: str
    says: str


class Done(Struct):
    name: str
    times: int = 0


jobs = Queue("jobs", Job)
batches = Queue("batches", Job)
paying = Queue("paying", Job)
slow = Queue("slow", Job, lease_s=60)
moods = Table("moods", Mood, key="id")
done = Table("done", Done, key="name")


@api.put("/mood/{says}")
async def be(says: str) -> None:
    await moods.put(Mood("now", says))


@api.post("/jobs/{name}")
async def send(name: str) -> None:
    await jobs.send(Job(name))


@api.post("/later/{name}")
async def send_later(name: str) -> None:
    await jobs.send(Job(name), delay_s=600)


@api.post("/slow/{name}")
async def send_slow(name: str) -> None:
    await slow.send(Job(name))


@api.post("/batches")
async def send_many(wanted: Jobs) -> None:
    names = range(wanted.first, wanted.first + wanted.count)
    await batches.send_many([Job(str(name)) for name in names])


@jobs.consumer(attempts_max=2, backoff=Backoff(0.01, 0.01))
async def work(job: Job) -> str:
    await settle(job.name)
    return f"{job.name} is done"


@work.dead.consumer(attempts_max=1)
async def mourn(dead: Dead[Job]) -> None:
    assert dead.message is not None
    if dead.message.name == "poison":
        os._exit(1)
    if dead.message.name != "unforgettable":
        await done.put(Done(f"{dead.message.name}, dead of {dead.reason}"))
    else:
        raise ValueError("I cannot forget it")


@batches.consumer(batch=10, attempts_max=1)
async def take(deliveries: list[Delivery[Job]]) -> None:
    says = await mood()
    if says == "wait":
        await asyncio.sleep(60)
    for one in deliveries:
        if says == "fail" or one.message.name == "bad":
            one.fail("not today")


@slow.consumer(timeout_s=0.2, attempts_max=1, backoff=Backoff(300, 300))
async def crawl(job: Job) -> None:
    await asyncio.sleep(60)


@api.post("/redriven", status=200)
async def redrive() -> int:
    return await take.dead.redrive()


@api.get("/things/{id}/{rest+}")
async def show(id: int, rest: str, tags: list[str] | None = None, loud: bool = False) -> Thing:
    if id == 0:
        raise NotFound("there is no thing 0")
    if id < 0:
        raise ValueError("a thing has a number")
    return Thing(id, rest, tags or [], loud)


class Thing(Struct):
    id: int
    rest: str
    tags: list[str]
    loud: bool


@api.get("/done/{name}")
async def finished(name: str) -> Done:
    return await done.require(name)


@api.post("/raw")
async def raw() -> Response:
    return Response(b"\xff\xfe", status=200, cookies=["a=1", "b=2"])


@api.post("/stuck", timeout_s=0.2)
def stick() -> None:
    time.sleep(1.5)


@api.post("/noise")
async def rattle() -> str:
    print("on standard output")
    subprocess.run(["echo", "by another process"], check=True)
    return "done"


@api.post("/nap")
async def nap() -> int:
    begun.append("nap")
    await asyncio.sleep(1)
    calls.append("nap")
    return len(calls)


begun: list[str] = []
calls: list[str] = []


@api.get("/naps")
async def count_naps() -> int:
    return len(begun)


@paying.consumer(once=True)
async def pay(job: Job) -> None:
    async with transaction(once=True) as tx:
        await done.update(job.name, add={"times": 1}, tx=tx)


async def mood() -> str:
    found = await moods.get("now")
    return found.says if found else "done"


async def settle(name: str) -> None:
    says = await mood()
    if says == "fail":
        raise ValueError(f"{name} cannot be done")
    if says == "wait":
        await asyncio.sleep(60)
    await done.put(Done(name))
