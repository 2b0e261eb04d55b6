"""Telemetry as others may look at it, while the app runs and when it does not: nothing is changed.
Each look opens the file anew, so an app that starts again, or a file put aside, is no matter.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import apsw

from ..errors import StateError
from . import chunk
from .chunk import Unreadable, failures_in, spans_in, spans_naming
from .record import Log, Minute, Span
from .store import APPLICATION_ID, BUSY_MS, TELEMETRY_FILE, VERSION
from .tree import Trace, trace_of, traces_of
from .usage import MINUTE_S

CHUNKS_MAX = 64  # read at once: a long look would keep the writer's WAL from starting over
FURTHER_MAX = 64  # chunks looked through for what began a trace
EVER = 1 << 62


class NothingYet(StateError):
    """The app has recorded nothing so far."""


@dataclass(frozen=True)
class Logs:
    """Lines in order of time, and where to read on."""

    lines: list[Log]
    after: int


class Reader:
    """Of the telemetry in an app's state folder; every verb is one look."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / TELEMETRY_FILE

    def logs(self, limit: int, function: str = "") -> Logs:
        """The last lines, of one function or of all."""
        with self._look() as look:
            found: list[list[Log]] = []
            after = look.last("logs")
            for blob in look.newest("logs"):
                found.append(_of(function, chunk.logs_in(blob)))
                if sum(map(len, found)) >= limit:
                    break
        lines = [log for part in reversed(found) for log in part]
        return Logs(sorted(lines, key=_time)[-limit:] if limit else [], after)

    def logs_after(self, after: int, function: str = "") -> Logs:
        """What came later. A file begun anew in the meantime is read from its start."""
        with self._look() as look:
            last = look.last("logs")
            if last < after:
                after = 0
            lines = [log for blob in look.since("logs", after, last) for log in chunk.logs_in(blob)]
        return Logs(sorted(_of(function, lines), key=_time), last)

    def traces(self, limit: int, *, only_failed: bool = False) -> list[Trace]:
        """The last traces, the newest last."""
        with self._look() as look:
            seen: list[Span] = []
            ended: dict[str, float] = {}  # of their traces
            depth = 0
            for blob in look.newest("spans"):
                depth += 1
                spans = failures_in(blob) if only_failed else spans_in(blob)
                seen += spans
                ended = {
                    id: one.ended
                    for one in spans
                    for id in (one.failed_traces if only_failed else one.traces)
                } | ended
                if len(ended) >= limit:
                    break
            last = set(sorted(ended, key=lambda id: ended[id])[-limit:])
            own = [one for one in seen if not last.isdisjoint(one.traces)]
            spans = _whole(own, last, look.newest("spans"), depth)
        return [one for one in traces_of(spans) if one.id in last]

    def ids(self, prefix: str) -> set[str]:
        """Of the traces that begin so; "" is none of them."""
        with self._look() as look:
            spans = [span for blob in look.newest("spans") for span in spans_in(blob, prefix)]
        return {id for span in spans for id in span.traces if id.startswith(prefix)}

    def trace(self, id: str) -> Trace:
        """All that is kept of one trace, with its logs; it is there."""
        with self._look() as look:
            spans = [span for blob in look.newest("spans") for span in spans_in(blob, id)]
            logs = [log for blob in look.newest("logs") for log in chunk.logs_in(blob, id)]
        return trace_of(id, spans, logs)

    def minutes(self, since: float) -> list[Minute]:
        """What was used from this time on, by minute and process."""
        with self._look() as look:
            found = [chunk.minute_in(blob) for blob in look.since("minutes", 0, EVER)]
        return [one for one in found if (one.minute + 1) * MINUTE_S > since]

    @contextmanager
    def _look(self) -> Generator[Look]:
        """StateError when there is nothing, or nothing that can be read."""
        if not self._path.exists():
            raise NothingYet("there is no telemetry yet\n    hint: run the app first")
        connection: Any = None
        try:
            connection = _opened(self._path)
            yield Look(connection)
        except (apsw.Error, Unreadable) as error:
            raise StateError(
                f"{self._path} cannot be read: {error}\n"
                "    hint: if it is damaged, the app puts it aside when it next runs"
            ) from error
        finally:
            if connection is not None:
                connection.close()


class Look:
    """One connection's view. Each page of chunks is a transaction of its own."""

    def __init__(self, connection: Any) -> None:
        self._execute = connection.execute

    def last(self, kind: str) -> int:
        return self._execute(f"SELECT coalesce(max(seq), 0) FROM {kind}").get

    def newest(self, kind: str) -> Iterator[bytes]:
        before = EVER
        while page := self._page(kind, f"seq < {before} ORDER BY seq DESC"):
            yield from (blob for _, blob in page)
            before = page[-1][0]

    def since(self, kind: str, after: int, until: int) -> Iterator[bytes]:
        """The oldest first."""
        while page := self._page(kind, f"seq > {after} AND seq <= {until} ORDER BY seq"):
            yield from (blob for _, blob in page)
            after = page[-1][0]

    def _page(self, kind: str, which: str) -> list[tuple[int, bytes]]:
        return self._execute(
            f"SELECT seq, chunk FROM {kind} WHERE {which} LIMIT {CHUNKS_MAX}"
        ).fetchall()


def _opened(path: Path) -> Any:
    """Read-only. Without a WAL nobody has it open, and SQLite must not begin one."""
    is_open = any(path.with_name(path.name + end).exists() for end in ("-wal", "-shm"))
    way = "mode=ro" if is_open else "mode=ro&immutable=1"
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    connection: Any = apsw.Connection(f"file:{quote(str(path.absolute()))}?{way}", flags=flags)
    connection.set_busy_timeout(BUSY_MS)
    found = tuple(
        connection.execute(f"PRAGMA {name}").get for name in ("application_id", "user_version")
    )
    if found == (0, 0):  # made this very moment
        connection.close()
        raise NothingYet("there is no telemetry yet\n    hint: run the app first")
    if found != (APPLICATION_ID, VERSION):
        connection.close()
        raise StateError(
            f"{path} is not of this skylift\n    hint: the app puts it aside when it next runs"
        )
    return connection


def _whole(
    spans: list[Span], traces: set[str], newest: Iterator[bytes], depth: int
) -> Iterable[Span]:
    """These, and what else there is of their traces: down to this depth, and further while what one
    began with is missing.
    """
    known = {span.span: span for span in spans}
    for at, blob in enumerate(newest):
        if at >= depth and (at >= depth + FURTHER_MAX or not _missing(known)):
            break
        known |= {span.span: span for span in spans_naming(blob, traces)}
    return known.values()


def _missing(known: Mapping[str, Span]) -> bool:
    """Whether a sender was not seen."""
    return any(span.parent and span.parent not in known for span in known.values())


def _of(function: str, logs: list[Log]) -> list[Log]:
    return [log for log in logs if log.function == function] if function else logs


def _time(log: Log) -> float:
    return log.time
