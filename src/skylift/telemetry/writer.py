"""The thread that takes what was recorded and keeps it on the disk: it sleeps until something was,
then gathers for half a second. A disk that does not take it costs records, never the app.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import apsw

from ..ports import Clock, Entropy
from . import chunk
from .column import Columns
from .record import Log, Minute, Span
from .recorder import OWN_LOGGER, Recorder, Terminal
from .store import BYTES_MAX, Chunk, Store
from .usage import MINUTE_S, Counter

GATHER_S = 0.5
RECORDS_MAX = 1_000  # of a chunk
SLICE, PAUSE_S = 100, 0.000_5
STOP_S_MAX = 5.0
PAGES_FILE = "/proc/self/statm"
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Writer:
    """`recorder` is the Report for the app's ports. What is wrong with the file is told at the
    terminal once, until it is well again.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        entropy: Entropy,
        terminal: Terminal,
        *,
        bytes_max: int = BYTES_MAX,
    ) -> None:
        self._path, self._bytes_max, self._terminal = path, bytes_max, terminal
        self._clock, self._entropy = clock, entropy
        self._work, self._closing = threading.Event(), threading.Event()
        self.recorder = Recorder(clock, terminal, self._work.set)
        self._store: Store | None = None
        self._counter = Counter()
        self._minute_seq: tuple[int, int] | None = None  # the minute last written, and its number
        self._lost, self._illness = 0, ""
        self._detach: Callable[[], None] | None = None
        self._thread = threading.Thread(target=self._run, name="skylift-telemetry", daemon=True)

    def start(self) -> None:
        self._tap_logging()
        self._thread.start()

    def close(self) -> None:
        """Write what is left and let go of the file. A disk that hangs is not waited for."""
        if self._detach is not None:
            self._detach()
        self._closing.set()
        self._work.set()
        self._thread.join(STOP_S_MAX)
        self._terminal.close()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._work.wait()
            self._closing.wait(GATHER_S)
            self._work.clear()
            self._tap_logging()
            self._flush()
        self._flush()
        if self._store is not None:
            self._store.close()

    def _tap_logging(self) -> None:
        """Once something has loaded logging. A handler of the author's may be the first."""
        if self._detach is None and "logging" in sys.modules and not self._closing.is_set():
            from .tap import LogTap

            tap = LogTap(self.recorder)
            tap.attach()
            self._detach = tap.detach

    def _flush(self) -> None:
        self.recorder.listen()
        while True:
            spans, columns = self._taken_spans(), self.recorder.take_columns()
            logs = self.recorder.take_logs(RECORDS_MAX)
            dropped = self.recorder.take_dropped()
            if dropped:
                logs.append(self._note(dropped, "dropped: more came than can be kept"))
            if not (spans or columns or logs):
                return
            self._keep(spans, columns, logs)

    def _taken_spans(self) -> list[Span]:
        """A few at a time: while they are made into values, nothing else in the process runs."""
        spans: list[Span] = []
        while len(spans) < RECORDS_MAX and (some := self.recorder.take_spans(SLICE)):
            spans += some
            self._closing.wait(PAUSE_S)
        return spans

    def _keep(self, spans: list[Span], columns: list[Columns], logs: list[Log]) -> None:
        try:
            self._write(spans, columns, logs)
        except (apsw.Error, OSError) as error:
            self._lost += len(spans) + sum(len(one.seconds()) for one in columns) + len(logs)
            if not self._illness:
                self._illness = str(error)
                said = f"it is not kept: {error}. The app runs on without it"
                self._terminal.warned("telemetry", said)
            if self._store is not None:
                self._store.close()
                self._store = None
        else:
            if self._lost:
                self.recorder.keep(self._note(self._lost, f"lost: {self._illness}"))
            self._lost, self._illness = 0, ""

    def _write(self, spans: list[Span], columns: list[Columns], logs: list[Log]) -> None:
        """As one commit."""
        store = self._opened()
        now = self._clock.time()
        chunks: list[Chunk] = []
        if logs:
            chunks.append(Chunk("logs", now, chunk.of_logs(logs)))
        if spans or columns:
            seed = self._entropy.token_bytes(chunk.SEED_BYTES)
            chunks.append(Chunk("spans", now, chunk.of_spans(spans, columns, seed)))
            minute = self._counter.add(spans, columns, now, rss_bytes())
            chunks.append(self._of_minute(minute, now))
        numbers = store.write(chunks)
        self._say_what_was_put_aside(store)
        if spans or columns:
            self._minute_seq = int(now // MINUTE_S), numbers[-1]

    def _of_minute(self, minute: Minute, now: float) -> Chunk:
        """It takes the place of what was known of this minute before."""
        known, seq = self._minute_seq or (0, 0)
        return Chunk(
            "minutes", now, chunk.of_minute(minute), seq if known == minute.minute else None
        )

    def _opened(self) -> Store:
        if self._store is None:
            self._store = Store(self._path, self._bytes_max)
            self._minute_seq = None
        return self._store

    def _say_what_was_put_aside(self, store: Store) -> None:
        if store.put_aside is not None:
            place, store.put_aside = store.put_aside.name, None
            said = f"{self._path} was damaged or not ours: it is {place} now, and a new one begun"
            self._terminal.warned("telemetry", said)
            self.recorder.keep(Log(self._clock.time(), "WARNING", OWN_LOGGER, said))

    def _note(self, count: int, what_became: str) -> Log:
        text = f"{count:,} record{'s' * (count > 1)} of telemetry {what_became}"
        return Log(self._clock.time(), "WARNING", OWN_LOGGER, text)


def rss_bytes() -> int:
    """Resident memory of this process; 0 where the system does not say."""
    try:
        with open(PAGES_FILE, encoding="ascii") as file:
            return int(file.read().split()[1]) * PAGE_BYTES
    except OSError:
        return 0
