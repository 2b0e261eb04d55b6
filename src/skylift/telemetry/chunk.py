"""Many records of one kind in one blob. A span that nobody asked for its ids gets them from the
seed of its chunk when it is read: drawing 24 bytes for each would be most of what it costs.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from msgspec import DecodeError, Raw, Struct, msgpack
from msgspec.structs import replace

from .column import Columns
from .record import Log, Minute, Span

T = TypeVar("T")

SEED_BYTES = 16
PLAIN, PACKED = b"\0", b"\1"
PACKED_FROM = 400  # bytes: below, packing saves next to nothing
STEP = 0x9E3779B97F4A7C15F39CC0605CEDC835  # of the golden ratio: neighbours differ from the front
ID_BITS = 128


class Spans(Struct, frozen=True, array_like=True):
    seed: bytes
    count: int
    spans: Raw
    columns: Raw


class Unreadable(Exception):
    """A blob that is no chunk."""


def of_spans(spans: Sequence[Span], columns: Sequence[Columns], seed: bytes) -> bytes:
    count = len(spans) + sum(len(one.seconds()) for one in columns)
    return _packed(msgpack.encode((seed, count, spans, columns)))


def of_logs(logs: Sequence[Log]) -> bytes:
    return _packed(msgpack.encode(logs))


def of_minute(minute: Minute) -> bytes:
    return _packed(msgpack.encode(minute))


def spans_in(blob: bytes, trace: str = "") -> list[Span]:
    """All of them, or those of the traces whose ids begin so."""
    body = _unpacked(blob)
    held = _decoded(SPANS, body)
    if trace and trace.encode() not in body and not _is_drawn(trace, held):
        return []  # most chunks of a file, and decoding is most of what a search costs
    if not trace:
        return list(_all(held))
    return [one for one in _all(held) if any(id.startswith(trace) for id in one.traces)]


def spans_naming(blob: bytes, traces: Collection[str]) -> list[Span]:
    """Those of these traces, but for spans that nobody asked for their ids: they are alone in
    theirs.
    """
    body = _unpacked(blob)
    if not any(trace.encode() in body for trace in traces):
        return []
    spans = _all(_decoded(SPANS, body))
    return [one for one in spans if any(id in traces for id in one.traces)]


def failures_in(blob: bytes) -> list[Span]:
    """The spans that have failed; such a one is never in columns."""
    held = _decoded(SPANS, _unpacked(blob))
    spans = _decoded(LIST_OF_SPANS, held.spans)
    if not any(one.has_failed for one in spans):
        return []
    return [one for one in with_ids(spans, held.seed) if one.has_failed]


def logs_in(blob: bytes, trace: str = "") -> list[Log]:
    body = _unpacked(blob)
    if trace.encode() not in body:
        return []
    return [one for one in _decoded(LOGS, body) if one.trace.startswith(trace)]


def minute_in(blob: bytes) -> Minute:
    return _decoded(MINUTES, _unpacked(blob))


def _all(held: Spans) -> Iterator[Span]:
    spans = _decoded(LIST_OF_SPANS, held.spans)
    for columns in _decoded(LIST_OF_COLUMNS, held.columns):
        spans += columns.spans()
    return with_ids(spans, held.seed)


def with_ids(spans: Sequence[Span], seed: bytes) -> Iterator[Span]:
    for span, number in zip(spans, _numbers(seed), strict=False):
        if span.span:
            yield span
        else:
            drawn = f"{number:032x}"
            yield replace(span, trace=span.trace or drawn, span=drawn[:16])


def _numbers(seed: bytes) -> Iterator[int]:
    number = int.from_bytes(seed, "big")
    while True:
        number = (number + STEP) % (1 << ID_BITS)
        yield number


def _is_drawn(trace: str, held: Spans) -> bool:
    """Whether one of the ids of this seed begins so."""
    wanted, shift = int(trace, 16), ID_BITS - 4 * len(trace)
    return any(number >> shift == wanted for number in islice(_numbers(held.seed), held.count))


def _packed(body: bytes) -> bytes:
    return PACKED + zlib.compress(body, 1) if len(body) >= PACKED_FROM else PLAIN + body


def _unpacked(blob: bytes) -> bytes:
    try:
        return zlib.decompress(blob[1:]) if blob[:1] == PACKED else blob[1:]
    except zlib.error as error:
        raise Unreadable(str(error)) from error


def _decoded(decoder: msgpack.Decoder[T], body: bytes | Raw) -> T:
    try:
        return decoder.decode(body)
    except DecodeError as error:  # a ValidationError too
        raise Unreadable(str(error)) from error


SPANS, MINUTES = msgpack.Decoder(Spans), msgpack.Decoder(Minute)
LIST_OF_SPANS, LOGS = msgpack.Decoder(list[Span]), msgpack.Decoder(list[Log])
LIST_OF_COLUMNS = msgpack.Decoder(list[Columns])
