"""Celery on Redis, acknowledging after the task as ours does; no results, no gossip."""

from __future__ import annotations

import os

from celery import Celery

from bench.board import Board

board = Board()
app = Celery("counting", broker=os.environ["BENCH_REDIS"])
app.conf.update(task_acks_late=True, task_ignore_result=True, worker_prefetch_multiplier=64)


@app.task
def count(note_id: str) -> None:
    board.handle(note_id)


def send(note_id: str) -> None:
    count.delay(note_id)
