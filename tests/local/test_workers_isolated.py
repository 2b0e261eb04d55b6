"""`isolate=True`: a call runs in a process of its own, and comes back as from anywhere else."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import pytest

from skylift import Request
from skylift.engine.told import place_of, told
from skylift.local.workers import LoopWorkers
from skylift.system import SystemClock
from skylift.testing.stand import Failures

from . import pictures
from .answering import EACH_LOOP, Asked, asking

PATIENCE_S = 10.0


async def until_gone(process: int) -> None:
    """The process has ended, and nobody keeps its number."""
    async with asyncio.timeout(PATIENCE_S):
        while is_alive(process):
            await asyncio.sleep(0.005)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


async def noted(file: Path) -> int:
    """The process that a handler noted there."""
    async with asyncio.timeout(PATIENCE_S):
        while not file.exists():
            await asyncio.sleep(0.005)
    return int(file.read_text())


@pytest.mark.parametrize("loop", EACH_LOOP)
def test_one_process_after_its_start_serves_call_after_call(loop: str) -> None:
    async def test(ask: Asked) -> int:
        found = {(await ask.get("/process")).json for _ in range(5)}
        assert len(found) == 1
        assert found != {os.getpid()}
        assert [(await ask.get("/kept")).json for _ in range(3)] == [1, 2, 3]
        return found.pop()

    process = asking(pictures, test, loop=loop)
    assert not is_alive(process), "it outlived its app"


def test_values_of_every_kind_go_there_and_come_back() -> None:
    async def test(ask: Asked) -> None:
        picture = {"name": "sea", "width": 8, "taken": "2061-07-28T12:00:00Z", "price": "1.50"}
        assert (await ask.post("/pictures", picture)).json == picture | {"width": 4}
        frame = await ask.post("/frames", {"picture": "sea"})
        assert frame.json == {"picture": "sea", "colour": "black"}
        assert (await ask.post("/labels", {"text": "sea"})).json == {"text": "SEA"}
        said = await ask.get("/asked/sky?loud=true")
        assert said.json == ["sky", "/asked/sky", "loud=true", "pictures.asked", "True"]
        assert (await ask.get("/decorated")).json == "done"
        assert not ask.failures.told

    asking(pictures, test)


@pytest.mark.parametrize("loop", EACH_LOOP)
def test_an_answer_of_any_size_arrives_whole(loop: str) -> None:
    async def test(ask: Asked) -> None:
        for size in (0, 1, 65_536, 5_000_000):
            assert (await ask.get(f"/large?size={size}")).body == b"x" * size

    asking(pictures, test, loop=loop)


def test_an_error_of_the_authors_arrives_as_it_was_raised() -> None:
    async def test(ask: Asked) -> None:
        full = await ask.get("/full")
        assert (full.status, full.json["detail"]) == (409, "room blue is full")
        assert full.json["room"] == "blue"
        assert (await ask.get("/missing")).status == 404
        assert not ask.failures.told

    asking(pictures, test)


def test_a_bug_is_told_with_the_authors_frames_in_the_other_process() -> None:
    async def test(ask: Asked) -> None:
        answer = await ask.get("/bug")
        assert (answer.status, b"width" in answer.body) == (500, False)
        (error,) = ask.failures.told
        first, _, cause = told(error).partition("  because of ")
        assert first.startswith("LookupError: no such width\n")
        assert 'raise LookupError("no such width") from error' in first
        assert cause.startswith("ZeroDivisionError: division by zero\n")
        assert "return 1 / width" in cause
        assert "skylift/local" not in told(error)
        place = place_of(error)
        assert place is not None
        assert (Path(place.file).name, place.function) == ("pictures.py", "bug")

    asking(pictures, test)


def test_an_error_of_pythons_own_loses_nothing_on_its_way() -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.get("/unread")).status == 500
        (error,) = ask.failures.told
        assert isinstance(error, FileNotFoundError)
        assert error.filename == "no such picture"

    asking(pictures, test)


def test_what_cannot_cross_is_named() -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.get("/unwritable")).status == 500
        assert (await ask.get("/jammed")).status == 500
        result, error = map(str, ask.failures.told)
        assert "what unwritable() returned is a list, which cannot cross" in result
        assert "'_thread.lock'" in result
        assert "hint: " in result
        assert error == "Jammed: jammed with code 7 (it cannot cross to another process)"
        assert "raise Jammed(7, threading.Lock())" in told(ask.failures.told[1])
        assert (await ask.get("/kept")).json == 1  # the process goes on

    asking(pictures, test)


def test_an_argument_that_cannot_cross_is_named() -> None:
    async def run() -> None:
        workers = LoopWorkers(SystemClock(), Failures())
        odd = Request("GET", "/", "", {}, threading.Lock())  # type: ignore[arg-type]
        try:
            with pytest.raises(
                Exception, match=r"asked\(request\) is a Request, .* '_thread.lock'"
            ):
                await workers.isolated(pictures.asked.handler, what="sky", request=odd)
        finally:
            workers.close()

    asyncio.run(run())


@pytest.mark.parametrize("loop", EACH_LOOP)
def test_at_its_deadline_the_process_is_killed_and_the_next_call_gets_another(
    tmp_path: Path, loop: str
) -> None:
    async def test(ask: Asked) -> None:
        first = (await ask.get("/process")).json
        assert (await ask.get(f"/endless?note={tmp_path / 'note'}")).status == 503
        killed = await noted(tmp_path / "note")
        assert killed == first
        await until_gone(killed)
        assert [str(one) for one in ask.failures.told] == [
            "pictures.endless did not finish within 0.5 s"
        ]
        assert (await ask.get("/process")).json != killed

    asking(pictures, test, loop=loop)


def test_the_programs_a_handler_runs_are_killed_with_it(tmp_path: Path) -> None:
    async def test(ask: Asked) -> None:
        await ask.get("/process")  # so that the deadline is not spent on a start
        assert (await ask.get(f"/program?note={tmp_path / 'note'}")).status == 503
        await until_gone(await noted(tmp_path / "note"))

    asking(pictures, test)


def test_a_call_that_is_given_up_is_killed(tmp_path: Path) -> None:
    async def test(ask: Asked) -> None:
        asked = asyncio.create_task(ask.get(f"/waiting?note={tmp_path / 'note'}&until=never"))
        process = await noted(tmp_path / "note")
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await until_gone(process)
        assert not ask.failures.told

    asking(pictures, test)


@pytest.mark.parametrize("loop", EACH_LOOP)
@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("exit", "its process ended with exit code 3"),
        ("fault", "its process was ended by SIGSEGV"),
        ("kill", "its process was ended by SIGKILL: out of memory, or killed by somebody"),
    ],
)
def test_a_process_that_dies_fails_its_own_call_and_says_how(
    tmp_path: Path, how: str, said: str, loop: str
) -> None:
    async def test(ask: Asked) -> None:
        note, until = tmp_path / "note", tmp_path / "until"
        other = asyncio.create_task(ask.get(f"/waiting?note={note}&until={until}"))
        process = await noted(note)
        assert (await ask.get(f"/ends/{how}")).status == 500
        assert [str(error) for error in ask.failures.told] == [said]
        until.touch()
        assert (await other).json == process
        assert (await ask.get("/process")).status == 200

    asking(pictures, test, loop=loop)


def test_whatever_is_raised_there_ends_that_call_alone() -> None:
    async def test(ask: Asked) -> None:
        before = (await ask.get("/process")).json
        assert (await ask.get("/ends/leave")).status == 500
        assert (await ask.get("/iterates")).status == 500
        exit, iteration = ask.failures.told
        assert isinstance(exit, SystemExit)
        assert str(iteration) == "iterate raised StopIteration"
        assert (await ask.get("/process")).json == before

    asking(pictures, test)


@pytest.mark.parametrize("path", ["/verb", "/clock", "/id"])
def test_there_is_no_running_app_in_the_other_process(path: str) -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.get(path)).status == 500
        (error,) = ask.failures.told
        assert isinstance(error, RuntimeError)
        assert "call it from a handler" in str(error)

    asking(pictures, test)


@pytest.mark.parametrize("loop", EACH_LOOP)
def test_no_more_processes_run_than_there_are_processors(loop: str) -> None:
    async def test(ask: Asked) -> None:
        answers = await asyncio.gather(*(ask.get("/process") for _ in range(40)))
        assert {one.status for one in answers} == {200}
        assert len({one.json for one in answers}) <= (os.cpu_count() or 1)

    asking(pictures, test, loop=loop)


def test_a_terminals_ctrl_c_is_not_for_it() -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.get("/group")).json != os.getpgid(0)

    asking(pictures, test)
