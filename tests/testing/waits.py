"""An app whose functions wait, each for something else. What they did is in `seen`."""

from __future__ import annotations

import asyncio
import threading
import time

from skylift import Queue, Struct, in_thread

seen: list[str] = []


class Wait(Struct):
    ms: float = 0


napping = Queue("napping", Wait)
threading_ = Queue("threads", Wait)
aside = Queue("aside", Wait)
foreign = Queue("foreign", Wait)
isolated = Queue("isolated", Wait)
hurried = Queue("hurried", Wait)
stubborn = Queue("stubborn", Wait)
spinning = Queue("spinning", Wait)
hand_in_hand = Queue("hand-in-hand", Wait)
met = asyncio.Event()


@napping.consumer(timeout_s=5)
async def nap(wait: Wait) -> None:
    await asyncio.sleep(wait.ms / 1000)
    seen.append("napped")


@threading_.consumer(timeout_s=5)
async def ask_thread(wait: Wait) -> None:
    await asyncio.to_thread(time.sleep, wait.ms / 1000)
    seen.append("threaded")


@aside.consumer(timeout_s=5)
async def ask_aside(wait: Wait) -> None:
    assert await in_thread(slept, wait.ms, where=threading.get_ident()) == wait.ms
    seen.append("aside")


def slept(ms: float, where: int) -> float:
    assert threading.get_ident() != where
    time.sleep(ms / 1000)
    return ms


@foreign.consumer(timeout_s=5)
async def ask_foreign_thread(wait: Wait) -> None:
    """As libraries do that bring a thread of their own."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def work() -> None:
        time.sleep(wait.ms / 1000)
        loop.call_soon_threadsafe(done.set)

    threading.Thread(target=work).start()
    await done.wait()
    seen.append("done")


@isolated.consumer(timeout_s=5, isolate=True)
def compute(wait: Wait) -> None:
    time.sleep(wait.ms / 1000)


@hurried.consumer(timeout_s=0.03, attempts_max=1)
def hurry(wait: Wait) -> None:
    time.sleep(wait.ms / 1000)


@stubborn.consumer(timeout_s=5, attempts_max=1)
async def resist(wait: Wait) -> None:
    """Goes on after its deadline, once."""
    try:
        await asyncio.sleep(3600)
    finally:
        await asyncio.sleep(3600)


@spinning.consumer(timeout_s=5, attempts_max=1)
async def spin(wait: Wait) -> None:
    while True:
        await asyncio.sleep(0)


@hand_in_hand.consumer(timeout_s=5, attempts_max=1, concurrency_max=2)
async def meet(wait: Wait) -> None:
    """The first waits for the second."""
    if wait.ms:
        met.set()
    await met.wait()
    seen.append("met")
