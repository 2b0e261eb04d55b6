"""What is asked of EventBridge Scheduler, and what becomes of its refusals: of who sets and cancels
one timer at the same time, of answers that are lost, and what is too near for Scheduler.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw, json

from skylift.aws.runtime.client import Client, World
from skylift.aws.runtime.lambda_timer import due_at, received
from skylift.aws.runtime.send_sqs import SqsSender
from skylift.aws.runtime.timer_scheduler import LEAD_S, Place, SchedulerTimer, name_of
from skylift.aws.runtime.wait import drive
from skylift.errors import AccessDenied, Busy, SkyliftError, Unavailable
from skylift.resources.timer import Order, ordered
from skylift.system import SystemClock
from tests.system.aws_stage import (
    ENVIRONMENT,
    Act,
    Asked,
    Spent,
    Stage,
    Talk,
    answer,
    answers,
    resets,
)
from tests.trials import trials

PLACE = Place("g", "arn:queue", "arn:role", "arn:dead")
BODY = '{"due":"2061-07-28T12:00:00.000000Z","skylift":1}'
FAR_S = 1_000.0
DONE = answer(b"{}", crc=False)
SENT = answer(b'{"Successful":[{"Id":"0","MessageId":"m"}]}', crc=False)


def refusal(code: str, status: int) -> bytes:
    return answer(b'{"Message":"no"}', status, f"x-amzn-errortype: {code}", crc=False)


THERE, ABSENT = refusal("ConflictException", 409), refusal("ResourceNotFoundException", 404)
DENIED = refusal("AccessDeniedException", 403)


class Told:
    """What was asked, and the error it ended in."""

    def __init__(self, asked: list[Asked], error: SkyliftError | None) -> None:
        self.asked, self.error = asked, error

    @property
    def lines(self) -> list[str]:
        return [" ".join(one.head.split(" ", 2)[:2]) for one in self.asked]


class Clock(SystemClock):
    """It may be set forward."""

    ahead_s = 0.0

    def time(self) -> float:
        return super().time() + self.ahead_s


def told(
    *acts: Act,
    tell: Callable[[SchedulerTimer], Coroutine[Any, Any, Any]],
    clock: SystemClock | None = None,
) -> Told:
    with Stage(*acts) as stage:
        spent = Spent()
        environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL": stage.url}
        clock, clients = clock or SystemClock(), list[Client]()
        for service in ("scheduler", "sqs"):
            clients.append(Client(service, environment, World(clock, spent, spent.sleep)))
        queue = SqsSender(clients[1], f"{stage.url}/1/q", clock, spent)  # pyright: ignore[reportArgumentType]
        timer = SchedulerTimer(clients[0], PLACE, queue, clock)
        error: SkyliftError | None = None
        try:
            drive(tell(timer))
        except SkyliftError as found:
            error = found
        for one in clients:
            one.close()
        return Told(stage.asked, error)


def sets(in_s: float = FAR_S) -> Callable[[SchedulerTimer], Coroutine[Any, Any, Any]]:
    return lambda timer: timer.set("a", time.time() + in_s, BODY)


def cancels(timer: SchedulerTimer) -> Coroutine[Any, Any, Any]:
    return timer.cancel("a")


def test_one_that_is_new_is_created_by_the_full_minute() -> None:
    before = time.time() + FAR_S
    found = told(answers(DONE), tell=sets())
    (asked,) = found.asked
    assert found.lines == ["POST /schedules/a"]
    said = json.decode(asked.body)
    at = datetime.fromisoformat(said["ScheduleExpression"][3:-1]).replace(tzinfo=UTC).timestamp()
    assert at % 60 == 0
    assert before - 60 < at <= time.time() + FAR_S
    assert said["ActionAfterCompletion"] == "DELETE"
    assert said["GroupName"] == "g"
    target = said["Target"]
    assert (target["Input"], target["DeadLetterConfig"]) == (BODY, {"Arn": "arn:dead"})
    assert (target["Arn"], target["RoleArn"]) == ("arn:queue", "arn:role")


def test_one_that_is_there_is_replaced() -> None:
    found = told(answers(THERE, DONE), tell=sets())
    assert found.lines == ["POST /schedules/a", "PUT /schedules/a"]
    assert found.asked[0].body == found.asked[1].body


def test_one_that_acts_or_is_cancelled_meanwhile_is_created_anew() -> None:
    found = told(answers(THERE, ABSENT, DONE), tell=sets())
    assert [line[:4] for line in found.lines] == ["POST", "PUT ", "POST"]
    assert found.error is None


def test_an_answer_that_is_lost_leaves_what_was_asked() -> None:
    found = told(resets(), answers(THERE, DONE), tell=sets())
    assert [line[:4] for line in found.lines] == ["POST", "POST", "PUT "]
    assert found.error is None


def test_who_is_always_too_slow_is_busy() -> None:
    found = told(answers(THERE), tell=sets())
    assert isinstance(found.error, Busy)
    assert len(found.lines) == 10


@pytest.mark.parametrize(
    ("refused", "error"), [(ABSENT, Unavailable), (DENIED, AccessDenied)], ids=["group", "right"]
)
def test_what_no_repeat_would_change_is_not_repeated(
    refused: bytes, error: type[SkyliftError]
) -> None:
    found = told(answers(refused), tell=sets())
    assert (len(found.lines), type(found.error)) == (1, error)


@pytest.mark.parametrize("there", [DONE, ABSENT])
def test_to_cancel_what_is_not_there_is_nothing(there: bytes) -> None:
    found = told(answers(there), tell=cancels)
    assert (found.lines, found.error) == (["DELETE /schedules/a?groupName=g"], None)


def test_a_cancel_that_meets_another_is_repeated() -> None:
    found = told(answers(THERE, DONE), tell=cancels)
    assert (len(found.lines), found.error) == (2, None)


@pytest.mark.parametrize(("in_s", "delay_s"), [(-5, None), (0, None), (3.2, 4), (LEAD_S - 1, 9)])
def test_what_is_near_goes_to_the_queue_once_the_schedule_is_gone(
    in_s: float, delay_s: int | None
) -> None:
    found = told(answers(ABSENT), answers(SENT), tell=sets(in_s))
    assert found.lines == ["DELETE /schedules/a?groupName=g", "POST /"]
    (entry,) = json.decode(found.asked[1].body)["Entries"]
    assert (entry["MessageBody"], entry.get("DelaySeconds")) == (BODY, delay_s)


@pytest.mark.parametrize("late", [DONE, refusal("ValidationException", 400)])
def test_what_scheduler_hears_of_too_late_goes_to_the_queue(late: bytes) -> None:
    clock = Clock()

    def takes_long(talk: Talk) -> None:
        clock.ahead_s = FAR_S
        answers(late, DONE)(talk)

    found = told(takes_long, answers(SENT), tell=sets(), clock=clock)
    assert found.error is None
    assert [line[:4] for line in found.lines] == ["POST", "DELE", "POST"]
    assert found.asked[2].header("x-amz-target") == "AmazonSQS.SendMessageBatch"
    assert json.decode(found.asked[2].body)["Entries"][0]["MessageBody"] == BODY


def test_of_orders_for_one_id_the_last_is_carried_out() -> None:
    at = time.time() + FAR_S
    orders = [
        Order("a", at, Raw(BODY.encode())),
        Order("b", at, Raw(BODY.encode())),
        Order("a"),
        Order("c"),
        Order("c", at, Raw(BODY.encode())),
    ]
    found = told(answers(DONE), tell=lambda timer: timer.send_in_order([*map(ordered, orders)]))
    assert sorted(found.lines) == [
        *("DELETE /schedules/a?groupName=g", "POST /schedules/b", "POST /schedules/c")
    ]


def test_what_one_id_is_refused_the_others_do_not_notice() -> None:
    orders = [ordered(Order(id)) for id in ("a", "b", "a", "c")]

    async def send(timer: SchedulerTimer) -> None:
        a, b, again, c = await timer.send_in_order(orders)
        assert isinstance(a, AccessDenied)
        assert (again, b, c) == (a, None, None)

    found = told(answers(DENIED, DONE), tell=send)
    assert (len(found.lines), found.error) == (3, None)


@given(id=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=128))
@trials(200)
def test_a_name_is_one_that_scheduler_takes_and_that_no_path_changes(id: str) -> None:
    name = name_of(id)
    assert 1 <= len(name) <= 64
    assert all(letter.isascii() and (letter.isalnum() or letter in "-_.") for letter in name)
    assert name.strip(".")
    assert name == id or len(name) == 64


def test_no_id_has_the_name_of_another() -> None:
    digest = name_of("a/b")
    assert len({name_of(id) for id in ("a/b", digest, "a-b", ".", "..", "A-b")}) == 6


# -- the entry


def record(count: int, first: datetime, body: str) -> dict[str, Any]:
    said = {
        "ApproximateReceiveCount": str(count),
        "SentTimestamp": "0",
        "ApproximateFirstReceiveTimestamp": str(int(first.timestamp() * 1000)),
    }
    return {"messageId": "m", "receiptHandle": "h", "body": body, "attributes": said}


DUE = datetime(2061, 7, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "first_s", "attempt"), [(1, -30, 1), (2, -30, 1), (3, -30, 2), (1, 5, 1), (2, 5, 2)]
)
def test_to_have_come_too_early_was_no_attempt(count: int, first_s: int, attempt: int) -> None:
    assert received(record(count, DUE + timedelta(seconds=first_s), BODY)).attempt == attempt


def test_what_says_no_time_is_due() -> None:
    assert due_at(BODY) == DUE.timestamp()
    for body in ('{"skylift":1}', "no json", "[]", '{"due":5}', '{"due":"soon"}', "", "\ud800"):
        assert due_at(body) == 0.0
    held = received(record(2, DUE, "no json"))
    assert (held.attempt, held.sent_at) == (2, 0)
    assert received(record(1, DUE, BODY)).sent_at == DUE.timestamp()
