"""Each verb of queues and dead letters, and each kind of consumer."""

from __future__ import annotations

from skylift import Dead, Delivery, Queue, Struct, transaction

from .things import api


class Job(Struct):
    id: str
    fails: bool = False


jobs = Queue("jobs", Job)
pairs = Queue("pairs", Job)
singles = Queue("singles", Job)
trains = Queue("trains", Job, fifo=True)


@api.post("/send")
async def send() -> None:
    await jobs.send(Job("one"))


@api.post("/send_many")
async def send_many() -> None:
    await jobs.send_many([Job("one"), Job("two")])


@api.post("/together/send")
async def send_together() -> None:
    async with transaction() as tx:
        await jobs.send(Job("one"), tx=tx)


@jobs.consumer(attempts_max=2)
async def work(job: Job) -> None:
    if job.fails:
        raise ValueError("it fails")


@pairs.consumer(batch=2, attempts_max=2)
async def work_on_pairs(deliveries: list[Delivery[Job]]) -> None:
    for one in deliveries:
        if one.message.fails:
            one.fail("it fails")


@singles.consumer(attempts_max=2, once=True)
async def work_once(job: Job) -> None:
    if job.fails:
        raise ValueError("it fails")


@trains.consumer(batch=2, attempts_max=2)
async def work_in_order(deliveries: list[Delivery[Job]]) -> None:
    for one in deliveries:
        if one.message.fails:
            one.fail("it fails")


@api.post("/dead/peek", status=200)
async def peek() -> int:
    return len(await work.dead.peek())


@api.post("/dead/redrive", status=200)
async def redrive() -> int:
    return await work.dead.redrive()


@api.post("/dead/purge", status=200)
async def purge() -> None:
    await work.dead.purge()


@work_on_pairs.dead.consumer(attempts_max=2)
async def mourn(dead: Dead[Job]) -> None:
    assert dead.message is not None
    if dead.message.fails:
        raise ValueError("it fails")
