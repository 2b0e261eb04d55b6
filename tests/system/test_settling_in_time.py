"""SQS that does not answer when a batch is settled: what was handled is not handled again."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from skylift import Delivery, Queue, Struct
from skylift.aws.runtime.lambda_queue import QueueLambda, queue_source
from skylift.aws.runtime.lambda_unit import Surroundings
from skylift.system import SystemClock, SystemEntropy
from tests.system.aws_stage import ENVIRONMENT, Stage, hangs
from tests.unit.lambda_events import Context, Said, sqs_event, unit

REMAINING_S = 1.2


class Job(Struct):
    no: int


jobs = Queue("jobs", Job)


@jobs.consumer(batch=3)
async def work(given: list[Delivery[Job]]) -> None:
    given[1].fail("not this one")


@jobs.consumer(once=True)
async def once(given: Job) -> None:
    raise AssertionError("it cannot be known whether it has run")


def called(function: Any, *, is_loop_free: bool) -> tuple[Any, Said, float]:
    said, event = Said(), sqs_event('{"no":0}', '{"no":1}', '{"no":2}')
    with Stage(hangs) as stage:
        places = {"jobs": f"{stage.url}/1/jobs", "asked.work.dead": f"{stage.url}/1/dead"}
        environment = {
            **ENVIRONMENT,
            "AWS_ENDPOINT_URL": stage.url,
            "SKYLIFT_LEDGER": "ledger",
            "SKYLIFT_RESOURCES": json.dumps(places),
        }
        world = Surroundings(SystemClock(), SystemEntropy(), environment, time.sleep, said)
        named = unit(function, "asked.work", is_loop_free=is_loop_free)
        consumer = QueueLambda(named, world, queue_source)
        began = time.monotonic()
        answered = consumer.handle(event, Context(REMAINING_S))
        took_s = time.monotonic() - began
    workers: Any = consumer._work.workers
    if not is_loop_free:
        workers._runner.close()
    ids = [one["messageId"] for one in event["Records"]]
    return [ids.index(one["itemIdentifier"]) for one in answered["batchItemFailures"]], said, took_s


@pytest.mark.parametrize("is_loop_free", [True, False])
def test_lambda_is_told_what_failed_before_it_ends_the_process(is_loop_free: bool) -> None:
    failed, said, took_s = called(work, is_loop_free=is_loop_free)
    assert took_s < REMAINING_S, "Lambda has ended the process, and all of the batch comes back"
    assert failed == [1]
    assert "comes back when its lease ends" in said.logs[-1]["message"]


@pytest.mark.parametrize("is_loop_free", [True, False])
def test_a_ledger_that_does_not_answer_is_given_up_in_time(is_loop_free: bool) -> None:
    failed, said, took_s = called(once, is_loop_free=is_loop_free)
    assert took_s < REMAINING_S
    assert failed == [0, 1, 2]
    assert "its once records cannot be read" in said.logs[0]["message"]
