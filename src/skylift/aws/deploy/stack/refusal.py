"""What is not deployed, whoever asks: over another app's stack, or over data that nobody gave up by
name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from ..failure import DeployRefused
from .execute import Change
from .stack import Stack

BY, US = "managed-by", "skylift"  # a tag of each of our stacks
HOLDS_DATA = {
    *("AWS::DynamoDB::Table", "AWS::SQS::Queue"),
    *("AWS::Scheduler::ScheduleGroup", "AWS::Events::Archive"),
}


def refuse_foreign(stack: Stack | None, app: str, stage: str) -> None:
    """A stack of this name that is not this app's stage, in whatever state: it is neither changed
    nor deleted, nor helped out of a failure.
    """
    if stack is None or not stack.exists:
        return
    tags = stack.tags
    is_ours = tags.get(BY) == US
    if not is_ours or (tags.get("app"), tags.get("stage")) != (app, stage):
        of = f"of app {tags.get('app')}, stage {tags.get('stage')}"
        whose = of if is_ours else "and none of skylift's"
        raise DeployRefused(
            f"there is a stack {stack.name} already, {whose}",
            "say another --stage, or give the app another name",
        )


def losing(
    names: Mapping[str, str], allowed: Collection[str]
) -> Callable[[Sequence[Change]], None]:
    """A judge of changes: `names` says what a resource of the template is to its author."""

    def judge(changes: Sequence[Change]) -> None:
        refuse_lost([names.get(one.logical, one.logical) for one in lost(changes)], allowed)

    return judge


def lost(changes: Sequence[Change]) -> list[Change]:
    return [one for one in changes if one.type in HOLDS_DATA and one.loses]


def refuse_lost(lost: Sequence[str], allowed: Collection[str]) -> None:
    refused = [name for name in dict.fromkeys(lost) if name not in allowed]
    if refused:
        raise DeployRefused(
            f"this takes away {', '.join(refused)} with all that is in it",
            "if that is meant: " + " ".join(f"--allow-destroy {name}" for name in refused),
        )
