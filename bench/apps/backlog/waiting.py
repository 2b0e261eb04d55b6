import asyncio
import statistics
from time import perf_counter

from skylift import Queue, Struct

from .gate import Gate
from .notes import api

BATCH = 1_000
SENDERS = 32
BURST = 16
QUIET_S = 1.1  # for a second after a request a queue takes it for one of many
AHEAD_MAX = 1_000  # sent and not handled, beside what waits anyway
NOTE_ID = "01a1f9a886f1c8fbcaa2a9ddbb34a0ee"


class CountWords(Struct):
    note_id: str


class Count(Struct):
    count: int


class Took(Struct):
    """Seconds in all, and the p50 of one where each was timed."""

    seconds: float
    p50_us: float = 0.0


waiting = Queue("waiting", CountWords)
gate = Gate()


@waiting.consumer(timeout_s=900)
async def count(job: CountWords) -> None:
    await gate.through()


@api.post("/waiting/load", status=204, timeout_s=30)
async def load(wanted: Count) -> None:
    for _ in range(0, wanted.count, BATCH):
        await waiting.send_many([CountWords(NOTE_ID)] * BATCH)


@api.post("/waiting/send", timeout_s=30)
async def send(wanted: Count) -> Took:
    """One after another: what a send costs its caller."""
    times: list[float] = []
    begun = perf_counter()
    for _ in range(wanted.count):
        before = perf_counter()
        await waiting.send(CountWords(NOTE_ID))
        times.append(perf_counter() - before)
    return Took(perf_counter() - begun, statistics.median(times) * 1e6)


@api.post("/waiting/drain", timeout_s=30)
async def drain(wanted: Count) -> Took:
    await asyncio.sleep(QUIET_S)
    begun = perf_counter()
    gate.let(wanted.count)
    await gate.wait_closed()
    return Took(perf_counter() - begun)


@api.post("/waiting/open", status=204)
async def open_gate() -> None:
    gate.let()


@api.post("/waiting/live", timeout_s=30)
async def live(wanted: Count) -> Took:
    """So many are handled while as many are sent."""
    await asyncio.sleep(QUIET_S)
    sent, passed, begun = 0, gate.passed, perf_counter()
    gate.let(wanted.count)

    async def keep_sending() -> None:
        nonlocal sent
        while sent < wanted.count:
            if sent - (gate.passed - passed) > AHEAD_MAX:
                await asyncio.sleep(0.0005)
                continue
            for _ in range(min(BURST, wanted.count - sent)):
                sent += 1
                await waiting.send(CountWords(NOTE_ID))

    await asyncio.gather(*(keep_sending() for _ in range(SENDERS)), gate.wait_closed())
    return Took(perf_counter() - begun)
