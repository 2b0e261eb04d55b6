"""`skylift dev` and `skylift serve`: the app, listening, until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import signal
import socket
import sys
import traceback
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

from ..errors import DeclarationError, StateError
from ..graph.model import Graph
from ..local.loop import loop_factory
from ..local.process import AppProcess, started
from ..system import ENVIRONMENT
from . import remembered
from .leaving import closed
from .load import Source, UserError, load, source_of
from .project import configured_apps
from .watch import Snapshot, changes, snapshot

PORT, PORT_MAX = 8000, 65_535
GRACE_S = 10.0
FAST_RETRY_S = 0.1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port",
        type=port_number,
        default=PORT,
        help="of the first Api, the next takes the next one; 0: any free",
    )
    parser.add_argument(
        "--host", type=host_name, default="127.0.0.1", help="loopback unless told otherwise"
    )
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


def host_name(said: str) -> str:
    if not said:  # a socket would take it for every address of the machine
        raise argparse.ArgumentTypeError("'' is no host: 0.0.0.0 is every address")
    return said


def dev(options: argparse.Namespace) -> int:
    sys.dont_write_bytecode = (
        True  # a quick edit must not be hidden by a .pyc of the same second and size
    )
    said = options.apps or configured_apps(Path.cwd())
    return run([source_of(one) for one in said], options, reloading=True)


def serve(options: argparse.Namespace) -> int:
    return run([source_of(options.app)], options, reloading=False)


def run(sources: list[Source], options: argparse.Namespace, *, reloading: bool) -> int:
    _refuse_alike(sources)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return closed(runner, runner.run(_serve_all(sources, options, reloading)))


def _refuse_alike(sources: list[Source]) -> None:
    """Python knows one package of a name: an edit of one app would load the other's code."""
    seen: dict[str, Source] = {}
    for source in sources:
        other = seen.setdefault(source.top, source)
        if other.root != source.root:
            raise UserError(
                f"{other.folder} and {source.folder} have one name, and Python knows one of them\n"
                "    hint: rename one of the folders, or run each by itself"
            )


async def _serve_all(sources: list[Source], options: argparse.Namespace, reloading: bool) -> int:
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopping.set)
    ports = repeat(0) if options.port == 0 else iter(range(options.port, PORT_MAX + 1))
    running: list[AppProcess] = []
    watching: list[asyncio.Task[None]] = []
    try:
        for source in sources:
            seen = snapshot(source.folder)
            process = await _start(source, options, ports)
            running.append(process)
            if reloading:
                watching.append(loop.create_task(_reload_on_change(source, process, seen)))
        gc.freeze()  # the apps stay: no request waits while they are looked through for garbage
        await stopping.wait()
        say("stopping: what runs may finish (again: at once)")
        loop.add_signal_handler(signal.SIGINT, os._exit, 130)  # as a kill: nothing accepted is lost
    finally:
        for task in watching:
            task.cancel()
        await asyncio.gather(*(process.stop(GRACE_S) for process in running))
    return 0


async def _start(source: Source, options: argparse.Namespace, ports: Iterator[int]) -> AppProcess:
    graph = _loaded(source)
    try:
        process = await started(
            graph,
            options.state / graph.app,
            host=options.host,
            ports=ports,
            full=options.durability == "full",
            retry_s_max=FAST_RETRY_S if options.fast_retries else None,
        )
    except OSError as error:
        remedy = "choose another --port (0 takes any free one)"
        if isinstance(error, socket.gaierror):
            remedy = "--host takes a name or an address of this machine"
        raise UserError(
            f"{graph.app}: cannot listen on {options.host}: {error.strerror or error}\n"
            f"    hint: {remedy}"
        ) from error
    announce(process)
    return process


def _loaded(source: Source) -> Graph:
    """The loop sees no signal while a module is imported, so Ctrl-C ends an import that hangs."""
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return load(source, remembered.folder(ENVIRONMENT))
    finally:
        signal.signal(signal.SIGINT, handler)


def announce(process: AppProcess) -> None:
    for name, address in process.addresses().items():
        told = f"{name}, PUBLIC" if process.is_public(name) else name
        told += f"  (description: {address}/_skylift/)" * process.is_described(name)
        say(f"{process.app:<12} {address}  {told}")


async def _reload_on_change(source: Source, process: AppProcess, seen: Snapshot) -> None:
    async for changed in changes(source.folder, seen):
        before = process.addresses()
        try:
            await process.reload(_loaded(source))
        except (UserError, DeclarationError, StateError, OSError) as error:
            say(f"{error}\nthe code from before keeps running")
        except Exception:  # whatever it was, the next edit must be seen
            traceback.print_exc()
            say("this is a bug of skylift itself, please report it")
            say("the code from before keeps running")
        else:
            say(f"reloaded: {', '.join(sorted(changed))}")
            if process.addresses() != before:
                announce(process)


def say(text: str) -> None:
    try:
        print(text, flush=True)
    except OSError:
        return  # nobody reads any more, as after `| head`: the app runs on
