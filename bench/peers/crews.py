"""How each contender of the queue figures is started: its worker, as its documentation says, and a
producer beside it; ours is one process. Every message survives `kill -9` once it is sent, and with
`full` a power cut: SQLite with synchronous NORMAL or FULL, Redis with an append-only file that is
synced when the kernel likes or always.
"""

from __future__ import annotations

import shutil
import socket
import sys
import time
from collections.abc import Sequence

from bench.contender import BIN, HOST, asked
from bench.crew import START_S_MAX, Crew, Place

OURS, HUEY = "skylift", "Huey on SQLite"
LITEQUEUE, LITEQUEUE_ALONE = "litequeue", "litequeue in one thread"
DRAMATIQ, CELERY = "Dramatiq+Redis", "Celery+Redis"
Commands = Sequence[Sequence[str]]


def ours(name: str = OURS, *program: str) -> Crew:
    def commands(place: Place) -> Commands:
        durability = "full" if place.full else "normal"
        options = (f"--port={place.port}", f"--state={place.folder / 'state'}")
        said = [*(program or (str(BIN / "skylift"),)), "serve", "bench/apps/relay", *options]
        return [[*said, f"--durability={durability}"]]

    return Crew(name, commands, lambda place: _asked(place.port, "/produce"))


def peers() -> list[Crew]:
    """Those that this machine can run."""
    found = [Crew(HUEY, _huey), Crew(LITEQUEUE, _litequeue), Crew(LITEQUEUE_ALONE, _alone)]
    if shutil.which("redis-server"):
        found += [Crew(DRAMATIQ, _dramatiq), Crew(CELERY, _celery)]
    else:
        print(f"SKIPPED: {DRAMATIQ}, {CELERY}: there is no redis-server here", file=sys.stderr)
    return found


def _asked(port: int, path: str) -> socket.socket:
    """Ask without waiting: the answer comes when all is over."""
    until = time.perf_counter() + START_S_MAX
    while time.perf_counter() < until:
        try:
            wire = socket.create_connection((HOST, port))
        except ConnectionRefusedError:
            time.sleep(0.001)
        else:
            wire.sendall(asked("POST", path))
            return wire
    raise TimeoutError(f"nobody listens at port {port}")


def _huey(_: Place) -> Commands:
    module = "bench.peers.huey_counting"
    polling = ("--delay=0.001", "--max-delay=0.001")  # 0.1 and 10 s if it is left to itself
    options = ("--workers=1", "--worker-type=thread", "--no-periodic", "--quiet", *polling)
    return [[str(BIN / "huey_consumer"), f"{module}.huey", *options], _producer(module)]


def _litequeue(_: Place) -> Commands:
    module = "bench.peers.litequeue_counting"
    return [[sys.executable, "-m", module], _producer(module)]


def _alone(_: Place) -> Commands:
    return [[sys.executable, "-m", "bench.peers.litequeue_counting", "alone"]]


def _dramatiq(place: Place) -> Commands:
    module = "bench.peers.dramatiq_counting"
    worker = [str(BIN / "dramatiq"), module, "--processes=2", "--threads=32"]
    return [_redis(place), worker, _producer(module)]


def _celery(place: Place) -> Commands:
    module = "bench.peers.celery_counting"
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=ERROR")
    worker = [str(BIN / "celery"), f"--app={module}", "worker", "--pool=solo", *quiet]
    return [_redis(place), worker, _producer(module)]


def _redis(place: Place) -> Sequence[str]:
    """Either way a command is in the file before it is answered, as a commit in WAL is."""
    synced = "always" if place.full else "no"
    return [
        *("redis-server", "--bind", HOST, "--port", str(place.port), "--save", ""),
        *("--dir", str(place.folder), "--appendonly", "yes", "--appendfsync", synced),
    ]


def _producer(module: str) -> Sequence[str]:
    return [sys.executable, "-m", "bench.peers.producer", module]
