"""What the writes to one table tell those who follow it: in the very commit of the write a row is
put into the inbox of each, in the item's own order. The writer waits for none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

from ..codec import Column
from ..codec.shape import Shape
from ..codec.tree import decode_json
from ..engine.change import is_same, stories
from ..invocation import Invocation
from ..ports import Clock, Outgoing
from ..resources.change import Kind, enclosed, told
from .database import Database
from .queue import SqliteQueue
from .schema import Layout, column

At: TypeAlias = "tuple[Column, ...]"
Story: TypeAlias = (
    "tuple[Kind, str | None, str | None]"  # what happened, the texts before and after
)


class SqliteChanges:
    """Of one table, for the inboxes of the functions that follow it."""

    def __init__(
        self, database: Database, layout: Layout, inboxes: Sequence[SqliteQueue], clock: Clock
    ) -> None:
        self._database, self._inboxes, self._clock = database, inboxes, clock
        self._is_same = partial(says_the_same, shape=layout.codec.shape)
        key = [column(name) for name in layout.declared.key]
        here = " AND ".join(f"{name} = ?" for name in key)
        self._stored = f"SELECT value, expires FROM {layout.table} WHERE {here}"
        self.columns = ", ".join(key)

    # -- inside the transaction

    def written(
        self, at: At, write: Callable[[], object], after: str, writer: Invocation | None
    ) -> None:
        """Carry out the write, and tell what it has changed; `after` is the text it leaves."""
        row = self._database.execute(self._stored, at).fetchone()
        write()
        before, expires = row or (None, None)
        is_over = expires is not None and expires <= int(self._clock.time() * 1_000_000)
        for story in stories(before, after or None, self._is_same, is_over=is_over):
            self._tell(at, story, writer)

    def expired(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Tell of items that were removed: of each its text and its key."""
        for text, *at in rows:
            self._tell(tuple(at), ("expired", text, None), None)

    def _tell(self, at: At, story: Story, writer: Invocation | None) -> None:
        content, now, group = told(*story), self._clock.now(), group_of(at)
        trace = writer.trace if writer is not None else ""
        for inbox in self._inboxes:
            id = inbox.next_id()
            inbox.insert([Outgoing(enclosed(content, id, now, trace), group)])
            if writer is not None:
                self._database.then(writer.note_sent, [(inbox.declared.name, id)])


def says_the_same(one: str, other: str, shape: Shape) -> bool:
    return one == other or is_same(decode_json(one), decode_json(other), shape)


def group_of(at: At) -> str:
    """Another for each key."""
    first, *rest = [one if isinstance(one, str) else one.hex() for one in at]
    return f"{len(first)}:{first}{rest[0]}" if rest else first
