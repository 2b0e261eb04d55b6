"""Whatever the source is: gone, changed, huge, deep, of a newer Python. The answer is exact or a
refusal.
"""

from __future__ import annotations

import asyncio
import functools
import sys
from pathlib import Path
from typing import Any

import pytest

from skylift import Function
from skylift.grants.read import read_grants
from skylift.grants.source import Source

from .reading import BEGINNING, app_of, reading_of, verbs_of


def test_code_without_a_source_is_refused() -> None:
    names: dict[str, Any] = {"__name__": "made_of_text"}
    exec(
        BEGINNING
        + '@api.get("/a/{x}")\nasync def handler(x: str) -> None:\n    await notes.get(x)',
        names,
    )
    (refusal,) = read_grants(names["handler"], ("made_of_text",)).refusals
    assert "the source of handler cannot be read" in refusal.reason


def test_a_source_that_was_changed_since_its_import_is_refused(tmp_path: Path) -> None:
    module = app_of(
        tmp_path, '@api.get("/a/{x}")\nasync def handler(x: str) -> None:\n    await notes.get(x)\n'
    )
    file = Path(str(module.__file__))
    file.write_text(file.read_text().replace("handler(x: str)", "handler(y: int)"))
    (refusal,) = reading_of(module).refusals
    assert "the source of handler cannot be read" in refusal.reason


def test_a_source_with_a_syntax_error_is_refused(tmp_path: Path) -> None:
    module = app_of(
        tmp_path, '@api.get("/a/{x}")\nasync def handler(x: str) -> None:\n    await notes.get(x)\n'
    )
    Path(str(module.__file__)).write_text("def broken(:\n")
    assert "cannot be read" in reading_of(module).refusals[0].reason


def test_a_handler_that_is_no_python_function_is_read_as_far_as_it_is_ours(tmp_path: Path) -> None:
    module = app_of(
        tmp_path,
        "import functools\n"
        "async def load(table: Any, x: str) -> None:\n    await table.get(x)\n"
        "class Handler:\n"
        "    async def __call__(self, x: str) -> None:\n        await orders.put(x)\n"
        'partly = api.get("/a/{x}")(functools.partial(load, notes))\n'
        'object = api.get("/b/{x}")(Handler())\n'
        'c = api.get("/c/{x}")(len)\n',
    )
    assert verbs_of(reading_of(module, "partly")) == {"notes.get"}
    assert verbs_of(reading_of(module, "object")) == {"orders.put"}
    assert reading_of(module, "c").verbs == frozenset()


def test_deep_nesting_is_read_or_refused(tmp_path: Path) -> None:
    deep = "await notes.get(" + " + ".join(["x"] * 800) + ")"
    module = app_of(
        tmp_path, f'@api.get("/a/{{x}}")\nasync def handler(x: str) -> None:\n    {deep}\n'
    )
    limit = sys.getrecursionlimit()
    reading = reading_of(module)
    assert verbs_of(reading) == {"notes.get"} or reading.refusals
    assert sys.getrecursionlimit() == limit


def test_a_long_chain_of_calls_is_read_or_refused(tmp_path: Path) -> None:
    chain = "".join(
        f"async def f{i}(x: str) -> None:\n    await f{i + 1}(x)\n\n" for i in range(200)
    )
    module = app_of(
        tmp_path,
        f"{chain}async def f200(x: str) -> None:\n    await notes.get(x)\n\n"
        '@api.get("/a/{x}")\nasync def handler(x: str) -> None:\n    await f0(x)\n',
    )
    reading = reading_of(module)
    assert verbs_of(reading) == {"notes.get"} or "deep" in reading.refusals[0].reason


def test_a_huge_module_costs_no_more_than_its_parsing(tmp_path: Path) -> None:
    filler = "".join(f"def f{i}(x):\n    return [x, {i}, notes]\n\n" for i in range(5000))
    module = app_of(
        tmp_path,
        f'{filler}@api.get("/a/{{x}}")\nasync def handler(x: str) -> None:\n'
        "    for table in f7(x):\n        if table is notes:\n            await table.get(x)\n",
    )
    assert verbs_of(reading_of(module)) == {"notes.get"}


def test_code_that_cannot_be_worked_out_is_refused(tmp_path: Path) -> None:
    branches = "".join(
        f"    if x == '{i}':\n        return lambda y: f(f(y, {i}), [y, {i}])(x)\n"
        for i in range(40)
    )
    module = app_of(
        tmp_path,
        f"def f(x, *more):\n{branches}    return lambda y: notes.get(y)\n\n"
        '@api.get("/a/{x}")\nasync def handler(x: str) -> None:\n    await f(x)(x)\n',
    )
    reading = reading_of(module)
    assert verbs_of(reading) == {"notes.get"} or reading.refusals


def test_two_lambdas_on_one_line_are_told_apart(tmp_path: Path) -> None:
    module = app_of(
        tmp_path,
        "first, second = lambda x: notes.get(x), lambda x: orders.put(x)\n"
        "third = (lambda t: (lambda x: t.delete(x)))(notes)\n"
        '@api.get("/a/{x}")\nasync def handler(x: str) -> None:\n    await second(x)\n'
        '@api.get("/b/{x}")\nasync def other(x: str) -> None:\n    await third(x)\n',
    )
    assert verbs_of(reading_of(module)) == {"orders.put"}
    assert verbs_of(reading_of(module, "other")) == {"notes.delete"}


NEWER = {
    (3, 11): """
@api.get("/a/{x}")
async def handler(x: str) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(notes.get(x))
    except* ValueError as error:
        await orders.put(error.exceptions[0])
""",
    (3, 12): """
type Tables = list[Table]

class Keeper[T]:
    def __init__(self, table: T) -> None:
        self.table = table

async def load[T](keeper: Keeper[T], x: str) -> None:
    await keeper.table.get(f"{x!r:>{len("10")}} {"nested" + "quotes"}")

@api.get("/a/{x}")
async def handler(x: str) -> None:
    type Local = int
    await load(Keeper(notes), x)
    await [table for table in [orders]][0].put(x)
""",
    (3, 13): """
class Keeper[T = Table]:
    def __init__(self, table: T) -> None:
        self.table = table

@api.get("/a/{x}")
async def handler(x: str) -> None:
    await Keeper[Table](notes).table.get(x)
    await orders.put(x)
""",
}


@pytest.mark.parametrize("version", [one for one in NEWER if one <= sys.version_info[:2]])
def test_the_syntax_of_every_supported_python_is_read(
    version: tuple[int, int], tmp_path: Path
) -> None:
    module = app_of(tmp_path, "import asyncio\n" + NEWER[version])
    reading = reading_of(module)
    assert verbs_of(reading) == {"notes.get", "orders.put"}
    assert reading.refusals == ()


def test_functions_of_one_app_share_what_was_parsed(tmp_path: Path) -> None:
    module = app_of(
        tmp_path,
        '@api.get("/a/{x}")\nasync def handler(x: str) -> None:\n    await notes.get(x)\n'
        '@api.get("/b/{x}")\nasync def other(x: str) -> None:\n    await orders.get(x)\n',
    )
    source = Source((module.__name__,))
    first = read_grants(module.handler, source.packages, source)
    Path(str(module.__file__)).unlink()
    second = read_grants(module.other, source.packages, source)
    assert verbs_of(first) == {"notes.get"}
    assert verbs_of(second) == {"orders.get"}


def test_reading_runs_nothing_of_the_app(tmp_path: Path) -> None:
    module = app_of(
        tmp_path,
        "ran: list[str] = []\n"
        "class Loud:\n"
        "    def __init__(self, table: Any) -> None:\n        ran.append('init')\n"
        "        self.table = table\n"
        "    @property\n    def first(self) -> Any:\n        ran.append('property')\n"
        "        return self.table\n"
        "    def __getattr__(self, name: str) -> Any:\n        ran.append(name)\n"
        "        return getattr(self.table, name)\n"
        "loud = Loud(notes)\n"
        "ran.clear()\n"
        '@api.get("/a/{x}")\nasync def handler(x: str) -> None:\n'
        "    await loud.first.get(x)\n    await loud.put(x)\n    await Loud(orders).get(x)\n",
    )
    reading = reading_of(module)
    assert verbs_of(reading) == {"notes.get", "notes.put", "orders.get"}
    assert module.ran == []


def test_a_declared_function_stays_as_it_was(tmp_path: Path) -> None:
    module = app_of(
        tmp_path, '@api.get("/a/{x}")\nasync def handler(x: str) -> str:\n    return x\n'
    )
    function: Function[..., Any] = module.handler
    before = function.handler, dict(function.limits)
    reading_of(module)
    assert (function.handler, dict(function.limits)) == before
    assert asyncio.run(functools.partial(function, "a")()) == "a"
