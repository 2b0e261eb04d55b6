"""What handlers do when they run is never more than what was read: the corpus on the local backend,
with several inputs, and programs put together by chance.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import random
import sys
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_origin

import msgspec
import pytest

from skylift import Context, Dead, Delivery, Queue, Table
from skylift.grants.read import read_grants
from skylift.grants.source import Source
from skylift.invocation import Invocation, current
from skylift.resources.consumer import Consumer
from skylift.resources.resource import Resource
from skylift.testing.stand import Stand

from .expecting import Expected
from .program import Program
from .reading import app_of, reading_of
from .test_grants import load

pytestmark = pytest.mark.long  # left out of `make check`

PACKAGE = f"{__name__.rpartition('.')[0]}.corpus"
WORDS = ("notes", "n", "a", "get", "copy")
SHAPES: tuple[Any, ...] = ({}, {"id": "1"}, {"id": "1", "note": {"id": "1"}, "lines": []}, [], 1)
# They start threads or loops of their own, in which nothing is running.
APART = {"a_method_that_a_library_calls", "a_method_that_a_parser_calls", "plain"}
PROGRAMS = 60


class Recording(frozenset[tuple[str, str]]):
    """Grants that allow everything and remember what was asked for."""

    asked: set[tuple[str, str]]

    def __contains__(self, grant: object) -> bool:
        assert isinstance(grant, tuple)
        self.asked.add(grant)
        return True


def test_no_handler_of_the_corpus_does_more_than_was_read() -> None:
    cases = load(PACKAGE)
    source = Source((PACKAGE,))
    reached = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of coroutines that a handler leaves lying about
        for name, case in cases.items():
            if name.rpartition(".")[2] in APART:
                continue
            reading = read_grants(case.function, source.packages, source)
            asked = asyncio.run(run(case))
            assert asked <= reading.verbs or reading.refusals, name
            reached += bool(asked)
        gc.collect()
    assert reached > len(cases) * 0.8


async def run(case: Expected) -> set[tuple[str, str]]:
    """The verbs that a handler asks for, whatever becomes of it."""
    recording = Recording()
    recording.asked = set()
    for word in WORDS:
        async with Stand(*resources()) as stand:
            token = current.set(Invocation("reading", recording, stand.ports))
            await asyncio.gather(once(case.function.handler, word), return_exceptions=True)
            current.reset(token)
    return recording.asked


def resources() -> list[Resource]:
    """All that the corpus declares; dead letters behind their queues."""
    modules = [module for name, module in sys.modules.items() if name.startswith(f"{PACKAGE}.")]
    values = {id(value): value for module in modules for value in vars(module).values()}.values()
    declared: list[Resource] = [one for one in values if isinstance(one, Table | Queue)]
    return [*declared, *(one.dead for one in values if isinstance(one, Consumer))]


async def once(handler: Any, word: str) -> None:
    names = vars(sys.modules[handler.__module__])
    given = {
        parameter.name: argument(parameter.annotation, word, names)
        for parameter in inspect.signature(handler).parameters.values()
    }
    async with asyncio.timeout(1):
        await handler(**given)


def argument(annotation: Any, word: str, names: dict[str, Any]) -> Any:
    hint = eval(annotation, names) if isinstance(annotation, str) else annotation
    inner = get_args(hint)
    if get_origin(hint) is Dead:
        given = argument(inner[0], word, names)
        return Dead("1", given, "{}", "failed", "", 5, "", datetime(2061, 7, 28, tzinfo=UTC))
    if get_origin(hint) is list and get_origin(inner[0]) is Delivery:
        return [Delivery(argument(get_args(inner[0])[0], word, names), "1", 1)]
    if hint is Context:
        return Context("reading", "1", datetime(2061, 7, 28, tzinfo=UTC), "")
    for shape in (word, *SHAPES):
        try:
            return msgspec.convert(shape, hint)
        except msgspec.ValidationError:
            continue
    raise AssertionError(f"no value for {annotation}")


def test_no_program_does_more_than_was_read(tmp_path: Path) -> None:
    rich = 0
    for seed in range(PROGRAMS):
        program = Program(random.Random(seed))
        module = app_of(tmp_path, program.text)
        reading = reading_of(module)
        asked = {call for inputs in program.inputs() for call in done(module, inputs)}
        read = {(*grant, False) for grant in reading.alone}
        read |= {(*grant, True) for grant in reading.together}
        assert asked <= read or reading.refusals, program.text
        rich += len(asked) > 3
    assert rich > PROGRAMS / 4


def done(module: ModuleType, inputs: str) -> Iterator[tuple[str, str, bool]]:
    """What a program does with these inputs when nothing fails, and when its first verbs do."""
    for failing in (None, 1, 2, 4):
        module.restart(failing)
        try:
            asyncio.run(module.handler.handler(inputs))
        except (KeyError, UnboundLocalError):
            pass
        yield from module.ASKED
