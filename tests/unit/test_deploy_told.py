"""What somebody who deploys is told: progress, causes, and what is wrong with their credentials."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from skylift.aws.deploy.failure import DeployFailed, DeployRefused, in_words
from skylift.aws.deploy.stack.cause import causes
from skylift.aws.deploy.stack.execute import Change
from skylift.aws.deploy.stack.progress import Progress
from skylift.aws.deploy.stack.refusal import losing, refuse_foreign
from skylift.aws.deploy.stack.stack import Stack

STACK = "arn:aws:cloudformation:eu-west-1:1:stack/hello-dev/1"
MINE = {"app": "hello", "stage": "dev", "managed-by": "skylift"}


def event(logical: str, status: str, reason: str = "", physical: str = "x") -> dict[str, Any]:
    return {
        "StackId": STACK,
        "EventId": f"{logical}-{status}",
        "LogicalResourceId": logical,
        "PhysicalResourceId": physical,
        "ResourceType": "AWS::SQS::Queue",
        "ResourceStatus": status,
        **({"ResourceStatusReason": reason} if reason else {}),
    }


def of_stack(status: str, reason: str = "") -> dict[str, Any]:
    return event("hello-dev", status, reason, STACK)


class Waiting:
    """Somebody who looks at a clock that moves when they wait."""

    def __init__(self) -> None:
        self.now, self.lines = 0.0, list[str]()
        names = {"NotesTable": "notes"}
        self.progress = Progress(self.lines.append, lambda: self.now, self.sleep, names)

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_resource_is_told_once_when_it_is_there() -> None:
    one = Waiting()
    for status in ("CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"):
        one.sleep(1)
        one.progress.event(event("NotesTable", status))
    one.progress.event(of_stack("CREATE_COMPLETE"))
    assert one.lines == ["    3.0 s  notes: created"]


def test_who_waits_long_is_told_what_for() -> None:
    one = Waiting()
    one.progress.event(event("NotesTable", "UPDATE_IN_PROGRESS"))
    for _ in range(21):
        one.progress.pause(1.0)
    assert one.lines == ["   21.0 s  still changing notes"]


def test_pauses_grow_and_have_an_end() -> None:
    one = Waiting()
    pauses = [0.1]
    for _ in range(20):
        pauses.append(one.progress.pause(pauses[-1]))
    assert pauses == sorted(pauses)
    assert pauses[-1] == 2.0


def test_the_first_causes_are_told_and_not_what_followed() -> None:
    newest_first = [
        of_stack("ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [B, C]."),
        event("C", "CREATE_FAILED", "Resource creation cancelled"),
        event("B", "CREATE_FAILED", "Rate exceeded (Service: Sqs)"),
        event("A", "CREATE_FAILED", "hello-dev-a already exists"),
        of_stack("CREATE_IN_PROGRESS", "User Initiated"),
        event("Z", "UPDATE_FAILED", "of an operation before"),
    ]
    first, second = causes(newest_first)
    assert first.startswith("A (AWS::SQS::Queue): hello-dev-a already exists\n    hint: it is not")
    assert "run it again" in second


def answered(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "m"}}, "GetCallerIdentity")


def test_what_is_wrong_with_credentials_is_said_in_words() -> None:
    for error, words in (
        (NoCredentialsError(), "no credentials"),
        (answered("ExpiredToken"), "expired"),
        (answered("InvalidClientTokenId"), "does not know"),
    ):
        with pytest.raises(DeployFailed, match=words) as raised, in_words():
            raise error
        assert raised.value.remedy


def test_what_nobody_foresaw_is_said_as_aws_said_it() -> None:
    with pytest.raises(DeployFailed, match="Teapot"), in_words():
        raise answered("Teapot")


def test_data_is_given_up_by_name_only() -> None:
    gone = [Change("NotesTable", "AWS::DynamoDB::Table", "Remove", "")]
    other = [Change("Pages", "AWS::DynamoDB::Table", "Modify", "True")]
    names = {"NotesTable": "notes", "Pages": "pages"}
    with pytest.raises(DeployRefused, match="takes away notes") as raised:
        losing(names, [])(gone)
    assert raised.value.remedy == "if that is meant: --allow-destroy notes"
    with pytest.raises(DeployRefused, match="takes away pages"):
        losing(names, ["notes"])(gone + other)
    losing(names, ["notes", "pages"])(gone + other)


def test_what_holds_no_data_may_go() -> None:
    losing({}, [])([Change("Write", "AWS::Lambda::Function", "Modify", "True")])
    losing({}, [])([Change("NotesTable", "AWS::DynamoDB::Table", "Modify", "False")])


def stack(tags: dict[str, str], status: str = "UPDATE_COMPLETE") -> Stack:
    return Stack(STACK, "hello-dev", status, "", {}, tags)


def test_a_stack_of_somebody_else_is_refused() -> None:
    refuse_foreign(None, "hello", "dev")
    refuse_foreign(stack(MINE), "hello", "dev")
    refuse_foreign(stack({}, "REVIEW_IN_PROGRESS"), "hello", "dev")
    with pytest.raises(DeployRefused):  # it may be on its way out, but not by our hand
        refuse_foreign(stack({}, "ROLLBACK_COMPLETE"), "hello", "dev")
    with pytest.raises(DeployRefused, match="none of skylift's"):
        refuse_foreign(stack({"app": "hello", "stage": "dev"}), "hello", "dev")
    with pytest.raises(DeployRefused, match="of app hello-dev, stage x"):
        refuse_foreign(stack(MINE | {"app": "hello-dev", "stage": "x"}), "hello", "dev")
