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


@pytest.mark.parametrize("is_loop_free", [True, False])
def test_lambda_is_told_what_failed_before_it_ends_the_process(is_loop_free: bool) -> None:
    said, event = Said(), sqs_event('{"no":0}', '{"no":1}', '{"no":2}')
    with Stage(hangs) as stage:
        places = {"jobs": f"{stage.url}/1/jobs", "asked.work.dead": f"{stage.url}/1/dead"}
        environment = {
            **ENVIRONMENT,
            "AWS_ENDPOINT_URL": stage.url,
            "SKYLIFT_RESOURCES": json.dumps(places),
        }
        world = Surroundings(SystemClock(), SystemEntropy(), environment, time.sleep, said)
        named = unit(work, "asked.work", is_loop_free=is_loop_free)
        handle = QueueLambda(named, world, queue_source).handle
        began = time.monotonic()
        answered: Any = handle(event, Context(REMAINING_S))
        took_s = time.monotonic() - began
    assert took_s < REMAINING_S, "Lambda has ended the process, and all of the batch comes back"
    failed = event["Records"][1]["messageId"]
    assert answered == {"batchItemFailures": [{"itemIdentifier": failed}]}
    assert "comes back when its lease ends" in said.logs[-1]["message"]
