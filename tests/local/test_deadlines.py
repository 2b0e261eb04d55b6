"""Past its deadline an invocation is over, whether or not its handler ends."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from skylift.engine.invoke import TimedOut
from skylift.engine.told import place_of, told

from . import lingering
from .answering import EACH_LOOP, Asked, asking, graph_of

Ask = Callable[..., None]
PATIENCE_S = 5.0


@pytest.fixture(params=EACH_LOOP)
def run(request: pytest.FixtureRequest) -> Iterator[Ask]:
    lingering.seen.clear()
    lingering.last.clear()

    def run(test: Callable[[Asked], Awaitable[None]]) -> None:
        async def to_its_end(ask: Asked) -> None:
            try:
                await test(ask)
            finally:
                lingering.last.append(True)

        asking(lingering, to_its_end, loop=request.param)

    graph_of(lingering)  # asks for functions that are alive: before they are hidden
    gc.freeze()  # what was there before is not looked through again
    yield run
    gc.collect()  # what was left behind is not complained of either


def line_of(text: str) -> int:
    lines = Path(lingering.__file__).read_text().splitlines()
    return next(no for no, line in enumerate(lines, 1) if text in line)


@pytest.mark.parametrize("path", ["/linger", "/once"])
def test_handlers_that_go_on_are_answered_for(run: Ask, path: str) -> None:
    """All ways beside each other: each is given its time to end."""

    async def test(ask: Asked) -> None:
        async with asyncio.timeout(PATIENCE_S):
            answers = await asyncio.gather(
                *(ask.post(f"{path}/{way}", idempotency_key=way) for way in lingering.WAYS)
            )
        for answer in answers:
            assert (answer.status, answer.body) == (503, b'{"message":"Service Unavailable"}')
        places = list[tuple[str, str]]()
        for error in ask.failures.told:
            assert isinstance(error, TimedOut)
            place = place_of(error)
            assert place is not None
            places.append((place.file, place.function))
            assert "it was cancelled and went on" in told(error)
        assert sorted(places) == sorted((lingering.__file__, way) for way in lingering.WAYS)
        count = len(lingering.seen)
        await asyncio.sleep(0.06)
        assert len(lingering.seen) == count  # they run no more

    run(test)


def test_its_place_is_free_again(run: Ask) -> None:
    async def test(ask: Asked) -> None:
        for way in lingering.WAYS:
            assert (await ask.get(f"/one?way={way}")).status == 503
            assert (await ask.get("/one")).json == "fine"

    run(test)


def test_who_needs_a_moment_to_end_has_it(run: Ask) -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.get("/clean")).status == 503
        assert lingering.seen == ["clean"]

    run(test)


@pytest.mark.parametrize("way", ["linger", "wait_for_another"])
def test_messages_behind_such_a_one_are_handled(run: Ask, way: str) -> None:
    async def test(ask: Asked) -> None:
        works = [{"id": name, "way": way} for name in "ab"]
        works += [{"id": name} for name in "cde"]
        assert (await ask.post("/work", works)).status == 204
        async with asyncio.timeout(PATIENCE_S):
            while not {"c", "d", "e"} <= set(lingering.seen) or len(ask.failures.told) < 2:
                await asyncio.sleep(0.01)
        assert [type(one) for one in ask.failures.told] == [TimedOut] * 2

    run(test)


def test_a_message_whose_handler_goes_on_comes_back_and_is_lost_at_last(run: Ask) -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.post("/work", [{"id": "a", "way": "linger"}])).status == 204
        async with asyncio.timeout(PATIENCE_S):
            while not ask.failures.warnings:
                await asyncio.sleep(0.01)
        assert ", lost: " in ask.failures.warnings[0]

    run(test)


# -- a handler that raises what only a close raises


@pytest.mark.parametrize("path", ["/closed", "/closed-later", "/closed-in-a-thread"])
def test_a_generator_exit_of_its_own_is_a_failure(run: Ask, path: str) -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.get(path)).status == 500
        (error,) = ask.failures.told
        assert isinstance(error.__cause__ or error, GeneratorExit)
        place = place_of(error)
        assert place is not None
        assert place.line in (
            line_of("async def closes_itself()") + 1,
            line_of("async def closes_itself_later") + 2,
            line_of("def closes_itself_in_a_thread") + 1,
        )

    run(test)


def test_a_message_is_a_dead_letter_by_it(run: Ask) -> None:
    async def test(ask: Asked) -> None:
        assert (await ask.post("/work", [{"id": "a", "way": "closed"}])).status == 204
        async with asyncio.timeout(PATIENCE_S):
            while not ask.failures.warnings:
                await asyncio.sleep(0)
        assert "failed: GeneratorExit (lingering.py:" in ask.failures.warnings[0]

    run(test)
