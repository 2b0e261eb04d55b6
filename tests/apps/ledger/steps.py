"""Steps of a trail come in their order. One in seven fails at first, and holds up its trail."""

from skylift import Backoff, Context, Queue, Struct, Table

from .api import api


class Step(Struct):
    trail: str
    number: int


class Trail(Struct):
    id: str
    reached: int = 0
    missed: int | None = None  # the first step that came before its time


class Trails(Struct):
    ids: list[str]


steps = Queue("steps", Step, fifo=True)
trails = Table("trails", Trail, key="id")


@api.post("/steps")
async def go(step: Step) -> None:
    await steps.send(step, group=step.trail)


@steps.consumer(attempts_max=40, backoff=Backoff(first_s=0.005, max_s=0.02))
async def take(step: Step, context: Context) -> None:
    if step.number % 7 == 0 and context.attempt == 1:
        raise RuntimeError("a stone in the way")
    trail = await trails.get(step.trail) or Trail(step.trail)
    if step.number > trail.reached + 1 and trail.missed is None:
        trail.missed = step.number
    trail.reached = max(trail.reached, step.number)
    await trails.put(trail)


@api.post("/trails/known")
async def walked(asked: Trails) -> list[Trail]:
    found = await trails.get_many([(id,) for id in asked.ids])
    return [trail for trail in found if trail is not None]
