"""When a schedule is due. Five fields as cron has had them for ever, and rates; what EventBridge
Scheduler cannot say in one expression is refused here, so that every expression means the same on
both backends.

As there, a time that the spring leaves out is left out, and one that the autumn has twice comes
once, the first time. A search for the next run ends: what never comes is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import product
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object  # as with the ports, a cold start would pay for it

MINUTE = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEAR_MAX = 2199  # Scheduler's last
RATE_MINUTES_MAX = 366 * 24 * 60
UNITS = {"minute": 1, "hour": 60, "day": 24 * 60}
MONTHS = {
    "JAN": 1, "FEB": 2, "MAR": 3, "APR": 4, "MAY": 5, "JUN": 6,
    "JUL": 7, "AUG": 8, "SEP": 9, "OCT": 10, "NOV": 11, "DEC": 12,
}  # fmt: skip
WEEKDAYS = {"SUN": 0, "MON": 1, "TUE": 2, "WED": 3, "THU": 4, "FRI": 5, "SAT": 6}
MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
ORDER = "write five fields: minute, hour, day of month, month, weekday"


class Unsayable(Exception):
    """An expression that is none, or that Scheduler has no words for."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason, self.remedy = reason, remedy


class Times(Protocol):
    """Moments in UTC, a minute or more apart."""

    @property
    def expression(self) -> str: ...  # as Scheduler writes it
    def next(self, after: datetime) -> datetime | None: ...  # None: there is none any more


class Cron(Struct, frozen=True):
    """What the fields select, in order; Sunday is 0. Days and weekdays must both fit, but one of
    the two takes them all.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    zone: tzinfo = UTC

    def next(self, after: datetime) -> datetime | None:
        wall = after.astimezone(self.zone).replace(tzinfo=None, second=0, microsecond=0, fold=0)
        for at in self._walls(wall + MINUTE):
            moment = at.replace(tzinfo=self.zone).astimezone(UTC)  # the first of two, in autumn
            is_left_out = moment.astimezone(self.zone).replace(tzinfo=None) != at
            if moment > after and not is_left_out:
                return moment
        return None

    @property
    def expression(self) -> str:
        """As Scheduler writes it: its weeks begin with 1, and one of the two days is `?`."""
        minute, hour = _written(self.minutes, 0, 59), _written(self.hours, 0, 23)
        day, month = _written(self.days, 1, 31), _written(self.months, 1, 12)
        weekday = "?"
        if len(self.weekdays) < len(WEEKDAYS):
            day, weekday = "?", _written([one + 1 for one in self.weekdays], 1, 7, steps=False)
        return f"cron({minute} {hour} {day} {month} {weekday} *)"

    def _walls(self, first: datetime) -> Iterator[datetime]:
        """What a clock on the wall shows at each run, from this on."""
        for day in self.dates(first.date()):
            hours = [one for one in self.hours if day > first.date() or one >= first.hour]
            for hour, minute in product(hours, self.minutes):
                at = datetime(day.year, day.month, day.day, hour, minute)
                if at >= first:
                    yield at

    def dates(self, first: date) -> Iterator[date]:
        """The days that have runs, from this on."""
        for year, month in product(range(first.year, YEAR_MAX + 1), self.months):
            if (year, month) >= (first.year, first.month):
                found = [_date(year, month, day) for day in self.days]
                yield from (one for one in found if one and one >= first and self._is_its(one))

    def _is_its(self, day: date) -> bool:
        return day.isoweekday() % 7 in self.weekdays


class Rate(Struct, frozen=True):
    """Every so many minutes, counted from the first run; a day is 24 hours in any zone."""

    minutes: int
    expression: str
    first: datetime = EPOCH

    def next(self, after: datetime) -> datetime | None:
        if after < self.first:
            return self.first
        every = self.minutes * MINUTE
        try:
            return self.first + ((after - self.first) // every + 1) * every
        except OverflowError:  # the calendar ends
            return None


def latest(times: Times, after: datetime, upto: datetime) -> datetime | None:
    """The last run that is not before `after` is over and not behind `upto`. It is looked for by
    halves: after a year away nobody counts half a million minutes.
    """
    found = times.next(after)
    if found is None or found > upto:
        return None
    low, high = found, upto
    while high - low > MINUTE:
        middle = low + (high - low) / 2
        later = times.next(middle)
        if later is None or later > upto:
            high = middle
        else:
            found = low = later
    later = times.next(low)
    return later if later is not None and later <= upto else found


# -- reading


def parsed_cron(text: str, zone: tzinfo = UTC) -> Cron:
    """What five fields say; Unsayable for everything else."""
    fields = text.split()
    _check_fields(text, fields)
    minutes = _field("minute", fields[0], 0, 59)
    hours = _field("hour", fields[1], 0, 23)
    days = _field("day of month", fields[2], 1, 31)
    months = _field("month", fields[3], 1, 12, MONTHS)
    weekdays = sorted({day % 7 for day in _field("weekday", fields[4], 0, 7, WEEKDAYS)})
    any_day, any_weekday = len(days) == 31, len(weekdays) == len(WEEKDAYS)
    if not (fields[2][0] == "*" and any_day) and not (fields[4][0] == "*" and any_weekday):
        reason = f"{text!r} names days of the month and weekdays: cron takes either of them"
        remedy = (
            "Scheduler has no `or`: declare two schedules, each with * in one of the two fields"
        )
        raise Unsayable(reason, remedy)
    if not any(_date(2000, month, day) for month in months for day in days):
        raise Unsayable(f"{text!r} never comes: no such month is that long", "name a day it has")
    return Cron(tuple(minutes), tuple(hours), tuple(days), tuple(months), tuple(weekdays), zone)


def parsed_rate(text: str, first: datetime = EPOCH) -> Rate:
    """`5 minutes`; Unsayable for everything else. It is a text and no timedelta because Scheduler
    counts whole minutes, hours or days and nothing else.
    """
    found = re.fullmatch(r"([0-9]{1,9}) +(minute|hour|day)s?", text.strip())
    if found is None:
        remedy = 'write a whole number and minutes, hours or days: rate="5 minutes"'
        raise Unsayable(f"{text!r} is no rate", remedy)
    minutes = int(found[1]) * UNITS[found[2]]
    if not 1 <= minutes <= RATE_MINUTES_MAX:
        reason = f"the rate {text!r} is not between 1 minute and 366 days"
        raise Unsayable(reason, "Scheduler has no seconds; cron= says what comes once in years")
    unit, size = next(one for one in reversed(UNITS.items()) if minutes % one[1] == 0)
    count = minutes // size  # the same rate is always said in the same way
    return Rate(minutes, f"rate({count} {unit}{'s' * (count > 1)})", first)


def _check_fields(text: str, fields: list[str]) -> None:
    """What other crons have."""
    if text.strip().lower() in MACROS:
        remedy = f'write the five fields: "{MACROS[text.strip().lower()]}"'
        raise Unsayable(f"{text!r} is no cron expression", remedy)
    if text.startswith("cron("):
        raise Unsayable(f"{text!r} is an expression of Scheduler's", f"{ORDER}; it is translated")
    if "?" in text:
        raise Unsayable(f"{text!r} has a ?", "write * where any day will do")
    if len(fields) != 5:
        raise Unsayable(
            f"{text!r} has {len(fields)} fields", f"{ORDER}; there is none for the year"
        )


def _field(
    called: str, text: str, low: int, high: int, names: dict[str, int] | None = None
) -> list[int]:
    """What a list of values, ranges and steps selects."""
    selected = set[int]()
    for part in text.split(","):
        try:
            selected.update(_part(part, low, high, names or {}))
        except Unsayable as error:
            said = f"the {called} {text!r}: {error.reason}"
            raise Unsayable(said, error.remedy) from None
    return sorted(selected)


def _part(part: str, low: int, high: int, names: dict[str, int]) -> range:
    found = re.fullmatch(r"(\*|\w+)(?:-(\w+))?(?:/([0-9]+))?", part)
    if found is None or (found[1] == "*" and found[2]):
        raise Unsayable(f"{part!r} is no value, range or step", "write 5, 1-5, */5 or 10-30/5")
    begin, end, step = found.groups()
    highest = max(names.values(), default=high)  # Sunday as 7 is no eighth day
    first = low if begin == "*" else _value(begin, low, high, names)
    last = highest if begin == "*" else _value(end, low, high, names) if end else first
    if step and begin != "*" and not end:
        said = f"{part!r} is one value with a step, which crons read in two ways"
        raise Unsayable(said, f"write {begin}-{highest}/{step}")
    if last < first:
        spans = _span(begin, _name(highest, names)), _span(_name(low, names), end)
        raise Unsayable(f"{part!r} ends before it begins", f"write {','.join(spans)}")
    return range(first, last + 1, _step(step, first, last))


def _step(step: str | None, first: int, last: int) -> int:
    if step is None:
        return 1
    every = int(step)
    if not 1 <= every <= max(last - first, 1):
        reason = f"a step of {step} in {first}-{last} takes the first value alone"
        raise Unsayable(reason, 'name the value, or say how often: rate="90 minutes"')
    return every


def _value(text: str, low: int, high: int, names: dict[str, int]) -> int:
    named = names.get(text.upper())
    if named is not None:
        return named
    known = f"write {low} to {high}" + (f" or {', '.join(names)}" if names else "")
    if not re.fullmatch("[0-9]{1,4}", text):
        raise Unsayable(f"{text!r} is no value", known)
    if not low <= int(text) <= high:
        raise Unsayable(f"{text} is not between {low} and {high}", known)
    return int(text)


def _name(value: int, names: dict[str, int]) -> str:
    return next((name for name, number in names.items() if number == value), str(value))


def _span(begin: str, end: str) -> str:
    return begin if begin.upper() == end.upper() else f"{begin}-{end}"


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:  # the month has no such day
        return None


# -- writing


def _written(values: Sequence[int], low: int, high: int, *, steps: bool = True) -> str:
    """The shortest of what Scheduler reads: all, a step up to the end, or ranges."""
    if len(values) == high - low + 1:
        return "*"
    every = values[1] - values[0] if len(values) > 2 else 0
    if steps and every > 1 and list(values) == list(range(values[0], high + 1, every)):
        return f"{values[0]}/{every}"
    runs: list[list[int]] = []
    for one in values:
        if runs and one == runs[-1][-1] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    return ",".join(_span(str(run[0]), str(run[-1])) for run in runs)
