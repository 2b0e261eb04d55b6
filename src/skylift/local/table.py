"""Tables in SQLite. A write is encoded and checked before it is queued; inside the tick's
transaction it decides first (existence, condition, result) and then writes, so that what raises
leaves nothing behind and several writes can be all or nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, NoReturn, TypeAlias

import apsw

from ..codec import Column, ItemCodec, KeyField
from ..codec.tree import decode_json, item_bytes
from ..conditions import Condition
from ..engine.condition import holds_for_nothing
from ..engine.range import limit_checked
from ..engine.update import applied, steps
from ..errors import Conflict, Invalid, NotFound, SkyliftError
from ..graph.model import Graph
from ..invocation import Invocation, current
from ..ports import Action, Check, Clock, Create, Delete, Key, Put, Range, Rows, Update
from ..resources.table import Table, shown
from .change import SqliteChanges
from .condition import compiled
from .database import Database
from .failure import translated
from .inbox import Receivers
from .range import Walk, position_of
from .schema import Layout, ensure
from .statements import Statements

STEP_ROWS = 256  # a filtering walk looks at so many before it lets others run
BATCH_ACTIONS = 100  # of a write_many, or keys of a get_many, in one tick

At: TypeAlias = "tuple[Column, ...]"


class Effect(NamedTuple):
    """What a decided action will do: nothing when `sql` is empty."""

    result: Any = None
    sql: str = ""
    bindings: tuple[Any, ...] = ()
    text: str = ""  # of the item written


class Pending(NamedTuple):
    """An action checked and encoded. `decide` runs in the transaction: it reads, and may raise."""

    at: At
    decide: Callable[[], Effect]


class SqliteTable:
    """The TablePort of one declared table. Made at open and at reload: it brings the stored table
    to what is declared.
    """

    def __init__(self, database: Database, table: Table[Any, Any], clock: Clock) -> None:
        self.declared = table
        self.codec = ItemCodec(table.item, f"table {table.name!r}")
        self._layout = Layout(table, self.codec)
        self._database, self._clock = database, clock
        self._execute = database.execute
        self._changes: SqliteChanges | None = None  # without anybody who follows
        ensure(database.connection, self._layout)
        self._sql = Statements.of(self._layout)
        self._pending: dict[type[Action], Callable[[Any], Pending]] = {
            Put: self._put,
            Create: self._create,
            Update: self._update,
            Delete: self._delete,
            Check: self._check,
        }

    def wire(self, graph: Graph, receivers: Receivers) -> None:
        """From now on those who follow the table are told."""
        inboxes = [receivers.inbox(node) for node in graph.triggered_by(self.declared)]
        given = (self._database, self._layout, inboxes, self._clock)
        self._changes = SqliteChanges(*given) if inboxes else None

    async def get(self, key: Key) -> Any:
        at = self._at(key)
        try:
            text = self._execute(self._sql.get, self._seen(at)).get
        except apsw.Error as error:
            raise translated(error) from error
        return None if text is None else self.codec.decode(text)

    async def get_many(self, keys: Sequence[Key]) -> list[Any]:
        found: list[Any] = []
        for start in range(0, len(keys), BATCH_ACTIONS):
            if start:
                await asyncio.sleep(0)  # many keys do not stop the loop
            found += [await self.get(key) for key in keys[start : start + BATCH_ACTIONS]]
        return found

    async def write(self, action: Action) -> Any:
        return await self._database.write(self._do, self.pending(action), self.writer())

    async def write_many(self, actions: Sequence[Put | Delete]) -> list[Exception | None]:
        outcome: list[Exception | None] = []
        for start in range(0, len(actions), BATCH_ACTIONS):
            batch = actions[start : start + BATCH_ACTIONS]
            outcome += await self._database.write(self._do_each, batch, self.writer())
        return outcome

    async def read(self, rows: Range) -> Rows:
        if rows.after is not None:
            await asyncio.sleep(0)  # a long listing does not stop the loop
        walk, limit = Walk(self._layout, rows), limit_checked(rows)
        after, step = walk.opened(rows.after), limit + 1
        if walk.filters:
            step = max(step, STEP_ROWS)
        passed: list[tuple[str, At]] = []
        while True:
            looked, after = self._step(walk, after, step, limit, passed)
            if looked < step or len(passed) > limit:
                break
            await asyncio.sleep(0)  # a filter that passes little does not stop the loop
        items = [self.codec.decode(text) for text, _ in passed[:limit]]
        return Rows(items, position_of(passed[limit - 1][1]) if len(passed) > limit else None)

    async def sweep(self, now_s: float, limit: int = 500) -> int:
        """Remove at most `limit` items that have expired; how many there were."""
        if self.declared.ttl is None:
            return 0
        return await self._database.write(self._do_sweep, int(now_s * 1e6), limit)

    def pending(self, action: Action) -> Pending:
        """The action, ready for the transaction; Invalid or DeclarationError if it never can be."""
        return self._pending[type(action)](action)

    def writer(self) -> Invocation | None:
        """Who writes, where that is told."""
        return None if self._changes is None else current.get(None)

    def _step(
        self, walk: Walk, after: At | None, step: int, limit: int, passed: list[tuple[str, At]]
    ) -> tuple[int, At | None]:
        """Look at `step` rows, or until one more than `limit` has passed: how many, the last."""
        looked = 0
        try:
            cursor = self._execute(*walk.sql(after, self._now(), step))
        except apsw.Error as error:
            raise translated(error) from error
        try:
            for text, counts, *at in cursor:
                looked, after = looked + 1, tuple(at)
                if counts:
                    passed.append((text, after))
                if len(passed) > limit:
                    break
        except apsw.Error as error:
            raise translated(error) from error
        finally:
            cursor.close()
        return looked, after

    def bytes_of(self, text: str) -> int:
        return item_bytes(decode_json(text), self.codec.shape)

    # -- inside the transaction

    def _do(self, pending: Pending, writer: Invocation | None) -> Any:
        effect = pending.decide()
        self.carry_out(pending.at, effect, writer)
        return effect.result

    def carry_out(self, at: At, effect: Effect, writer: Invocation | None) -> None:
        if not effect.sql:
            return
        if self._changes is None:
            self._execute(effect.sql, effect.bindings)
            return
        write = partial(self._execute, effect.sql, effect.bindings)
        self._changes.written(at, write, effect.text, writer)

    def _do_each(
        self, actions: Sequence[Put | Delete], writer: Invocation | None
    ) -> list[Exception | None]:
        outcome: list[Exception | None] = []
        for action in actions:
            try:
                self._do(self.pending(action), writer)
            except SkyliftError as error:
                outcome.append(error)
            else:
                outcome.append(None)
        return outcome

    def _do_sweep(self, now: int, limit: int) -> int:
        if self._changes is None:
            self._execute(self._sql.sweep, (now, limit))
            return self._database.connection.changes()
        told = f"{self._sql.sweep} RETURNING value, {self._changes.columns}"
        gone = self._execute(told, (now, limit)).fetchall()
        self._changes.expired(gone)
        return len(gone)

    # -- actions: what is checked before, and what is decided inside

    def _put(self, action: Put) -> Pending:
        at, effect = self._writing(action.item)
        if action.if_ is None:
            return Pending(at, lambda: effect)
        look, key = self._looking(at, action.if_), self.declared.key_of(action.item)

        def decide() -> Effect:
            _, holds = look()
            return effect if holds else self._conflict(key)

        return Pending(at, decide)

    def _create(self, action: Create) -> Pending:
        at, effect = self._writing(action.item)

        def decide() -> Effect:
            if self._execute(self._sql.exists, self._seen(at)).get is None:
                return effect
            key = shown(self.declared.key_of(action.item))
            raise Conflict(f"{self.declared.name}: there is {key} already")

        return Pending(at, decide)

    def _update(self, action: Update) -> Pending:
        at = self._at(action.key)
        look, changes = self._looking(at, action.if_), steps(self.codec, action, self.declared.key)

        def decide() -> Effect:
            text, holds = look()
            if text is None:
                raise NotFound(f"{self.declared.name}: there is no {shown(action.key)}")
            if not holds:
                return self._conflict(action.key)
            changed = applied(self.codec, text, changes)
            try:
                item = self.codec.accept(changed)
            except Invalid:
                self.codec.decode(text)  # if it could not be read before, it is not this update
                raise
            return Effect(item, self._sql.upsert, self._layout.row(item, changed), changed)

        return Pending(at, decide)

    def _delete(self, action: Delete) -> Pending:
        at = self._at(action.key)
        look = self._looking(at, action.if_)

        def decide() -> Effect:
            text, holds = look()
            if not holds:
                return self._conflict(action.key)
            if text is not None:
                return Effect(self.codec.decode(text), self._sql.remove, at)
            # There may be one that has expired; whoever follows is told.
            return Effect(None, self._sql.remove, at) if self._changes else Effect()

        return Pending(at, decide)

    def _check(self, action: Check) -> Pending:
        at = self._at(action.key)
        look = self._looking(at, action.if_)

        def decide() -> Effect:
            return Effect() if look()[1] else self._conflict(action.key)

        return Pending(at, decide)

    def _writing(self, item: Any) -> tuple[At, Effect]:
        text = self.codec.encode(item)
        row = self._layout.row(item, text)
        return row[: len(self._layout.key)], Effect(None, self._sql.upsert, row, text)

    def _looking(
        self, at: At, condition: Condition | None
    ) -> Callable[[], tuple[str | None, bool]]:
        """Reads what is stored and whether the condition holds for it, in one statement."""
        if condition is None:
            return lambda: (self._execute(self._sql.get, self._seen(at)).get, True)
        expression, bindings = compiled(condition, self.codec)
        select = f"SELECT value, {expression} {self._sql.found}"
        for_nothing = holds_for_nothing(condition)

        def look() -> tuple[str | None, bool]:
            row = self._execute(select, (*bindings, *self._seen(at))).get
            return (None, for_nothing) if row is None else (row[0], bool(row[1]))

        return look

    def _conflict(self, key: Key) -> NoReturn:
        raise Conflict(f"{self.declared.name}: the condition does not hold for {shown(key)}")

    # -- what the statements are given

    def _at(self, key: Key) -> At:
        assert len(key) == len(self._layout.key)
        return tuple(map(KeyField.column, self._layout.key, key))

    def _seen(self, at: At) -> tuple[Any, ...]:
        """Bindings of `_found`: the key, and the time where items expire."""
        return at if self.declared.ttl is None else (*at, self._now())

    def _now(self) -> int:
        return int(self._clock.time() * 1_000_000)
