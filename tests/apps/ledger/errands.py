"""Messages that are handled at once, after some failures, or never; what became of each is kept."""

from skylift import Backoff, Context, Dead, Queue, Struct, Table

from .api import api

SOON = Backoff(first_s=0.01, max_s=0.05)


class Errand(Struct):
    id: str
    failures: int = 0  # of its first attempts


class Outcome(Struct):
    id: str
    handled: int = 0  # times
    buried: str | None = None  # the reason


class Asked(Struct):
    ids: list[str]


errands = Queue("errands", Errand)
outcomes = Table("outcomes", Outcome, key="id")


@api.post("/errands")
async def ask(errand: Errand) -> None:
    await errands.send(errand)


@errands.consumer(backoff=SOON)
async def run(errand: Errand, context: Context) -> None:
    if context.attempt <= errand.failures:
        raise RuntimeError(f"attempt {context.attempt} of {errand.failures} that fail")
    await handled(errand.id)


@run.dead.consumer(backoff=SOON, attempts_max=50)
async def bury(dead: Dead[Errand]) -> None:
    assert dead.message is not None
    await outcomes.put(Outcome(dead.message.id, buried=dead.reason))


@api.post("/outcomes/known")
async def known(asked: Asked) -> list[Outcome]:
    """What became of these; of what is still to come there is nothing."""
    found = await outcomes.get_many([(id,) for id in asked.ids])
    return [one for one in found if one is not None]


async def handled(id: str) -> None:
    before = await outcomes.get(id)
    await outcomes.put(Outcome(id, (before.handled if before else 0) + 1))
