"""Telemetry on the disk: kept, bounded, read by others, and never the reason why an app stops."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import apsw
import pytest

from skylift.errors import StateError
from skylift.invocation import NOTHING, Cause, Invocation
from skylift.ports.delivery import Bury
from skylift.system import SystemEntropy
from skylift.telemetry.chunk import spans_in
from skylift.telemetry.reader import NothingYet, Reader
from skylift.telemetry.record import Span
from skylift.telemetry.recorder import LOGS_MAX
from skylift.telemetry.store import TELEMETRY_FILE, Chunk, Store
from skylift.telemetry.usage import percentile, summed
from skylift.telemetry.writer import Writer
from tests.unit.recorded import SteadyClock

MIB = 2**20


class Screen:
    """A terminal; `seen` once something was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.seen = Event()

    def tell(self, who: str, failure: str) -> None:
        self.warned(who, failure)

    def warned(self, function: str, text: str) -> None:
        self.told.append(text)
        self.seen.set()

    def buried(self, function: str, letter: Bury) -> None:
        self.warned(function, letter.told)

    def close(self) -> None:
        """Nothing is held back."""


class Recorded:
    """Telemetry in a folder; each `with` is one run of an app."""

    def __init__(self, folder: Path, bytes_max: int = 64 * MIB) -> None:
        self.folder, self._bytes_max, self.screen = folder, bytes_max, Screen()
        self.clock = SteadyClock()
        self.reader = Reader(folder)

    def __enter__(self) -> Recorded:
        file = self.folder / TELEMETRY_FILE
        self._writer = Writer(
            *(file, self.clock, SystemEntropy(), self.screen), bytes_max=self._bytes_max
        )
        self._writer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def log(self, text: str) -> None:
        self._writer.recorder.log("INFO", text, None)

    def run(
        self,
        function: str = "notes.read",
        error: BaseException | None = None,
        duration_s: float = 0.0,
        cause: Cause | None = None,
        is_asked: bool = False,
        sent: list[tuple[str, str]] | None = None,
    ) -> str:
        """Its trace, if that is to be asked for."""
        cause = cause or Cause("http", f"GET /{function}")
        ports: Any = SimpleNamespace(entropy=SystemEntropy())
        started = self.clock.time() - duration_s
        running = Invocation(function, NOTHING, ports, cause=cause, started=started)
        running.sent = sent
        trace = running.trace if is_asked else ""
        self._writer.recorder.ended(running, error)
        return trace

    def texts(self, limit: int = 1_000_000) -> list[str]:
        return [log.text for log in self.reader.logs(limit).lines]

    def bytes(self) -> int:
        return sum(one.stat().st_size for one in self.folder.glob(f"{TELEMETRY_FILE}*"))


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    return Recorded(tmp_path)


def test_what_was_recorded_is_there_when_the_app_has_stopped(recorded: Recorded) -> None:
    with recorded:
        recorded.log("first")
        recorded.run()
    with recorded:
        recorded.log("second")
        recorded.run("notes.write")
    assert recorded.texts() == ["first", "second"]
    assert recorded.texts(limit=1) == ["second"]
    functions = [trace.roots[0].span.function for trace in recorded.reader.traces(10)]
    assert functions == ["notes.read", "notes.write"]


def test_looking_changes_nothing(recorded: Recorded) -> None:
    with recorded:
        recorded.log("first")
    before = {one: one.stat().st_mtime_ns for one in [recorded.folder, *recorded.folder.iterdir()]}
    recorded.texts()
    recorded.reader.traces(10)
    after = {one: one.stat().st_mtime_ns for one in [recorded.folder, *recorded.folder.iterdir()]}
    assert after == before


def test_before_the_first_run_there_is_nothing_to_look_at(recorded: Recorded) -> None:
    with pytest.raises(NothingYet, match="run the app first"):
        recorded.texts()


def test_columns_hold_all_that_a_span_does(recorded: Recorded) -> None:
    """What succeeds at the first attempt is kept in columns, but for the first of its function."""
    sent = [("counting", "m1"), ("mailing", "m2")]
    with recorded:
        for _ in range(3):
            trace = recorded.run("notes.write", is_asked=True, sent=sent)
            cause = Cause("queue", "counting", trace, recorded.clock.time() - 5, "m1", 1, 4)
            recorded.run("notes.count", cause=cause)
            recorded.run("notes.count", cause=cause, is_asked=True)
            recorded.run("notes.read", cause=Cause("http", "GET /", "no traceparent"))
            recorded.run("notes.plain")
    found: dict[str, list[Span]] = {}
    for one in recorded.reader.traces(100):
        for span in one.spans:
            found.setdefault(span.function, []).append(span)
    assert {name: len(spans) for name, spans in found.items()} == {
        "notes.write": 3,
        "notes.count": 6,
        "notes.read": 3,
        "notes.plain": 3,
    }
    for spans in found.values():
        first, *others = spans
        told = [(one.cause, one.source, one.sent, one.delivery_id) for one in spans]
        assert len(set(told)) == 1
        assert {(one.attempt, one.attempts_max) for one in spans} == {(1, first.attempts_max)}
        assert (first.is_cold, [one.is_cold for one in others]) == (True, [False] * len(others))
        assert all(one.duration_s == pytest.approx(0.001, rel=0.01) for one in spans)
    write, count, read, plain = found.values()
    assert write[2].sent == tuple(sent)
    assert count[5].waited_s == pytest.approx(5, abs=0.1)
    assert {one.parent for one in count} == {one.span for one in write}
    assert {one.trace for one in count} == {one.trace for one in write}
    assert len({one.span for one in (*write, *count, *read, *plain)}) == 15
    assert len({one.trace for one in (*write, *read, *plain)}) == 9


def test_a_trace_is_found_by_how_its_id_begins(recorded: Recorded) -> None:
    with recorded:
        for _ in range(2_000):
            recorded.run()
    reader = recorded.reader
    found = reader.traces(3)
    assert len({trace.id for trace in found}) == 3
    for trace in found:
        assert reader.ids(trace.id[:12]) == {trace.id}
        assert reader.trace(trace.id).spans == trace.spans
    assert len(reader.ids(found[0].id[:1])) > 50
    assert reader.ids("f" * 32) == set()


def test_the_last_traces_that_failed_are_found_among_many(recorded: Recorded) -> None:
    with recorded:
        recorded.run("notes.write", ValueError("a bug"))
        for _ in range(100):
            recorded.run()
    assert len(recorded.reader.traces(5)) == 5
    (trace,) = recorded.reader.traces(5, only_failed=True)
    assert trace.roots[0].span.function == "notes.write"


def test_a_trace_is_listed_whole_whatever_ran_in_between(recorded: Recorded) -> None:
    with recorded:
        trace = recorded.run("notes.write", is_asked=True)
    for _ in range(3):
        with recorded:
            recorded.run()
    with recorded:
        recorded.run("notes.count", ValueError("a bug"), cause=Cause("queue", "counting", trace))
    for found in (recorded.reader.traces(1), recorded.reader.traces(1, only_failed=True)):
        (whole,) = found
        assert whole.id == trace[3:35]
        assert [one.function for one in whole.spans] == ["notes.write", "notes.count"]
    assert len(recorded.reader.traces(10)) == 4


def test_lines_are_read_on_from_where_a_reader_was(recorded: Recorded) -> None:
    with recorded:
        recorded.log("first")
    first = recorded.reader.logs(10)
    with recorded:
        recorded.log("second")
    second = recorded.reader.logs_after(first.after)
    assert [log.text for log in second.lines] == ["second"]
    assert recorded.reader.logs_after(second.after).lines == []


# -- its size


def chunks(kind: str, count: int, bytes_each: int) -> Iterator[Chunk]:
    noise = SystemEntropy()
    for number in range(count):
        yield Chunk(kind, number, number.to_bytes(4, "big") + noise.token_bytes(bytes_each - 4))


def kept(folder: Path, kind: str) -> list[int]:
    with closing(apsw.Connection(str(folder / TELEMETRY_FILE))) as connection:
        rows = connection.execute(f"SELECT substr(chunk, 1, 4) FROM {kind} ORDER BY seq").fetchall()
    return [int.from_bytes(bytes(blob), "big") for (blob,) in rows]


@pytest.mark.parametrize("bytes_each", [60, 3_000, 70_000])
def test_the_file_keeps_its_size_and_the_oldest_go(bytes_each: int, tmp_path: Path) -> None:
    most = 4 * MIB
    store = Store(tmp_path / TELEMETRY_FILE, most)
    count = 3 * most // bytes_each
    largest, batch = 0, max(1, 100_000 // bytes_each)
    written = list(chunks("logs", count, bytes_each))
    for start in range(0, count, batch):
        store.write(written[start : start + batch])
        largest = max(largest, sum(one.stat().st_size for one in tmp_path.glob("*.db*")))
    store.close()
    assert largest < most
    found = kept(tmp_path, "logs")
    assert found == list(range(count - len(found), count))  # the newest, without a gap
    assert len(found) * bytes_each > most * 0.15


def test_a_flood_of_one_kind_leaves_the_others_alone(tmp_path: Path) -> None:
    store = Store(tmp_path / TELEMETRY_FILE, 2 * MIB)
    store.write(list(chunks("spans", 1, 1_000)))
    for one in chunks("logs", 200, 50_000):
        store.write([one])
    store.close()
    assert kept(tmp_path, "spans") == [0]
    assert 0 not in kept(tmp_path, "logs")


def test_a_chunk_written_again_takes_its_own_place(tmp_path: Path) -> None:
    store = Store(tmp_path / TELEMETRY_FILE)
    (seq,) = store.write([Chunk("minutes", 1.0, b"\0\0\0\1")])
    assert store.write([Chunk("minutes", 2.0, b"\0\0\0\2", seq)]) == [seq]
    store.close()
    assert kept(tmp_path, "minutes") == [2]


def test_what_comes_too_fast_is_dropped_and_counted(recorded: Recorded) -> None:
    writer = Writer(
        recorded.folder / TELEMETRY_FILE, recorded.clock, SystemEntropy(), recorded.screen
    )
    for _ in range(LOGS_MAX + 5):
        writer.recorder.log("INFO", "again", None)
    writer.start()
    writer.close()
    texts = recorded.texts()
    assert texts.count("again") == LOGS_MAX
    assert "5 records of telemetry dropped: more came than can be kept" in texts


# -- when the file is not well


def newer(path: Path) -> None:
    with closing(Store(path)):
        pass
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute("PRAGMA user_version=99")


def of_another(path: Path) -> None:
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")


def without_tables(path: Path) -> None:
    newer(path)
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute("PRAGMA user_version=1")
        connection.execute("DROP TABLE logs")


STRANGE = {
    "a newer skylift's": newer,
    "another program's database": of_another,
    "no database": lambda path: path.write_bytes(b"precious" * 1_000),
    "one that lacks a table": without_tables,
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_file_that_is_not_ours_is_put_aside_whole(name: str, recorded: Recorded) -> None:
    file = recorded.folder / TELEMETRY_FILE
    STRANGE[name](file)
    content = file.read_bytes()
    with recorded:
        recorded.log("it goes on")
    (said,) = recorded.screen.told
    assert f"it is {TELEMETRY_FILE}.aside-1 now" in said
    assert file.with_name(f"{TELEMETRY_FILE}.aside-1").read_bytes() == content
    assert recorded.texts()[0] == "it goes on"
    assert said in recorded.texts()  # who reads the logs later learns of the gap


def test_a_second_one_put_aside_leaves_the_first(recorded: Recorded) -> None:
    file = recorded.folder / TELEMETRY_FILE
    for content in (b"first", b"second"):
        file.write_bytes(content * 1_000)
        with recorded:
            recorded.log("it goes on")
    first, second = (file.with_name(f"{TELEMETRY_FILE}.aside-{number}") for number in (1, 2))
    assert (first.read_bytes()[:5], second.read_bytes()[:6]) == (b"first", b"second")


def test_damage_found_while_writing_is_put_aside_too(recorded: Recorded) -> None:
    file = recorded.folder / TELEMETRY_FILE
    with recorded:
        for number in range(5_000):
            recorded.log(f"line {number} {SystemEntropy().token_bytes(200).hex()}")
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xaa" * (len(content) - 4096)
    file.write_bytes(content)
    with pytest.raises(StateError, match="puts it aside"):
        recorded.texts()
    with recorded:
        recorded.log("it goes on")
    assert recorded.texts()[0] == "it goes on"
    assert file.with_name(f"{TELEMETRY_FILE}.aside-1").read_bytes() == bytes(content)


def test_a_chunk_that_cannot_be_read_is_told(recorded: Recorded) -> None:
    with recorded:
        recorded.log("first")
    with closing(apsw.Connection(str(recorded.folder / TELEMETRY_FILE))) as connection:
        connection.execute("UPDATE logs SET chunk = x'01ffff'")
    with pytest.raises(StateError, match="cannot be read"):
        recorded.texts()


def test_a_file_that_cannot_be_opened_costs_the_records_alone(recorded: Recorded) -> None:
    file = recorded.folder / TELEMETRY_FILE
    file.mkdir()  # as good as any other reason
    with recorded:
        recorded.log("lost")
        assert recorded.screen.seen.wait(5)
        file.rmdir()
        recorded.log("kept")
    assert [one for one in recorded.screen.told if "The app runs on without it" in one]
    kept_one, lost_one = recorded.texts()
    assert kept_one == "kept"
    assert lost_one.startswith("1 record of telemetry lost: ")


# -- usage


def test_usage_is_added_up_by_function(recorded: Recorded) -> None:
    with recorded:
        for _ in range(10):
            recorded.run()
        recorded.run("notes.write", ValueError("a bug"))
    with recorded:
        recorded.run()
    read, write = summed(recorded.reader.minutes(0))
    assert (read.function, read.count, read.failures, read.cold) == ("notes.read", 11, 0, 2)
    assert (write.function, write.count, write.failures, write.cold) == ("notes.write", 1, 1, 1)
    assert sum(read.buckets.values()) == 11
    assert recorded.reader.minutes(0)[-1].rss_bytes > MIB
    assert recorded.reader.minutes(recorded.clock.time() + 120) == []


def test_a_percentile_is_right_within_five_percent(recorded: Recorded) -> None:
    with recorded:
        for number in range(1, 400):
            recorded.run(duration_s=number / 100)
    (usage,) = summed(recorded.reader.minutes(0))
    assert percentile(usage.buckets, 0.5) == pytest.approx(2.0, rel=0.05)
    assert percentile(usage.buckets, 0.95) == pytest.approx(3.8, rel=0.05)


def test_no_two_spans_of_a_chunk_share_an_id(recorded: Recorded) -> None:
    with recorded:
        for _ in range(5_000):
            recorded.run()
    with closing(apsw.Connection(str(recorded.folder / TELEMETRY_FILE))) as connection:
        blobs = [blob for (blob,) in connection.execute("SELECT chunk FROM spans")]
    spans = [span for blob in blobs for span in spans_in(blob)]
    assert len({span.trace for span in spans}) == len({span.span for span in spans}) == 5_000
