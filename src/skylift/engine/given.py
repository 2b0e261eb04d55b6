"""Functions that are given one thing, a message or a dead letter, and whose result is nobody's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..invocation import context
from ..signature import Signature
from .invoke import Way


def given_way(signature: Signature, finish: Callable[[Any], Any] | None = None) -> Way:
    """How the thing, and the Context where it is asked for, become the handler's arguments."""
    return Way(_binder(signature), finish or _nothing, answers=False)


def _binder(signature: Signature) -> Callable[[Any], dict[str, Any]]:
    (name,) = [one.name for one in signature.parameters if one.source == "message"]
    contexts = [one.name for one in signature.parameters if one.source == "context"]

    def bind(given: Any) -> dict[str, Any]:
        arguments = {name: given}
        for one in contexts:
            arguments[one] = context()
        return arguments

    return bind


def _nothing(_result: object) -> None:
    """No message is answered."""
