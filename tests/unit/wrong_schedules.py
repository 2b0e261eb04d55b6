"""Mistakes in schedules and in what runs by them; see `test_declarations.py` for what a case is."""

from __future__ import annotations

Case = tuple[str, str, str]  # source, part of the reason, part of the remedy

SCHEDULE = 'nightly = Schedule("nightly", cron="0 3 * * *")\n'
RUN = "\n@{}.run\nasync def {}() -> None: ..."


def runner(options: str, taken: str = "") -> str:
    return f"{SCHEDULE}@nightly.run{options}  # <-\nasync def handler({taken}) -> None: ..."


TIMES = {
    "no time": ("", "neither cron= nor rate=", 'rate="5 minutes"'),
    "two times": ('cron="0 3 * * *", rate="1 day"', "both cron= and rate=", "say one"),
    "a cron that is no text": ("cron=5", "cron=5 is no text", 'cron="0 3 * * *"'),
    "a rate that is no text": ("rate=timedelta(hours=1)", "is no text", 'rate="5 minutes"'),
    "a cron of six fields": ('cron="0 3 * * ? *"', "has a ?", "write *"),
    "an hour that is none": ('cron="0 24 * * *"', "24 is not between 0 and 23", "0 to 23"),
    "days and weekdays": ('cron="0 3 1 * MON"', "days of the month and weekdays", "two schedules"),
    "a macro": ('cron="@daily"', "'@daily' is no cron expression", '"0 0 * * *"'),
    "a rate of seconds": ('rate="30 seconds"', "'30 seconds' is no rate", "whole number"),
    "a rate of nothing": ('rate="0 minutes"', "not between 1 minute and 366 days", "no seconds"),
    "an unknown zone": (
        'cron="0 3 * * *", timezone="Europe/Madird"',
        "timezone='Europe/Madird' is no time zone",
        "did you mean 'Europe/Madrid'?",
    ),
    "a zone's letters": (
        'cron="0 3 * * *", timezone="CEST"',
        "timezone='CEST' is no time zone",
        "IANA database: there is 'Africa/Abidjan'",
    ),
    "a zone of this machine": (
        'cron="0 3 * * *", timezone="localtime"',
        "timezone='localtime' is no time zone",
        "of the IANA database",
    ),
    "a zone that is a path": ('cron="0 3 * * *", timezone="/etc/x"', "is no time zone", "IANA"),
    "a zone that is no text": ('cron="0 3 * * *", timezone=None', "timezone=None is no text", "="),
    "a zone for a rate": (
        'rate="1 day", timezone="Europe/Madrid"',
        "with rate=, which counts minutes",
        "say when with cron=",
    ),
}
RUNNERS = {
    "a parameter of another type": (
        runner("", "note: New"),
        "handler() takes note: New, and is given Scheduled",
        "write `async def handler(note: Scheduled) -> None`",
    ),
    "a parameter without a type": (
        runner("", "run"),
        "parameter 'run' has no type",
        "write `run: Scheduled`",
    ),
    "too many attempts": (
        runner("(attempts_max=4)"),
        "attempts_max=4, allowed are whole numbers from 1 to 3",
        "Lambda itself tries again",
    ),
    "an option of others": (
        runner('(once_by="time")'),
        "there is no option 'once_by'",
        "say once=True",
    ),
    "once by a word": (runner('(once="yes")'), "once='yes'", "once is True or False"),
    "a second function": (
        SCHEDULE + "@nightly.run\nasync def one() -> None: ...\n"
        "@nightly.run  # <-\nasync def two() -> None: ...",
        "schedule 'nightly' has a function already, at ",
        "declare a second schedule",
    ),
    "no function": (
        SCHEDULE.replace("\n", "  # <-"),
        "schedule 'nightly' has no function to run",
        "@nightly.run",
    ),
}
GROUPS = {
    "schedule": ('odd = Schedule("odd", {})  # <-' + RUN.format("odd", "run_odd"), TIMES),
    "run": ("{}", RUNNERS),
}
SOUND = """
nightly = Schedule("nightly", cron="30 2 * * MON-FRI", timezone="Europe/Madrid")
monthly = Schedule("monthly", cron="0 0 1 */3 *")
beat = Schedule("beat", rate="5 minutes")
daily = Schedule("daily", rate="1 day")

@nightly.run
async def sweep() -> None: ...

@monthly.run(attempts_max=1, once=True, timeout_s=900, concurrency_max=1)
def report(context: Context) -> None: ...

@beat.run
async def check(run: Scheduled, context: Context) -> None: ...

class Worker:
    async def work(self, context: Context, run: Scheduled) -> None: ...

work = daily.run(attempts_max=2)(Worker().work)

@sweep.dead.consumer
async def bury(letter: Dead[Scheduled]) -> None: ...
"""
