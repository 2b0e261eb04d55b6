"""`gather` in a deployed function without an event loop: who is asked at the same time is told by
what the server waits for, never by a clock.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import pytest
from msgspec import json

from skylift import NotFound, Struct, Table, Unavailable, gather
from skylift.aws.runtime.lambda_workers import DirectWorkers
from skylift.aws.runtime.table_dynamodb import DynamoTable
from skylift.aws.runtime.wait import drive
from skylift.invocation import EVERYTHING, Invocation, current
from skylift.ports import Ports
from skylift.system import SystemClock
from tests.system.aws_stage import (
    CERTIFICATES,
    Act,
    Asked,
    Spent,
    Stage,
    Talk,
    answer,
    client,
    error,
)

R = TypeVar("R")
Run = Callable[..., Any]
PATIENCE_S = 10.0
TRUSTED = str(CERTIFICATES / "ca.pem")
NONE: Any = None


class Note(Struct):
    id: str
    text: str = ""


notes = Table("notes", Note, key="id")


@contextmanager
def function(
    *acts: Act, spent: Spent | None = None, certificate: str = ""
) -> Iterator[tuple[Stage, Run]]:
    """A DynamoDB that does these, and a function that asks it, driven as on Lambda."""
    clock = SystemClock()
    with Stage(*acts, certificate=certificate) as stage:
        one = client(stage, spent, AWS_CA_BUNDLE=TRUSTED if certificate else "")
        adapters = {"notes": DynamoTable(one, "notes", notes, clock)}
        workers = DirectWorkers(clock, NONE)
        ports = Ports(adapters, NONE, NONE, clock, NONE, workers, NONE)

        def run(coroutine: Coroutine[Any, Any, R], timeout_s: float = PATIENCE_S) -> R:
            running = Invocation("asks", EVERYTHING, ports, deadline=clock.time() + timeout_s)
            token = current.set(running)
            try:
                return drive(coroutine)
            finally:
                current.reset(token)

        try:
            yield stage, run
        finally:
            one.close()


def id_of(asked: Asked) -> str:
    return str(json.decode(asked.body)["Key"]["id"]["S"])


def item(id: str) -> bytes:
    return answer(json.encode({"Item": {"id": {"S": id}, "text": {"S": f"of {id}"}}}))


def only_together(count: int) -> Act:
    """Nobody is answered before so many have asked, by connections of their own."""
    barrier = threading.Barrier(count, timeout=PATIENCE_S)

    def act(talk: Talk) -> None:
        while True:
            id = id_of(talk.asked())
            barrier.wait()
            talk.send(item(id))

    return act


def each(said: Callable[[str], bytes]) -> Act:
    def act(talk: Talk) -> None:
        while True:
            talk.send(said(id_of(talk.asked())))

    return act


async def text(id: str) -> str:
    return (await notes.require(id)).text


def of(*ids: str) -> tuple[str, ...]:
    return tuple(f"of {id}" for id in ids)


@pytest.mark.parametrize("certificate", ["", "localhost"])
def test_eight_reads_are_all_asked_before_the_first_is_answered(certificate: str) -> None:
    with function(only_together(8), certificate=certificate) as (stage, run):
        assert run(gather(*[text(id) for id in "abcdefgh"])) == of(*"abcdefgh")
        assert run(gather(*[text(id) for id in "ijklmnop"])) == of(*"ijklmnop")
        assert stage.connections == 8  # they are kept


def test_a_coroutine_goes_on_as_soon_as_it_is_answered() -> None:
    """The first in the row is answered when the second has asked for its next."""
    went_on = threading.Event()

    def said(id: str) -> bytes:
        if id == "next":
            went_on.set()
        elif id == "slow":
            assert went_on.wait(PATIENCE_S)
        return item(id)

    async def two(first: str, second: str) -> tuple[str, str]:
        return await text(first), await text(second)

    with function(each(said)) as (_, run):
        assert run(gather(two("slow", "last"), two("fast", "next"))) == (
            of("slow", "last"),
            of("fast", "next"),
        )


def test_coroutines_ask_together_each_time() -> None:
    async def two(id: str) -> list[str]:
        return [await text(f"{id}1"), await text(f"{id}2")]

    with function(only_together(3)) as (stage, run):
        assert run(gather(*[two(id) for id in "abc"])) == tuple(
            [f"of {id}1", f"of {id}2"] for id in "abc"
        )
        assert (stage.connections, len(stage.asked)) == (3, 6)


def test_the_first_error_in_the_order_given_is_raised_when_all_have_ended() -> None:
    first_may_fail = threading.Event()
    ended: list[str] = []

    def said(id: str) -> bytes:
        if id == "early":
            assert first_may_fail.wait(PATIENCE_S)
        return item(id) if id == "there" else answer(b"{}")

    async def noted(id: str, then: Callable[[], None]) -> str:
        try:
            return await text(id)
        finally:
            ended.append(id)
            then()

    def nothing() -> None:
        """Others wait for it."""

    with function(each(said)) as (_, run):
        with pytest.raises(NotFound, match="'early'"):
            run(
                gather(
                    noted("early", nothing),
                    noted("late", first_may_fail.set),
                    noted("there", nothing),
                )
            )
        assert sorted(ended) == ["early", "late", "there"]
        assert ended.index("late") < ended.index("early")


def test_more_than_sixteen_wait_their_turn() -> None:
    ids = [str(number) for number in range(48)]
    with function(only_together(16)) as (stage, run):
        assert run(gather(*[text(id) for id in ids])) == of(*ids)
        assert stage.connections == 16


def test_gathered_inside_one_another_all_ask_at_the_same_time() -> None:
    with function(only_together(4)) as (_, run):
        inside = gather(text("a"), text("b")), gather(text("c"), text("d"))
        assert run(gather(*inside)) == (of("a", "b"), of("c", "d"))


def test_gathered_inside_one_another_they_open_no_more_than_sixteen() -> None:
    async def some(id: str) -> Any:
        return await gather(*[gather(*[text(f"{id}{a}{b}") for b in "xyz"]) for a in "xyz"])

    with function(each(item)) as (stage, run):
        found = run(gather(*[some(str(number)) for number in range(20)]))
        assert found[7][2] == of("7zx", "7zy", "7zz")
        assert len(stage.asked) == 180
        assert stage.connections <= 16


def test_one_that_is_not_answered_ends_at_the_deadline_and_the_others_are_whole() -> None:
    ended: list[str] = []

    def act(talk: Talk) -> None:
        while True:
            if (id := id_of(talk.asked())) != "hangs":
                talk.send(item(id))

    async def noted(id: str) -> None:
        ended.append(await text(id))

    with function(act) as (stage, run):
        began = time.monotonic()
        with pytest.raises(Unavailable):
            run(gather(noted("hangs"), noted("a"), noted("b")), timeout_s=0.5)
        assert time.monotonic() - began < PATIENCE_S / 2
        assert sorted(ended) == sorted(of("a", "b"))
        assert run(text("c")) == "of c"
        assert stage.connections == 3  # and that one's connection was not kept


def test_the_pause_before_another_attempt_stops_nobody_else() -> None:
    throttled = iter([error("ThrottlingException")])

    def said(id: str) -> bytes:
        return next(throttled, item(id)) if id == "busy" else item(id)

    async def many() -> list[str]:
        return [await text(f"a{number}") for number in range(5)]

    with function(each(said), spent=(spent := Spent(0.9))) as (stage, run):
        assert run(gather(text("busy"), many()))[0] == "of busy"
        assert [id_of(asked) for asked in stage.asked][-1] == "busy"
        assert (len(stage.asked), spent.slept) == (7, [])


def test_a_single_verb_sleeps_before_its_next_attempt() -> None:
    said = iter([error("ThrottlingException"), item("a")])
    with function(each(lambda _: next(said)), spent=(spent := Spent(0.5))) as (_, run):
        assert run(text("a")) == "of a"
        assert len(spent.slept) == 1


class Strange:
    """Waits for something that only an event loop would know."""

    def __await__(self) -> Iterator[object]:
        yield object()


async def strange() -> None:
    await Strange()


def test_who_waits_for_an_event_loop_is_told_so_and_the_others_end() -> None:
    ended: list[str] = []

    async def noted(id: str) -> None:
        ended.append(await text(id))

    with function(each(item)) as (_, run):
        with pytest.raises(RuntimeError, match="needs an event loop"):
            run(gather(strange(), noted("a")))
        with pytest.raises(RuntimeError, match="needs an event loop"):
            run(strange())
    assert ended == ["of a"]


def test_what_is_gathered_twice_runs_once() -> None:
    with function(each(item)) as (stage, run):
        one = text("a")
        assert run(gather(one, text("b"), one)) == of("a", "b", "a")
        assert len(stage.asked) == 2


def test_each_has_context_variables_of_its_own() -> None:
    name: ContextVar[str] = ContextVar("name", default="nobody")

    async def named(id: str) -> str:
        name.set(id)
        await text(id)
        return name.get()

    async def both() -> tuple[Any, str]:
        return await gather(named("a"), named("b")), name.get()

    with function(only_together(2)) as (_, run):
        assert run(both()) == (("a", "b"), "nobody")


def test_nothing_is_gathered_at_once() -> None:
    async def none() -> Any:
        return await gather()

    with function(each(item)) as (_, run):
        assert run(none()) == ()


def test_what_nobody_catches_ends_them_all() -> None:
    async def leaves() -> None:
        await text("a")
        raise KeyboardInterrupt

    def act(talk: Talk) -> None:
        if id_of(talk.asked()) == "a":
            talk.send(item("a"))
        talk.asked()

    with function(act) as (_, run), pytest.raises(KeyboardInterrupt):
        run(gather(leaves(), text("never")))
