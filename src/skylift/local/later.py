"""Messages of a standard queue that wait for their time: sent with a delay, or coming back.

Those whose time has come go oldest first and group by group in turn, so that one group's thousands
do not keep another's one waiting.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from msgspec import Struct

AHEAD = 64  # places read at once
GROUP_STEPS = 16  # groups looked at for one message
COLUMNS = "seq, grp, due, attempts, sent_at, body"


class Row(Struct, gc=False, frozen=True):
    seq: int
    group: str
    due: int  # microseconds since 1970; 0: since it was sent
    attempts: int  # that failed or were lost
    sent_at: int
    body: str


class Moment(NamedTuple):
    """What a reading depends on, in microseconds since 1970."""

    now: int
    oldest: int  # what was sent then or before is too old


class Later:
    def __init__(self, execute: Callable[..., Any], table: str) -> None:
        self._execute = execute
        ripe = f"FROM {table} WHERE due > 0 AND due <= ? AND sent_at > ?"
        self._oldest = f"SELECT seq {ripe} ORDER BY due LIMIT ?"
        self._of_group = f"SELECT seq {ripe} AND grp = ? ORDER BY due"
        self._one = f"SELECT {COLUMNS} {ripe} AND seq = ?"
        self._group = f"SELECT grp FROM {table} WHERE due > 0 AND grp > ? ORDER BY grp LIMIT 1"
        self._earliest = f"SELECT min(due) FROM {table} WHERE due > 0 AND due > ?"
        self.next_due: int | None = execute(self._earliest, (0,)).get
        self._places: deque[int] = deque()  # looked at again before they are given
        self._after = ""  # the group that had its turn last
        self._is_groups_turn = False

    def comes(self, due: int) -> None:
        if self.next_due is None or due < self.next_due:
            self.next_due = due

    def take(self, count: int, at: Moment, skip: Collection[int]) -> list[Row]:
        """At most `count` whose time has come, but for those to be skipped."""
        taken: dict[int, Row] = {}
        while len(taken) < count:
            self._is_groups_turn = not self._is_groups_turn
            row = self._of_next_group(at, skip, taken) if self._is_groups_turn else None
            row = row or self._the_oldest(at, skip, taken)
            if row is None:
                break
            taken[row.seq] = row
        return list(taken.values())

    def _the_oldest(self, at: Moment, skip: Collection[int], taken: Collection[int]) -> Row | None:
        while True:
            if not self._places:
                found = self._execute(self._oldest, (*at, AHEAD + len(skip) + len(taken)))
                self._places.extend(s for (s,) in found if s not in skip and s not in taken)
            if not self._places:
                self.next_due = self._execute(self._earliest, (at.now,)).get
                return None
            seq = self._places.popleft()
            if seq not in skip and seq not in taken and (row := self._read(seq, at)):
                return row

    def _of_next_group(
        self, at: Moment, skip: Collection[int], taken: Collection[int]
    ) -> Row | None:
        for _ in range(GROUP_STEPS):
            group = self._execute(self._group, (self._after,)).get
            self._after = group or ""
            if group is None:
                return None
            for (seq,) in self._execute(self._of_group, (*at, group)):
                if seq not in skip and seq not in taken:
                    return self._read(seq, at)
        return None

    def _read(self, seq: int, at: Moment) -> Row | None:
        row = self._execute(self._one, (*at, seq)).fetchone()
        return row and Row(*row)
