"""What one stack says of another's resources. A nested stack is told of the app's own resources by
parameters; functions are known by their names everywhere, so nothing waits in a circle.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from .reference import ALONE, Resources, of, ref

FUNCTION = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"


class Crossing:
    """`functions` are names by logical id."""

    def __init__(self, stacks: Mapping[str, set[str]], functions: Mapping[str, str]) -> None:
        self._stack_of = {name: stack for stack, held in stacks.items() for name in held}
        self._functions = functions
        self._own = ""
        self._parameters: dict[str, Any] = {}

    def rewritten(self, stack: str, resources: Resources) -> tuple[dict[str, Any], Resources]:
        """The resources of a stack as they are said inside it, and the parameters it is told."""
        self._own, self._parameters = stack, {}
        return self._parameters, cast(Resources, self._said(resources))

    def _said(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._said(part) for part in cast("list[Any]", value)]
        if not isinstance(value, dict):
            return value
        members = cast("dict[str, Any]", value)
        if "Ref" in members:
            return self._spoken(members, members["Ref"], "")
        if "Fn::GetAtt" in members:
            return self._spoken(members, *members["Fn::GetAtt"])
        if "Fn::Sub" in members:
            # With names of functions in it, it may be a plain text now.
            return of(ALONE.sub(self._inside, members["Fn::Sub"]))
        return {key: self._said(part) for key, part in members.items()}

    def _spoken(self, here: dict[str, Any], name: str, attribute: str) -> Any:
        other = self._elsewhere(name, attribute)
        return here if other is None else of(other)

    def _inside(self, found: Any) -> str:
        name, attribute = found.groups()
        other = self._elsewhere(name, attribute or "")
        return str(found.group()) if other is None else other

    def _elsewhere(self, name: str, attribute: str) -> str | None:
        """How a text says it, when it is not of this stack."""
        if self._stack_of.get(name, "") == self._own:
            return None
        if name in self._functions:
            plain = self._functions[name]
            return f"{FUNCTION}{plain}" if attribute else plain
        return ref(self._parameter(name, attribute))

    def _parameter(self, name: str, attribute: str) -> str:
        assert not self._stack_of.get(name), f"{name} is in another nested stack"
        called = name + attribute.replace(".", "")
        value = {"Fn::GetAtt": [name, attribute]} if attribute else {"Ref": name}
        self._parameters[called] = value
        return called
