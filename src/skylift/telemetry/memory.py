"""Telemetry of a test: kept in memory, in order, read when it is asked for. No thread and no
chance, so two runs of the same say the same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from ..ports import Clock
from .chunk import SEED_BYTES, with_ids
from .record import Log, Span
from .recorder import Recorder
from .tree import Trace, traces_of

ALL = sys.maxsize


class MemoryTelemetry:
    """`recorder` is the Report of the app's ports; `logs`, `spans` and `traces` are everything so
    far, the newest last.
    """

    def __init__(self, clock: Clock) -> None:
        self.recorder = Recorder(clock, in_order=True)
        self._logs: list[Log] = []
        self._spans: list[Span] = []
        self._detach: Callable[[], None] | None = None

    @property
    def logs(self) -> list[Log]:
        self._logs += self.recorder.take_logs(ALL)
        return list(self._logs)

    @property
    def spans(self) -> list[Span]:
        """In order of their ends."""
        seed = len(self._spans).to_bytes(SEED_BYTES, "big")
        taken = self.recorder.take_spans(ALL)
        self._spans += with_ids(taken, seed)
        return list(self._spans)

    @property
    def traces(self) -> list[Trace]:
        return traces_of(self.spans, self.logs)

    def tap_logging(self) -> None:
        """Take what goes through the standard library's logging too, until `close`."""
        from .tap import LogTap

        tap = LogTap(self.recorder)
        tap.attach()
        self._detach = tap.detach

    def close(self) -> None:
        if self._detach is not None:
            self._detach()
            self._detach = None
