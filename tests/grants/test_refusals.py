"""A refusal says where, what and what next; `uses=` answers it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from skylift import Function
from skylift.function import DEFAULTS
from skylift.grants.read import read_grants

from .corpus import helpers, unreadable
from .corpus.resources import api, notes, orders, users
from .reading import app_of, reading_of, verbs_of

PACKAGES = (unreadable.__name__.rpartition(".")[0],)
HERE = Path(unreadable.__file__)

TABLE: list[tuple[Function[..., Any], str, str, str]] = [
    (
        unreadable.a_computed_verb,
        "getattr(notes, verb)",
        "which verb of notes this is cannot be read",
        "uses=(notes.",
    ),
    (
        unreadable.a_context_variable,
        "current.set(notes)",
        "notes is handed to code outside the app",
        "uses=(notes.",
    ),
    (
        unreadable.a_method_caller,
        "operator.methodcaller('get', x)(notes)",
        "notes is handed to code outside the app",
        "uses=(notes.",
    ),
    (
        unreadable.handed_to_a_library,
        "json.dumps(notes, default=lambda table: table.get(x))",
        "(json.dumps)",
        "uses=(notes.",
    ),
    (
        unreadable.a_computed_module_attribute,
        "getattr(resources, name).get",
        "an attribute whose name is computed",
        "uses=(<resource>.get,)",
    ),
    (
        unreadable.evaluated,
        "eval(f'notes.{x}')",
        "code made from text",
        "uses=(<resource>.<verb>,)",
    ),
    (
        unreadable.what_another_function_stored,
        "chosen.get",
        "chosen is set by code not read here",
        "uses=(<resource>.get,)",
    ),
    (
        unreadable.nobody_is_seen_to_call_it,
        "notes.get",
        "inner names a verb, and who calls it cannot be read",
        "uses=(",
    ),
    (
        unreadable.a_private_way,
        "notes._reach",
        "_reach of notes is none of its verbs",
        "uses=(notes.",
    ),
]


@pytest.mark.parametrize(
    ("function", "expression", "reason", "remedy"),
    [pytest.param(*row, id=row[0].handler.__name__) for row in TABLE],
)
def test_a_refusal_names_its_place_its_reason_and_the_uses_to_write(
    function: Function[..., Any], expression: str, reason: str, remedy: str
) -> None:
    refusal = read_grants(function, PACKAGES).refusals[0]
    assert (refusal.file, refusal.expression) == (str(HERE), expression)
    assert reason in refusal.reason
    assert remedy in refusal.remedy
    written = HERE.read_text("utf-8").splitlines()[refusal.line - 1]
    assert expression.split("(")[0].split("[")[0] in written


async def by_name(verb: str) -> None:
    await getattr(notes, verb)(verb)


async def plainly(id: str) -> None:
    await users.get(id)


async def in_a_helper(id: str) -> None:
    await helpers.save_in(getattr(helpers, id), id)


def declared(handler: Any, *uses: Any) -> Function[..., Any]:
    limits: Any = {**DEFAULTS, "uses": uses}
    return Function(handler, api.get("/x")(plainly).trigger, limits)


def test_uses_is_added_and_silences_what_it_explains() -> None:
    reading = read_grants(declared(by_name, notes.get, orders.put), (__name__,))
    assert verbs_of(reading) == {"notes.get", "orders.put"}
    assert reading.refusals == ()
    assert reading.used


def test_uses_that_says_nothing_new_is_not_counted() -> None:
    reading = read_grants(declared(plainly, users.get), (__name__,))
    assert verbs_of(reading) == {"users.get"}
    assert not reading.used


def test_without_uses_nothing_is_silenced() -> None:
    reading = read_grants(declared(by_name), (__name__,))
    assert len(reading.refusals) == 1
    assert not reading.used


@pytest.mark.parametrize(
    "said", [notes, "notes.get", notes.key_of, print, plainly], ids=lambda said: repr(said)[:20]
)
def test_uses_that_is_no_bound_verb_is_a_mistake_of_its_own(said: Any) -> None:
    for handler in (plainly, by_name):
        reading = read_grants(declared(handler, said), (__name__,))
        (mistake,) = reading.refusals
        assert mistake.reason == "uses= takes bound verbs of resources, and this is none"
        assert mistake.place == declared(handler).place
        assert "uses=(<resource>.<verb>,)" in mistake.remedy


def test_a_refusal_in_a_function_of_another_file_is_placed_there(tmp_path: Path) -> None:
    module = app_of(
        tmp_path,
        "async def save_by(verb: str, table: Any) -> None:\n"
        "    await getattr(table, verb)(verb)\n"
        '@api.get("/a/{verb}")\n'
        "async def handler(verb: str) -> None:\n"
        "    await save_by(verb, notes)\n",
    )
    (refusal,) = reading_of(module).refusals
    assert refusal.file == module.__file__
    assert (
        "await getattr(table, verb)"
        in Path(refusal.file).read_text().splitlines()[refusal.line - 1]
    )


def test_one_gap_is_told_once(tmp_path: Path) -> None:
    module = app_of(
        tmp_path,
        '@api.get("/a/{verb}")\n'
        "async def handler(verb: str) -> None:\n"
        "    for _ in verb:\n"
        "        found = getattr(notes, verb)(verb)\n"
        "        (await found).get(verb).update(verb)\n",
    )
    assert len(reading_of(module).refusals) == 1
