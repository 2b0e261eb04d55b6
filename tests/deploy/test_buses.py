"""Buses in templates: what a template may call them by, and what outlives a stack with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from skylift.aws.deploy.label import data_names
from skylift.aws.deploy.plan import Plan
from skylift.aws.deploy.planning import planned
from skylift.aws.deploy.stack.execute import Change
from skylift.aws.deploy.stack.refusal import lost
from skylift.cli.destroy import loss
from tests.deploy.apps import TARGET, templates_of
from tests.unit.written_app import loaded, written

SOURCE = """
from skylift import Api, Bus, Queue, Struct

class Room_Opened(Struct):
    id: str

api = Api("api")
events = Bus("events"{more})
opened = Queue("opened", Room_Opened)
events.feeds(opened, Room_Opened)

@api.post("/rooms")
async def open_room(room: Room_Opened) -> None:
    await events.publish(room)
"""


def plan(folder: Path, stage: str = "dev", more: str = "") -> Plan:
    with loaded(written(folder, SOURCE.format(more=more))) as graph:
        return planned(graph, stage, TARGET)


def resources(found: Plan) -> dict[str, Any]:
    return dict(json.loads(templates_of(found).root)["Resources"])


def test_whatever_an_event_is_called_the_template_has_letters_and_digits(tmp_path: Path) -> None:
    found = resources(plan(tmp_path))
    assert all(name.isascii() and name.isalnum() for name in found)
    assert found["EventsRoomOpenedToOpened"]["Properties"]["EventPattern"]["detail-type"] == [
        "Room_Opened"
    ]


@pytest.mark.parametrize(("stage", "stays"), [("production", True), ("dev", False)])
def test_a_bus_stays_with_its_archive(stage: str, stays: bool, tmp_path: Path) -> None:
    found = resources(plan(tmp_path, stage, ", archive_days=30"))
    for name in ("EventsBus", "EventsArchive"):
        assert (found[name]["DeletionPolicy"] == "RetainExceptOnCreate") == stays


def test_a_bus_without_an_archive_goes_with_its_stack(tmp_path: Path) -> None:
    assert "DeletionPolicy" not in resources(plan(tmp_path, "production"))["EventsBus"]


def test_an_archive_is_not_lost_unasked(tmp_path: Path) -> None:
    found = plan(tmp_path, more=", archive_days=30")
    gone = Change("EventsArchive", "AWS::Events::Archive", "Remove", "")
    assert lost([gone]) == [gone]
    assert data_names(found)["EventsArchive"] == "events"
    assert "bus events: LOST" in loss(found, [])


def test_a_rule_is_there_when_it_may_call_and_who_tries_again_is_settled(tmp_path: Path) -> None:
    heard = "\n@events.on(Room_Opened)\nasync def hear(room: Room_Opened) -> None: ...\n"
    with loaded(written(tmp_path, SOURCE.format(more="") + heard)) as graph:
        found = resources(planned(graph, "dev", TARGET))
    assert found["ThingsHearRule"]["DependsOn"] == ["ThingsHearInvoked", "ThingsHearRuleCall"]
    assert found.keys() >= {"ThingsHearInvoked", "ThingsHearRuleCall"}


def test_what_nobody_keeps_is_told_by_an_alarm(tmp_path: Path) -> None:
    found = resources(plan(tmp_path))["UndeliveredAlarm"]["Properties"]
    assert (found["Namespace"], found["MetricName"]) == ("AWS/Events", "FailedInvocations")
    assert found["Dimensions"] == [
        {"Name": "EventBusName", "Value": {"Ref": "EventsBus"}},
        {"Name": "RuleName", "Value": found_rule(plan(tmp_path))},
    ]


def found_rule(found: Plan) -> str:
    (rule,) = found.buses[0].rules
    return rule.physical
