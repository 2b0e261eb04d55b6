"""`skylift dev` and `skylift serve`: the app, listening, until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Iterator
from itertools import count, repeat
from pathlib import Path

from ..errors import DeclarationError, StateError
from ..local.loop import loop_factory
from ..local.process import AppProcess, started
from .load import Source, UserError, load, source_of
from .project import configured_apps
from .watch import Snapshot, changes, snapshot

PORT, PORT_MAX = 8000, 65_535
GRACE_S = 10.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port",
        type=port_number,
        default=PORT,
        help="of the first Api, the next takes the next one; 0: any free",
    )
    parser.add_argument("--host", default="127.0.0.1", help="loopback unless told otherwise")
    parser.add_argument(
        "--state", type=Path, default=Path(".skylift"), help="folder that holds each app's state"
    )
    parser.add_argument(
        "--durability",
        choices=("normal", "full"),
        default="normal",
        help="normal survives kill -9, full a power cut too",
    )


def port_number(said: str) -> int:
    if not (said.isdecimal() and int(said) <= PORT_MAX):
        raise argparse.ArgumentTypeError(f"{said!r} is no port: 0 to {PORT_MAX}")
    return int(said)


def dev(options: argparse.Namespace) -> int:
    sys.dont_write_bytecode = (
        True  # a quick edit must not be hidden by a .pyc of the same second and size
    )
    said = options.apps or configured_apps(Path.cwd())
    return run([source_of(one) for one in said], options, reloading=True)


def serve(options: argparse.Namespace) -> int:
    return run([source_of(options.app)], options, reloading=False)


def run(sources: list[Source], options: argparse.Namespace, *, reloading: bool) -> int:
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(_serve_all(sources, options, reloading))


async def _serve_all(sources: list[Source], options: argparse.Namespace, reloading: bool) -> int:
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopping.set)
    ports: Iterator[int] = repeat(0) if options.port == 0 else count(options.port)
    running: list[AppProcess] = []
    watching: list[asyncio.Task[None]] = []
    try:
        for source in sources:
            seen = snapshot(source.folder)
            process = await _start(source, options, ports)
            running.append(process)
            if reloading:
                watching.append(loop.create_task(_reload_on_change(source, process, seen)))
        await stopping.wait()
        say("stopping: what runs may finish (again: at once)")
        loop.add_signal_handler(signal.SIGINT, sys.exit, 130)
    finally:
        for task in watching:
            task.cancel()
        for process in running:
            await process.stop(GRACE_S)
    return 0


async def _start(source: Source, options: argparse.Namespace, ports: Iterator[int]) -> AppProcess:
    graph = load(source)
    try:
        process = await started(
            graph,
            options.state / graph.app,
            host=options.host,
            ports=ports,
            full=options.durability == "full",
        )
    except OSError as error:
        raise UserError(
            f"{graph.app}: cannot listen on {options.host}: {error.strerror or error}\n"
            "    hint: choose another --port (0 takes any free one)"
        ) from error
    announce(graph.app, process)
    return process


def announce(app: str, process: AppProcess) -> None:
    for api, address in process.addresses().items():
        say(f"{app:<12} {address}  {api}, PUBLIC  (description: {address}/_skylift/)")


async def _reload_on_change(source: Source, process: AppProcess, seen: Snapshot) -> None:
    async for changed in changes(source.folder, seen):
        try:
            await process.reload(load(source))
        except (UserError, DeclarationError, StateError) as error:
            say(f"{error}\nthe code from before keeps running")
        else:
            say(f"reloaded: {', '.join(sorted(changed))}")


def say(text: str) -> None:
    print(text, flush=True)
