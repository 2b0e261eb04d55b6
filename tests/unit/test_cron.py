"""When cron and rate are due, on the edges that people ask about: the clocks that change, the days
that months lack, and what neither cron nor Scheduler has a word for.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from skylift.cron import Cron, Unsayable, latest, parsed_cron, parsed_rate

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")


def runs(cron: Cron, after: datetime, count: int) -> list[str]:
    """The next times, as a clock in its zone shows them."""
    told: list[str] = []
    for _ in range(count):
        found = cron.next(after)
        assert found is not None
        after = found
        told.append(found.astimezone(cron.zone).strftime("%d %b %H:%M %z"))
    return told


EXPRESSIONS = {  # five fields, and the same as Scheduler writes it
    "0 3 * * *": "cron(0 3 * * ? *)",
    "30 8 * * *": "cron(30 8 * * ? *)",
    "*/5 * * * *": "cron(0/5 * * * ? *)",
    "1-59/10 * * * *": "cron(1/10 * * * ? *)",
    "*/7 * * * *": "cron(0/7 * * * ? *)",
    "10-30/5 * * * *": "cron(10,15,20,25,30 * * * ? *)",
    "0 9-17 * * MON-FRI": "cron(0 9-17 ? * 2-6 *)",
    "0 18 * * 1-5": "cron(0 18 ? * 2-6 *)",
    "0 0 * * 0": "cron(0 0 ? * 1 *)",
    "0 0 * * 7": "cron(0 0 ? * 1 *)",
    "0 0 * * 5-7": "cron(0 0 ? * 1,6-7 *)",
    "0 0 * * sun,wed": "cron(0 0 ? * 1,4 *)",
    "0 0 * * */2": "cron(0 0 ? * 1,3,5,7 *)",
    "0 0 * * 0-6": "cron(0 0 * * ? *)",
    "0 8 1 * *": "cron(0 8 1 * ? *)",
    "0 22-23,0-2 1,15 JAN,JUL *": "cron(0 0-2,22-23 1,15 1,7 ? *)",
    "0 0 1 */3 *": "cron(0 0 1 1/3 ? *)",
    "0 0 29 FEB *": "cron(0 0 29 2 ? *)",
}


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_five_fields_become_six(text: str) -> None:
    assert parsed_cron(text).expression == EXPRESSIONS[text]


REFUSED = {
    "@daily": ("is no cron expression", '"0 0 * * *"'),
    "cron(0 3 * * ? *)": ("an expression of Scheduler's", "five fields"),
    "0 3 * * ?": ("has a ?", "write *"),
    "0 3 * *": ("has 4 fields", "minute, hour, day of month, month, weekday"),
    "0 3 * * * *": ("has 6 fields", "none for the year"),
    "": ("has 0 fields", "five fields"),
    "0 0 1 * MON": ("days of the month and weekdays", "two schedules"),
    "0 0 1-31 * MON": ("days of the month and weekdays", "two schedules"),
    "0 0 */2 * MON": ("days of the month and weekdays", "two schedules"),
    "* 22-2 * * *": ("'22-2' ends before it begins", "22-23,0-2"),
    "* * * * FRI-MON": ("'FRI-MON' ends before it begins", "FRI-SAT,SUN-MON"),
    "* * * * SAT-SUN": ("ends before it begins", "SAT,SUN"),
    "5/10 * * * *": ("one value with a step", "5-59/10"),
    "*/90 * * * *": ("takes the first value alone", 'rate="90 minutes"'),
    "*/0 * * * *": ("a step of 0", "rate="),
    "0 0 30 2 *": ("never comes", "a day it has"),
    "0 0 31 2,4,6 *": ("never comes", "a day it has"),
    "0 0 L * *": ("'L' is no value", "1 to 31"),
    "0 0 15W * *": ("'15W' is no value", "1 to 31"),
    "0 0 * * 1#2": ("'1#2' is no value, range or step", "1-5"),
    "60 * * * *": ("60 is not between 0 and 59", "0 to 59"),
    "0 24 * * *": ("24 is not between 0 and 23", "0 to 23"),
    "0 0 0 * *": ("0 is not between 1 and 31", "1 to 31"),
    "0 0 * 13 *": ("13 is not between 1 and 12", "JAN"),
    "0 0 * * 8": ("8 is not between 0 and 7", "SUN"),
    "0 0 * * MOO": ("'MOO' is no value", "SUN, MON"),
    ", * * * *": ("'' is no value", "write 5"),
    "*-5 * * * *": ("'*-5' is no value, range or step", "write 5"),
    "-5 * * * *": ("'-5' is no value, range or step", "write 5"),
    "٣ * * * *": ("'٣' is no value", "0 to 59"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_said_on_both_sides_is_refused_with_what_can(text: str) -> None:
    reason, remedy = REFUSED[text]
    with pytest.raises(Unsayable) as refused:
        parsed_cron(text)
    assert reason in refused.value.reason
    assert remedy in refused.value.remedy


def test_a_time_that_the_spring_leaves_out_is_left_out() -> None:
    """AWS's own example: half past two in Los Angeles."""
    nightly = parsed_cron("30 2 * * *", LOS_ANGELES)
    assert runs(nightly, datetime(2026, 3, 7, tzinfo=UTC), 3) == [
        "07 Mar 02:30 -0800",
        "09 Mar 02:30 -0700",
        "10 Mar 02:30 -0700",
    ]


def test_a_time_that_the_autumn_has_twice_comes_once_before_the_clocks_go_back() -> None:
    nightly = parsed_cron("30 1 * * *", LOS_ANGELES)
    assert runs(nightly, datetime(2026, 10, 31, tzinfo=UTC), 3) == [
        "31 Oct 01:30 -0700",
        "01 Nov 01:30 -0700",
        "02 Nov 01:30 -0800",
    ]


def test_what_is_due_every_few_minutes_rests_while_the_hour_repeats() -> None:
    often = parsed_cron("*/30 * * * *", LOS_ANGELES)
    assert runs(often, datetime(2026, 11, 1, 7, 50, tzinfo=UTC), 4) == [
        "01 Nov 01:00 -0700",
        "01 Nov 01:30 -0700",
        "01 Nov 02:00 -0800",
        "01 Nov 02:30 -0800",
    ]


def test_a_search_that_begins_in_the_second_of_two_hours_finds_what_comes_after_both() -> None:
    second = datetime(2026, 11, 1, 9, 40, tzinfo=UTC)  # 01:40 for the second time
    assert runs(parsed_cron("* * * * *", LOS_ANGELES), second, 1) == ["01 Nov 02:00 -0800"]


def test_clocks_that_change_by_half_an_hour_are_followed() -> None:
    often = parsed_cron("*/15 * * * *", LORD_HOWE)
    spring = datetime(2026, 10, 3, 15, 10, tzinfo=UTC)
    assert runs(often, spring, 3) == [
        "04 Oct 01:45 +1030",
        "04 Oct 02:30 +1100",
        "04 Oct 02:45 +1100",
    ]
    autumn = datetime(2026, 4, 4, 14, 20, tzinfo=UTC)
    assert runs(often, autumn, 4) == [
        "05 Apr 01:30 +1100",
        "05 Apr 01:45 +1100",
        "05 Apr 02:00 +1030",
        "05 Apr 02:15 +1030",
    ]


def test_a_day_that_a_zone_left_out_has_no_runs() -> None:
    apia = parsed_cron("0 12 * * *", ZoneInfo("Pacific/Apia"))  # it crossed the date line
    assert runs(apia, datetime(2011, 12, 29, tzinfo=UTC), 2) == [
        "29 Dec 12:00 -1000",
        "31 Dec 12:00 +1400",
    ]


def test_the_29th_of_february_is_found_over_a_century_without_one() -> None:
    rare = parsed_cron("0 0 29 2 *")
    assert rare.next(datetime(2096, 3, 1, tzinfo=UTC)) == datetime(2104, 2, 29, tzinfo=UTC)


def test_a_search_ends_with_schedulers_last_year() -> None:
    assert parsed_cron("0 0 29 2 *").next(datetime(2196, 3, 1, tzinfo=UTC)) is None
    assert parsed_rate("5 minutes").next(datetime(9999, 12, 31, 23, 59, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("text", "expression", "minutes"),
    [
        ("5 minutes", "rate(5 minutes)", 5),
        ("1 minute", "rate(1 minute)", 1),
        ("1 hours", "rate(1 hour)", 60),
        ("60 minutes", "rate(1 hour)", 60),
        ("90 minutes", "rate(90 minutes)", 90),
        ("36 hours", "rate(36 hours)", 36 * 60),
        ("48 hours", "rate(2 days)", 48 * 60),
        ("1 day", "rate(1 day)", 24 * 60),
        ("366 days", "rate(366 days)", 366 * 24 * 60),
    ],
)
def test_a_rate_is_said_as_scheduler_says_it(text: str, expression: str, minutes: int) -> None:
    rate = parsed_rate(text)
    assert (rate.expression, rate.minutes) == (expression, minutes)


@pytest.mark.parametrize(
    "text", ["", "5", "minutes", "90 seconds", "1.5 hours", "-1 hours", "a day"]
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(Unsayable, match="is no rate"):
        parsed_rate(text)


@pytest.mark.parametrize("text", ["0 minutes", "367 days", "999999999 days"])
def test_a_rate_is_a_minute_to_a_year(text: str) -> None:
    with pytest.raises(Unsayable, match="not between 1 minute and 366 days"):
        parsed_rate(text)


def test_a_rate_counts_from_its_first_run_and_a_day_is_24_hours() -> None:
    first = datetime(2026, 3, 7, 17, 30, tzinfo=UTC)  # the day before the clocks change
    daily = parsed_rate("1 day", first)
    assert daily.next(first - timedelta(seconds=1)) == first
    assert daily.next(first) == first + timedelta(hours=24)
    assert daily.next(first + timedelta(hours=24, seconds=-1)) == first + timedelta(hours=24)


def test_the_latest_run_is_found_after_any_time_away() -> None:
    every_minute, rare = parsed_cron("* * * * *"), parsed_cron("0 0 29 2 *")
    back = datetime(2026, 7, 1, 12, 0, 30, tzinfo=UTC)
    assert latest(every_minute, datetime(1999, 1, 1, tzinfo=UTC), back) == back.replace(second=0)
    assert latest(rare, datetime(1999, 1, 1, tzinfo=UTC), back) == datetime(2024, 2, 29, tzinfo=UTC)
    assert latest(rare, datetime(2024, 2, 29, tzinfo=UTC), back) is None
    moment = datetime(2024, 2, 29, tzinfo=UTC)
    assert latest(rare, moment - timedelta(seconds=1), moment) == moment
