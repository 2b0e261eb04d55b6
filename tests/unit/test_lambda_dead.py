"""Dead letters as Lambda hands them to who consumes them: those the function's own entry has
buried, and those that SQS has moved by itself, which go on counting.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from skylift import Context as OwnContext
from skylift import Dead, Queue, Struct
from skylift.aws.runtime.lambda_queue import QueueLambda, dead_source
from tests.unit.lambda_events import Context, Said, sqs_event, surroundings, unit


class Job(Struct):
    no: int


jobs, steps = Queue("jobs", Job), Queue("steps", Job, fifo=True)
seen: list[tuple[str, int]] = []


@jobs.consumer(attempts_max=5)
async def work(job: Job) -> None: ...


@steps.consumer(attempts_max=3, batch=1, once=True)
async def step(job: Job) -> None: ...


@work.dead.consumer(attempts_max=2)
async def tell(letter: Dead[Job], context: OwnContext) -> None:
    seen.append((letter.reason, context.attempt))


@step.dead.consumer(attempts_max=2)
async def tell_step(letter: Dead[Job], context: OwnContext) -> None:
    seen.append((letter.reason, context.attempt))


STORY = {"reason": "failed", "attempts": "5", "sent_at": "1000.5", "id": "e1", "error": "no"}


@pytest.mark.parametrize(
    ("consumer", "story", "received", "attempt"),
    [
        (tell, {}, 6, 1),  # SQS has moved it when it was to be received for the sixth time
        (tell, {}, 7, 2),
        (tell_step, {}, 14, 1),  # three attempts, and ten that cost none
        (tell, {}, 1, 1),  # sent here by somebody else
        (tell, STORY, 1, 1),
        (tell, STORY, 2, 2),
    ],
)
def test_a_letter_has_all_its_attempts_whoever_has_brought_it_there(
    consumer: Any, story: dict[str, str], received: int, attempt: int
) -> None:
    places = {"work.dead": "https://sqs.eu-west-1.amazonaws.com/1/dead"}
    environment = {"SKYLIFT_RESOURCES": json.dumps(places | {"step.dead": "https://x/1/d.fifo"})}
    work.name, step.name = "work", "step"
    named = unit(consumer, "told", consumers={"work": work, "step": step})
    event = sqs_event('{"no":1}', ApproximateReceiveCount=str(received))
    event["Records"][0]["messageAttributes"] = {
        f"skylift.{name}": {"dataType": "String", "stringValue": text}
        for name, text in story.items()
    }
    handle = QueueLambda(named, surroundings(Said(), **environment), dead_source).handle
    seen.clear()
    assert handle(event, Context()) == {"batchItemFailures": []}
    assert seen == [("failed" if story else "lost", attempt)]
