"""What a handler starts it awaits: a task left running is an error, and does nothing more."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from skylift import Conflict, Expired
from skylift.engine.invoke import TimedOut
from skylift.engine.told import place_of, told

from . import errands
from .answering import EACH_LOOP, Asked, asking

Ask = Callable[..., None]
PATIENCE_S = 10.0


@pytest.fixture(params=EACH_LOOP)
def run(request: pytest.FixtureRequest) -> Iterator[Ask]:
    errands.begun.clear()
    errands.seen.clear()
    yield partial(asking, errands, loop=request.param)
    errands.begun.clear()


def line_of(text: str) -> int:
    """Where the routes say this."""
    lines = Path(errands.__file__).read_text().splitlines()
    return next(no for no, line in enumerate(lines, 1) if text in line)


@pytest.mark.parametrize(
    ("path", "name", "at"),
    [
        ("/left", "run()", "async def run("),
        ("/left-method", "Courier.deliver()", "await asyncio.sleep(0)"),
        ("/left-by-a-task", "run()", "await asyncio.sleep(0)"),
    ],
)
def test_a_task_left_running_fails_the_invocation_and_is_named_with_its_place(
    run: Ask, path: str, name: str, at: str
) -> None:
    async def test(ask: Asked) -> None:
        answer = await ask.post(path)
        assert (answer.status, b"run" in answer.body) == (500, False)
        (error,) = ask.failures.told
        place = f"{errands.__file__}:{line_of(at)}"
        assert f"left running what it had started: {name} at {place}. " in str(error)
        assert "hint: await what you start" in str(error)
        assert "send a message to a queue" in str(error)
        assert at in told(error)
        found = place_of(error)
        assert found is not None
        assert found.line == line_of(at)
        with pytest.raises(asyncio.CancelledError):
            await errands.begun[0]

    run(test)


def test_a_handler_that_raises_may_leave_none_either(run: Ask) -> None:
    async def test(ask: Asked) -> None:
        for path in ("/left-and-raised", "/left-by-gather"):
            assert (await ask.post(path)).status == 500
            error = ask.failures.told.pop()
            assert isinstance(error.__cause__, Conflict)
            assert "because of Conflict: the shop is closed" in told(error)
            assert "raise Conflict(" in told(error)
        await asyncio.sleep(0.05)
        assert (await ask.get("/gathered")).status == 404

    run(test)


def test_a_verb_left_running_is_named_by_its_resource(run: Ask) -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.post("/left-verb")).status == 500
        assert "had started: errands.put(). hint" in str(ask.failures.told[0])
        assert (await ask.get("/verb")).status == 404

    run(test)


def test_a_message_is_tried_again(run: Ask) -> None:
    async def test(ask: Asked) -> None:
        errands.attempts.clear()
        assert (await ask.post("/send")).status == 204
        async with asyncio.timeout(PATIENCE_S):
            while len(ask.failures.told) < 2:
                await asyncio.sleep(0)
        assert errands.attempts == [1, 2]
        assert all("had started: run() at " in str(error) for error in ask.failures.told)

    run(test)


def test_of_many_the_first_are_named(run: Ask) -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.post("/left-many")).status == 500
        said = str(ask.failures.told[0])
        assert said.count("run() at ") == 5
        assert " and 3 more. " in said
        await asyncio.wait(errands.begun)
        assert all(task.cancelled() for task in errands.begun)

    run(test)


def test_a_task_that_goes_on_all_the_same_may_do_nothing(run: Ask) -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.post("/left-stubborn")).status == 500
        with pytest.raises(Expired, match=r"errands\.put after the handler ended"):
            await errands.begun[0]
        assert (await ask.get("/stubborn")).status == 404

    run(test)


def test_past_its_deadline_an_invocation_leaves_no_task_behind(run: Ask) -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.post("/left-at-the-deadline")).status == 503
        assert [type(one) for one in ask.failures.told] == [TimedOut]
        with pytest.raises(asyncio.CancelledError):
            await errands.begun[0]

    run(test)


@pytest.mark.parametrize("path", ["/awaited", "/done", "/cancelled", "/failed"])
def test_tasks_that_were_awaited_are_done_or_were_cancelled_are_no_error(
    run: Ask, path: str
) -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.post(path)).status in (200, 204)
        assert not ask.failures.told

    run(test)


LIBRARY = """\
import asyncio

kept = []


def connect():
    kept.append(asyncio.get_running_loop().create_task(keep_alive()))


async def keep_alive():
    await asyncio.sleep(30)
"""


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    installed = tmp_path / "site-packages"
    installed.mkdir()
    (installed / "skylift_test_library.py").write_text(LIBRARY)
    monkeypatch.syspath_prepend(installed)
    library = importlib.import_module("skylift_test_library")
    monkeypatch.setattr(errands, "library", library)
    library.kept.clear()
    return library


def test_a_task_of_a_librarys_own_is_left_alone(run: Ask, library: ModuleType) -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.post("/library")).status == 204
        await asyncio.sleep(0)
        (task,) = library.kept
        assert not task.done()
        assert not task.cancelling()
        task.cancel()

    run(test)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/left-sleep", "sleep() begun in errands.py. "),
        ("/left-gathered-sleep", "sleep() begun in errands.py, sleep() begun in errands.py. "),
        ("/left-librarys", "keep_alive() begun in errands.py. "),
    ],
)
def test_who_begins_a_task_is_to_await_it_whosever_code_it_runs(
    run: Ask, library: ModuleType, path: str, told: str
) -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.post(path)).status == 500
        assert f"what it had started: {told}" in str(ask.failures.told[0])
        errands.tasks.clear()
        errands.gathered.clear()

    run(test)


def test_tasks_that_are_done_are_not_kept_until_the_end(run: Ask) -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.post("/one-by-one")).json < 500

    run(test)


def test_a_loop_that_makes_tasks_in_its_own_way_goes_on_doing_so() -> None:
    made: list[str] = []

    class Named(asyncio.Task[None]):
        pass

    def factory(loop: asyncio.AbstractEventLoop, coroutine: object, **options: object) -> Named:
        made.append(getattr(coroutine, "__name__", ""))
        return Named(coroutine, loop=loop, **options)  # type: ignore[arg-type]

    class Loop(asyncio.SelectorEventLoop):
        def __init__(self) -> None:
            super().__init__()
            self.set_task_factory(factory)  # type: ignore[arg-type]

    async def test(ask: Asked) -> None:
        errands.begun.clear()
        assert (await ask.post("/left")).status == 500
        assert isinstance(errands.begun[0], Named)
        assert "run" in made

    asking(errands, test, loop=Loop)
