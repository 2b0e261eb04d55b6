"""Functions that are given one thing, a message or a dead letter, and whose result is nobody's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ..codec.envelope import moment
from ..invocation import context, invocation
from ..signature import Signature
from .invoke import Way


def given_way(signature: Signature, finish: Callable[[Any], Any] | None = None) -> Way:
    """How the thing, and the Context where it is asked for, become the handler's arguments."""
    return Way(_binder(signature), finish or _nothing, answers=False)


def scheduled_time(kind: str, given: Any, due: str = "") -> datetime | None:
    """For when a run of a schedule is, or when a timer's message was due; nothing else has it."""
    if kind == "schedule":
        return given.time
    return moment(due) if due else None


def batch_way(way: Way) -> Way:
    """The same way, for a batch: what the handler marks as failed is known of its invocation."""

    def bind(given: Any) -> dict[str, Any]:
        invocation().batch = given
        return way.bind(given)

    return Way(bind, way.finish, answers=way.answers)


def _binder(signature: Signature) -> Callable[[Any], dict[str, Any]]:
    names = [one.name for one in signature.parameters if one.source == "message"]
    contexts = [one.name for one in signature.parameters if one.source == "context"]

    def bind(given: Any) -> dict[str, Any]:
        arguments = dict.fromkeys(names, given)
        for one in contexts:
            arguments[one] = context()
        return arguments

    return bind


def _nothing(_result: object) -> None:
    """No message is answered."""
