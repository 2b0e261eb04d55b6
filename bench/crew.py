"""A queue's contender: the processes its documentation asks for, started in order and killed in
reverse, and the board they share with us.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.board import IDLE, LIVE, PLACE, REST, Board
from bench.contender import HOST, free_port
from bench.session import ROOT, Session

START_S_MAX = 30.0
SILENCE_S_MAX = 20.0
LOOK_S = 0.001


@dataclass(frozen=True)
class Place:
    """Where one crew works: a folder for its files, a free port for its server."""

    folder: Path
    port: int
    full: bool  # every commit waits for the disk


@dataclass(frozen=True)
class Crew:
    """How a contender is started: `commands` of its place, the producer last. `began` comes when
    all run, and what it returns is kept until the end.
    """

    name: str
    commands: Callable[[Place], Sequence[Sequence[str]]]
    began: Callable[[Place], object] = lambda _: None


class Working:
    """A crew that has handled its first message."""

    def __init__(self, crew: Crew, place: Place, board: Board, sessions: list[Session]) -> None:
        self.name, self.board, self._sessions = crew.name, board, sessions
        self.place = place

    def cpu_s(self) -> float:
        return sum(session.cpu_s() for session in self._sessions)

    def memory_mb(self) -> float:
        return sum(session.memory_mb() for session in self._sessions)

    def live(self, warm_s: float, seconds: float) -> tuple[float, float]:
        """Messages a second while they are sent as fast as it goes, and CPU seconds of each."""
        self.board.mode = LIVE
        time.sleep(warm_s)
        before, cpu, begun = self.board.handled, self.cpu_s(), time.perf_counter()
        time.sleep(seconds)
        count = self.board.handled - before
        took, cost = time.perf_counter() - begun, self.cpu_s() - cpu
        self.rest()
        if not count:
            raise RuntimeError(f"{self.name} has handled nothing:\n{self.said()}")
        return count / took, cost / count

    def idle_ms(self, count: int) -> list[float]:
        """How long so many messages waited for their handler, each sent into a system at rest."""
        self.rest()
        self.board.forget_samples()
        self.board.mode = IDLE
        self._until(lambda: len(self.board.samples_ms()) >= count)
        self.rest()
        return self.board.samples_ms()

    def rest(self) -> None:
        """Send no more, and wait until all that was sent is handled."""
        self.board.mode = REST
        self._until(lambda: not self.board.waiting)

    def _until(self, is_so: Callable[[], bool]) -> None:
        handled, last = -1, time.perf_counter()
        while not is_so():
            if self.board.handled != handled:
                handled, last = self.board.handled, time.perf_counter()
            if time.perf_counter() > last + SILENCE_S_MAX:
                raise RuntimeError(f"{self.name} handles nothing any more:\n{self.said()}")
            time.sleep(LOOK_S)

    def said(self) -> str:
        return "\n".join(session.said() for session in self._sessions)


@contextmanager
def working(crew: Crew, *, full: bool = False) -> Generator[Working]:
    with TemporaryDirectory(prefix="bench-") as name, ExitStack() as stack:
        place = Place(Path(name), free_port(), full)
        environment = {
            PLACE: str(place.folder / "board"),
            "BENCH_DB": str(place.folder / "queue.db"),
            "BENCH_REDIS": f"redis://{HOST}:{place.port}/0",
            "BENCH_SYNCHRONOUS": "FULL" if full else "NORMAL",
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        }
        board = Board(place.folder / "board")
        sessions: list[Session] = []
        for number, command in enumerate(crew.commands(place)):
            sessions.append(Session(command, place.folder / f"said-{number}.txt", environment))
            stack.callback(sessions[-1].kill)  # some take seconds to end by themselves
        found = Working(crew, place, board, sessions)
        try:
            held = crew.began(place)
        except TimeoutError as error:
            raise RuntimeError(f"{crew.name} does not begin:\n{found.said()}") from error
        found.idle_ms(1)
        yield found
        del held
