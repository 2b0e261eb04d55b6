"""When the client asks again, how long it waits before, and what it says when it gives up."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import pytest

from skylift.aws.runtime.client import Client, World
from skylift.aws.runtime.errors import translated
from skylift.aws.runtime.failure import Failure
from skylift.aws.runtime.wait import drive
from skylift.errors import Busy, Conflict, SkyliftError, Unavailable
from skylift.system import SystemClock
from tests.system.aws_stage import (
    ENVIRONMENT,
    Spent,
    Stage,
    answer,
    answers,
    client,
    error,
    hangs,
    met,
    once,
    soon,
)

OK = {"ok": 1}
THROTTLES = ["ThrottlingException", "ProvisionedThroughputExceededException", "RequestThrottled"]
CONFLICTS = ["TransactionConflictException", "TransactionInProgressException"]


def got(one: Client, **more: Any) -> Any:
    return drive(one.call("PutItem", {}, dict[str, Any], **{"deadline": soon(60)} | more))


def failed(one: Client, **more: Any) -> Failure:
    with pytest.raises(Failure) as raised:
        got(one, **more)
    return raised.value


def cancelled(*codes: str) -> bytes:
    reasons = ",".join(f'{{"Code":"{code}"}}' for code in codes)
    return error("TransactionCanceledException", more=f',"CancellationReasons":[{reasons}]')


@pytest.mark.parametrize("effect", ["none", "repeatable", "single"])
@pytest.mark.parametrize(
    "refusal",
    [
        *map(error, THROTTLES + CONFLICTS),
        error("SlowDown", 503),
        answer(b"", 429),
        cancelled("None", "TransactionConflict"),
        cancelled("ThrottlingError", "ProvisionedThroughputExceeded"),
    ],
)
def test_a_refusal_of_the_moment_is_repeated_whatever_the_call_does(
    effect: str, refusal: bytes
) -> None:
    with met(answers(refusal, refusal, answer())) as (stage, one):
        assert got(one, effect=effect) == OK
        assert len(stage.asked) == 3


@pytest.mark.parametrize(
    "refusal", [error(THROTTLES[0]), error("SlowDown", 503), cancelled("TransactionConflict")]
)
def test_a_refusal_that_outlasts_the_retries_is_busy(refusal: bytes) -> None:
    with met(answers(refusal)) as (stage, one):
        failure = failed(one)
        assert (len(stage.asked), failure.unknown) == (3, False)
        assert type(translated(failure)) is Busy


@pytest.mark.parametrize("effect", ["none", "repeatable"])
def test_a_500_is_repeated(effect: str) -> None:
    with met(answers(error("InternalServerError", 500), answer())) as (_, one):
        assert got(one, effect=effect) == OK


def test_a_500_of_a_single_call_may_have_happened() -> None:
    with met(answers(error("InternalServerError", 500), answer())) as (stage, one):
        failure = failed(one)
        assert (failure.unknown, len(stage.asked)) == (True, 1)
        raised = translated(failure)
        assert isinstance(raised, Unavailable)
        assert raised.unknown


def test_a_throttle_after_a_500_leaves_open_what_was_done() -> None:
    with met(answers(error("InternalServerError", 500), error(THROTTLES[0]))) as (_, one):
        failure = failed(one, effect="repeatable")
        assert (failure.code, failure.unknown) == (THROTTLES[0], True)
        assert isinstance(translated(failure), Unavailable)


def test_a_refusal_on_its_merits_after_a_500_settles_it() -> None:
    refusal = error("ConditionalCheckFailedException")
    with met(answers(error("InternalServerError", 500), refusal)) as (_, one):
        failure = failed(one, effect="repeatable")
        assert not failure.unknown
        assert isinstance(translated(failure), Conflict)


@pytest.mark.parametrize(
    "refusal",
    [
        error("ConditionalCheckFailedException"),
        error("ValidationException"),
        error("AccessDeniedException"),
        error("ResourceNotFoundException"),
        error("ItIsNotKnownHere", 418),
        cancelled("ConditionalCheckFailed", "TransactionConflict"),
        cancelled("None"),
        error("TransactionCanceledException"),
        error("TransactionCanceledException", more=',"CancellationReasons":[]'),
        error("TransactionCanceledException", more=',"CancellationReasons":"x"'),
        error("TransactionCanceledException", more=',"CancellationReasons":[1,null]'),
        error("TransactionCanceledException", more=',"CancellationReasons":[{},{"Code":[]}]'),
    ],
)
def test_any_other_refusal_is_final(refusal: bytes) -> None:
    with met(answers(refusal, answer()), spent=(spent := Spent())) as (stage, one):
        failure = failed(one, effect="none")
        assert (len(stage.asked), failure.unknown, spent.slept) == (1, False, [])
        assert isinstance(translated(failure), SkyliftError)


@pytest.mark.parametrize(
    ("refusal", "pauses"),
    [
        (error(THROTTLES[0]), [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]),
        (error(CONFLICTS[0]), [0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6]),
        (error("InternalServerError", 500), [0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6]),
    ],
)
def test_pauses_double_below_twenty_seconds(refusal: bytes, pauses: list[float]) -> None:
    spent = Spent(0.5)
    with Stage(answers(refusal)) as stage:
        environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL": stage.url}
        world = World(SystemClock(), spent, spent.sleep)
        one = Client("dynamodb", environment, world, attempts_max=8)
        failed(one, effect="none")
        one.close()
    assert spent.slept == pauses


@pytest.mark.parametrize(
    ("header", "pause_s"),
    [
        ("Retry-After: 2", 2.0),
        ("x-amz-retry-after: 1500", 1.5),
        ("Retry-After: 3600", 5.5),  # no more than five beyond our own
        ("Retry-After: 0", 0.5),
        ("Retry-After: soon", 0.5),
        ("x-amz-retry-after: -1", 0.5),
        ("Retry-After: Fri, 20 Nov 2026 14:00:00 GMT", 0.5),
    ],
)
def test_a_service_may_ask_for_a_longer_pause(header: str, pause_s: float) -> None:
    refusal = error(THROTTLES[0], 400, header)
    with met(answers(refusal, answer()), spent=(spent := Spent(0.5))) as (_, one):
        assert got(one) == OK
        assert spent.slept == [pause_s]


def test_nobody_sleeps_past_the_deadline() -> None:
    with met(answers(error(THROTTLES[0])), spent=(spent := Spent(0.99))) as (stage, one):
        failure = failed(one, deadline=soon(0.9))
        assert (failure.code, len(stage.asked), spent.slept) == (THROTTLES[0], 1, [])


def test_a_service_in_trouble_is_not_besieged() -> None:
    """500 tokens, 5 a retry: then calls fail at once, until calls succeed again."""
    trouble = error("InternalServerError", 500)
    with met(answers(*[trouble] * 160, *[answer()] * 7, trouble)) as (stage, one):
        for _ in range(50):
            failed(one, effect="none")
        assert len(stage.asked) == 150  # two retries each: the quota is spent
        failed(one, effect="none")
        failed(one, effect="none")
        assert len(stage.asked) == 152
        for _ in range(8):
            failed(one, effect="none")
        assert [got(one) for _ in range(7)] == [OK] * 7  # each gives back one
        failed(one, effect="none")
        assert len(stage.asked) == 160 + 7 + 2  # one retry, of the 7 tokens


def test_a_retry_that_succeeds_gives_back_what_it_cost() -> None:
    trouble = error("InternalServerError", 500)
    with met(answers(*[trouble, answer()] * 300)) as (_, one):
        assert [got(one, effect="none") for _ in range(300)] == [OK] * 300


def test_a_time_out_costs_twice_as_much() -> None:
    with met(hangs, answers(answer())) as (_, one):
        failed(one, deadline=soon(0.1), effect="none")  # no time for a retry: nothing is paid
        assert one._quota is not None
        assert one._quota.left == 500
    with met(hangs, answers(error("InternalServerError", 500))) as (stage, one):
        failed(one, deadline=soon(4), effect="none")
        assert stage.connections == 3
        assert one._quota is not None
        assert one._quota.left == 500 - 10 - 5


class Shifted:
    """The clock of a function that was frozen: what it counts stands still, the time does not."""

    def __init__(self) -> None:
        self.frozen_s = 0.0

    def now(self) -> datetime:
        raise NotImplementedError

    def time(self) -> float:
        return time.time() + self.frozen_s

    def monotonic(self) -> float:
        return time.monotonic()


@pytest.mark.parametrize(
    ("frozen_s", "effect", "connections"),
    [
        (5, "single", 1),
        (11, "single", 2),
        (299, "none", 1),
        (299, "repeatable", 1),
        (301, "none", 2),
        (-1, "none", 2),  # the time went backwards: who knows
    ],
)
def test_a_connection_that_lay_idle_for_long_is_not_used(
    frozen_s: float, effect: str, connections: int
) -> None:
    clock, spent = Shifted(), Spent()
    with Stage(answers(answer())) as stage:
        environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL": stage.url}
        one = Client("dynamodb", environment, World(clock, spent, spent.sleep))
        for _ in range(2):
            drive(one.call("X", {}, dict[str, int], deadline=clock.time() + 5, effect=effect))
            clock.frozen_s += frozen_s
        one.close()
        assert stage.connections == connections


def test_a_pause_between_rounds_of_a_batch_ends_before_the_deadline() -> None:
    spent = Spent(0.5)
    with Stage(once(answer())) as stage:
        one = client(stage, spent)
        assert drive(one.paused(1, soon(60)))
        assert drive(one.paused(3, soon(60)))
        assert not drive(one.paused(3, soon(1)))
    assert spent.slept == [0.5, 2.0]
