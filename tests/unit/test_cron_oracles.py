"""Against readers that others wrote: cronsim of five fields, aws-croniter of Scheduler's six, and
dateutil of recurrences and of clocks that change.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from aws_croniter import AwsCroniter
from cronsim import CronSim
from dateutil.rrule import MINUTELY, rrule
from dateutil.tz import datetime_exists
from hypothesis import given
from hypothesis import strategies as st

from skylift.cron import Cron, latest, parsed_cron, parsed_rate
from tests.trials import trials

BEGIN, END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
ZONES = [
    "Europe/Madrid",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Tokyo",
    "America/Santiago",
]
CRONS = [
    "0 3 * * *",
    "30 2 * * *",  # half past two is what clocks leave out
    "15 */6 * * 1-5",
    "45 1 * * SUN",
    "0,30 0-3 * * SAT,SUN",
    "0 12 13 * *",
    "0 0 31 * *",
    "0 0 1 */3 *",
    "5 4 29 2 *",
]
RATES = ["47 minutes", "5 hours", "1 day", "30 days"]


def ours(cron: Cron, begin: datetime, end: datetime) -> Iterator[datetime]:
    at = cron.next(begin)
    while at is not None and at < end:
        yield at
        at = cron.next(at)


def theirs(text: str, zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """What cronsim says of clocks on walls, less what the spring leaves out; of two, the first."""
    walls = CronSim(text, begin.astimezone(zone).replace(tzinfo=None))
    for wall in walls:
        at = wall.replace(tzinfo=zone)
        moment = at.astimezone(UTC)
        if moment >= end:
            return
        if datetime_exists(at) and moment > begin:
            yield moment


@pytest.mark.long
@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("text", CRONS)
def test_ten_years_of_runs_are_those_of_cronsim(text: str, name: str) -> None:
    zone = ZoneInfo(name)
    found = list(ours(parsed_cron(text, zone), BEGIN, END))
    assert found == list(theirs(text, zone, BEGIN, END))
    assert found


@pytest.mark.long
@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("text", ["*/30 1-3 * * *", "30 2 * * *", "0 * * * *"])
def test_cronsim_on_aware_clocks_differs_on_days_when_they_change_and_on_no_others(
    text: str, name: str
) -> None:
    """It does as Debian does: what spring leaves out comes right after the gap, and what runs
    every hour runs in both of two. Scheduler leaves out, and runs once.
    """
    zone, begin, end = ZoneInfo(name), BEGIN, BEGIN + timedelta(days=366)
    found = set(ours(parsed_cron(text, zone), begin, end))
    debian = set[datetime]()
    for at in CronSim(text, begin.astimezone(zone)):
        if at.astimezone(UTC) >= end:
            break
        debian.add(at.astimezone(UTC))
    for moment in found ^ debian:
        around = [moment + timedelta(hours=hours) for hours in (-3, 3)]
        assert len({at.astimezone(zone).utcoffset() for at in around}) == 2, moment


DEBIAN = {  # and what we say of the same night in New York
    ("30 2 * * *", 2026, 3, 8): (["03:00 -0400"], []),
    ("30 1 * * *", 2026, 11, 1): (["01:30 -0400"], ["01:30 -0400"]),
    ("30 * * * *", 2026, 11, 1): (
        ["00:30 -0400", "01:30 -0400", "01:30 -0500", "02:30 -0500"],
        ["00:30 -0400", "01:30 -0400", "02:30 -0500"],
    ),
}


@pytest.mark.parametrize("night", DEBIAN)
def test_how_scheduler_differs_from_debian_when_clocks_change(
    night: tuple[str, int, int, int],
) -> None:
    zone, (text, *day) = ZoneInfo("America/New_York"), night
    begin = datetime(*day, tzinfo=zone) - timedelta(seconds=1)
    end = datetime(*day, 3, 10, tzinfo=zone).astimezone(UTC)
    debian: list[str] = []
    for at in CronSim(text, begin):
        if at.astimezone(UTC) >= end:
            break
        debian.append(at.strftime("%H:%M %z"))
    found = ours(parsed_cron(text, zone), begin.astimezone(UTC), end)
    shown = [at.astimezone(zone).strftime("%H:%M %z") for at in found]
    assert (debian, shown) == DEBIAN[night]


@pytest.mark.long
@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("text", RATES)
def test_ten_years_of_a_rate_are_those_of_a_recurrence(text: str, name: str) -> None:
    """A zone says when the first run is, and nothing more: a day is 24 hours."""
    first = datetime(2020, 3, 1, 2, 30, tzinfo=ZoneInfo(name)).astimezone(UTC)
    rate = parsed_rate(text, first)
    expected = rrule(MINUTELY, interval=rate.minutes, dtstart=first, until=END)
    at = rate.next(first - timedelta(seconds=1))
    for moment in expected:
        assert at == moment
        at = rate.next(moment)
    assert at is not None
    assert at > END


def fields(low: int, high: int) -> st.SearchStrategy[str]:
    """Values, ranges, steps, and lists of them, as cron takes them."""
    value = st.integers(low, high)
    pair = st.tuples(value, value).map(sorted)
    part = st.one_of(
        value.map(str),
        pair.map(lambda two: f"{two[0]}-{two[1]}"),
        pair.filter(lambda two: two[1] > two[0]).flatmap(
            lambda two: st.integers(1, two[1] - two[0]).map(lambda n: f"{two[0]}-{two[1]}/{n}")
        ),
        st.integers(1, min(high, 6) - low).map(lambda step: f"*/{step}"),
    )
    return st.one_of(st.just("*"), st.lists(part, min_size=1, max_size=3).map(",".join))


DAYS = st.one_of(
    st.tuples(fields(1, 28), fields(1, 12), st.just("*")),
    st.tuples(st.sampled_from(["29", "30", "31", "28-31/3"]), st.just("*"), st.just("*")),
    st.tuples(st.just("*"), fields(1, 12), fields(0, 7)),
)
EXPRESSIONS = st.tuples(fields(0, 59), fields(0, 23), DAYS).map(
    lambda found: " ".join([found[0], found[1], *found[2]])
)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)).map(
    lambda at: at.replace(tzinfo=UTC)
)


@trials(300)
@given(EXPRESSIONS, MOMENTS, st.sampled_from(ZONES))
def test_any_expression_has_the_runs_that_cronsim_finds(
    text: str, begin: datetime, name: str
) -> None:
    zone, end = ZoneInfo(name), begin + timedelta(days=800)
    found, expected = ours(parsed_cron(text, zone), begin, end), theirs(text, zone, begin, end)
    for _ in range(5):
        assert next(found, None) == next(expected, None)


@trials(300)
@given(EXPRESSIONS, MOMENTS)
def test_what_is_written_for_scheduler_means_the_same_there(text: str, begin: datetime) -> None:
    cron = parsed_cron(text)
    theirs = AwsCroniter(cron.expression.removeprefix("cron(").removesuffix(")"))
    begin = begin.replace(second=0, microsecond=0)
    for _ in range(3):
        found = cron.next(begin)
        assert found is not None
        assert theirs.get_next(begin) == [found]
        begin = found


DOCUMENTED = {  # by AWS, and how cron says it
    "0 10 * * ? *": "0 10 * * *",
    "15 12 * * ? *": "15 12 * * *",
    "0 18 ? * MON-FRI *": "0 18 * * MON-FRI",
    "0 8 1 * ? *": "0 8 1 * *",
    "0/15 * * * ? *": "*/15 * * * *",
    "0/10 * ? * MON-FRI *": "*/10 * * * MON-FRI",
    "0/5 8-17 ? * MON-FRI *": "*/5 8-17 * * MON-FRI",
    "0 9 ? * 2-6 *": "0 9 * * 1-5",
    "1/10 * * * ? *": "1-59/10 * * * *",
    "30 2 * * ? *": "30 2 * * *",
}


@pytest.mark.parametrize("documented", DOCUMENTED)
def test_an_example_of_awss_has_the_runs_of_its_five_fields(documented: str) -> None:
    cron, at = parsed_cron(DOCUMENTED[documented]), BEGIN
    for expected in AwsCroniter(documented).get_next(BEGIN, 200):
        found = cron.next(at)
        assert found == expected
        at = found


@trials(200)
@given(EXPRESSIONS, MOMENTS, st.integers(1, 60 * 24 * 400), st.sampled_from(ZONES))
def test_the_latest_run_is_the_last_of_all(
    text: str, begin: datetime, minutes: int, name: str
) -> None:
    cron = parsed_cron(text, ZoneInfo(name))
    upto = begin + timedelta(minutes=minutes)
    found = latest(cron, begin, upto)
    if found is None:
        first = cron.next(begin)
        assert first is None or first > upto
    else:
        assert begin < found <= upto
        later = cron.next(found)
        assert later is None or later > upto
        assert cron.next(found - timedelta(seconds=1)) == found
