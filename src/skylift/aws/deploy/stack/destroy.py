"""The end of an app's stage: its stack, its logs, its bundles and what was remembered of it. What
the template keeps stays, and is named; nothing that another stack made is touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..failure import in_words, unless
from . import state
from .files import empty
from .progress import Progress
from .session import Account, AwsClient
from .stack import Stack, all_events, remove, settled
from .state import Place

TABLE, QUEUE, LOGS = "AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::Logs::LogGroup"
SCHEDULES, BUCKET = "AWS::Scheduler::ScheduleGroup", "AWS::S3::Bucket"
ARCHIVE, BUS = "AWS::Events::Archive", "AWS::Events::EventBus"


@dataclass(frozen=True)
class Left:
    """Something that outlives its stack: `name` is the physical one, of a queue its URL."""

    type: str
    name: str


def destroy(account: Account, stack: Stack | None, place: Place, progress: Progress) -> list[Left]:
    """What is left afterwards."""
    kept: list[Left] = []
    if stack is not None and settled(account, stack.name, progress):
        remove(account, stack, progress)
        kept = skipped(account, stack)
    state.forget(account, place)
    return kept


def skipped(account: Account, stack: Stack) -> list[Left]:
    with in_words():
        return [
            Left(event["ResourceType"], event["PhysicalResourceId"])
            for event in all_events(account.client("cloudformation"), stack.id)
            if event["ResourceStatus"] == "DELETE_SKIPPED"
        ]


def delete(account: Account, left: Iterable[Left]) -> None:
    """For good: whoever asked named it."""
    order = list(DELETE)
    with in_words():
        for one in sorted(left, key=lambda one: order.index(one.type)):
            DELETE[one.type](account, one.name)


def delete_table(account: Account, name: str) -> None:
    dynamodb = account.client("dynamodb")
    unless(ABSENT, dynamodb.update_table, TableName=name, DeletionProtectionEnabled=False)
    unless(ABSENT, dynamodb.delete_table, TableName=name)


def delete_queue(account: Account, url: str) -> None:
    unless(ABSENT, account.client("sqs").delete_queue, QueueUrl=url)


def delete_schedules(account: Account, group: str) -> None:
    """With all that wait in it."""
    unless(ABSENT, account.client("scheduler").delete_schedule_group, Name=group)


def delete_archive(account: Account, name: str) -> None:
    unless(ABSENT, account.client("events").delete_archive, ArchiveName=name)


def delete_bus(account: Account, name: str) -> None:
    unless(ABSENT, account.client("events").delete_event_bus, Name=name)


ABSENT = {
    "ResourceNotFoundException",
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
}
DELETE = {  # in this order: a bus goes when its archive has gone
    TABLE: delete_table,
    QUEUE: delete_queue,
    SCHEDULES: delete_schedules,
    BUCKET: empty,
    ARCHIVE: delete_archive,
    BUS: delete_bus,
}


def delete_logs(account: Account, functions: Sequence[str]) -> None:
    """What a function wrote after its log group went with the stack."""
    logs: AwsClient = account.client("logs")
    asked: list[Any] = [f"/aws/lambda/{function}" for function in functions]
    with in_words():
        for group in asked:
            unless(ABSENT, logs.delete_log_group, logGroupName=group)
