from time import perf_counter

from skylift import Queue, new_id

from .gate import Gate
from .notes import Note, api, notes
from .waiting import BATCH, NOTE_ID, Count, CountWords

WORK_US = 50.0

writing = Queue("writing", CountWords)
computing = Queue("computing", CountWords)
gate = Gate()


def _steps() -> int:
    """Of a loop that takes as long as a handler that thinks."""
    begun = perf_counter()
    _work(200_000)
    return int(200_000 * WORK_US / 1e6 / (perf_counter() - begun))


def _work(steps: int) -> int:
    found = 0
    for step in range(steps):
        found ^= step
    return found


STEPS = _steps()


@writing.consumer(timeout_s=900)
async def put_one(job: CountWords) -> None:
    await gate.through()
    await notes.put(Note(new_id(), job.note_id))


@computing.consumer(timeout_s=900)
async def compute(job: CountWords) -> None:
    await gate.through()
    _work(STEPS)


@api.post("/crowd/writing", status=204, timeout_s=30)
async def load_writing(wanted: Count) -> None:
    for _ in range(0, wanted.count, BATCH):
        await writing.send_many([CountWords(NOTE_ID)] * BATCH)


@api.post("/crowd/computing", status=204, timeout_s=30)
async def load_computing(wanted: Count) -> None:
    for _ in range(0, wanted.count, BATCH):
        await computing.send_many([CountWords(NOTE_ID)] * BATCH)


@api.post("/crowd/open")
async def open_gate() -> Count:
    gate.let()
    return Count(gate.passed)


@api.post("/crowd/close")
async def close_gate() -> Count:
    gate.close()
    return Count(gate.passed)
