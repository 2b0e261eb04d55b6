"""What is remembered of an app that was read before, and what makes it forgotten: in each test the
memory is falsified, so that one sees who believes it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from msgspec import json

from skylift.cli.load import load, source_of
from tests.unit.written_app import written

STORE = """
import os
from skylift import Api, Struct, Table

class Item(Struct):
    id: str

api = Api("api")
notes = Table("notes", Item, key="id")
orders = Table("orders", Item, key="id")
mine = orders if os.environ.get("MINE") else notes
STEPS = {}
"""
READING = """
from .things import api, mine

@api.get("/mine")
async def read_mine() -> None:
    await mine.get("1")
"""
STEPPING = """
from .things import STEPS, api

@api.get("/steps")
async def step() -> None:
    for one in STEPS.values():
        await one()
"""
STEP = """
from .things import STEPS, notes

async def first() -> None:
    await notes.get("1")

STEPS["first"] = first
"""
FALSE = [["orders", "delete"]]


class Author:
    """Who runs an app, edits it, and runs it again."""

    def __init__(self, folder: Path) -> None:
        self.cache = folder / "cache"
        more = {"reading": READING, "stepping": STEPPING, "first_step": STEP}
        names = ", ".join(("things", *more))
        self.home = written(folder, STORE, app=f'App("written", {names})', **more)

    def run(self) -> dict[str, set[tuple[str, str]]]:
        path, modules = list(sys.path), set(sys.modules)
        try:
            graph = load(source_of(str(self.home)), self.cache)
            return {one.name: {*one.grants} for one in graph.functions}
        finally:
            sys.path[:] = path
            for name in set(sys.modules) - modules:
                del sys.modules[name]

    def forget(self) -> None:
        for file in self.cache.iterdir():
            file.unlink()

    def falsify(self) -> None:
        (file,) = self.cache.iterdir()
        known = json.decode(file.read_bytes())
        for entry in known.values():
            entry["alone"] = FALSE
        file.write_bytes(json.encode(known))

    def edit(self, module: str, old: str, new: str) -> None:
        file = self.home / f"{module}.py"
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")


BELIEVED = {("orders", "delete")}
TRUE = {("notes", "get")}


@pytest.fixture
def author(tmp_path: Path) -> Author:
    found = Author(tmp_path)
    assert found.run() == {"reading.read_mine": TRUE, "stepping.step": TRUE}
    found.falsify()
    return found


def test_what_was_read_is_not_read_again(author: Author) -> None:
    assert author.run() == {"reading.read_mine": BELIEVED, "stepping.step": BELIEVED}


def test_who_meets_nothing_of_an_edited_module_is_not_read_again(author: Author) -> None:
    author.edit("reading", '"1"', '"2"')
    assert author.run() == {"reading.read_mine": TRUE, "stepping.step": BELIEVED}


def test_an_edit_of_what_others_have_put_there_is_seen(author: Author) -> None:
    author.edit("first_step", "notes.get", "notes.require")
    assert author.run()["stepping.step"] == {("notes", "require")}


def test_a_name_that_stands_for_something_else_is_seen(
    author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINE", "yes")
    assert author.run()["reading.read_mine"] == {("orders", "get")}


def test_a_memory_that_is_none_is_none(author: Author) -> None:
    (file,) = author.cache.iterdir()
    for rubbish in (b"", b"{", b"[]", b'{"a": 1}', b"\xff"):
        file.write_bytes(rubbish)
        assert author.run() == {"reading.read_mine": TRUE, "stepping.step": TRUE}


def test_where_nothing_can_be_kept_it_runs_all_the_same(tmp_path: Path) -> None:
    author = Author(tmp_path)
    author.cache.write_text("a file")
    assert author.run()["reading.read_mine"] == TRUE


def test_a_mistake_is_told_each_time(author: Author) -> None:
    author.edit("reading", "mine.get", "getattr(mine, input)")
    for _ in range(2):
        with pytest.raises(Exception, match="mistake"):
            author.run()


def test_one_is_told_what_the_first_start_of_a_large_app_waits_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    author = Author(tmp_path)
    author.run()
    assert not capsys.readouterr().err
    route = '@api.get("/more/{at}")\nasync def more_{at}() -> None:\n    await mine.get("1")\n\n'
    more = "".join(route.replace("{at}", str(at)) for at in range(40))
    (author.home / "reading.py").write_text(READING + more, "utf-8")
    author.forget()
    author.run()
    assert "reading what 42 functions may do" in capsys.readouterr().err
    author.run()
    assert not capsys.readouterr().err
