"""Kills a served app again and again under load, and after every restart asks whether all that was
acknowledged is there. One state lives through all rounds.

The kill comes from a process of its own, so that its instant has nothing to do with what the
clients or the server are doing.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

from tests.crash.client import Client, Lost
from tests.crash.loads import Load
from tests.served import NotServed, Served

APPS = Path(__file__).parents[1] / "apps"
SEED = 20261120
LOAD_S_MAX = 0.6  # a kill comes at any instant of it
INTEGRITY_EVERY = 20  # rounds
FULL_EVERY = 4  # rounds; the others run with the default durability
START_KILL_EVERY = 10  # rounds in which a process dies while it starts, too
START_S_MAX = 0.25
CLOCK = Path(__file__).with_name("ahead.py")
MINUTE_S, BEFORE_S = 60, 1.0
# At the end, on a clock that is set ahead: on a busy machine a process is killed each time before
# the last attempts have their turn.
CALM_ROUNDS, CALM_S = 5, 1.5


@dataclass(frozen=True)
class Trial:
    """What is killed how often, under which load."""

    app: Path
    kills: int
    loads: list[Load]
    clock: Callable[[int], float] | None = None  # how far ahead it is set for a round
    load_s_max: float = LOAD_S_MAX


@dataclass
class Counts:
    """What happened; `wrong` holds every promise that was broken."""

    seed: int = SEED
    kills: int = 0
    in_a_write: int = 0
    starting_kills: int = 0
    restarts: int = 0
    acknowledged: int = 0
    integrity_checks: int = 0
    wrong: list[str] = field(default_factory=list[str])
    told: list[str] = field(default_factory=list[str])  # what the loads of messages counted

    def __str__(self) -> str:
        return (
            f"seed {self.seed}: {self.kills} kills under load, {self.in_a_write} of them "
            f"in a write ({self.in_a_write / max(self.kills, 1):.0%}), "
            f"{self.starting_kills} while starting; "
            f"{self.restarts} restarts, {self.integrity_checks} integrity checks, "
            f"{self.acknowledged:,} effects acknowledged, {len(self.wrong)} lost or wrong"
        ) + "".join(f"\n    {line}" for line in self.told)


def killed_again_and_again(folder: Path, trial: Trial, seed: int = SEED) -> Counts:
    """The whole story, in an empty folder."""
    counts, chance, loads = Counts(seed), random.Random(seed), trial.loads
    state, name = folder / "state", trial.app.name
    served = _served(trial, state, 0)
    try:
        for number in range(trial.kills):
            asyncio.run(_begun(served, loads, number))
            asyncio.run(_killed_under_load(served, loads, chance.uniform(0, trial.load_s_max)))
            counts.kills += 1
            counts.in_a_write += (state / name / "writing").read_bytes() == b"\1"
            if number % INTEGRITY_EVERY == INTEGRITY_EVERY - 1:
                counts.wrong += _damage(state / name, folder / "copy")
                counts.integrity_checks += 1
            if number % START_KILL_EVERY == START_KILL_EVERY - 1:
                counts.starting_kills += _killed_while_starting(trial, state, number, chance)
            served = _served(trial, state, number + 1)
            counts.restarts += 1
            counts.wrong += [
                f"round {number}: {line}" for line in asyncio.run(_told(served, loads))
            ]
        for calm in range(CALM_ROUNDS if trial.clock else 0):
            served.__exit__(None, None, None)
            served = _served(trial, state, trial.kills + 1 + calm)
            counts.wrong += asyncio.run(_told_calmly(served, loads))
        counts.wrong += asyncio.run(_told_ever(served, loads))
    finally:
        served.__exit__(None, None, None)
    counts.acknowledged = sum(load.acknowledged for load in loads)
    counts.told = [str(load) for load in loads if type(load).__str__ is not object.__str__]
    return counts


def _served(trial: Trial, state: Path, number: int, wrapper: Sequence[str] = ()) -> Served:
    """For the round of this number."""
    options = ["--durability=full"] if number and number % FULL_EVERY == 0 else []
    if trial.clock is not None:
        wrapper = [*wrapper, sys.executable, "-P", str(CLOCK), f"{trial.clock(number):.3f}"]
    return Served(trial.app, state, *options, wrapper=wrapper)


def by_the_minute(seed: int = SEED) -> Callable[[int], float]:
    """A clock that a whole minute begins on around each start, a minute later each time, or two."""
    chance, begun = random.Random(seed), time.time() // MINUTE_S * MINUTE_S
    minutes: list[int] = [1]

    def ahead_s(number: int) -> float:
        while len(minutes) <= number:
            minutes.append(minutes[-1] + (1 if len(minutes) % 5 else 3))
        at = begun + minutes[number] * MINUTE_S - chance.uniform(-BEFORE_S, 2 * BEFORE_S)
        return at - time.time()

    return ahead_s


async def _begun(served: Served, loads: Sequence[Load], number: int) -> None:
    async with Client(served.port) as client:
        for load in loads:
            await load.begin(client, number)


async def _killed_under_load(served: Served, loads: Sequence[Load], after_s: float) -> None:
    killers: list[subprocess.Popen[bytes]] = []
    command = ["sh", "-c", f"sleep {after_s:.4f}; kill -9 {served.process.pid}"]
    await loaded(served.port, loads, lambda: killers.append(subprocess.Popen(command)))
    killers[0].wait()
    code = served.ended()
    assert code == -signal.SIGKILL, f"it ended by itself with {code}:\n{served.told()}"


async def loaded(port: int, loads: Sequence[Load], when_begun: Callable[[], object]) -> None:
    """All clients at work until each has lost its connection; `when_begun` sees to that."""
    async with AsyncExitStack() as stack:
        clients = [
            (load, worker, await stack.enter_async_context(Client(port)))
            for load in loads
            for worker in range(load.workers)
        ]
        async with asyncio.TaskGroup() as working:
            for load, worker, client in clients:
                working.create_task(_until_lost(load.work(client, worker)))
            when_begun()


async def _until_lost(work: Awaitable[None]) -> None:
    try:
        await work
    except Lost:
        pass


def _killed_while_starting(trial: Trial, state: Path, number: int, chance: random.Random) -> int:
    """Recovery itself is interrupted: 1 when the kill came before the process listened."""
    killed = (
        "sh",
        "-c",
        f'(sleep {chance.uniform(0.05, START_S_MAX):.4f}; kill -9 $$) & exec "$@"',
        "sh",
    )
    try:
        served = _served(trial, state, number + 1, killed)
    except NotServed:
        return 1
    served.ended()  # the kill is on its way
    return 0


async def _told(served: Served, loads: Sequence[Load]) -> list[str]:
    async with Client(served.port) as client:
        return [line for load in loads for line in await load.check(client)]


async def _told_calmly(served: Served, loads: Sequence[Load]) -> list[str]:
    await asyncio.sleep(CALM_S)
    return await _told(served, loads)


async def _told_ever(served: Served, loads: Sequence[Load]) -> list[str]:
    async with Client(served.port) as client:
        return [line for load in loads for line in await load.check_all(client)]


def _damage(state: Path, copy: Path) -> list[str]:
    """What SQLite itself finds wrong, in a copy: the state goes on as the kill left it."""
    shutil.copytree(state, copy, ignore=_sockets)
    connection: Any = apsw.Connection(str(copy / "state.db"))
    found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
    connection.close()
    shutil.rmtree(copy)
    return [] if found == ["ok"] else found


def _sockets(folder: str, names: list[str]) -> list[str]:
    """What cannot be copied: commands ask the app over it."""
    return [name for name in names if (Path(folder) / name).is_socket()]
