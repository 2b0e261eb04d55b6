"""What Lambda is told of a message that nobody can handle: nothing once it lies among the dead
letters, and the reason as long as it could not be brought there.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from skylift.aws.runtime.lambda_event import EventLambda, Unfinished
from skylift.aws.runtime.lambda_unit import Surroundings
from skylift.system import SystemClock, SystemEntropy
from tests.system.aws_stage import ENVIRONMENT, Act, Stage, answer, answers, error
from tests.unit.lambda_events import Context, Said, unit
from tests.unit.test_lambda_event import MARKED, OF_BUS, fail_at_once, note

LAST = "Connection: close"
TAKEN = answer(b'{"Successful":[{"Id":"0"}]}', 200, LAST)
REFUSED = error("AccessDenied", 403, LAST)


def buried(event: Any, act: Act, function: Any = note) -> tuple[dict[str, Any], Said]:
    """What is sent to the dead letters."""
    said = Said()
    with Stage(act) as stage:
        places = {"jobs.note.dead": f"{stage.url}/1/dead"}
        environment = {
            **ENVIRONMENT,
            "AWS_ENDPOINT_URL": stage.url,
            "SKYLIFT_RESOURCES": json.dumps(places),
        }
        world = Surroundings(SystemClock(), SystemEntropy(), environment, lambda _: None, said)
        try:
            EventLambda(unit(function, "jobs.note"), world).handle(event, Context())
        finally:
            (asked,) = stage.asked
            (entry,) = json.loads(asked.body)["Entries"]
    return entry, said


def test_what_nobody_can_read_is_buried_as_it_was_sent_and_lambda_has_done() -> None:
    wrong = {**MARKED, "no": "seven"}
    entry, said = buried({**OF_BUS, "detail": wrong}, answers(TAKEN))
    assert json.loads(entry["MessageBody"]) == wrong
    told = told_of(entry)
    assert (told["reason"], told["id"], told["attempts"]) == ("undecodable", "m1", "1")
    assert [line["level"] for line in said.logs] == ["WARN"]


def test_what_cannot_be_buried_is_left_to_lambda() -> None:
    with pytest.raises(Unfinished, match="no"):
        buried({"no": "seven"}, answers(REFUSED))


def test_the_only_attempt_buries_what_fails() -> None:
    entry, _ = buried(MARKED, answers(TAKEN), fail_at_once)
    told = told_of(entry)
    assert told["reason"] == "failed"
    assert told["error"].startswith("ValueError: no 7 (test_lambda_event.py:")


def told_of(entry: dict[str, Any]) -> dict[str, str]:
    attributes = entry["MessageAttributes"]
    return {name.removeprefix("skylift."): one["StringValue"] for name, one in attributes.items()}
