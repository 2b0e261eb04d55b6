"""Power cuts, emulated: an app is served with full durability under the crash test's loads, and at
random instants what a cut would have left of its state is kept, with what its clients had been told
by then. Each of these images is then started like any state, and must account for all of it.
"""

from __future__ import annotations

import asyncio
import copyreg
import os
import random
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, repeat
from pathlib import Path
from typing import Any, NamedTuple

import apsw
from msgspec import json

from skylift.cli.load import load, source_of
from skylift.local.loop import loop_factory
from skylift.local.process import started
from tests.crash.client import Client, Lost
from tests.crash.disk import Cut, Disk
from tests.crash.driver import APPS, CLOCK, loaded
from tests.crash.loads import Load, all_loads, event_loads
from tests.served import NotServed, Served

IMAGES = 60
IMAGES_A_RUN = 10  # then a process and a state of its own begin: copies stay small
SEED = 20261120
EVERY_S_MAX = 0.3  # between two images
RUN_S_MAX = 180.0
CHECKPOINT_LOOKS = 2_000  # ticks
WORKERS_MAX = 4  # of a load: the WAL is to hold many commits, rather than a few big ones
STDERR_SHOWN = 2_000
ROOT = Path(__file__).parents[2]
LOADS: dict[str, Callable[[], list[Load]]] = {
    "ledger": all_loads,
    "events": partial(event_loads, failing_rounds=0, counts_attempts=False),
}
AHEAD_S = 300.0  # the clock of a start: what is tried again in minutes comes at once


@dataclass
class Losses:
    """What happened; `wrong` holds every promise that was broken."""

    images: int = 0
    mixed: int = 0
    acknowledged: int = 0
    wal_bytes_max: int = 0
    wrong: list[str] = field(default_factory=list[str])

    def add(self, other: Losses) -> None:
        self.images += other.images
        self.mixed += other.mixed
        self.acknowledged += other.acknowledged
        self.wal_bytes_max = max(self.wal_bytes_max, other.wal_bytes_max)
        self.wrong += other.wrong

    def __str__(self) -> str:
        return (
            f"{self.images} power cuts, {self.mixed} of them in a checkpoint, up to "
            f"{self.wal_bytes_max // 1024:,} KiB of unsynced WAL lost; {self.acknowledged:,} "
            f"effects acknowledged before them, {len(self.wrong)} lost or wrong"
        )


class Image(NamedTuple):
    """A state as a cut left it, and the clients as they were then."""

    state: Path
    cut: Cut
    loads: list[Load]


def power_cuts(
    folder: Path, images: int = IMAGES, seed: int = SEED, *, lies: bool = False
) -> Losses:
    """The whole story, in an empty folder; `lies`: with a disk that syncs nothing."""
    losses = Losses()
    for begun, name in zip(range(0, images, IMAGES_A_RUN), cycle(LOADS), strict=False):
        run, count = folder / f"run-{begun}", min(IMAGES_A_RUN, images - begun)
        said = [str(run), name, str(count), str(seed + begun)] + (["lies"] if lies else [])
        losses.add(_run(said))
        shutil.rmtree(run)
    return losses


def _run(said: list[str]) -> Losses:
    running = subprocess.Popen(
        [sys.executable, "-m", __name__, *said],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        told, complained = running.communicate(timeout=RUN_S_MAX)
    except BaseException:
        os.killpg(running.pid, signal.SIGKILL)  # the app it looks at, too
        running.communicate()
        raise
    assert running.returncode == 0, complained[-STDERR_SHOWN:].decode(errors="replace")
    return json.decode(told, type=Losses)


def main(folder: Path, name: str, count: int, seed: int, lies: bool) -> None:
    """One run, in a process of its own that ends at once: the app it served is left as it is."""
    copyreg.pickle(asyncio.Barrier, lambda _: (asyncio.Barrier, (1,)))  # for the loads' copies
    losses = Losses()
    try:
        runner = asyncio.Runner(loop_factory=loop_factory())
        images = runner.run(_cut_off(folder / name, count, random.Random(seed), lies))
        for image in images:
            losses.add(_looked_at(image))
            if losses.wrong:
                break
        os.write(sys.stdout.fileno(), json.encode(losses))
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


async def _cut_off(folder: Path, count: int, chance: random.Random, lies: bool) -> list[Image]:
    """In a folder of the app's name."""
    loads, state = LOADS[folder.name](), folder / "live" / folder.name
    for one in loads:
        one.workers = min(one.workers, WORKERS_MAX)
    disk = Disk(state, chance, lies=lies)
    graph = load(source_of(str(APPS / folder.name)))
    process = await started(graph, state, host="127.0.0.1", ports=repeat(0), full=True)
    port = next(iter(process.servers.values())).port
    async with Client(port) as client:
        for one in loads:
            await one.begin(client, 0)
    working = asyncio.create_task(loaded(port, loads, lambda: None))
    images: list[Image] = []
    for number in range(count):
        await asyncio.wait([working], timeout=chance.uniform(0.01, EVERY_S_MAX))
        if number % 2:
            await _until_checkpoint(disk)
        if working.done():
            await working  # a client was answered what it must not be
        place = folder / str(number)
        images.append(Image(place, disk.cut(place / folder.name), deepcopy(loads)))
    return images


async def _until_checkpoint(disk: Disk) -> None:
    """Or until one is long in coming."""
    for _ in range(CHECKPOINT_LOOKS):
        if disk.is_folded:
            return
        await asyncio.sleep(0)


def _looked_at(image: Image) -> Losses:
    told = sum(one.acknowledged for one in image.loads)
    found = Losses(1, int(image.cut.is_mixed), told, image.cut.wal_bytes)
    name = image.state.parent.name
    found.wrong = _damage(image.state / name)
    ahead = [sys.executable, "-P", str(CLOCK), f"{AHEAD_S}"]
    if not found.wrong:
        try:
            with Served(APPS / name, image.state, "--durability=full", wrapper=ahead) as served:
                found.wrong = asyncio.run(_missing(served.port, image.loads))
        except NotServed as error:
            found.wrong = [f"it does not start: {error}"]
        except (AssertionError, Lost) as error:
            found.wrong = [f"what it answers makes no sense: {error!r}"]
    found.wrong = [f"image {image.state.name}: {line}" for line in found.wrong]
    return found


async def _missing(port: int, loads: list[Load]) -> list[str]:
    async with Client(port) as client:
        for check in [one.check for one in loads] + [one.check_all for one in loads]:
            wrong = await check(client)
            if wrong:
                return wrong  # nobody need wait for the messages that are lost too
    return []


def _damage(state: Path) -> list[str]:
    """What SQLite itself finds wrong, in a copy: the app is to recover it, not we."""
    copy = state.with_name("copy")
    shutil.copytree(state, copy)
    try:
        connection: Any = apsw.Connection(str(copy / "state.db"))
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
        connection.close()
    except apsw.Error as error:
        return [f"SQLite: {error}"]
    finally:
        shutil.rmtree(copy)
    return [] if found == ["ok"] else found


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), "lies" in sys.argv)
