"""Which message of a queue is next. Places in the line are kept in memory, a little ahead of what
is claimed; the messages themselves are read from the disk once.

A standard queue is served group by group in turn, so that one that sends much does not keep the
others waiting; a FIFO queue gives a group's next message when nothing of the group is in flight.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator
from heapq import heappop, heappush
from typing import Any, NamedTuple, Protocol

AHEAD = 256  # messages read at once where one group has the line for itself
AHEAD_BYTES = 1 << 20
SHARED_AHEAD = 8  # where there are several
GROUPS_MAX = 4096  # known at a time; the others wait on the disk
COLUMNS = "seq, grp, due, attempts, sent_at, body"


class Row(NamedTuple):
    seq: int
    group: str
    due: int  # microseconds since 1970; 0: since it was sent
    attempts: int  # that failed or were lost
    sent_at: int
    body: str


class Line(Protocol):
    def take(self, count: int, now: int, skip: Collection[int]) -> list[Row]: ...
    def arrived(self, group: str, seq: int) -> None: ...
    def delayed(self, group: str, due: int) -> None: ...
    def released(self, group: str) -> None: ...
    def single(self, seq: int, now: int) -> Row | None: ...
    def next_due(self) -> int | None: ...


class Groups:
    """The groups that may have messages, a bounded number at a time."""

    def __init__(self, execute: Callable[..., Any], table: str) -> None:
        self._execute = execute
        self._next = f"SELECT grp FROM {table} WHERE grp <> '' AND grp > ? ORDER BY grp LIMIT 1"
        self._after: str | None = ""  # None: all were found
        self._missed = False  # one came while there was no room

    def found(self, known: Collection[str]) -> Iterator[str]:
        """More groups, as long as there is room for them."""
        room = GROUPS_MAX - len(known)
        if self._after is None and self._missed and room > GROUPS_MAX // 2:
            self._after, self._missed = "", False
        while self._after is not None and room > 0:
            group = self._execute(self._next, (self._after,)).get
            self._after = group
            if group is not None and group not in known:
                room -= 1
                yield group

    def has_room(self, known: Collection[str]) -> bool:
        """Whether a group may be kept that was just sent to; otherwise it is found later."""
        if self._after is None and len(known) < GROUPS_MAX:
            return True
        self._missed = True
        return False


class FairLine:
    """Of a standard queue."""

    def __init__(self, execute: Callable[..., Any], table: str) -> None:
        self._execute = execute
        self._groups = Groups(execute, table)
        self._read_to: dict[str, int] = {"": 0}  # by group; where the next reading begins
        self._turn = deque([""])
        self._ahead: dict[str, deque[Row]] = {}
        self._singles = set[int]()
        select = f"SELECT {COLUMNS} FROM {table} WHERE"
        self._plain = f"{select} grp = '' AND seq > ? AND due = 0 ORDER BY seq LIMIT ?"
        self._grouped = (
            f"{select} grp = ? AND grp <> '' AND seq > ? AND due = 0 ORDER BY seq LIMIT ?"
        )
        self._due = f"{select} due > 0 AND due <= ? ORDER BY due LIMIT ?"
        self._earliest = f"SELECT min(due) FROM {table} WHERE due > ?"
        self._one = f"{select} seq = ? AND due <= ?"
        self._next_due: int | None = self._execute(self._earliest, (0,)).get

    def take(self, count: int, now: int, skip: Collection[int]) -> list[Row]:
        """At most `count` messages that are ready; those in flight are to be skipped."""
        taken: list[Row] = []
        if self._next_due is not None and self._next_due <= now:
            taken = self._taken_due(count, now, skip)
        for group in self._groups.found(self._read_to):
            self._begin(group, 0)
        while len(taken) < count and self._turn:
            group = self._turn[0]
            rows = self._ahead.get(group) or self._read(group)
            if not rows:
                self._turn.popleft()
                del self._read_to[group]
                self._ahead.pop(group, None)
                continue
            row = rows.popleft()
            if row.seq not in skip:
                taken.append(row)
                self._turn.rotate(-1)
        return taken

    def arrived(self, group: str, seq: int) -> None:
        if group not in self._read_to and (group == "" or self._groups.has_room(self._read_to)):
            self._begin(group, seq - 1)

    def delayed(self, group: str, due: int) -> None:
        if self._next_due is None or due < self._next_due:
            self._next_due = due

    def released(self, group: str) -> None:
        pass  # what comes back is delayed, if only by nothing

    def single(self, seq: int, now: int) -> Row | None:
        """This very message, if it is there and its time has come; the line passes over it then."""
        row = self._execute(self._one, (seq, now)).fetchone()
        self._singles.add(seq)
        return row and Row(*row)

    def next_due(self) -> int | None:
        return self._next_due

    def _begin(self, group: str, read_to: int) -> None:
        self._read_to[group] = read_to
        self._turn.append(group)

    def _taken_due(self, count: int, now: int, skip: Collection[int]) -> list[Row]:
        found = self._execute(self._due, (now, count + len(skip)))
        rows = [Row(*row) for row in found if row[0] not in skip][:count]
        if len(rows) < count:
            self._next_due = self._execute(self._earliest, (now,)).get
        return rows

    def _read(self, group: str) -> deque[Row]:
        ahead = AHEAD if len(self._turn) == 1 else SHARED_AHEAD
        after = self._read_to[group]
        cursor = (
            self._execute(self._grouped, (group, after, ahead))
            if group
            else self._execute(self._plain, (after, ahead))
        )
        rows, size = deque[Row](), 0
        for found in cursor:
            row = Row(*found)
            self._read_to[group] = row.seq
            if row.seq in self._singles:
                self._singles.discard(row.seq)
                continue
            rows.append(row)
            size += len(row.body)
            if size > AHEAD_BYTES:
                break
        cursor.close()
        self._ahead[group] = rows
        return rows


class OrderedLine:
    """Of a FIFO queue. A group is in turn, in flight, or waiting for its first message's time."""

    def __init__(self, execute: Callable[..., Any], table: str) -> None:
        self._execute = execute
        self._groups = Groups(execute, table)
        self._known = set[str]()
        self._turn = deque[str]()
        self._in_flight: dict[str, int] = {}
        self._waiting: list[tuple[int, str]] = []
        self._group = f"SELECT grp FROM {table} WHERE seq = ?"
        self._select = (
            f"SELECT {COLUMNS} FROM {table} WHERE grp = ? AND grp <> '' ORDER BY seq LIMIT ?"
        )

    def take(self, count: int, now: int, skip: Collection[int]) -> list[Row]:
        taken: list[Row] = []
        while self._waiting and self._waiting[0][0] <= now:
            self._turn.append(heappop(self._waiting)[1])
        for group in self._groups.found(self._known):
            self._begin(group)
        while self._turn and len(taken) < count:
            taken += self._heads(self._turn.popleft(), count - len(taken), now)
        return taken

    def arrived(self, group: str, seq: int) -> None:
        if group not in self._known and self._groups.has_room(self._known):
            self._begin(group)

    def delayed(self, group: str, due: int) -> None:
        pass  # seen when the group is looked at again

    def released(self, group: str) -> None:
        left = self._in_flight.get(group, 0) - 1
        if left > 0:
            self._in_flight[group] = left
        elif self._in_flight.pop(group, None) is not None:
            self._turn.append(group)

    def single(self, seq: int, now: int) -> Row | None:
        """This very message, if it is the next of its group."""
        group = self._execute(self._group, (seq,)).get
        if group is None or group in self._in_flight:
            return None
        row = Row(*self._execute(self._select, (group, 1)).fetchone())
        if row.seq != seq or row.due > now:
            return None
        if group in self._known:
            self._turn.remove(group)
        self._known.add(group)
        self._in_flight[group] = 1
        return row

    def next_due(self) -> int | None:
        return self._waiting[0][0] if self._waiting else None

    def _begin(self, group: str) -> None:
        self._known.add(group)
        self._turn.append(group)

    def _heads(self, group: str, count: int, now: int) -> list[Row]:
        """The first messages of a group that is free, up to one whose time has not come."""
        rows = [Row(*row) for row in self._execute(self._select, (group, count))]
        if not rows:
            self._known.discard(group)
            return []
        if rows[0].due > now:
            heappush(self._waiting, (rows[0].due, group))
            return []
        ready = next((at for at, row in enumerate(rows) if row.due > now), len(rows))
        self._in_flight[group] = ready
        return rows[:ready]
