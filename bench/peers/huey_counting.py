"""Huey on SQLite. Its own choice is synchronous=FULL or OFF; here it is what the figure says.
A task leaves the database before it runs: one under way at a kill is lost.
"""

from __future__ import annotations

import os
from typing import Any

from huey import SqliteHuey
from huey.storage import SqliteStorage

from bench.board import Board


class Storage(SqliteStorage):
    def _create_connection(self) -> Any:
        connection = super()._create_connection()
        connection.execute(f"PRAGMA synchronous={os.environ['BENCH_SYNCHRONOUS']}")
        return connection


board = Board()
huey = SqliteHuey("counting", filename=os.environ["BENCH_DB"], storage_class=Storage, results=False)


@huey.task()
def count(note_id: str) -> None:
    board.handle(note_id)


def send(note_id: str) -> None:
    count(note_id)
