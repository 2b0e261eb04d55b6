"""A night watch: what runs by the clock writes down for when it was, or is given up."""

from __future__ import annotations

from skylift import (
    Api,
    Context,
    Schedule,
    Scheduled,
    Struct,
    Table,
    now,
    transaction,
)

api = Api("api")


class Round(Struct):
    """What is known of one run: for which time, and how often it was done."""

    schedule: str
    time: str
    id: str = ""
    done: int = 0


class Given(Struct):
    """A run that was given up."""

    id: str
    time: str
    reason: str
    error: str
    attempts: int


rounds = Table("rounds", Round, key=("schedule", "time"))
nightly = Schedule("nightly", cron="30 3 * * MON-FRI", timezone="Europe/Madrid")
beat = Schedule("beat", rate="20 minutes")
doors = Schedule("doors", cron="0 */6 * * *")


async def write_down(schedule: str, time: str, id: str | None) -> None:
    if await rounds.get(schedule, time) is None:
        await rounds.put(Round(schedule, time, id or ""))
    await rounds.update(schedule, time, add={"done": 1})


@nightly.run
async def look_around(context: Context) -> None:
    assert context.scheduled_time is not None
    await write_down("nightly", context.scheduled_time.isoformat(), context.delivery_id)


@beat.run(once=True)
async def count(run: Scheduled, context: Context) -> None:
    assert run.time == context.scheduled_time
    time = run.time.isoformat()
    if await rounds.get("beat", time) is None:
        await rounds.put(Round("beat", time, context.delivery_id or ""))
    async with transaction(once=True) as tx:
        await rounds.update("beat", time, add={"done": 1}, tx=tx)


@doors.run(attempts_max=1)
async def close_doors(run: Scheduled) -> None:
    if await rounds.get("keys", "found") is None:
        raise ValueError("nobody has the keys")
    await write_down("doors", run.time.isoformat(), None)


@api.get("/rounds/{schedule}")
async def rounds_of(schedule: str) -> list[Round]:
    return [one async for one in rounds.query(schedule)]


@api.put("/keys", status=204)
async def find_keys() -> None:
    await rounds.put(Round("keys", "found"))


@api.get("/open-doors")
async def open_doors() -> list[Given]:
    return [
        Given(
            *(one.id, one.message.time.isoformat() if one.message else ""),
            *(one.reason, one.error, one.attempts),
        )
        for one in await close_doors.dead.peek()
    ]


@api.post("/open-doors/redrive", status=200)
async def close_again() -> int:
    return await close_doors.dead.redrive()


@api.post("/rounds/now", status=204)
async def round_now() -> None:
    """By hand, as if its time had come."""
    await look_around.start(Scheduled(now()))
