"""What can be wrong with a Schedule and its function, before it ever runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, tzinfo
from itertools import takewhile
from typing import Any, cast

from ..cron import MINUTE, Cron, Rate, Unsayable, parsed_cron, parsed_rate
from ..errors import Mistake, did_you_mean
from ..function import Function
from ..resources.schedule import Schedule
from .consumer import Wrong, invoked_mistakes

NO_ZONES = ("localtime", "posixrules", "Factory", "posix/", "right/")  # of this machine alone


def mistakes(schedule: Schedule, functions: list[Function[..., Any]]) -> Iterator[Mistake]:
    said = f"schedule {schedule.name!r}"
    for reason, remedy in [*_times(schedule), *_zone(schedule)]:
        yield Mistake(schedule.place, f"{said}: {reason}", remedy)
    if not functions:
        remedy = f"write the function that runs: @{schedule.name}.run"
        yield Mistake(schedule.place, f"{said} has no function to run", remedy)
    for function in functions:
        yield from invoked_mistakes(function)
    for other in functions[1:]:
        reason = f"{said} has a function already, at {functions[0].place}"
        remedy = (
            "a schedule of Scheduler calls one: publish to a Topic, or declare a second schedule"
        )
        yield Mistake(other.place, reason, remedy)


def times(schedule: Schedule) -> Cron | Rate:
    """When a sound schedule is due; a rate counts from its first run, which is said elsewhere."""
    if schedule.rate is not None:
        return parsed_rate(schedule.rate)
    zone = zone_of(schedule.timezone)
    assert schedule.cron is not None
    assert zone is not None
    return parsed_cron(schedule.cron, zone)


def runs_between(times: Cron | Rate, first: date, end: date) -> float:
    """About how many: clocks that change are left out."""
    if isinstance(times, Rate):
        return (end - first) / (times.minutes * MINUTE)
    days = sum(1 for _ in takewhile(lambda day: day < end, times.dates(first)))
    return days * len(times.hours) * len(times.minutes)


def _times(schedule: Schedule) -> Iterator[Wrong]:
    cron, rate = cast(object, schedule.cron), cast(object, schedule.rate)
    if (cron is None) == (rate is None):
        said = "neither cron= nor rate=" if cron is None else "both cron= and rate="
        yield f"it has {said}", 'say one: cron="0 3 * * *" or rate="5 minutes"'
        return
    name, text = ("cron", cron) if rate is None else ("rate", rate)
    if not isinstance(text, str):
        yield f"{name}={text!r} is no text", 'write cron="0 3 * * *" or rate="5 minutes"'
        return
    try:
        (parsed_cron if name == "cron" else parsed_rate)(text)
    except Unsayable as error:
        yield error.reason, error.remedy


def _zone(schedule: Schedule) -> Iterator[Wrong]:
    zone = cast(object, schedule.timezone)
    if not isinstance(zone, str):
        yield f"timezone={zone!r} is no text", 'write timezone="Europe/Madrid"'
    elif zone_of(zone) is None:
        from zoneinfo import available_timezones

        known = sorted(name for name in available_timezones() if "/" in name)  # EST is no CEST
        remedy = f"name a zone of the IANA database: {did_you_mean(zone, known)}"
        if not known:
            remedy = "this machine has no zones: install the package tzdata"
        yield f"timezone={zone!r} is no time zone", remedy
    elif schedule.rate is not None and zone != "UTC":
        reason = f"timezone={zone!r} with rate=, which counts minutes and knows no zone"
        yield reason, "leave timezone= away, or say when with cron="


def zone_of(name: str) -> tzinfo | None:
    """As AWS knows it too; what only this machine calls so is none."""
    if name == "UTC":  # also where a machine knows no zones
        return UTC
    from zoneinfo import ZoneInfo  # most apps need none

    try:
        return None if name.startswith(NO_ZONES) else ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
