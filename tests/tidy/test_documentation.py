"""Every public name has its entry in docs/, every resource a page with an entry for each verb,
trigger and option; a verb's own parameters are told on that page. An entry is a heading or the
first cell of a table's row.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest

import skylift
from skylift.function import Limits
from skylift.resources.resource import Resource
from tests.tidy.source import DOCS

PUBLIC = [str(name) for name in skylift.__all__]
RESOURCES: list[type[Resource]] = [
    value
    for value in (getattr(skylift, name) for name in PUBLIC)
    if isinstance(value, type) and issubclass(value, Resource)
]


def entries(*texts: str) -> set[str]:
    """The names in all entries: what is code in them, or a heading of one word. Fenced code is left
    out: there a # begins a comment.
    """
    prose = "\n".join(texts)
    prose = re.sub(r"^```.*?^```", "", prose, flags=re.DOTALL | re.MULTILINE)
    lines = re.findall(r"^(?:#+ .*|\|[^|]+)", prose, re.MULTILINE)
    code = chain(*(re.findall(r"`([^`]+)`", line) for line in lines))
    alone = re.findall(r"^#+ (\w+)$", prose, re.MULTILINE)
    return {word for said in (*code, *alone) for word in re.findall(r"\w+", said)}


def pages() -> list[str]:
    return [path.read_text("utf-8") for path in sorted(DOCS.rglob("*.md"))]


def page_of(resource: type[Resource]) -> str:
    return (DOCS / "resources" / f"{resource.kind}.md").read_text("utf-8")


def options(call: Any) -> set[str]:
    parameters = inspect.signature(call).parameters.values()
    return {parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY}


def triggers(resource: type[Resource]) -> Iterator[tuple[str, Any]]:
    for name, member in inspect.getmembers(resource, callable):
        if not name.startswith("_") and takes_limits(member):
            yield name, member


def takes_limits(member: Any) -> bool:
    parameter = inspect.signature(member).parameters.get("limits")
    return parameter is not None and parameter.kind is parameter.VAR_KEYWORD


def test_every_public_name_has_its_entry() -> None:
    assert set(PUBLIC) - entries(*pages()) == set()


def test_every_common_option_has_its_entry() -> None:
    assert set(Limits.__annotations__) - entries(*pages()) == set()


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_option_verb_and_trigger_has_its_entry(resource: type[Resource]) -> None:
    wanted = options(resource.__init__) | resource.verbs
    for name, trigger in triggers(resource):
        wanted |= {name} | options(trigger)
    assert wanted - entries(page_of(resource)) == set()


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_parameter_of_a_verb_is_told(resource: type[Resource]) -> None:
    page = page_of(resource)
    wanted = {option for verb in resource.verbs for option in options(getattr(resource, verb))}
    assert {option for option in wanted if f"{option}=" not in page} == set()
