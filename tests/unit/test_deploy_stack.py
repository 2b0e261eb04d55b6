"""The states that a deploy cut off may leave a stack in: how each is left behind. An emulator is
never slow enough to be found in most of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from skylift.aws.deploy.failure import DeployFailed
from skylift.aws.deploy.stack.progress import Progress
from skylift.aws.deploy.stack.release import Release, Run, is_code_only
from skylift.aws.deploy.stack.session import Account
from skylift.aws.deploy.stack.stack import Stack, settled
from skylift.aws.deploy.stack.state import Deployed, Place, begun

ID = "arn:aws:cloudformation:eu-west-1:1:stack/hello-dev/1"


class CloudFormation:
    """AWS as it would answer: a stack that is in the next of these states at each look."""

    def __init__(self, *states: str, after: dict[str, list[str]] | None = None) -> None:
        self.states, self.after = list(states), after or {}
        self.asked = list[str]()

    def describe_stacks(self, StackName: str) -> dict[str, Any]:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if state == "none":
            said = {"Error": {"Code": "ValidationError", "Message": "does not exist"}}
            raise ClientError(said, "DescribeStacks")  # pyright: ignore
        return {"Stacks": [{"StackId": ID, "StackName": "hello-dev", "StackStatus": state}]}

    def get_paginator(self, _: str) -> CloudFormation:
        return self

    def paginate(self, StackName: str) -> Iterator[dict[str, Any]]:
        event = {
            "StackId": ID,
            "EventId": f"{len(self.states)}-{len(self.asked)}",
            "PhysicalResourceId": "x",
            "Timestamp": 0,
            "LogicalResourceId": "NotesTable",
            "ResourceType": "AWS::DynamoDB::Table",
            "ResourceStatus": "UPDATE_FAILED",
            "ResourceStatusReason": "the table is busy",
        }
        yield {"StackEvents": [event]}

    def delete_stack(self, StackName: str) -> None:
        self.asked.append("delete")
        self.states = self.after["delete"]

    def continue_update_rollback(self, StackName: str) -> None:
        self.asked.append("continue")
        self.states = self.after["continue"]


class Session:
    def __init__(self, cloudformation: CloudFormation) -> None:
        self._cloudformation = cloudformation

    def client(self, *_: object, **__: object) -> CloudFormation:
        return self._cloudformation


def found(aws: CloudFormation) -> Stack | None:
    account = Account("1", "eu-west-1", "aws", Session(aws), None)
    return settled(account, "hello-dev", progress())


def progress() -> Progress:
    return Progress(lambda line: None, lambda: 0.0, lambda seconds: None)


def test_a_stack_that_moves_is_waited_for() -> None:
    aws = CloudFormation("UPDATE_IN_PROGRESS", *["UPDATE_IN_PROGRESS"] * 5, "UPDATE_COMPLETE")
    stack = found(aws)
    assert stack
    assert (stack.status, stack.is_made, aws.asked) == ("UPDATE_COMPLETE", True, [])


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "CREATE_FAILED", "DELETE_FAILED"])
def test_a_stack_that_never_lived_is_deleted(status: str) -> None:
    aws = CloudFormation(status, after={"delete": ["DELETE_IN_PROGRESS", "DELETE_COMPLETE"]})
    assert found(aws) is None
    assert aws.asked == ["delete"]


def test_a_first_deploy_that_fails_while_it_is_watched_is_deleted_too() -> None:
    states = ["CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"]
    aws = CloudFormation(*states, after={"delete": ["none"]})
    assert found(aws) is None
    assert aws.asked == ["delete"]


def test_what_cannot_be_deleted_is_told_with_its_reason() -> None:
    aws = CloudFormation("ROLLBACK_FAILED", after={"delete": ["DELETE_FAILED"]})
    with pytest.raises(DeployFailed, match="the table is busy"):
        found(aws)


def test_a_roll_back_that_got_stuck_is_gone_on_with() -> None:
    rest = ["UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"]
    aws = CloudFormation("UPDATE_ROLLBACK_FAILED", after={"continue": rest})
    stack = found(aws)
    assert stack
    assert (stack.status, stack.is_made) == ("UPDATE_ROLLBACK_COMPLETE", True)


def test_one_that_gets_stuck_again_is_told_with_its_reason() -> None:
    aws = CloudFormation("UPDATE_ROLLBACK_FAILED", after={"continue": ["UPDATE_ROLLBACK_FAILED"]})
    with pytest.raises(DeployFailed, match="the table is busy") as raised:
        found(aws)
    assert "--resources-to-skip" in raised.value.remedy


def test_no_stack_and_one_that_was_only_asked_for_are_left_alone() -> None:
    assert found(CloudFormation("none")) is None
    assert found(CloudFormation("DELETE_COMPLETE")) is None
    asked_for = found(CloudFormation("REVIEW_IN_PROGRESS"))
    assert asked_for
    assert not asked_for.is_made


# -- when code alone will do


def wanted(shape: str) -> Release:
    plan: Any = None
    return Release(plan, {}, {}, {}, "", shape)


def run(before: Deployed | None, stack: Stack | None) -> Run:
    account = Account("1", "eu-west-1", "aws", None, None)
    place = Place("bucket", "hello", "dev")
    return Run(account, place, before, None, stack, progress(), "")


STACK = Stack(ID, "hello-dev", "UPDATE_COMPLETE", "set-1", {}, {})
BEFORE = Deployed(stack=ID, made="set-1", shape="same")


def test_code_alone_is_enough_when_the_stack_is_as_the_last_deploy_left_it() -> None:
    assert is_code_only(run(BEFORE, STACK), wanted("same"))
    assert not is_code_only(run(BEFORE, STACK), wanted("other"))


def test_code_alone_is_not_enough_when_nobody_knows_what_the_stack_looks_like() -> None:
    assert not is_code_only(run(None, STACK), wanted("same"))
    assert not is_code_only(run(BEFORE, None), wanted("same"))
    assert not is_code_only(run(begun(BEFORE), STACK), wanted("same"))


def test_code_alone_is_not_enough_when_somebody_else_changed_the_stack() -> None:
    changed = Stack(ID, "hello-dev", "UPDATE_COMPLETE", "set-2", {}, {})
    undone = Stack(ID, "hello-dev", "UPDATE_ROLLBACK_COMPLETE", "set-1", {}, {})
    anew = Stack(f"{ID}2", "hello-dev", "CREATE_COMPLETE", "set-1", {}, {})
    for stack in (changed, undone, anew):
        assert not is_code_only(run(BEFORE, stack), wanted("same"))
