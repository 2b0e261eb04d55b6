"""What an app reports, kept in memory until somebody takes it. Reporting an invocation costs an
append; whoever takes the records makes values of them. Never blocks, never grows beyond its limits:
what does not fit is dropped and counted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol, TypeAlias, cast

from ..engine.told import place_of, said, told
from ..errors import SkyliftError
from ..invocation import Invocation, is_traceparent
from ..ports import Clock, Running
from .record import Failure, Log, Span

SPANS_MAX = 50_000  # waiting to be taken
LOGS_MAX = 20_000
LETTERS_MAX = 16_000_000  # of the logs that wait
TEXT_MAX = 16_000  # letters of one text
OWN_LOGGER = "skylift"

Ended: TypeAlias = tuple[Invocation, Failure | None, float]


class Terminal(Protocol):
    """Where people read failures and warnings at once."""

    def tell(self, who: str, failure: str) -> None: ...
    def warned(self, function: str, text: str) -> None: ...


class Recorder:
    """The Report of an app. Threads may report while another takes. `wake` is called when something
    waits that nobody was told of yet.
    """

    def __init__(
        self, clock: Clock, terminal: Terminal | None = None, wake: Callable[[], None] | None = None
    ) -> None:
        self._time, self._terminal, self._wake = clock.time, terminal, wake
        self._ended: deque[Ended] = deque()
        self._logs: deque[Log] = deque()
        self._letters = 0
        self._met: set[str] = set()
        self._was_told = False
        self.dropped = 0

    def ended(self, running: Running, error: BaseException | None) -> None:
        if len(self._ended) >= SPANS_MAX:
            self.dropped += 1
            return
        # An error is read at once: held, it would keep alive all its frames know, a request's body
        # included, and let go of it in the wrong thread.
        failure = None if error is None else failure_of(error)
        self._ended.append((cast(Invocation, running), failure, self._time()))
        if not self._was_told:
            self._tell()

    def failed(self, running: Running, error: BaseException) -> None:
        text = told(error)
        if self._terminal is not None:
            self._terminal.tell(running.function, text)
        self.log("ERROR", said(error), cast(Invocation, running), exception=text)

    def broken(self, error: BaseException) -> None:
        """A bug of skylift itself: every frame counts."""
        text = told(error, lambda _: True)
        if self._terminal is not None:
            self._terminal.tell(OWN_LOGGER, text)
        self.log("ERROR", said(error), None, exception=text)

    def warned(self, function: str, text: str) -> None:
        if self._terminal is not None:
            self._terminal.warned(function, text)
        self.keep(Log(self._time(), "WARNING", OWN_LOGGER, clipped(text), function))

    def log(
        self,
        level: str,
        text: str,
        running: Invocation | None,
        *,
        logger: str = OWN_LOGGER,
        exception: str = "",
        extra: str = "",
    ) -> None:
        function = trace = span = ""
        if running is not None:
            function, (trace, span) = running.function, ids_of(running.trace)
        told = clipped(text), function, trace, span, clipped(exception), extra
        self.keep(Log(self._time(), level, logger, *told))

    def keep(self, log: Log) -> None:
        letters = len(log.text) + len(log.exception) + len(log.extra)
        if len(self._logs) >= LOGS_MAX or self._letters + letters > LETTERS_MAX:
            self.dropped += 1
            return
        self._letters += letters
        self._logs.append(log)
        if not self._was_told:
            self._tell()

    def listen(self) -> None:
        """From now on `wake` is called again. Before taking: what is reported later is told."""
        self._was_told = False

    def take_spans(self, count_max: int) -> list[Span]:
        taking = range(min(count_max, len(self._ended)))
        return [self._span(*self._ended.popleft()) for _ in taking]

    def take_logs(self, count_max: int) -> list[Log]:
        taken = [self._logs.popleft() for _ in range(min(count_max, len(self._logs)))]
        if not self._logs:
            self._letters = 0  # two threads may have added at once: start from the truth again
        return taken

    def take_dropped(self) -> int:
        dropped, self.dropped = self.dropped, 0
        return dropped

    def _tell(self) -> None:
        self._was_told = True
        if self._wake is not None:
            self._wake()

    def _span(self, running: Invocation, failure: Failure | None, ended: float) -> Span:
        function, cause, started = running.function, running.cause, running.started
        trace, span = ids_of(running.trace_if_asked or cause.trace)
        is_cold = function not in self._met
        if is_cold:
            self._met.add(function)
        return Span(
            *(function, cause.kind, cause.source, started, max(0.0, ended - started), trace),
            *(span if running.trace_if_asked else "", running.parent, failure),
            *(tuple(running.sent) if running.sent else (), cause.delivery_id or ""),
            *(cause.attempt, cause.attempts_max or 0),
            *(max(0.0, started - cause.sent_at) if cause.sent_at else 0.0, is_cold),
        )


def ids_of(traceparent: str) -> tuple[str, str]:
    """Trace and span of a traceparent; nothing of what is none."""
    if not is_traceparent(traceparent):
        return "", ""
    return traceparent[3:35], traceparent[36:52]


def failure_of(error: BaseException) -> Failure:
    name, place = type(error).__qualname__, place_of(error)
    if isinstance(error, SkyliftError):
        return Failure(name, clipped(error.detail), error.status, place)
    text = said(error).removeprefix(name).removeprefix(": ")
    return Failure(name, clipped(text), 500, place)


def clipped(text: str) -> str:
    """Short enough to be kept, and free of what no UTF-8 can say."""
    if len(text) > TEXT_MAX:
        text = f"{text[:TEXT_MAX]}… ({len(text):,} letters in all)"
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
