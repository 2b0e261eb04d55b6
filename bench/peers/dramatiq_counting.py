"""Dramatiq on Redis, with the middleware it comes with."""

from __future__ import annotations

import os

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from bench.board import Board

board = Board()
dramatiq.set_broker(RedisBroker(url=os.environ["BENCH_REDIS"]))


@dramatiq.actor
def count(note_id: str) -> None:
    board.handle(note_id)


def send(note_id: str) -> None:
    count.send(note_id)
