"""A template becomes a stack: a change set is made, told, judged, and only then carried out. Cut
off anywhere, the next run goes on: what rests is asked first, and no change is a success too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..failure import DeployFailed, in_words
from .cause import causes, remedy_of
from .progress import FIRST_PAUSE_S, Progress
from .session import Account, AwsClient
from .stack import GOOD, Stack, all_events, follow, last_event, remove, settled, stack_of

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]
NO_CHANGE = ("didn't contain changes", "No updates are to be performed")


@dataclass(frozen=True)
class Wanted:
    """`token` names this run: no two runs make the same change set."""

    name: str
    template_url: str
    tags: Mapping[str, str]
    token: str
    adopts: bool = False  # what there is already by the same name, and is kept by its template


@dataclass(frozen=True)
class Change:
    logical: str
    type: str
    deed: str  # Add, Modify, Remove, Import, Dynamic
    replacement: str  # True, False, Conditional or nothing

    @property
    def loses(self) -> bool:
        """What it held is gone afterwards, or may be."""
        return self.deed == "Remove" or self.replacement in ("True", "Conditional")


@dataclass(frozen=True)
class Done:
    stack: Stack
    changes: Sequence[Change]


Judge = Callable[[Sequence[Change]], None]


def execute(account: Account, wanted: Wanted, judge: Judge, progress: Progress) -> Done:
    """The stack as it is wanted. `judge` is told the changes before any is made, and may raise."""
    stack = settled(account, wanted.name, progress)
    cloudformation = account.client("cloudformation")
    with in_words():
        made = cloudformation.create_change_set(
            StackName=wanted.name,
            ChangeSetName=f"skylift-{wanted.token}",
            ChangeSetType="UPDATE" if stack and stack.is_made else "CREATE",
            TemplateURL=wanted.template_url,
            Capabilities=CAPABILITIES,
            Tags=[{"Key": key, "Value": value} for key, value in wanted.tags.items()],
            ImportExistingResources=wanted.adopts,
        )
        changes = described_changes(cloudformation, made["Id"], progress)
    if not changes:
        return Done(without_changes(account, made), ())
    try:
        judge(changes)
    except BaseException:
        withdraw(account, stack, made, progress)
        raise
    return Done(carried_out(account, made, progress), changes)


def described_changes(
    cloudformation: AwsClient, change_set: str, progress: Progress
) -> list[Change]:
    """None at all when the stack is what is wanted."""
    pause_s = FIRST_PAUSE_S
    while True:
        page = cloudformation.describe_change_set(ChangeSetName=change_set)
        if page["Status"] not in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
            break
        pause_s = progress.pause(pause_s)
    if page["Status"] == "FAILED":
        reason = page.get("StatusReason", "")
        if any(one in reason for one in NO_CHANGE):
            return []
        raise DeployFailed(
            f"CloudFormation refuses the change, nothing was changed: {reason}", remedy_of(reason)
        )
    found = [change_of(one) for one in page["Changes"]]
    while page.get("NextToken"):
        page = cloudformation.describe_change_set(
            ChangeSetName=change_set, NextToken=page["NextToken"]
        )
        found += [change_of(one) for one in page["Changes"]]
    return found


def change_of(said: Mapping[str, Any]) -> Change:
    one = said["ResourceChange"]
    return Change(
        one["LogicalResourceId"], one["ResourceType"], one["Action"], one.get("Replacement", "")
    )


def without_changes(account: Account, made: Mapping[str, str]) -> Stack:
    with in_words():
        account.client("cloudformation").delete_change_set(ChangeSetName=made["Id"])
    stack = stack_of(account, made["StackId"])
    assert stack
    return stack


def withdraw(
    account: Account, before: Stack | None, made: Mapping[str, str], progress: Progress
) -> None:
    """As if nothing had been asked: without a stack before, there is none after."""
    with in_words():
        account.client("cloudformation").delete_change_set(ChangeSetName=made["Id"])
    stack = stack_of(account, made["StackId"])
    if before is None and stack and not stack.is_made:
        remove(account, stack, progress)


def carried_out(account: Account, made: Mapping[str, str], progress: Progress) -> Stack:
    cloudformation = account.client("cloudformation")
    stack = stack_of(account, made["StackId"])
    assert stack
    after = last_event(account, stack)
    with in_words():
        cloudformation.execute_change_set(ChangeSetName=made["Id"])
    ended = follow(account, stack, progress, after)
    if ended.status in GOOD:
        return ended
    with in_words():
        found = causes(all_events(cloudformation, ended.id))
    reasons = "\n".join(found) or ended.status.lower()
    state = "everything is as it was" if "ROLLBACK_COMPLETE" in ended.status else "run it again"
    raise DeployFailed(
        f"{stack.name} was not deployed, {state}:\n{reasons}", "remove the cause, then run it again"
    )
