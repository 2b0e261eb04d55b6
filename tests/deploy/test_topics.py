"""Topics in templates: who is called and fed by what, who lets whom in, and where failures end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from skylift.aws.deploy.diff import difference
from skylift.aws.deploy.label import labels
from skylift.aws.deploy.plan import Plan, from_document, to_document
from skylift.aws.deploy.planning import planned
from tests.deploy.apps import TARGET, templates_of
from tests.unit.written_app import loaded, written

SOURCE = """
from skylift import Queue, Struct, Topic

class Item(Struct):
    id: str
    size: int = 0

news = Topic("news", Item)
other = Topic("other", Item)
steps = Topic("steps", Item, fifo=True)
packing = Queue("packing", Item)
loose = Queue("loose", Item)
line = Queue("line", Item, fifo=True)
news.feeds(packing, where={"size": [{"numeric": [">", 3]}]})
other.feeds(packing)
steps.feeds(line)
steps.feeds(loose)

@news.subscriber(where={"id": ["a"]}, attempts_max=2)
async def hear(item: Item) -> None: ...

@packing.consumer
async def pack(item: Item) -> None: ...

@line.consumer
async def step(item: Item) -> None: ...

@loose.consumer
async def take(item: Item) -> None: ...
"""
NEWS = {"Ref": "NewsTopic"}


def plan(folder: Path, source: str = SOURCE) -> Plan:
    with loaded(written(folder, source)) as graph:
        return planned(graph, "dev", TARGET)


def resources(folder: Path) -> dict[str, dict[str, Any]]:
    return json.loads(templates_of(plan(folder)).root)["Resources"]


def test_a_function_is_called_with_what_it_wants_once_sns_may(tmp_path: Path) -> None:
    found = resources(tmp_path)
    said = found["ThingsHearSubscription"]
    assert said["DependsOn"] == ["ThingsHearInvoked", "ThingsHearTold"]
    assert said["Properties"] == {
        "TopicArn": NEWS,
        "Protocol": "lambda",
        "Endpoint": {"Fn::GetAtt": ["ThingsHearFunction", "Arn"]},
        "FilterPolicy": {"id": ["a"]},
        "FilterPolicyScope": "MessageBody",
        "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["ThingsHearDead", "Arn"]}},
    }
    assert found["ThingsHearTold"]["Properties"] == {
        "FunctionName": {"Ref": "ThingsHearFunction"},
        "Action": "lambda:InvokeFunction",
        "Principal": "sns.amazonaws.com",
        "SourceArn": NEWS,
    }
    assert found["ThingsHearInvoked"]["Properties"]["MaximumRetryAttempts"] == 1


def test_a_queue_is_fed_with_the_very_text_once_its_policy_lets_it(tmp_path: Path) -> None:
    said = resources(tmp_path)["NewsToPacking"]
    assert said["DependsOn"] == ["PackingQueuePolicy", "ThingsPackDeadPolicy"]
    assert said["Properties"] == {
        "TopicArn": NEWS,
        "Protocol": "sqs",
        "Endpoint": {"Fn::GetAtt": ["PackingQueue", "Arn"]},
        "RawMessageDelivery": True,
        "FilterPolicy": {"size": [{"numeric": [">", 3]}]},
        "FilterPolicyScope": "MessageBody",
        "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["ThingsPackDead", "Arn"]}},
    }


def test_a_queue_lets_in_the_topics_that_feed_it_and_nobody_else(tmp_path: Path) -> None:
    found = resources(tmp_path)
    for id, queue, sources in (
        ("PackingQueuePolicy", "PackingQueue", [NEWS, {"Ref": "OtherTopic"}]),
        ("ThingsPackDeadPolicy", "ThingsPackDead", [NEWS, {"Ref": "OtherTopic"}]),
        ("ThingsHearDeadPolicy", "ThingsHearDead", [NEWS]),
        ("LineQueuePolicy", "LineQueue", [{"Ref": "StepsTopic"}]),
    ):
        (tls, allowed) = found[id]["Properties"]["PolicyDocument"]["Statement"]
        assert tls["Effect"] == "Deny"
        assert allowed == {
            "Sid": "FromSns",
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": {"Fn::GetAtt": [queue, "Arn"]},
            "Condition": {"ArnEquals": {"aws:SourceArn": sources}},
        }
    (only,) = found["ThingsTakeDeadPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert only["Effect"] == "Deny"


def test_a_fifo_topic_has_letters_where_sns_takes_them(tmp_path: Path) -> None:
    found = resources(tmp_path)
    dead = {"deadLetterTargetArn": {"Fn::GetAtt": ["ThingsStepDead", "Arn"]}}
    assert found["StepsToLine"]["Properties"]["RedrivePolicy"] == dead
    assert "RedrivePolicy" not in found["StepsToLoose"]["Properties"]
    said = found["StepsTopic"]["Properties"]
    assert said == {
        "TopicName": "written-dev-steps.fifo",
        "KmsMasterKeyId": "alias/aws/sns",
        "FifoTopic": True,
        "ContentBasedDeduplication": False,
        "FifoThroughputScope": "Topic",
    }


def test_all_of_it_has_a_name_an_author_knows(tmp_path: Path) -> None:
    found = plan(tmp_path)
    known = labels(found)
    assert set(json.loads(templates_of(found).root)["Resources"]) <= {*known}
    assert known["NewsToPacking"] == "what news feeds packing"
    assert known["ThingsHearSubscription"] == "subscription of things.hear"


def test_a_filter_that_changes_is_told(tmp_path: Path) -> None:
    before = from_document(to_document(plan(tmp_path)))
    after = plan(tmp_path, SOURCE.replace('["a"]', '["a", "b"]').replace("3]", "4]"))
    assert [one.line for one in difference(before, after).changes] == [
        '~ topic news  feeds packing: where {"size":[{"numeric":[">",3]}]} -> '
        'where {"size":[{"numeric":[">",4]}]}',
        '~ function things.hear  called by: topic news where {"id":["a"]} -> '
        'topic news where {"id":["a","b"]}',
    ]


def test_what_was_planned_before_topics_is_read(tmp_path: Path) -> None:
    document = to_document(plan(tmp_path))
    del document["topics"]
    assert from_document(document).topics == ()
