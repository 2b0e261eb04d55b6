"""Stacks, the bucket and what is written down about a deploy, on MiniStack, with small templates of
our own.
"""

from __future__ import annotations

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest

from skylift.aws.deploy.failure import DeployFailed, DeployRefused
from skylift.aws.deploy.stack import state
from skylift.aws.deploy.stack.bootstrap import bucket
from skylift.aws.deploy.stack.execute import Change, Done, Wanted, execute
from skylift.aws.deploy.stack.progress import Progress
from skylift.aws.deploy.stack.session import Account
from skylift.aws.deploy.stack.stack import stack_of
from skylift.aws.deploy.stack.upload import upload
from tests.rehearsal.ministack import REGION, Ministack

Resources = dict[str, dict[str, Any]]


def table(name: str, key: str = "id") -> dict[str, Any]:
    return {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        },
    }


def queue(name: str, seconds: int = 30) -> dict[str, Any]:
    return {
        "Type": "AWS::SQS::Queue",
        "Properties": {"QueueName": name, "VisibilityTimeout": seconds},
    }


BROKEN: dict[str, Any] = {
    "Type": "AWS::SSM::Parameter",
    "Properties": {"Name": "wrong", "Type": "SecureString", "Value": "no"},
}


@dataclass
class Stage:
    """One stack on MiniStack, and everything that was told about it."""

    account: Account
    bucket: str
    name: str = field(default_factory=lambda: f"s-{uuid.uuid4().hex[:12]}")
    told: list[str] = field(default_factory=list[str])

    @property
    def progress(self) -> Progress:
        return Progress(self.told.append, time.monotonic, time.sleep)

    def deploy(self, resources: Resources, judge: Any = lambda changes: None) -> Done:
        body = json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources})
        key = f"templates/{uuid.uuid4().hex}.json"
        upload(self.account, self.bucket, "templates/", {key: body.encode})
        url = self.account.url(self.bucket, key)
        wanted = Wanted(self.name, url, {"skylift:app": "s"}, uuid.uuid4().hex)
        return execute(self.account, wanted, judge, self.progress)


@pytest.fixture
def account(ministack: Ministack) -> Account:
    session = boto3.Session("test", "test", region_name=REGION)
    return Account("000000000000", REGION, "aws", session, ministack.url)


@pytest.fixture
def stage(account: Account) -> Stage:
    return Stage(account, bucket(account))


def test_a_stack_is_made_and_told_resource_by_resource(stage: Stage) -> None:
    done = stage.deploy({"Notes": table(f"{stage.name}-notes"), "Jobs": queue(f"{stage.name}-q")})
    assert done.stack.status == "CREATE_COMPLETE"
    assert {(one.logical, one.deed) for one in done.changes} == {("Notes", "Add"), ("Jobs", "Add")}
    assert sorted(line.split(" s  ")[1] for line in stage.told) == [
        "Jobs: created",
        "Notes: created",
    ]


def test_no_change_is_a_success(stage: Stage) -> None:
    resources = {"Jobs": queue(f"{stage.name}-q")}
    stage.deploy(resources)
    again = stage.deploy(resources)
    assert (again.changes, again.stack.status) == ((), "CREATE_COMPLETE")


def test_a_change_is_judged_before_it_is_made(stage: Stage) -> None:
    stage.deploy({"Notes": table(f"{stage.name}-notes"), "Jobs": queue(f"{stage.name}-q")})
    judged: list[Change] = []

    def refuse(changes: list[Change]) -> None:
        judged.extend(changes)
        raise DeployRefused("no")

    with pytest.raises(DeployRefused):
        stage.deploy({"Jobs": queue(f"{stage.name}-q", 60)}, refuse)
    assert {(one.logical, one.loses) for one in judged} == {("Notes", True), ("Jobs", False)}
    stage.account.client("dynamodb").describe_table(TableName=f"{stage.name}-notes")
    done = stage.deploy({"Jobs": queue(f"{stage.name}-q", 60)})
    assert done.stack.status == "UPDATE_COMPLETE"


def test_a_refused_first_deploy_leaves_no_stack(stage: Stage) -> None:
    def refuse(changes: list[Change]) -> None:
        raise DeployRefused("no")

    with pytest.raises(DeployRefused):
        stage.deploy({"Jobs": queue(f"{stage.name}-q")}, refuse)
    assert stack_of(stage.account, stage.name) is None


def test_a_failure_names_its_cause_and_the_next_deploy_converges(stage: Stage) -> None:
    with pytest.raises(DeployFailed, match="Wrong"):
        stage.deploy({"Jobs": queue(f"{stage.name}-q"), "Wrong": BROKEN | {"DependsOn": "Jobs"}})
    found = stack_of(stage.account, stage.name)
    assert found
    assert found.status == "ROLLBACK_COMPLETE"
    done = stage.deploy({"Jobs": queue(f"{stage.name}-q")})
    assert done.stack.status == "CREATE_COMPLETE"


def test_a_failed_change_is_undone_and_the_next_deploy_converges(stage: Stage) -> None:
    good = {"Jobs": queue(f"{stage.name}-q")}
    stage.deploy(good)
    with pytest.raises(DeployFailed, match="everything is as it was"):
        stage.deploy(good | {"Wrong": BROKEN})
    done = stage.deploy({"Jobs": queue(f"{stage.name}-q", 60)})
    assert done.stack.status == "UPDATE_COMPLETE"


def test_a_change_set_that_was_left_behind_is_no_obstacle(stage: Stage) -> None:
    body = json.dumps({"Resources": {"Jobs": queue(f"{stage.name}-q")}})
    stage.account.client("cloudformation").create_change_set(
        StackName=stage.name,
        ChangeSetName="left-behind",
        ChangeSetType="CREATE",
        TemplateBody=body,
    )
    found = stack_of(stage.account, stage.name)
    assert found
    assert found.status == "REVIEW_IN_PROGRESS"
    done = stage.deploy({"Jobs": queue(f"{stage.name}-q")})
    assert done.stack.status == "CREATE_COMPLETE"


def test_the_bucket_is_made_once_however_many_make_it(account: Account) -> None:
    with ThreadPoolExecutor(8) as threads:
        (name,) = set(threads.map(bucket, [account] * 8))
    s3 = account.client("s3")
    shut = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert set(shut.values()) == {True}
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    assert "aws:SecureTransport" in s3.get_bucket_policy(Bucket=name)["Policy"]
    rules = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]


def test_only_what_is_absent_is_uploaded(stage: Stage) -> None:
    files = {f"some/{number}.zip": bytes for number in range(5)}
    assert upload(stage.account, stage.bucket, "some/", files) == 5
    assert upload(stage.account, stage.bucket, "some/", files | {"some/new.zip": bytes}) == 1


def test_what_is_deployed_is_read_as_it_was_written(stage: Stage) -> None:
    place = state.Place(stage.bucket, stage.name, "dev")
    assert state.read(stage.account, place) is None
    kept = state.Deployed(stack="s", made="c", shape="t", plan=[1], code={"a": "0"})
    state.write(stage.account, place, kept)
    files = {place.bundle(digest): bytes for digest in ("0", "1")}
    upload(stage.account, place.bucket, place.prefix, files)
    state.keep_only(stage.account, place, {"0"})
    assert upload(stage.account, place.bucket, place.prefix, files) == 1
    assert state.read(stage.account, place) == kept
    state.forget(stage.account, place)
    assert state.read(stage.account, place) is None


def test_a_damaged_record_of_a_deploy_is_told(stage: Stage) -> None:
    place = state.Place(stage.bucket, stage.name, "dev")
    upload(stage.account, place.bucket, place.prefix, {place.document: b"{".strip})
    with pytest.raises(DeployFailed, match="damaged"):
        state.read(stage.account, place)
