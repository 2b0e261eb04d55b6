"""An app whose functions do all that is hard to test: they fail, sleep, block, call each other and
talk to the world outside. What they saw is in `seen`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import datetime
from typing import Any

from skylift import (
    Api,
    Backoff,
    Context,
    Dead,
    Delivery,
    Queue,
    Struct,
    Table,
    TooManyRequests,
    now,
    transaction,
)

log = logging.getLogger("jobs")
seen: list[Any] = []
gate = asyncio.Event()
opened: list[str] = []  # doors, by a test


class Account(Struct):
    id: str
    owner: str
    amount: int = 0


class Ticket(Struct):
    id: str
    ends: datetime


class Job(Struct):
    name: str
    times: int = 0


class Payment(Struct):
    request: str


api = Api("api")
accounts = Table("accounts", Account, key="id", indexes={"by_owner": "owner"})
tickets = Table("tickets", Ticket, key="id", ttl="ends")
working = Queue("working", Job)
failing = Queue("failing", Job)
abandoning = Queue("abandoning", Job)
sleeping = Queue("sleeping", Job)
dying = Queue("dying", Job)
pinging = Queue("pinging", Job)
ponging = Queue("ponging", Job)
computing = Queue("computing", Job)
listening = Queue("listening", Job)
ordered = Queue("ordered", Job, fifo=True)
looking = Queue("looking", Job)
batched = Queue("batched", Job)
unread = Queue("unread", Job)
brief = Queue("brief", Job, retention_s=60)
paying = Queue("paying", Payment)


@api.post("/echo")
async def echo(job: Job, more: str = "", flag: bool = False) -> dict[str, Any]:
    return {"name": job.name, "more": more, "flag": flag}


@api.post("/accounts", status=201)
async def open_account(account: Account) -> Account:
    await accounts.create(account)
    return account


@api.get("/accounts")
async def of_owner(owner: str) -> list[str]:
    return [one.id async for one in accounts.query(owner, index="by_owner")]


@api.post("/accounts/{id}/paid")
async def pay(id: str) -> Account:
    return await accounts.update(id, add={"amount": 1})


@api.post("/moves")
async def move() -> None:
    """One from a to b."""
    async with transaction() as tx:
        await accounts.update("a", add={"amount": -1}, tx=tx)
        await accounts.update("b", add={"amount": 1}, tx=tx)
        await working.send(Job("moved"), tx=tx)


@api.get("/sleep", timeout_s=7)
async def sleep() -> str:
    await asyncio.sleep(3600)
    return "awake"


@api.get("/boom")
async def boom() -> None:
    log.info("about to boom")
    raise ValueError("boom")


@api.get("/wait")
async def wait() -> str:
    await gate.wait()
    return "through"


@api.get("/knock")
async def knock() -> str:
    while not opened:
        await asyncio.sleep(0.001)
    return "come in"


@working.consumer
async def work(job: Job, context: Context) -> None:
    seen.append((job.name, context.attempt, now()))


@abandoning.consumer(attempts_max=2)
async def abandon(job: Job) -> None:
    inner = asyncio.create_task(gate.wait())
    inner.cancel()
    await inner


@api.post("/abandon")
async def abandon_here() -> None:
    await abandon(Job("here"))


@failing.consumer(attempts_max=5, backoff=Backoff(60, 300))
async def fail(job: Job, context: Context) -> None:
    seen.append((job.name, context.attempt, now()))
    log.warning("attempt %d", context.attempt)
    if context.attempt <= job.times:
        raise TooManyRequests(f"attempt {context.attempt}")


@sleeping.consumer(attempts_max=2, timeout_s=20)
async def oversleep(job: Job, context: Context) -> None:
    seen.append((job.name, context.attempt, now()))
    if context.attempt <= job.times:
        await asyncio.Event().wait()


@dying.consumer(attempts_max=1)
async def die(job: Job) -> None:
    raise RuntimeError(job.name)


@die.dead.consumer
async def mourn(letter: Dead[Job]) -> None:
    seen.append((letter.reason, letter.error, letter.attempts))


@pinging.consumer
async def ping(job: Job) -> None:
    await ponging.send(job)


@ponging.consumer
async def pong(job: Job) -> None:
    if job.times != 1:
        await pinging.send(Job(job.name, job.times - 1))


@computing.consumer(timeout_s=5)
def compute(job: Job) -> None:
    time.sleep(job.times / 1000)
    seen.append(job.name)


@listening.consumer(timeout_s=30)
async def listen(job: Job) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", job.times)
    try:
        seen.append((await reader.readline()).decode().strip())
    finally:
        writer.close()


@ordered.consumer(backoff=Backoff(100, 100))
async def in_order(job: Job, context: Context) -> None:
    if context.attempt <= job.times:
        raise ValueError(job.name)
    seen.append(job.name)


@looking.consumer(attempts_max=3)
async def look(job: Job, context: Context) -> None:
    found = [one.id async for one in accounts.query(job.name, index="by_owner")]
    seen.append((context.attempt, found))
    if not found:
        raise LookupError(job.name)


@batched.consumer(batch=10)
async def together(jobs: list[Delivery[Job]]) -> None:
    for one in jobs:
        if one.attempt <= one.message.times:
            one.fail("not yet")
    seen.append(sorted(one.message.name for one in jobs if one.error is None))


@paying.consumer(once_by="request", timeout_s=10)
async def pay_once(payment: Payment) -> None:
    await asyncio.sleep(0.02)
    seen.append(payment.request)


@api.get("/alone", concurrency_max=1)
async def alone() -> str:
    await asyncio.sleep(0.01)
    return "alone"


@api.get("/forgetful")
async def forget() -> None:
    asyncio.get_running_loop().create_task(accounts.get("a"))
