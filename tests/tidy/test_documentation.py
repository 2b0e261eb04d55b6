"""Every public name has its entry in docs/, every resource a page with an entry for each verb,
trigger and option; a verb's own parameters are told on that page. An entry is a heading or the
first cell of a table's row. What is shown as Python is Python, and what begins with its imports is
a sound app.
"""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

import skylift
from skylift.function import Limits
from skylift.graph.document import document
from skylift.graph.text import text
from skylift.resources.resource import Resource
from tests.tidy.source import DOCS, ROOT
from tests.unit.written_app import loaded, written

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


def test_the_reference_names_all_that_is_public() -> None:
    assert set(PUBLIC) - entries((DOCS / "reference.md").read_text("utf-8")) == set()


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


def examples() -> dict[str, str]:
    """What is shown as Python, by page and line."""
    found: dict[str, str] = {}
    for page in (*sorted(DOCS.rglob("*.md")), ROOT / "README.md"):
        told = page.read_text("utf-8")
        for block in re.finditer(r"^```python\n(.*?)^```", told, re.DOTALL | re.MULTILINE):
            line = told.count("\n", 0, block.start()) + 1
            found[f"{page.relative_to(ROOT)}:{line}"] = block[1]
    return found


README = (ROOT / "README.md").read_text("utf-8")
HELLO = ROOT / "apps" / "hello"
EXAMPLES = examples()
WHOLE = {
    place: example
    for place, example in EXAMPLES.items()
    if place.startswith("docs/resources/") and re.match(r"(from|import) ", example)
}


@pytest.mark.parametrize("place", EXAMPLES)
def test_what_is_shown_as_python_is_python(place: str) -> None:
    ast.parse(EXAMPLES[place])


@pytest.mark.parametrize("place", WHOLE)
def test_an_example_of_a_resource_is_a_sound_app(place: str, tmp_path: Path) -> None:
    home = written(tmp_path, WHOLE[place])
    (home / "web").mkdir()
    (home / "web" / "index.html").write_text("<p>Here", "utf-8")
    with loaded(home) as graph:
        assert graph.resources


def test_the_examples_of_resources_are_typed(tmp_path: Path) -> None:
    assert len(WHOLE) >= 4
    for number, example in enumerate(WHOLE.values()):
        (tmp_path / f"example{number}.py").write_text(example, "utf-8")
    (tmp_path / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}', "utf-8")
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "-p", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["app.py", "notes.py"])
def test_the_readme_shows_hello_as_it_is(name: str) -> None:
    assert f"```python\n{(HELLO / name).read_text('utf-8')}```\n" in README


def test_the_readme_shows_the_graph_of_hello_as_it_is() -> None:
    with loaded(HELLO) as graph:
        assert f"```\n{text(document(graph, seen_from=ROOT))}\n```\n" in README
