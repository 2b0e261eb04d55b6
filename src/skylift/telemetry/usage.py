"""How often and how fast functions run, added up by the minute. Durations are counted in buckets an
eighth of an octave wide, so a percentile read from them is off by less than 5 %.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from .column import Columns
from .record import Minute, Span, Usage

MINUTE_S = 60
BUCKETS_PER_OCTAVE = 8
SHORTEST_S = 1e-6


class Counter:
    """The minute under way."""

    def __init__(self) -> None:
        self._minute = Minute(0)
        self._by_name: dict[str, Usage] = {}

    def add(
        self, spans: Sequence[Span], columns: Sequence[Columns], now: float, rss_bytes: int
    ) -> Minute:
        """The minute, these included."""
        minute = int(now // MINUTE_S)
        if minute != self._minute.minute:
            self._minute, self._by_name = Minute(minute, functions=[]), {}
        durations: dict[str, list[float]] = {}
        for span in spans:
            durations.setdefault(span.function, []).append(span.duration_s)
            if span.error is not None or span.is_cold:
                usage = self._usage(span.function)
                usage.failures += span.has_failed
                usage.cold += span.is_cold
        for function, own in durations.items():
            _count(self._usage(function), own)
        for one in columns:
            _count(self._usage(one.function), one.seconds())
        self._minute.rss_bytes = max(self._minute.rss_bytes, rss_bytes)
        return self._minute

    def _usage(self, function: str) -> Usage:
        usage = self._by_name.get(function)
        if usage is None:
            usage = self._by_name[function] = Usage(function, buckets={})
            self._minute.functions.append(usage)
        return usage


def _count(usage: Usage, durations: Sequence[float]) -> None:
    usage.count += len(durations)
    usage.seconds += sum(durations)
    ordered, at = sorted(durations), 0
    while at < len(ordered):  # a step a bucket, not one a duration
        bucket = bucket_of(ordered[at])
        end = bisect_left(ordered, longest_s(bucket), at + 1)
        usage.buckets[bucket] = usage.buckets.get(bucket, 0) + end - at
        at = end


def bucket_of(seconds: float) -> int:
    return int(math.log2(max(seconds, SHORTEST_S) / SHORTEST_S) * BUCKETS_PER_OCTAVE)


def longest_s(bucket: int) -> float:
    """Where the next bucket begins."""
    return SHORTEST_S * 2 ** ((bucket + 1) / BUCKETS_PER_OCTAVE)


def summed(minutes: Iterable[Minute]) -> list[Usage]:
    """One a function, by name."""
    found: dict[str, Usage] = {}
    for usage in (one for minute in minutes for one in minute.functions):
        total = found.setdefault(usage.function, Usage(usage.function, buckets={}))
        total.count += usage.count
        total.failures += usage.failures
        total.cold += usage.cold
        total.seconds += usage.seconds
        for bucket, count in usage.buckets.items():
            total.buckets[bucket] = total.buckets.get(bucket, 0) + count
    return sorted(found.values(), key=lambda one: one.function)


def percentile(buckets: Mapping[int, int], part: float) -> float:
    """So many seconds or less took this part of all: 0.5 is the median."""
    wanted, seen = part * sum(buckets.values()), 0
    for bucket in sorted(buckets):
        seen += buckets[bucket]
        if seen >= wanted:
            return SHORTEST_S * 2 ** ((bucket + 0.5) / BUCKETS_PER_OCTAVE)
    return 0.0
