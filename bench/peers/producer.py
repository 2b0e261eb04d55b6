"""Sends one peer's messages as the board asks for them: `python -m bench.peers.producer MODULE`,
whose `send(note_id)` is that peer's own call. One thread: more of them lower every peer's rate.
"""

from __future__ import annotations

import importlib
import sys
import time

from bench.board import IDLE, LIVE, SPACING_S, WAITING_MAX, Board, new_note_id

BURST = 16  # messages between two looks at the board
LOOK_S = 0.0005


def main(module: str) -> None:
    send, board = importlib.import_module(module).send, Board()
    while True:
        mode = board.mode
        if mode == LIVE and board.waiting < WAITING_MAX:
            for _ in range(BURST):
                board.send()
                send(new_note_id())
        elif mode == IDLE and not board.waiting:
            time.sleep(SPACING_S)
            board.send()
            send(new_note_id())
        else:
            time.sleep(LOOK_S)


if __name__ == "__main__":
    main(sys.argv[1])
