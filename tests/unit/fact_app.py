"""The app in which the facts about queues are played: one queue and its consumer, who hands on what
he is given. Loaded under its own name, not as a part of `tests`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

from skylift import App, Context, Delivery, Queue, Struct

Given = Sequence[tuple[int, int, Any]]  # number, attempt, delivery


class Job(Struct):
    no: int


def declared(
    queue: Mapping[str, Any],
    consumer: Mapping[str, Any],
    handle: Callable[[Given], Awaitable[Any]],
) -> tuple[App, Queue[Job], Any]:
    jobs: Queue[Job] = Queue("jobs", Job, **queue)
    module = ModuleType("things")
    vars(module)["jobs"] = jobs
    consuming = jobs.consumer(**consumer)
    if consumer.get("batch", 1) == 1:

        @consuming
        async def one(job: Job, context: Context) -> None:
            await handle([(job.no, context.attempt, None)])

        vars(module)["consumer"] = one
    else:

        @consuming
        async def many(deliveries: list[Delivery[Job]]) -> Any:
            return await handle([(each.message.no, each.attempt, each) for each in deliveries])

        vars(module)["consumer"] = many
    return App("facts", module), jobs, vars(module)["consumer"]
