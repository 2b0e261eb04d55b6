"""Two schedules, each minute one, and for which times they ran. A second first attempt for one time
is a time that was accepted twice.
"""

from datetime import datetime

from skylift import Context, Schedule, Struct, Table

from .api import api


class Run(Struct):
    schedule: str
    time: datetime
    times: int = 0
    first_attempts: int = 0


class Runs(Struct):
    runs: list[Run]


minutely = Schedule("minutely", rate="1 minute")
on_the_minute = Schedule("on_the_minute", cron="* * * * *")
runs = Table[Run, str, datetime]("runs", Run, key=("schedule", "time"))


@minutely.run
async def run_rate(context: Context) -> None:
    await ran("rate", context)


@on_the_minute.run
async def run_cron(context: Context) -> None:
    await ran("cron", context)


async def ran(schedule: str, context: Context) -> None:
    assert context.scheduled_time is not None
    run = await runs.get(schedule, context.scheduled_time) or Run(schedule, context.scheduled_time)
    run.times += 1
    run.first_attempts += context.attempt == 1
    await runs.put(run)


@api.get("/runs/{schedule}")
async def listed(schedule: str) -> Runs:
    return Runs([run async for run in runs.query(schedule)])
