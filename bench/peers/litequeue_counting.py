"""litequeue: a library without a worker, so its consumer is this loop, in a process of its own or
in the producer's thread (`alone`). WAL and synchronous=NORMAL are its own choice. What is done
stays in the table until it is pruned.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time

from litequeue import LiteQueue
from msgspec import Struct
from msgspec.json import Decoder, Encoder

from bench.board import IDLE, LIVE, SPACING_S, Board, new_note_id

POLL_S = 0.001
PRUNE_EVERY = 1_000  # messages


class CountWords(Struct):
    note_id: str


def opened() -> LiteQueue:
    while True:
        try:
            queue = LiteQueue(os.environ["BENCH_DB"])
        except sqlite3.OperationalError:  # two processes set it up at once, and it does not wait
            time.sleep(POLL_S)
        else:
            queue.conn.execute(f"PRAGMA synchronous={os.environ['BENCH_SYNCHRONOUS']}")
            return queue


queue, board = opened(), Board()
encode, decode = Encoder().encode, Decoder(CountWords).decode


def send(note_id: str) -> None:
    queue.put(encode(CountWords(note_id)).decode())


def consume() -> None:
    while True:
        if not consumed():
            time.sleep(POLL_S)


def consumed() -> bool:
    """Whether there was a message."""
    message = queue.pop()
    if message is None:
        return False
    board.handle(decode(message.data).note_id)
    queue.done(message.message_id)
    if board.handled % PRUNE_EVERY == 0:
        queue.prune()
    return True


def alone() -> None:
    """Send and consume in turn: nobody waits for anybody, which is the most it can do."""
    while True:
        mode = board.mode
        if mode == IDLE:
            time.sleep(SPACING_S)
        if mode in (LIVE, IDLE):
            board.send()
            send(new_note_id())
        if not consumed():
            time.sleep(POLL_S)


if __name__ == "__main__":
    alone() if "alone" in sys.argv else consume()
