"""A FIFO topic that feeds a FIFO queue: steps of a walk come in their order. One in seven fails at
first, and holds up its walk.
"""

from skylift import Backoff, Context, Queue, Struct, Table, Topic

from .api import api


class Step(Struct):
    trail: str
    number: int


class Walk(Struct):
    id: str
    reached: int = 0
    missed: int | None = None  # the first step that came before its time


class Walks(Struct):
    ids: list[str]


steps = Topic("steps", Step, fifo=True)
paces = Queue("paces", Step, fifo=True)
steps.feeds(paces)
walks = Table("walks", Walk, key="id")


@api.post("/steps")
async def go(step: Step) -> None:
    await steps.publish(step, group=step.trail, dedup=f"{step.trail}/{step.number}")


@paces.consumer(attempts_max=40, backoff=Backoff(first_s=0.005, max_s=0.02))
async def pace(step: Step, context: Context) -> None:
    if step.number % 7 == 0 and context.attempt == 1:
        raise RuntimeError("a stone in the way")
    walk = await walks.get(step.trail) or Walk(step.trail)
    if step.number > walk.reached + 1 and walk.missed is None:
        walk.missed = step.number
    walk.reached = max(walk.reached, step.number)
    await walks.put(walk)


@api.post("/trails/known")
async def walked(asked: Walks) -> list[Walk]:
    found = await walks.get_many([(id,) for id in asked.ids])
    return [walk for walk in found if walk is not None]
