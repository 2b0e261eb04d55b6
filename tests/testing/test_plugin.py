"""The pytest plugin, in runs of pytest of its own: what it does, and how little beyond."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long  # left out of `make check`

APPS = Path(__file__).parents[2] / "apps"
PLAYED = """
from hello.app import app
from hello.notes import CountWords, counting, notes
from skylift import new_id
from skylift.testing import running


async def test_words_are_counted(tmp_path):
    async with running(app) as world:
        answer = await world.http.post("/notes", json={"text": "one two"})
        await world.settle()
        assert (await notes.require(answer.json["id"])).words == 2


async def test_that_fails():
    async with running(app) as world:
        await counting.send(CountWords("nobody"))
        await world.settle()
        print("drawn", new_id())
        assert world.failures == []
"""
BESIDE = """
import sys

import pytest


def test_nothing_is_loaded_for_those_who_open_no_world():
    assert "skylift.testing.plugin" in sys.modules
    assert not {"msgspec", "apsw", "skylift.local", "skylift.graph"} & sys.modules.keys()


@pytest.mark.anyio
async def test_of_anyio(anyio_backend_name):
    assert anyio_backend_name in ("asyncio", "trio")


class TestAsyncMethods:
    async def test_is_run(self, tmp_path):
        assert tmp_path.exists()


async def test_that_raises():
    raise LookupError("raised in an async test")
"""


def ran(folder: Path, *options: str) -> str:
    """What pytest says of the tests in a folder."""
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "--rootdir=."]
    quiet = ("hypothesispytest", "schemathesis", "faker", "no-such")
    others = [part for name in quiet for part in ("-p", f"no:{name}")]
    environment = os.environ | {"PYTHONPATH": str(APPS)}
    run = subprocess.run(
        [*command, *others, *options, "."],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    return run.stdout + run.stderr


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("played")
    (folder / "test_played.py").write_text(PLAYED)
    return ran(folder, "--skylift-seed=7")


def test_an_async_test_is_run(played: str) -> None:
    assert "PASSED test_played.py::test_words_are_counted" in played
    assert "1 failed, 1 passed" in played


def test_a_failure_shows_the_seed_the_failures_and_the_dead_letters(played: str) -> None:
    _, _, section = played.partition("--- skylift ---")
    assert "seed=7" in section
    assert "--skylift-seed=7 plays it again" in section
    assert "notes.count failed 5 times: NotFound: notes: there is no 'nobody'" in section
    assert "note = await notes.require(job.note_id)" in section
    assert "dead letter of counting: " in section
    assert "failed: NotFound: notes: there is no 'nobody'" in section


def test_a_seed_is_played_again(played: str, tmp_path: Path) -> None:
    def drawn(said: str) -> str:
        (line,) = [line for line in said.splitlines() if line.startswith("drawn")]
        return line

    (tmp_path / "test_played.py").write_text(PLAYED)
    assert drawn(ran(tmp_path, "--skylift-seed=7")) == drawn(played)
    assert drawn(ran(tmp_path, "--skylift-seed=8")) != drawn(played)


def test_all_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "test_beside.py").write_text(BESIDE)
    said = ran(tmp_path)
    for name in (
        "test_nothing_is_loaded_for_those_who_open_no_world",
        "test_of_anyio[asyncio]",
        "TestAsyncMethods::test_is_run",
    ):
        assert f"PASSED test_beside.py::{name}" in said
    assert "FAILED test_beside.py::test_that_raises - LookupError: raised in an async" in said
    assert "--- skylift ---" not in said


def test_worlds_do_without_the_plugin(tmp_path: Path) -> None:
    alone = (
        PLAYED
        + """

def test_in_a_loop_of_its_own():
    import asyncio

    asyncio.run(test_words_are_counted(None))
"""
    )
    (tmp_path / "test_alone.py").write_text(alone)
    said = ran(tmp_path, "-p", "no:skylift")
    assert "PASSED test_alone.py::test_in_a_loop_of_its_own" in said
    assert "async def functions are not natively supported" in said
