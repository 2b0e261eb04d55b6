"""What hands messages to functions, and how it is held to the options of a consumer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from skylift.aws.deploy.planning import planned
from tests.deploy.apps import TARGET, templates_of
from tests.unit.written_app import loaded, written

HEAD = """
from skylift import Api, Dead, Delivery, Queue, Struct

class Item(Struct):
    id: str

api = Api("api")
jobs = Queue("jobs", Item, lease_s=0.5)
steps = Queue("steps", Item, fifo=True, dedup="content")
"""


def properties(folder: Path, source: str) -> dict[str, dict[str, Any]]:
    with loaded(written(folder, HEAD + source)) as graph:
        made = templates_of(planned(graph, "dev", TARGET))
    return {name: one["Properties"] for name, one in json.loads(made.root)["Resources"].items()}


def test_a_large_batch_is_waited_for(tmp_path: Path) -> None:
    source = """
@jobs.consumer(batch=100, timeout_s=0.3)
async def work(items: list[Delivery[Item]]) -> None: ...
"""
    found = properties(tmp_path, source)
    assert found["ThingsWorkSource"]["BatchSize"] == 100
    assert found["ThingsWorkSource"]["MaximumBatchingWindowInSeconds"] == 1
    assert found["ThingsWorkSource"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert found["ThingsWorkFunction"]["Timeout"] == 1
    assert found["JobsQueue"]["VisibilityTimeout"] == 1  # not below the function's


def test_two_at_a_time_is_said_to_the_source_and_reserves_nothing(tmp_path: Path) -> None:
    found = properties(
        tmp_path,
        "\n@jobs.consumer(concurrency_max=2, timeout_s=0.1)\ndef f(item: Item) -> None: ...\n",
    )
    assert found["ThingsFSource"]["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert "ReservedConcurrentExecutions" not in found["ThingsFFunction"]


def test_one_at_a_time_is_reserved_for_no_source_calls_fewer_than_two(tmp_path: Path) -> None:
    found = properties(
        tmp_path, "\n@steps.consumer(concurrency_max=1)\nasync def step(item: Item) -> None: ...\n"
    )
    assert "ScalingConfig" not in found["ThingsStepSource"]
    assert found["ThingsStepFunction"]["ReservedConcurrentExecutions"] == 1


def test_a_route_reserves_its_share_of_the_account(tmp_path: Path) -> None:
    found = properties(
        tmp_path, '\n@api.get("/x", concurrency_max=5)\nasync def x() -> None: ...\n'
    )
    assert found["ThingsXFunction"]["ReservedConcurrentExecutions"] == 5


def test_a_fifo_queue_has_fifo_dead_letters(tmp_path: Path) -> None:
    found = properties(tmp_path, "\n@steps.consumer\nasync def step(item: Item) -> None: ...\n")
    queue, dead = found["StepsQueue"], found["ThingsStepDead"]
    assert queue["FifoQueue"] is dead["FifoQueue"] is True
    assert queue["QueueName"].endswith(".fifo")
    assert dead["QueueName"].endswith(".fifo")
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {
        "Fn::GetAtt": ["ThingsStepDead", "Arn"]
    }
    assert dead["MessageRetentionPeriod"] == 14 * 86_400


def test_what_runs_once_may_be_received_ten_times_more(tmp_path: Path) -> None:
    source = """
@jobs.consumer(attempts_max=3, once=True, timeout_s=0.1)
async def work(item: Item) -> None: ...

@steps.consumer(attempts_max=3)
async def step(item: Item) -> None: ...
"""
    found = properties(tmp_path, source)
    assert found["JobsQueue"]["RedrivePolicy"]["maxReceiveCount"] == 13
    assert found["StepsQueue"]["RedrivePolicy"]["maxReceiveCount"] == 3


def test_a_queue_without_a_consumer_has_no_dead_letters(tmp_path: Path) -> None:
    found = properties(tmp_path, "")
    assert "RedrivePolicy" not in found["JobsQueue"]
    assert not [name for name in found if name.endswith("Dead")]


def test_every_queue_is_reached_over_tls_alone(tmp_path: Path) -> None:
    found = properties(tmp_path, "\n@steps.consumer\nasync def step(item: Item) -> None: ...\n")
    for name in ("JobsQueue", "StepsQueue", "ThingsStepDead"):
        (said,) = found[f"{name}Policy"]["PolicyDocument"]["Statement"]
        assert (said["Effect"], said["Principal"]) == ("Deny", "*")
        assert said["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert found[name]["SqsManagedSseEnabled"] is True


def test_a_letter_that_its_consumer_gave_up_lies_hidden_and_rings_all_the_same(
    tmp_path: Path,
) -> None:
    """It is given up by hiding it: AWS counts it as if somebody handled it."""
    unread, read = tmp_path / "unread", tmp_path / "read"
    unread.mkdir()
    read.mkdir()
    source = """
@jobs.consumer(timeout_s=0.3)
async def work(item: Item) -> None: ...
"""
    found = properties(unread, source)["DeadLettersAlarm"]
    assert found["MetricName"] == "ApproximateNumberOfMessagesVisible"
    source += """
@work.dead.consumer
async def tell(letter: Dead[Item]) -> None: ...
"""
    looked = properties(read, source)["DeadLettersAlarm"]["Metrics"]
    assert [one["MetricStat"]["Metric"]["MetricName"] for one in looked[:-1]] == [
        "ApproximateNumberOfMessagesVisible",
        "ApproximateNumberOfMessagesNotVisible",
    ]
    assert looked[-1]["Expression"] == "SUM([m0, m1])"
