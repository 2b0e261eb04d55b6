"""Why a stack failed: the first causes, not what they led to, and what to do about each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

CONSEQUENCES = ("cancelled", "Embedded stack", "The following resource(s)", "User Initiated")
STACK = "AWS::CloudFormation::Stack"
# What AWS's sentence holds, and what helps.
REMEDIES = {
    "not authorized to perform": "whoever deploys needs this permission",
    "AccessDenied": "whoever deploys needs this permission",
    "they already exist": "they are not this stack's: delete them, or take another stage",
    "already exists": "it is not this stack's: delete it, or deploy under another stage",
    "LimitExceeded": "ask AWS for a higher quota",
    "limit exceeded": "ask AWS for a higher quota",
    "concurrent": "the account's concurrency is used up: ask for more, or reserve less",
    "Rate exceeded": "AWS was asked too fast: run it again",
    "Throttling": "AWS was asked too fast: run it again",
    "NoSuchKey": "the bundle is gone from the bucket: run it again",
    "InternalFailure": "AWS had a fault of its own: run it again",
}


def causes(events: Iterable[Mapping[str, Any]]) -> list[str]:
    """Of the last operation, the oldest first; `events` come the newest first."""
    found = [worded(event) for event in of_the_last(events) if is_cause(event)]
    return [*dict.fromkeys(reversed(found))]


def of_the_last(events: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for event in events:
        yield event
        is_the_stack = event["PhysicalResourceId"] == event["StackId"]
        if is_the_stack and event["ResourceStatus"] in BEGINNINGS:
            return


def beginning(events: Iterable[Mapping[str, Any]]) -> Any:
    """When the last operation began; None when nothing ever did."""
    moments = [event["Timestamp"] for event in of_the_last(events)]
    return moments[-1] if moments else None


BEGINNINGS = {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"}


def is_cause(event: Mapping[str, Any]) -> bool:
    reason = event.get("ResourceStatusReason", "")
    has_failed = event["ResourceStatus"].endswith("_FAILED") and bool(reason)
    return has_failed and not any(one in reason for one in CONSEQUENCES)


def worded(event: Mapping[str, Any]) -> str:
    reason = event["ResourceStatusReason"]
    said = f"{event['LogicalResourceId']} ({event['ResourceType']}): {reason}"
    remedy = remedy_of(reason)
    return f"{said}\n    hint: {remedy}" if remedy else said


def remedy_of(reason: str) -> str:
    return next((remedy for part, remedy in REMEDIES.items() if part in reason), "")
