"""What a person at the terminal is told of a failure."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable

from skylift import Conflict
from skylift.errors import NotFound
from skylift.invocation import Invocation
from skylift.local.report import StderrReport
from skylift.system import SystemClock
from skylift.testing.stand import Stand


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("even this fails")


def told(fail: Callable[[], object]) -> str:
    """What is said of the error that a call raises."""

    async def run() -> str:
        stream = io.StringIO()
        async with Stand() as stand:
            running = Invocation("notes.write", frozenset(), stand.ports)
            try:
                await stand.ports.workers.run(fail)
            except Exception as error:
                StderrReport(SystemClock(), stream).failed(running, error)
            return stream.getvalue()

    return asyncio.run(run())


def test_an_error_is_told_with_the_authors_frames_and_no_others() -> None:
    def fail() -> None:
        raise Conflict("the room is full")

    said = told(fail)
    assert "notes.write failed: Conflict: the room is full\n" in said
    assert 'raise Conflict("the room is full")' in said
    assert "concurrent/futures" not in said  # of the thread it ran in
    assert "skylift/local" not in said


def test_what_an_error_came_from_is_told_with_its_frames() -> None:
    def fail() -> None:
        try:
            int("no number")
        except ValueError as error:
            raise LookupError("no such room") from error

    first, _, cause = told(fail).partition("  because of ")
    assert "LookupError: no such room" in first
    assert "ValueError: invalid literal" in cause
    assert 'int("no number")' in cause


def test_each_error_of_a_group_is_told() -> None:
    def fail() -> None:
        raise ExceptionGroup("two", [NotFound("one"), Conflict("other")])

    said = told(fail)
    assert "ExceptionGroup: two (2 sub-exceptions)" in said
    assert "because of NotFound: one" in said
    assert "because of Conflict: other" in said


def test_an_error_that_cannot_be_shown_is_named() -> None:
    def fail() -> None:
        raise Mute

    assert "notes.write failed: Mute: <it cannot be shown>" in told(fail)


def test_errors_that_name_each_other_are_told_once() -> None:
    def fail() -> None:
        one, other = ValueError("one"), ValueError("other")
        one.__cause__, other.__cause__ = other, one
        raise one

    assert told(fail).count("because of") == 1
