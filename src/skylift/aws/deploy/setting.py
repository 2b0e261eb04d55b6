"""Settings on AWS: what a stage says of them is a variable in the environment of each function that
asks. What was said once stays so for the stage until it is said otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...errors import Mistake, did_you_mean
from ...graph.model import Graph
from ...resources.setting import Setting
from .failure import DeployRefused
from .plan import Plan, PlannedSetting
from .unit import Unit

SETTINGS: type[Setting[Any]] = Setting


def planned(
    graph: Graph, said: Mapping[str, str | None], before: Plan | None
) -> tuple[PlannedSetting, ...]:
    """Of those that have not their default. `said` is new: a text, or None for the default again.
    DeployRefused when one has no value, or one of another type.
    """
    declared = {one.name: one for one in graph.of(SETTINGS)}
    for name in said.keys() - declared.keys():
        raise DeployRefused(f"{graph.app} has no setting {name!r}", did_you_mean(name, [*declared]))
    kept = {one.name: one.text for one in before.settings} if before else {}
    texts = {**kept, **said}
    if wrong := list(_wrong(declared, texts)):
        reason = "\n".join(map(str, wrong[:-1]) if len(wrong) > 1 else [])
        last = wrong[-1]
        raise DeployRefused(f"{reason}\n{last.reason}".strip(), last.remedy)
    found = {name: text for name in sorted(declared) if (text := texts.get(name)) is not None}
    return tuple(PlannedSetting(name, text) for name, text in found.items())


def _wrong(
    declared: Mapping[str, Setting[Any]], texts: Mapping[str, str | None]
) -> Iterator[Mistake]:
    for name, setting in declared.items():
        text = texts.get(name)
        if text is None and setting.is_required:
            reason = f"setting {name!r} ({setting.place}) has no value, and no default"
            yield Mistake("", reason, f"--set {name}=…")
        elif text is not None:
            try:
                setting.parsed(text)
            except ValueError as error:
                remedy = f"--set {name}=…, a text that reads as {setting.type.__name__}"
                yield Mistake("", f"setting {name!r}: {error}", remedy)


def of_unit(unit: Unit, graph: Graph, settings: tuple[PlannedSetting, ...]) -> dict[str, str]:
    """What is said to one function: variables and texts."""
    texts = {one.name: one.text for one in settings}
    grants = (grant for node in unit.nodes for grant in node.grants)
    asked = {name for name, verb in grants if verb == "value"}
    found = {one.variable: one.name for one in graph.of(SETTINGS) if one.name in asked}
    return {variable: texts[name] for variable, name in found.items() if name in texts}
