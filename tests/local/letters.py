"""Queues whose consumers do what a test tells them, and consumers of what they gave up."""

from __future__ import annotations

import asyncio

from skylift import Backoff, Context, Dead, Delivery, Queue, Struct


class Job(Struct):
    name: str


class Script:
    """What handlers do with a job, by function, and what they were given so far."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.given: list[tuple[str, str]] = []
        self.letters: list[Dead[Job]] = []
        self.contexts: list[Context] = []
        self.moods: dict[str, str] = {}  # fail, rage, wait, hang
        self.error: Exception = ValueError()
        self.over = asyncio.Event()

    async def play(self, function: str, name: str) -> None:
        self.given.append((function, name))
        mood = self.moods.get(function)
        if mood == "fail":
            raise ValueError(f"{name} cannot be done")
        if mood == "rage":
            raise self.error
        if mood == "wait":
            await self.over.wait()
        if mood == "hang":
            await asyncio.sleep(1_000)

    def names(self, function: str) -> list[str]:
        return [name for one, name in self.given if one == function]


script = Script()
jobs = Queue("jobs", Job)
alone = Queue("alone", Job)
steps = Queue("steps", Job, fifo=True)
many = Queue("many", Job)


@jobs.consumer(attempts_max=2, backoff=Backoff(1, 1), timeout_s=5)
async def work(job: Job) -> None:
    await script.play("work", job.name)


@work.dead.consumer(attempts_max=3, backoff=Backoff(4, 4), timeout_s=5, concurrency_max=2)
async def mourn(dead: Dead[Job], context: Context) -> None:
    script.letters.append(dead)
    script.contexts.append(context)
    await script.play("mourn", dead.message.name if dead.message else dead.body)


@alone.consumer(attempts_max=1)
async def toil(job: Job) -> None:
    await script.play("toil", job.name)


@steps.consumer(attempts_max=1, backoff=Backoff(0, 0))
async def step(job: Job) -> None:
    await script.play("step", job.name)


@many.consumer(batch=10, attempts_max=1)
async def take(deliveries: list[Delivery[Job]]) -> None:
    for one in deliveries:
        one.fail(f"no {one.message.name} today")
