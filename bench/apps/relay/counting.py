import asyncio

from bench.board import IDLE, LIVE, SPACING_S, WAITING_MAX, Board, new_note_id
from skylift import Api, Queue, Struct

SENDERS = 32
BURST = 16  # messages between two looks at the board
LOOK_S = 0.0005


class CountWords(Struct):
    note_id: str


api = Api("api")
counting = Queue("counting", CountWords)
board = Board()


@api.post("/produce", status=204, timeout_s=30)
async def produce() -> None:
    """Sends as the board asks for it, until its time is over."""
    while True:
        if board.mode == LIVE:
            await asyncio.gather(*(keep_sending() for _ in range(SENDERS)))
        elif board.mode == IDLE and not board.waiting:
            await asyncio.sleep(SPACING_S)
            board.send()
            await counting.send(CountWords(new_note_id()))
        else:
            await asyncio.sleep(LOOK_S)


async def keep_sending() -> None:
    while board.mode == LIVE:
        if board.waiting < WAITING_MAX:
            for _ in range(BURST):
                board.send()
                await counting.send(CountWords(new_note_id()))
        else:
            await asyncio.sleep(LOOK_S)


@api.post("/counts", status=204)
async def send() -> None:
    board.send()
    await counting.send(CountWords(new_note_id()))


@counting.consumer
async def count(job: CountWords) -> None:
    board.handle(job.note_id)
