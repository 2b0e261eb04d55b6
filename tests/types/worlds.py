"""What an author may write in tests: both checkers find nothing here and infer just these types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, assert_type

from skylift import Api, App, Dead, Queue, Struct, Table
from skylift.testing import Unsettled, World, running


class Note(Struct):
    id: str
    words: int | None = None


api = Api("api")
notes = Table("notes", Note, key="id")
counting = Queue("counting", Note)


@counting.consumer
async def count(note: Note) -> None: ...


async def test_a_note(app: App, tmp_path: Path) -> None:
    async with running(app, contention=0.2, seed=7, path=tmp_path) as world:
        assert_type(world, World)
        answer = await world.http.post("/notes", json=Note("a"), headers={"x-a": "b"})
        assert_type(answer.status, int)
        assert_type(answer.json, Any)
        assert_type(answer.text, str)
        assert_type(answer.body, bytes)
        assert_type(answer.headers, Mapping[str, str])
        await world.api(api).get("/notes", query={"words": 3, "deep": True, "ids": ["a", "b"]})
        await world.api("api").put("/notes/a", body=b"raw")
        await world.http.patch("/notes/a", json={"words": [1, None]})
        await world.http.delete("/notes/a")
        await world.http.request("OPTIONS", "/notes")
        await counting.send(Note("a"), delay_s=3)
        await world.settle()
        await world.settle(real_s=0.5)
        await world.clock.advance(minutes=1, seconds=30)
        await world.clock.advance(timedelta(days=1))
        assert_type(world.clock.now(), datetime)
        assert_type((await world.counts(counting)).ready, int)
        assert_type(await count.dead.peek(), list[Dead[Note]])
        assert_type(await notes.require("a"), Note)
        assert_type([failure.text for failure in world.failures], list[str])
        assert_type([log.level for log in world.logs], list[str])
        assert_type([span.function for trace in world.traces for span in trace.spans], list[str])
        world.contention = 1.0
        assert_type(world.seed, int)


async def test_that_it_settles(app: App) -> list[str]:
    async with running(app) as world:
        try:
            await world.settle()
        except Unsettled as error:
            return error.lines
    return []
