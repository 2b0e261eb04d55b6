"""The examples of docs/ run: an app in memory each, asked for what its page says of it."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from skylift.testing import World, running
from tests.tidy.test_documentation import EXAMPLES
from tests.unit.written_app import loaded, written


@asynccontextmanager
async def example(
    folder: Path, page: str, has: str, failures: int = 0
) -> AsyncGenerator[tuple[World, Any]]:
    """A world of the page's example in which this text stands, and its module."""
    (source,) = (
        text for at, text in EXAMPLES.items() if at.startswith(f"docs/{page}.md:") and has in text
    )
    home = written(folder, source)
    with loaded(home):
        app = sys.modules[f"{home.name}.app"].app
        async with running(app) as world:
            yield world, sys.modules[f"{home.name}.things"]
            assert len(world.failures) == failures, world.failures


async def test_a_topic_reaches_those_whose_filter_fits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with example(tmp_path, "resources/topic", "placed.feeds(packing") as (world, _):
        for id, country, total in (("1", "ES", 5.0), ("2", "FR", 2000.0)):
            order = {"id": id, "country": country, "total": total}
            assert (await world.http.post("/orders", json=order)).status == 204
        await world.settle()
    told = sorted(capsys.readouterr().out.splitlines())
    assert told == ["packed 1", "somebody looks at 2", "thank you for 1", "thank you for 2"]


async def test_a_fifo_topic_keeps_the_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with example(tmp_path, "resources/topic", "fifo=True") as (world, things):
        for what in ("cut", "glue", "paint"):
            await things.steps.publish(things.Step("a", what), group="a")
        await world.settle()
    assert capsys.readouterr().out.splitlines() == ["a cut", "a glue", "a paint"]


async def test_a_bus_hands_on_by_type_and_pattern(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with example(tmp_path, "resources/bus", "archive_days=30") as (world, _):
        for size in (2, 4):
            room = {"topic": f"chess for {size}", "size": size}
            made = await world.http.post("/rooms", json=room)
        await world.http.delete(f"/rooms/{made.json['id']}")
        await world.settle()
    told = capsys.readouterr().out
    assert told == f"somebody opened chess for 4\nnobody is left in {made.json['id']}\n"


async def test_a_timer_closes_what_nobody_kept_open(tmp_path: Path) -> None:
    async with example(tmp_path, "resources/timer", "closing.set(") as (world, things):
        for id in ("a", "b", "c"):
            await world.http.post(f"/rooms/{id}")
        await world.http.put("/rooms/b/hour")
        await world.http.delete("/rooms/c/end")
        await world.clock.advance(minutes=61)
        assert [(await things.rooms.require(id)).state for id in "abc"] == [
            "open",
            "closed",
            "open",
        ]
        await world.clock.advance(hours=1)
        assert [(await things.rooms.require(id)).state for id in "abc"] == [
            "closed",
            "closed",
            "open",
        ]


async def test_a_schedule_reports_each_workday(tmp_path: Path) -> None:
    async with example(tmp_path, "resources/schedule", "nightly.run") as (world, things):
        await world.clock.advance(days=7)  # from a Thursday
        days = sorted([one.day async for one in things.reports.scan()])
        assert days == ["2061-07-28", "2061-07-31", "2061-08-01", "2061-08-02", "2061-08-03"]


async def test_changes_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with example(tmp_path, "resources/table", "on_change") as (world, things):
        for voter, choice in (("ann", "tea"), ("bob", "tea"), ("ann", "milk")):
            await things.votes.put(things.Vote("here", voter, choice))
            await world.settle()
        await things.votes.delete("here", "bob")
        await world.settle()
        found = {one.choice: one.votes async for one in things.totals.scan()}
        assert found == {"tea": 0, "milk": 1}
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == [
        "created",
        "created",
        "updated",
        "deleted",
    ]


async def test_what_was_given_up_is_written_down(tmp_path: Path) -> None:
    async with example(tmp_path, "resources/dead", "charge.dead", failures=3) as (world, things):
        await things.charging.send(things.Charge("one"))
        await world.settle()
        assert "the bank is closed" in (await things.refused.require("one")).why


async def test_a_queue_charges_and_thanks(tmp_path: Path) -> None:
    async with example(tmp_path, "resources/queue", "charging.consumer") as (world, things):
        made = await world.http.post("/orders", json={"mail": "ann@example.org"})
        await world.settle()
        assert (await things.orders.require(made.json["id"])).state == "charged"


async def test_a_started_function_runs_with_its_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with example(tmp_path, "functions", "cook.start") as (world, _):
        await world.http.post("/orders/soup")
        await world.settle()
    assert capsys.readouterr().out == "soup is done\n"


async def test_what_is_asked_twice_is_charged_once(tmp_path: Path) -> None:
    async with example(tmp_path, "once", "once_by") as (world, things):
        await things.accounts.create(things.Account("a", 100))
        for _ in range(2):
            await things.charging.send(things.Charge("r", "a", 30))
        await world.settle()
        assert (await things.accounts.require("a")).balance == 70
