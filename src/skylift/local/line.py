"""Which message of a queue is next. Places in the line are kept in memory, a little ahead of what
is claimed; the messages themselves are read from the disk once.

A standard queue is served group by group in turn, so that one that sends much does not keep the
others waiting; a FIFO queue gives a group's next message when nothing of the group is in flight.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from heapq import heapify, heappop, heappush
from typing import Any, Protocol

from .later import COLUMNS, Later, Moment, Row

AHEAD = 256  # messages read at once where one group has the line for itself
AHEAD_BYTES = 1 << 20
SHARED_AHEAD = 8  # where there are several
SHARED_AHEAD_BYTES = 1 << 25  # of all groups; from there on one at a time
FAIR_GROUPS_MAX = 4096  # known at a time; the others wait on the disk
ORDERED_GROUPS_MAX = 65_536  # as many may be in flight, or wait for another attempt
GROUP_STEPS = 256  # groups looked for at once
AT_ONCE = 1  # a time long ago
PLAIN_STEP = 50_000  # places looked through at once for a message that has no group


class Line(Protocol):
    def take(self, count: int, at: Moment, skip: Collection[int]) -> list[Row]: ...
    def arrived(self, group: str, seq: int) -> None: ...
    def delayed(self, group: str, due: int) -> None: ...
    def released(self, group: str) -> None: ...
    def single(self, seq: int, at: Moment) -> Row | None: ...
    def emptied(self) -> None: ...
    def next_due(self) -> int | None: ...


class Groups:
    """The groups that may have messages, a bounded number at a time."""

    def __init__(self, execute: Callable[..., Any], table: str, most: int) -> None:
        self._execute, self._most = execute, most
        self._next = f"SELECT grp FROM {table} WHERE grp <> '' AND grp > ? ORDER BY grp LIMIT 1"
        self._after: str | None = ""  # None: all were found
        self.has_missed = False  # one came while there was no room

    @property
    def may_find(self) -> bool:
        return self._after is not None or self.has_missed

    def found(self, known: Collection[str]) -> list[str] | None:
        """Some more groups, or none among those looked at; None when there is nothing to find, or
        no room for it.
        """
        room, found = self._most - len(known), list[str]()
        if self._after is None and self.has_missed and room > self._most // 8:
            self._after, self.has_missed = "", False
        if self._after is None or room <= 0:
            return None
        for _ in range(min(room, GROUP_STEPS)):
            self._after = self._execute(self._next, (self._after,)).get
            if self._after is None:
                break
            if self._after not in known:
                found.append(self._after)
        return found

    def has_room(self, known: Collection[str]) -> bool:
        """Whether a group may be kept that was just sent to; otherwise it is found later."""
        if self._after is None and len(known) < self._most:
            return True
        self.has_missed = True
        return False


class FairLine:
    """Of a standard queue. What is new and what had to wait for its time go in turn, and so do the
    groups within each.
    """

    def __init__(self, execute: Callable[..., Any], table: str) -> None:
        self._execute = execute
        self._groups = Groups(execute, table, FAIR_GROUPS_MAX)
        self._later = Later(execute, table)
        self._is_laters_turn = False
        self._read_to: dict[str, int] = {"": 0}  # by group; where the next reading begins
        self._turn = deque([""])
        self._ahead: dict[str, deque[Row]] = {}
        self._ahead_bytes = 0
        self._singles = set[int]()
        self._newest: int = execute(f"SELECT coalesce(max(seq), 0) FROM {table}").get
        self._further: int | None = None  # where to go on looking for what has no group
        select = f"SELECT {COLUMNS} FROM {table} WHERE"
        self._plain = f"{select} grp = '' AND seq > ? AND seq <= ? AND due = 0 ORDER BY seq LIMIT ?"
        self._behind = f"SELECT min(seq) FROM {table} WHERE seq > ?"
        self._grouped = (
            f"{select} grp = ? AND grp <> '' AND seq > ? AND due = 0 ORDER BY seq LIMIT ?"
        )
        self._one = f"{select} seq = ? AND due <= ? AND sent_at > ?"

    def take(self, count: int, at: Moment, skip: Collection[int]) -> list[Row]:
        """At most `count` messages that are ready; those in flight are to be skipped."""
        if self._groups.may_find:
            for group in self._groups.found(self._read_to) or ():
                self._begin(group, 0)
        due = self._later.next_due
        if due is None or due > at.now:
            return self._new(count, at, skip)
        self._is_laters_turn = not self._is_laters_turn
        taken = self._later.take((count + self._is_laters_turn) // 2, at, skip)
        taken += self._new(count - len(taken), at, skip)
        if len(taken) < count:
            skip = {*skip, *(row.seq for row in taken)}
            taken += self._later.take(count - len(taken), at, skip)
        return taken

    def arrived(self, group: str, seq: int) -> None:
        self._newest = seq
        if group in self._read_to:
            return
        if group == "":
            if self._further is None:
                self._begin(group, seq - 1)
        elif self._groups.has_room(self._read_to):
            self._begin(group, 0 if self._groups.has_missed else seq - 1)

    def delayed(self, group: str, due: int) -> None:
        self._later.comes(due)

    def released(self, group: str) -> None:
        pass  # what comes back is delayed, if only by nothing

    def single(self, seq: int, at: Moment) -> Row | None:
        """This very message, if it is there and its time has come; the line passes over it then."""
        found = self._execute(self._one, (seq, *at)).fetchone()
        if found is None:
            return None
        row = Row(*found)
        if row.due == 0:
            self._singles.add(seq)
        return row

    def emptied(self) -> None:
        """What was read ahead may be gone: look again from the beginning."""
        self._ahead.clear()
        self._ahead_bytes = 0
        self._read_to = dict.fromkeys(self._read_to, 0)

    def next_due(self) -> int | None:
        return self._later.next_due if self._further is None else AT_ONCE

    def _begin(self, group: str, read_to: int) -> None:
        self._read_to[group] = read_to
        self._turn.append(group)

    def _new(self, count: int, at: Moment, skip: Collection[int]) -> list[Row]:
        if self._further is not None:
            self._begin("", self._further)
            self._further = None
        taken: list[Row] = []
        while len(taken) < count:
            if not self._turn:
                if not self._found_more():
                    break
                skip = {*skip, *(row.seq for row in taken)}
            group = self._turn[0]
            rows = self._ahead.get(group) or self._read(group, skip)
            if not rows:
                self._turn.popleft()
                del self._read_to[group]
                self._ahead.pop(group, None)
                continue
            row = rows.popleft()
            self._ahead_bytes -= len(row.body)
            if row.sent_at > at.oldest and not (self._singles and self._was_taken_alone(row)):
                taken.append(row)
                self._turn.rotate(-1)
        return taken

    def _found_more(self) -> bool:
        while not self._turn:
            found = self._groups.found(self._read_to)
            if found is None:
                return False
            for group in found:
                self._begin(group, 0)
        return True

    def _was_taken_alone(self, row: Row) -> bool:
        if row.seq not in self._singles:
            return False
        self._singles.discard(row.seq)
        return True

    def _read(self, group: str, skip: Collection[int]) -> deque[Row]:
        """The next of a group. What is in flight is passed over for good: it is done, or comes back
        as something that waits for its time.
        """
        while True:
            after = self._read_to[group]
            rows = self._read_after(after, group, skip)
            if rows or self._read_to[group] == after:
                self._ahead[group] = rows
                return rows

    def _read_after(self, after: int, group: str, skip: Collection[int]) -> deque[Row]:
        ahead = AHEAD if len(self._turn) == 1 else SHARED_AHEAD
        if self._ahead_bytes > SHARED_AHEAD_BYTES:
            ahead = 1
        cursor = (
            self._execute(self._grouped, (group, after, ahead))
            if group
            else self._execute(self._plain, (after, after + PLAIN_STEP, ahead))
        )
        rows, size = deque[Row](), 0
        for found in cursor:
            after = found[0]
            if after not in skip:
                rows.append(Row(*found))
                size += len(found[-1])
            if size > AHEAD_BYTES:
                break
        cursor.close()
        if not group and after == self._read_to[group] and after + PLAIN_STEP < self._newest:
            next_ = self._execute(self._behind, (after + PLAIN_STEP,)).get
            self._further = next_ and next_ - 1  # others may have waited long enough
        self._read_to[group] = after
        self._ahead_bytes += size
        return rows


class OrderedLine:
    """Of a FIFO queue. A group is in turn, in flight, or waiting for its first message's time."""

    def __init__(self, execute: Callable[..., Any], table: str) -> None:
        self._execute = execute
        self._groups = Groups(execute, table, ORDERED_GROUPS_MAX)
        self._known = set[str]()
        self._turn = deque[str]()
        self._in_flight: dict[str, int] = {}
        self._spent = set[str]()  # all there is of them is in flight: nobody needs to look
        self._waiting: list[tuple[int, str]] = []
        self._group = f"SELECT grp FROM {table} WHERE seq = ?"
        self._select = (
            f"SELECT {COLUMNS} FROM {table} WHERE grp = ? AND grp <> '' AND sent_at > ? "
            "ORDER BY seq LIMIT ?"
        )

    def take(self, count: int, at: Moment, skip: Collection[int]) -> list[Row]:
        taken: list[Row] = []
        while self._waiting and self._waiting[0][0] <= at.now:
            self._turn.append(heappop(self._waiting)[1])
        found = self._groups.found(self._known)
        while found is not None or self._turn:
            for group in found or ():
                self._begin(group)
            while self._turn and len(taken) < count:
                taken += self._heads(self._turn.popleft(), count - len(taken), at)
            if len(taken) >= count:
                break
            found = self._groups.found(self._known)
        return taken

    def arrived(self, group: str, seq: int) -> None:
        self._spent.discard(group)
        if group not in self._known and self._groups.has_room(self._known):
            self._begin(group)

    def delayed(self, group: str, due: int) -> None:
        self._spent.discard(group)  # its time is seen when the group is looked at again

    def released(self, group: str) -> None:
        left = self._in_flight.get(group, 0) - 1
        if left > 0:
            self._in_flight[group] = left
        elif self._in_flight.pop(group, None) is None:
            return
        elif group in self._spent:
            self._spent.discard(group)
            self._known.discard(group)
        else:
            self._turn.append(group)

    def single(self, seq: int, at: Moment) -> Row | None:
        """This very message, if it is the next of its group."""
        group = self._execute(self._group, (seq,)).get
        if group is None or group in self._in_flight:
            return None
        found = self._execute(self._select, (group, at.oldest, 1)).fetchone()
        if found is None or found[0] != seq or (row := Row(*found)).due > at.now:
            return None
        if group in self._turn:
            self._turn.remove(group)
        else:
            self._waiting = [one for one in self._waiting if one[1] != group]
            heapify(self._waiting)
        self._known.add(group)
        self._in_flight[group] = 1
        return row

    def emptied(self) -> None:
        """What a group waits for may be gone."""
        self._turn.extend(group for _, group in self._waiting)
        self._waiting.clear()

    def next_due(self) -> int | None:
        return self._waiting[0][0] if self._waiting else None

    def _begin(self, group: str) -> None:
        self._known.add(group)
        self._turn.append(group)

    def _heads(self, group: str, count: int, at: Moment) -> list[Row]:
        """The first messages of a group that is free, up to one whose time has not come. One more
        is read, which tells whether there is anything behind them.
        """
        rows = [Row(*row) for row in self._execute(self._select, (group, at.oldest, count + 1))]
        if not rows:
            self._known.discard(group)
            return []
        if rows[0].due > at.now:
            heappush(self._waiting, (rows[0].due, group))
            return []
        ready = next((which for which, row in enumerate(rows) if row.due > at.now), len(rows))
        if ready == len(rows) <= count:
            self._spent.add(group)
        self._in_flight[group] = min(ready, count)
        return rows[: self._in_flight[group]]
