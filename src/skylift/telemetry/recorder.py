"""What an app reports, kept in memory until somebody takes it. Reporting an invocation costs an
append; whoever takes the records makes values of them. Never blocks, never grows beyond its limits:
what does not fit is dropped and counted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol, TypeAlias, cast

from ..engine.invoke import is_given_up
from ..engine.told import cut, place_of, said, text_of, told
from ..errors import SkyliftError
from ..invocation import Cause, Invocation
from ..ports import Clock, Running
from ..ports.delivery import Bury
from .column import Columns, Row, ids_of, row_for, span_of
from .record import GIVEN_BACK, GIVEN_UP, Failure, Log, Span

SPANS_MAX = 50_000  # waiting to be taken
LOGS_MAX = 20_000
LETTERS_MAX = 16_000_000  # of the logs that wait
TEXT_MAX = 16_000  # letters of one text
OWN_LOGGER = "skylift"

# What is needed of an invocation, which itself may go: function, cause, start and duration, its
# traceparent if asked for, what it sent, its failure, whether it was the first, what of its batch
# was marked as failed.
Ended: TypeAlias = tuple[
    str,
    Cause,
    tuple[float, float],
    str,
    list[tuple[str, str]] | None,
    Failure | None,
    bool,
    tuple[tuple[str, str], ...],
]


class Terminal(Protocol):
    """Where people read failures and warnings at once."""

    def tell(self, who: str, failure: str) -> None: ...
    def warned(self, function: str, text: str) -> None: ...
    def buried(self, function: str, letter: Bury) -> None: ...
    def close(self) -> None: ...


class Recorder:
    """The Report of an app. Threads may report while another takes. `wake` is called when something
    waits that nobody was told of yet. With `in_order` no columns are made.
    """

    def __init__(
        self,
        clock: Clock,
        terminal: Terminal | None = None,
        wake: Callable[[], None] | None = None,
        *,
        in_order: bool = False,
    ) -> None:
        self._time, self._terminal, self._wake = clock.time, terminal, wake
        self._in_order = in_order
        self._rows: dict[str, Row] = {}  # by function
        self._retired: list[tuple[str, Row]] = []
        self._ended: deque[Ended] = deque()
        self._logs: deque[Log] = deque()
        self._letters = 0
        self._was_told = False
        self.dropped = 0

    def ended(self, running: Running, error: BaseException | None) -> None:
        one, now = cast(Invocation, running), self._time()
        row = self._rows.get(one.function)
        is_plain = error is None and not self._in_order and not (one.batch and one.marked)
        if is_plain and row is not None and row.fits(one.cause):
            if not row.note(one, now - one.started):
                self.dropped += 1
        else:
            self._note(one, now, row, error)
        if not self._was_told:
            self._tell()

    def _note(
        self, one: Invocation, now: float, row: Row | None, error: BaseException | None
    ) -> None:
        """What has more to tell, by itself."""
        cause, function = one.cause, one.function
        if row is None or row.is_outlived_by(cause):
            if row is not None:  # the code is another since
                self._retired.append((function, row))
            self._rows[function] = row_for(cause)
        if len(self._ended) >= SPANS_MAX:
            self.dropped += 1
            return
        # An error is read at once: held, it would keep alive all its frames know, a request's body
        # included, and let go of it in the wrong thread.
        failure, times = error and failure_of(error, one), (one.started, now - one.started)
        told = failure, row is None, one.marked
        self._ended.append((function, cause, times, one.trace_if_asked, one.sent, *told))

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

    def buried(self, function: str, letter: Bury) -> None:
        """Each is kept, as long as there is room for logs; the terminal shows a few."""
        if self._terminal is not None:
            self._terminal.buried(function, letter)
        told = clipped(letter.told), function, *ids_of(letter.trace)
        self.keep(Log(self._time(), "WARNING", OWN_LOGGER, *told, buried=letter.id))

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
        """Those that had more to tell."""
        taken: list[Span] = []
        for _ in range(min(count_max, len(self._ended))):
            ended = self._ended.popleft()
            failure, is_cold, marked = ended[5:]
            taken.append(span_of(*ended[:5], failure=failure, is_cold=is_cold, marked=marked))
        return taken

    def take_columns(self) -> list[Columns]:
        """All others."""
        retired = [self._retired.pop() for _ in range(len(self._retired))]
        rows = (*list(self._rows.items()), *retired)
        return [columns for function, row in rows for columns in row.taken(function)]

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


def failure_of(error: BaseException, running: Invocation) -> Failure:
    is_over = is_given_up(error, running)
    if is_over and running.cause.attempts_max is not None:
        return Failure("GivenBack", "the app stopped", GIVEN_BACK, place_of(error))
    name, place = type(error).__qualname__, place_of(error)
    if isinstance(error, SkyliftError):
        return Failure(name, clipped(cut(error.detail)), error.status, place)
    return Failure(clipped(name), clipped(cut(text_of(error))), GIVEN_UP if is_over else 500, place)


def clipped(text: str) -> str:
    """Short enough to be kept, and free of what no UTF-8 can say."""
    if len(text) > TEXT_MAX:
        text = f"{text[:TEXT_MAX]}… ({len(text):,} letters in all)"
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
