"""Asking an app's state: the process that owns it where there is one, and else here, for a moment.
No command needs to know which it was.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

from msgspec import Raw
from msgspec.structs import asdict

from ..errors import DeclarationError
from ..graph.model import Graph
from ..local.backend import LocalBackend
from ..local.control import (
    Control,
    InvokeFunction,
    ListMail,
    ListQueues,
    PeekQueue,
    Refused,
    Request,
)
from ..local.control_client import Broken, Silent, Unanswered, asked
from ..local.control_secret import ListSecrets, SetSecret
from ..local.control_socket import NotListening
from ..local.database import STATE_FILE, make_private
from ..local.loop import loop_factory
from ..local.outside import owner_of
from ..local.owner import COMMAND, Owned, Owner, unusable
from ..local.report import StderrReport
from ..ports import Report
from ..resources.api import Route
from ..resources.bus import Bus
from ..resources.queue import Queue
from ..resources.secret import Secret
from ..system import ENVIRONMENT, SystemClock, SystemEntropy
from ..telemetry.store import TELEMETRY_FILE
from ..telemetry.writer import Writer
from . import remembered
from .load import UserError
from .reading import mistakes_of, print_json, quietly_loaded

LOOKS, LOOK_S = 100, 0.05  # an app may be about to start or to stop
ANSWER_S = 5.0  # for a look, which takes no time
OUT, ERROR = 1, 2
HARMLESS = (
    ListQueues,
    PeekQueue,
    ListMail,
    ListSecrets,
)  # asked again when nobody knows whether they were answered

A = TypeVar("A")


@dataclass(frozen=True)
class Place:
    """Whose state, and where. Without a graph the code cannot be loaded, but an app runs."""

    folder: Path
    graph: Graph | None


def ask(options: argparse.Namespace, request: Request, answer: type[A]) -> A:
    """The answer. With --json a mistake is a document too, before it is raised."""
    try:
        return _answered(_place(options), request, answer)
    except (UserError, DeclarationError) as error:
        if options.json:
            found = [asdict(mistake) for mistake in mistakes_of(error)]
            print_json({"app": options.app, "mistakes": found})
        raise
    except Broken as bug:
        print(f"skylift: {bug}", file=sys.stderr)
        raise SystemExit(1) from bug


def _place(options: argparse.Namespace) -> Place:
    """Of an app whose code is broken the one that still runs can be asked."""
    root: Path = options.state
    try:
        graph = quietly_loaded(options.app, remembered.folder(ENVIRONMENT))
    except (UserError, DeclarationError):
        by_name = root / Path(options.app).name
        if by_name.is_dir() and owner_of(by_name):
            return Place(by_name, None)
        raise
    return Place(root / graph.app, graph)


def _answered(place: Place, request: Request, answer: type[A]) -> A:
    holder, pause = "", Event()
    for _ in range(LOOKS):
        try:
            holder = _holder(place.folder)
            if holder and not isinstance(request, HARMLESS):
                asked(place.folder, ListQueues(), Raw, ANSWER_S)  # is it there at all?
                return asked(place.folder, request, answer)
            if holder:
                return asked(place.folder, request, answer, ANSWER_S)
            return _answered_here(place, request)
        except Refused as refused:
            hint = f"\n    hint: {refused.hint}" if refused.hint else ""
            raise UserError(f"{refused.error}{hint}") from refused
        except Unanswered as error:
            if not isinstance(request, HARMLESS):
                raise UserError(
                    f"{error}\n    hint: look before you try again, it may have been done"
                ) from error
        except Silent:
            break
        except (NotListening, Owned):
            pass  # it is starting, or stopping, or another command has it
        pause.wait(LOOK_S)
    raise UserError(
        f"{place.folder} belongs to {holder or 'another process'}, which does not answer\n"
        "    hint: try again, or stop it and try then"
    )


def _holder(folder: Path) -> str:
    """Who runs on a state, or nobody."""
    try:
        return owner_of(folder) or ""
    except OSError as error:
        raise unusable(folder, error) from error


# -- when nobody owns the state


def _answered_here(place: Place, request: Request) -> Any:
    if place.graph is None:
        raise UserError("the app has stopped, and its code cannot be loaded")
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        if isinstance(request, InvokeFunction):
            with _printing_aside():
                return runner.run(_invoked(place.graph, place.folder, request))
        return runner.run(_looked_up(_queues_of(place.graph), place.folder, request))


def _queues_of(graph: Graph) -> Graph:
    """What concerns queues and what fills them, and secrets: the rest of the state is left as it
    is.
    """
    kinds = (Queue.kind, Bus.kind, Secret.kind)
    queues = tuple(one for one in graph.resources if one.kind in kinds)
    given = tuple(one for one in graph.functions if one.function.trigger.kind != Route.kind)
    return replace(graph, resources=queues, functions=given)


async def _looked_up(graph: Graph, folder: Path, request: Request) -> Any:
    report = StderrReport(SystemClock())
    if isinstance(request, SetSecret):
        make_private(folder)
    elif not (folder / STATE_FILE).exists():  # it never ran: nothing is made of it
        return await _operated(graph, None, request, report)
    owner = Owner(folder, f"{COMMAND}queue|bus|secret`")
    try:
        return await _operated(graph, folder, request, report)
    finally:
        owner.release()


async def _invoked(graph: Graph, folder: Path, request: InvokeFunction) -> Any:
    make_private(folder)
    owner = Owner(folder, f"{COMMAND}invoke`")
    clock = SystemClock()
    telemetry = Writer(folder / TELEMETRY_FILE, clock, SystemEntropy(), Terminal(clock))
    telemetry.start()
    try:
        return await _operated(graph, folder, request, telemetry.recorder)
    finally:
        await asyncio.to_thread(telemetry.close)
        owner.release()


async def _operated(graph: Graph, folder: Path | None, request: Request, report: Report) -> Any:
    path = folder / STATE_FILE if folder else None
    try:
        given = (path, SystemClock(), SystemEntropy(), report)
        backend = LocalBackend(*given, claims=False, environment=ENVIRONMENT)
    except OSError as error:  # of the files beside the database
        raise unusable(folder or Path(), error) from error
    try:
        return await Control(backend, graph, backend.ports(graph)).answer(request)
    finally:
        await backend.close()


@contextmanager
def _printing_aside() -> Generator[None]:
    """What handlers print, and their processes, goes to standard error."""
    sys.stdout.flush()
    ours = os.dup(OUT)
    os.dup2(ERROR, OUT)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(ours, OUT)
        os.close(ours)


class Terminal(StderrReport):
    """Warnings are told at once; a failure is told with the answer."""

    def tell(self, who: str, failure: str) -> None:
        pass
