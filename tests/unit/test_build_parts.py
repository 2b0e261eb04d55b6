"""The parts of a build that need no command: imports and markers as they are read, zips, bytecode,
aliases in an entry, and the limits of Lambda.
"""

from __future__ import annotations

import io
import marshal
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skylift.aws.deploy.bundle import build, entry
from skylift.aws.deploy.bundle.archive import PROGRAM, TEXT, pressed, zipped
from skylift.aws.deploy.bundle.bytecode import (
    Interpreter,
    Unreadable,
    compiled,
    interpreter,
    place_of,
)
from skylift.aws.deploy.bundle.distribution import Distribution, drives_a_loop, installed
from skylift.aws.deploy.bundle.imported import read_imports
from skylift.aws.deploy.bundle.marker import Requirement, holds, required
from skylift.aws.deploy.bundle.wheel import platforms
from skylift.aws.deploy.target import Target
from skylift.aws.deploy.unit import units
from skylift.errors import DeclarationError
from tests.unit.written_app import loaded, written

HERE = Target()
ARM = Target("3.13", "arm64")

# -- imports


def modules(source: str, version: tuple[int, int] = (3, 11)) -> list[str]:
    found = read_imports(source.encode(), version).imports
    return ["." * one.level + one.module for one in found]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import a, b.c as d", ["a", "b.c"]),
        ("from .a import b; from .. import c", [".a", ".."]),
        ("class A:\n  def f(self):\n    with x:\n      import a", ["a"]),
        ("def f():\n  match x:\n    case 1: import a\n    case _: import b", ["a", "b"]),
        ("f = lambda: __import__('a')", ["a"]),
        ("import importlib as i; i.import_module(name='.a', package='b')", ["importlib", ".a"]),
        ("if not sys.version_info < (3, 12): import a\nelse: import b", ["b"]),
        ("if sys.platform == 'linux' or x: import a", ["a"]),
        ("resources.files('a.b'); files(here)", ["a.b"]),
        ("x = " + " + ".join(["f()"] * 800) + "; import a", ["a"]),
        ("if x: import a\nelif TYPE_CHECKING: import b\nelse: import c", ["a", "c"]),
    ],
)
def test_imports_are_read_wherever_they_stand(source: str, found: list[str]) -> None:
    assert modules(source) == found


def test_an_import_that_may_fail_is_known_by_what_is_caught() -> None:
    source = "try: import a\nexcept {}: pass"
    for caught in ("ImportError", "(KeyError, ModuleNotFoundError)", "Exception", "b.ImportError"):
        (one,) = read_imports(source.format(caught).encode(), (3, 11)).imports
        assert one.is_optional
    for caught in ("KeyError", "(KeyError, ValueError)"):
        (one,) = read_imports(source.format(caught).encode(), (3, 11)).imports
        assert not one.is_optional


# -- markers


@pytest.mark.parametrize(
    ("marker", "here", "arm"),
    [
        ('python_version < "3.13"', True, False),
        ('python_version >= "3.9" and sys_platform != "win32"', True, True),
        ('(platform_machine == "aarch64" or os_name == "nt")', False, True),
        ('python_full_version > "3.11.0"', False, True),
        ("platform_machine in 'x86_64 AMD64'", True, False),
        ('python_version ~= "3.11"', True, True),
        ('python_version == "3.11.*"', True, False),
        ('extra == "socks"', False, False),
        ("", True, True),
        ("whatever ((", True, True),
    ],
)
def test_a_marker_is_decided_for_the_target(marker: str, here: bool, arm: bool) -> None:
    assert holds(marker, Target("3.11", "x86_64")) is here
    assert holds(marker, ARM) is arm


def test_what_an_extra_requires_comes_when_it_is_asked_for() -> None:
    lines = ["Plain_One>=1", "second[a, b] ; extra == 'more'", "third (<2)"]
    assert list(required(lines, HERE, ())) == [Requirement("plain-one"), Requirement("third")]
    assert Requirement("second", ("a", "b")) in list(required(lines, HERE, ("more",)))


# -- distributions and targets


def test_pure_python_runs_anywhere_and_machine_code_on_its_own_kind() -> None:
    def found(name: str) -> Distribution:
        one = installed(name)
        assert one is not None
        return one

    assert found("colorama").runs_on(ARM)
    assert not found("msgspec").runs_on(ARM)
    assert found("msgspec").runs_on(HERE) or not HERE.is_here


def test_lambdas_system_decides_which_wheels_fit() -> None:
    assert next(platforms(Target("3.11", "x86_64"))) == "manylinux_2_26_x86_64"
    newest, *_, oldest = platforms(ARM)
    assert (newest, oldest) == ("manylinux_2_34_aarch64", "manylinux2014_aarch64")


@pytest.mark.parametrize(
    ("name", "content", "is_so"),
    [
        ("a.py", b"import os, asyncio\n", True),
        ("a.py", b"    from asyncio.tasks import gather\n", True),
        ("a.py", b"# import asyncio\nimport asyncio_free\nX = 'import asyncio'\n", False),
        ("a.so", b"\0__pyx_k_asyncio_coroutines\0asyncio.coroutines\0", False),
        ("a.so", b"\0asyncio.Handle\0", True),
        ("a.json", b"asyncio", False),
    ],
)
def test_a_file_of_a_distribution_uses_an_event_loop_or_not(
    name: str, content: bytes, is_so: bool
) -> None:
    assert drives_a_loop(name, content) is is_so


# -- zips


@given(st.dictionaries(st.text("abc/é", min_size=1), st.binary(max_size=200)))
def test_a_zip_is_read_back_as_it_was(contents: dict[str, bytes]) -> None:
    raw = zipped((name, pressed(one), TEXT) for name, one in contents.items())
    backwards = reversed(contents.items())
    assert zipped((name, pressed(one), TEXT) for name, one in backwards) == raw
    with zipfile.ZipFile(io.BytesIO(raw)) as file:
        assert {name: file.read(name) for name in file.namelist()} == contents


def test_entries_say_one_date_and_whether_they_are_run() -> None:
    raw = zipped([("tool", pressed(b"x" * 99), PROGRAM), ("text", pressed(b""), TEXT)])
    with zipfile.ZipFile(io.BytesIO(raw)) as file:
        assert [one.date_time[:3] for one in file.infolist()] == [(1980, 1, 1)] * 2
        modes = {one.filename: one.external_attr >> 16 & 0o777 for one in file.infolist()}
    assert modes == {"tool": 0o755, "text": 0o644}


# -- bytecode


def here() -> Interpreter:
    found = interpreter(HERE)
    assert found is not None
    return found


SOURCE = b"NAMES = {'one', 'two'}\n\n\ndef f(x, *, y=1e3):\n    return (x, y, 'one' in NAMES)\n"


def test_bytecode_is_the_same_whatever_is_compiled_beside_it() -> None:
    alone = compiled(here(), [("a.py", SOURCE)])[0]
    others = [(f"b{no}.py", b"one = two = NAMES = x = 'y'\n" + SOURCE) for no in range(5)]
    assert compiled(here(), [*others, ("a.py", SOURCE)])[-1] == alone


def test_bytecode_says_where_its_source_will_be() -> None:
    raw = compiled(here(), [("hello/notes.py", SOURCE)])[0]
    assert isinstance(raw, bytes)
    assert marshal.loads(raw[16:]).co_filename == "/var/task/hello/notes.py"
    tag = sys.implementation.cache_tag
    assert place_of("hello/notes.py", HERE) == f"hello/__pycache__/notes.{tag}.pyc"
    assert place_of("skylift_function.py", HERE) == f"__pycache__/skylift_function.{tag}.pyc"


def test_what_the_target_cannot_read_is_told_with_its_line() -> None:
    (told,) = compiled(here(), [("a.py", b"x = 1\nx = = 2\n")])
    assert isinstance(told, Unreadable)
    assert told.told.startswith("2: ")


def test_without_the_targets_interpreter_there_is_no_bytecode(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    other = next(one for one in ("3.13", "3.14") if one != HERE.python)
    assert interpreter(Target(other)) is None


# -- entries

CLASHING = """
from skylift import Api, Struct, Table

class Item(Struct):
    id: str

api = Api("{name}")
table = Table("{name}-items", Item, key="id")
function = Table("{name}-function", Item, key="id")
"""
USING = """
from . import first
from .first import *

@api.get("/")
async def root() -> None:
    await table.get("a")
    await first.table.get("a")
    await function.get("a")
"""


def test_names_that_clash_get_aliases_and_the_function_is_always_function(tmp_path: Path) -> None:
    second = CLASHING.format(name="second") + USING.replace("from .first import *\n", "")
    home = written(
        tmp_path, second, first=CLASHING.format(name="first"), app='App("clash", things, first)'
    )
    with loaded(home) as graph:
        text = entry.written(units(graph)[0], graph)
    assert f"from {home.name}.first import table\n" in text
    wanted = "function as things_function, root as function, table as things_table"
    assert f"from {home.name}.things import {wanted}\n" in text
    assert "resources=(table, things_function, things_table)," in text


# -- limits


def test_what_lambda_would_not_take_names_the_largest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "UNZIPPED_MAX", 2**20)
    home = written(tmp_path, CLASHING.format(name="some"))
    around = build.Surroundings({"some": b"{}"}, tmp_path / "cache")
    with loaded(home) as graph, pytest.raises(DeclarationError) as told:
        build.build_units(graph, tmp_path / "out", HERE, around)
    assert "MiB unzipped, Lambda takes 1.0 MiB: skylift " in str(told.value)
    assert "msgspec 0.6 MiB" in str(told.value)
