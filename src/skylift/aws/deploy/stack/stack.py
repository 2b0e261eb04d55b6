"""A stack of CloudFormation: what it is now, waiting until it rests, and getting it out of the
states that a deploy cut off, or one that failed, leaves behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from ..failure import DeployFailed, in_words, unless
from .cause import beginning, causes
from .progress import FIRST_PAUSE_S, Progress
from .session import Account, AwsClient

# Such a stack holds nothing that counts: it is made anew.
UNBORN = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}
GOOD = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "DELETE_COMPLETE"}
RESTING = {"REVIEW_IN_PROGRESS"}  # nothing happens, whatever its name says
NESTED = "AWS::CloudFormation::Stack"


@dataclass(frozen=True)
class Stack:
    id: str
    name: str
    status: str
    made: str  # by which change set, and when
    outputs: Mapping[str, str]
    tags: Mapping[str, str]

    @property
    def is_moving(self) -> bool:
        return self.status.endswith("_IN_PROGRESS") and self.status not in RESTING

    @property
    def exists(self) -> bool:
        """Somebody's, with tags that say whose."""
        return self.status not in RESTING | {"DELETE_COMPLETE"}

    @property
    def is_made(self) -> bool:
        """It can be updated; otherwise it has to be created."""
        return self.exists and self.status not in UNBORN


def stack_of(account: Account, name: str) -> Stack | None:
    """By name or id; None when there is none."""
    with in_words():
        return described(account.client("cloudformation"), name)


def described(cloudformation: AwsClient, name: str) -> Stack | None:
    # Of a name that is well formed, "ValidationError" says that there is no such stack.
    answer = unless({"ValidationError"}, cloudformation.describe_stacks, StackName=name)
    if answer is None:
        return None
    found = answer["Stacks"][0]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])}
    tags = {one["Key"]: one["Value"] for one in found.get("Tags", [])}
    when = found.get("LastUpdatedTime", found.get("CreationTime"))
    made = f"{found.get('ChangeSetId')} at {when}"
    return Stack(found["StackId"], found["StackName"], found["StackStatus"], made, outputs, tags)


def settled(account: Account, name: str, progress: Progress) -> Stack | None:
    """The stack once it rests in a state to go on from."""
    stack = stack_of(account, name)
    if stack and stack.is_moving:
        progress.say(f"{name} is still {stack.status.lower()}: waiting for it to end")
        stack = follow(account, stack, progress)
    if stack and stack.status == "UPDATE_ROLLBACK_FAILED":
        progress.say(f"{name}: the last deploy could not be undone; undoing it")
        stack = undone(account, stack, progress)
    if stack and stack.status in UNBORN:
        progress.say(f"{name} never came to life ({stack.status.lower()}): deleting what is left")
        remove(account, stack, progress)
        return None
    return stack if stack and stack.status != "DELETE_COMPLETE" else None


def undone(account: Account, stack: Stack, progress: Progress) -> Stack:
    after = last_event(account, stack)
    with in_words():
        account.client("cloudformation").continue_update_rollback(StackName=stack.id)
    ended = follow(account, stack, progress, after)
    if ended.status == "UPDATE_ROLLBACK_FAILED":
        raise DeployFailed(
            f"{stack.name} can be neither changed nor undone: {why(account, ended)}",
            "remove that reason, or let CloudFormation skip the resource: "
            f"aws cloudformation continue-update-rollback --stack-name {stack.name} "
            "--resources-to-skip …",
        )
    return ended


def remove(account: Account, stack: Stack, progress: Progress) -> None:
    after = last_event(account, stack)
    with in_words():
        account.client("cloudformation").delete_stack(StackName=stack.id)
    ended = follow(account, stack, progress, after)
    if ended.status != "DELETE_COMPLETE":
        raise DeployFailed(
            f"{stack.name} could not be deleted: {why(account, ended)}",
            "remove that reason and run it again",
        )


def why(account: Account, stack: Stack) -> str:
    with in_words():
        events = all_events(account.client("cloudformation"), stack.id)
    return "; ".join(causes(events)) or stack.status.lower()


# -- following


def follow(account: Account, stack: Stack, progress: Progress, after: str = "") -> Stack:
    """Until it rests. Events up to the one named `after` are old, and something follows it: a stack
    that was only just told to move may still say that it rests.
    """
    cloudformation = account.client("cloudformation")
    with in_words():
        since = None if after else beginning(all_events(cloudformation, stack.id))
    watched = {stack.id: Watched(after, since)}
    pause_s = FIRST_PAUSE_S
    while True:
        with in_words():
            # Asked before its events: when it rests, the last of them have happened.
            now = described(cloudformation, stack.id)
            for event in unseen(cloudformation, watched):
                progress.event(event)
        if now is None:
            return Stack(stack.id, stack.name, "DELETE_COMPLETE", "", {}, {})
        if not now.is_moving and not (after and watched[stack.id].last == after):
            return now
        pause_s = progress.pause(pause_s)


def last_event(account: Account, stack: Stack) -> str:
    with in_words():
        for event in all_events(account.client("cloudformation"), stack.id):
            return event["EventId"]
    return ""


@dataclass(frozen=True)
class Watched:
    """A stack of which everything is told that came after an event, and since a moment."""

    last: str
    since: Any  # a datetime of boto3's, or None

    def is_old(self, event: Mapping[str, Any]) -> bool:
        is_before = self.since is not None and event["Timestamp"] < self.since
        return is_before or event["EventId"] == self.last


def unseen(cloudformation: AwsClient, watched: dict[str, Watched]) -> Iterator[dict[str, Any]]:
    """What happened since the last look, in order; what is watched moves on."""
    for stack, seen in [*watched.items()]:
        events = all_events(cloudformation, stack)
        fresh = [*takewhile(lambda event, seen=seen: not seen.is_old(event), events)]
        if fresh:
            watched[stack] = Watched(fresh[0]["EventId"], seen.since)
        for event in reversed(fresh):
            child = event["PhysicalResourceId"]
            if event["ResourceType"] == NESTED and child.startswith("arn:"):
                watched.setdefault(child, Watched("", event["Timestamp"]))
            yield event


def all_events(cloudformation: AwsClient, stack: str) -> Iterator[dict[str, Any]]:
    """The newest first, of one stack."""
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack)
    for page in pages:
        yield from page["StackEvents"]
