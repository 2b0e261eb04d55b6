"""A function that is started by hand; its own queue stays empty."""

from skylift import Context, Dead, Queue, Struct

from .api import api
from .arrivals import arrived, buried
from .news import SOON


class Job(Struct):
    id: str
    failures: int = 0


jobs = Queue("jobs", Job)


@api.post("/jobs")
async def begin(job: Job) -> None:
    await work.start(job)


@jobs.consumer
async def work(job: Job, context: Context) -> None:
    if context.attempt <= job.failures:
        raise RuntimeError(f"attempt {context.attempt} of {job.failures} that fail")
    await arrived(job.id, "work")


@work.dead.consumer(backoff=SOON, attempts_max=50)
async def bury(dead: Dead[Job]) -> None:
    assert dead.message is not None
    await buried(dead.message.id, "work", dead.reason)
