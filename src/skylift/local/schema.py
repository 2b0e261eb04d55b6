"""How a declared table lies in SQLite: one table named after it, key fields as its primary key, the
item as JSON in `value`, a column for each further index field and a real index for each index. The
SQL says what the declaration says, so that the sqlite3 shell reads honestly.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct, json

from ..codec import Column, ItemCodec, KeyField
from ..codec.key import key_fields
from ..errors import DeclarationError, Mistake, SkyliftError
from ..resources.table import Table

OUR_COLUMNS = ("value", "expires")
BACKFILL_ROWS = 1000
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
EXPIRES_END = 1 << 62
CATALOG = """
CREATE TABLE IF NOT EXISTS "tables" (name TEXT PRIMARY KEY, layout TEXT NOT NULL) WITHOUT ROWID
"""


class Stored(Struct, frozen=True):
    """What the catalog remembers of a table: fields with their kinds, so that a change is seen."""

    key: list[tuple[str, str]]
    columns: dict[str, str]
    indexes: dict[str, list[str]]
    ttl: str | None


class Layout:
    """The SQL names and columns of one declared table."""

    def __init__(self, table: Table[Any, Any], codec: ItemCodec) -> None:
        self.declared, self.codec = table, codec
        self.table = quoted(f"table:{table.name}")
        self.fields = key_fields(codec, table.key, table.indexes)
        self.key = [self.fields[name] for name in table.key]
        self.further = {name: field for name, field in self.fields.items() if name not in table.key}

    def row(self, item: Any, text: str) -> tuple[Any, ...]:
        """The columns of an item, in the order of `columns`."""
        row: list[Any] = [field.column(attribute(item, field.name)) for field in self.key]
        row.append(text)
        for name, field in self.further.items():
            part = attribute(item, name)  # without it the index lacks the item
            row.append(None if part is None else field.column(part))
        if self.declared.ttl is not None:
            row.append(self.expires(item))
        return tuple(row)

    def columns(self) -> list[str]:
        names = [column(field.name) for field in self.key] + ["value"]
        names += [column(name) for name in self.further]
        return names + (["expires"] if self.declared.ttl is not None else [])

    def expires(self, item: Any) -> int | None:
        """Microseconds since 1970, or None when it stays."""
        assert self.declared.ttl is not None
        at = attribute(item, self.declared.ttl)
        if at is None:
            return None
        if isinstance(at, datetime):
            return (at - EPOCH) // MICROSECOND
        return max(-EXPIRES_END, min(int(at * 1_000_000), EXPIRES_END))

    def stored(self) -> Stored:
        return Stored(
            [(field.name, field.kind) for field in self.key],
            {name: field.kind for name, field in self.further.items()},
            {name: list(fields) for name, fields in self.declared.indexes.items()},
            self.declared.ttl,
        )

    def index_name(self, index: str) -> str:
        return quoted(f"index:{self.declared.name}:{index}")


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def column(field: str) -> str:
    """A field's own name, but for the two that are ours."""
    return quoted(field + "_" if field.rstrip("_").lower() in OUR_COLUMNS else field)


def attribute(item: Any, name: str) -> Any:
    return item.get(name) if isinstance(item, dict) else getattr(item, name, None)  # type: ignore


def ensure(connection: Any, layout: Layout) -> None:
    """Create the table, or bring what is stored to what is declared; DeclarationError when the key
    is another one. All of it or nothing.
    """
    with connection:
        connection.execute(CATALOG)
        row = connection.execute(
            'SELECT layout FROM "tables" WHERE name = ?', (layout.declared.name,)
        ).get
        declared = layout.stored()
        found = json.decode(row, type=Stored) if row is not None else None
        if found == declared:
            return
        if found is None:
            _create(connection, layout)
            found = Stored(declared.key, declared.columns, {}, None)
        elif found.key != declared.key:
            raise DeclarationError(_another_key(layout, found))
        _migrate(connection, layout, found, declared)
        connection.execute(
            'INSERT OR REPLACE INTO "tables" VALUES (?, ?)',
            (layout.declared.name, json.encode(declared).decode()),
        )


def _create(connection: Any, layout: Layout) -> None:
    name = f"table:{layout.declared.name}"
    taken = connection.execute(
        "SELECT name FROM sqlite_schema WHERE lower(name) = lower(?)", (name,)
    ).get
    if taken is not None:
        reason = f"{layout.codec.place}: the state has a table {taken[6:]!r}, the same but for case"
        raise DeclarationError(Mistake(layout.declared.place, reason, "give it another name"))
    lines = [f"{column(field.name)} {_type(field.kind)} NOT NULL" for field in layout.key]
    lines.append("value TEXT NOT NULL")
    lines.append("expires INTEGER")
    lines += [f"{column(name)} {_type(field.kind)}" for name, field in layout.further.items()]
    lines.append(f"PRIMARY KEY ({', '.join(column(field.name) for field in layout.key)})")
    connection.execute(f"CREATE TABLE {layout.table} ({', '.join(lines)}) STRICT, WITHOUT ROWID")


def _migrate(connection: Any, layout: Layout, found: Stored, declared: Stored) -> None:
    gone = {name for name, kind in found.columns.items() if declared.columns.get(name) != kind}
    new = {name for name, kind in declared.columns.items() if found.columns.get(name) != kind}
    kept = set[str]()
    for name, fields in found.indexes.items():
        if declared.indexes.get(name) == fields and not gone.intersection(fields):
            kept.add(name)
        else:
            connection.execute(f"DROP INDEX {layout.index_name(name)}")
    for name in gone:
        connection.execute(f"ALTER TABLE {layout.table} DROP COLUMN {column(name)}")
    for name in new:
        kind = _type(declared.columns[name])
        connection.execute(f"ALTER TABLE {layout.table} ADD COLUMN {column(name)} {kind}")
    expiry = quoted(f"expires:{layout.declared.name}")
    if found.ttl != declared.ttl:
        connection.execute(f"DROP INDEX IF EXISTS {expiry}")
        connection.execute(f"UPDATE {layout.table} SET expires = NULL")
    if new or found.ttl != declared.ttl:
        _backfill(connection, layout)
    if declared.ttl is not None and found.ttl != declared.ttl:
        connection.execute(
            f"CREATE INDEX {expiry} ON {layout.table} (expires) WHERE expires IS NOT NULL"
        )
    for name in declared.indexes.keys() - kept:
        _create_index(connection, layout, name)


def _create_index(connection: Any, layout: Layout, name: str) -> None:
    """In the order of its own key, ties by the table's: what a page continues from."""
    fields = layout.declared.indexes[name]
    order = dict.fromkeys([*fields, *layout.declared.key])
    sparse = [f"{column(field)} IS NOT NULL" for field in fields if field in layout.further]
    connection.execute(
        f"CREATE INDEX {layout.index_name(name)} ON {layout.table} "
        f"({', '.join(map(column, order))})" + (f" WHERE {' AND '.join(sparse)}" if sparse else "")
    )


def _backfill(connection: Any, layout: Layout) -> None:
    """Fill the new columns of what is stored already. An item that does not fit an index is left
    out of that one, as DynamoDB leaves it out of a new one.
    """
    keys = [column(name) for name in layout.declared.key]
    names = layout.columns()[len(keys) + 1 :]
    update = (
        f"UPDATE {layout.table} SET {', '.join(f'{name} = ?' for name in names)} "
        f"WHERE {' AND '.join(f'{name} = ?' for name in keys)}"
    )
    for value, *at in _rows(connection, layout.table, keys) if names else ():
        try:
            item = layout.codec.decode(value)
        except SkyliftError:
            continue
        filled: list[Any] = [_fitting(field, item) for field in layout.further.values()]
        if layout.declared.ttl is not None:
            filled.append(layout.expires(item))
        connection.execute(update, (*filled, *at))


def _fitting(field: KeyField, item: Any) -> Column | None:
    part = attribute(item, field.name)
    try:
        return None if part is None else field.column(part)
    except SkyliftError:
        return None


def _rows(connection: Any, table: str, keys: list[str]) -> Iterator[tuple[Any, ...]]:
    """Every row, some at a time: a table is not to be changed under a statement that reads it."""
    listed = ", ".join(keys)
    after = f"WHERE ({listed}) > ({', '.join('?' * len(keys))})"
    rows = _first(connection, f"SELECT value, {listed} FROM {table}", listed, ())
    while rows:
        yield from rows
        last = rows[-1][1:]
        rows = _first(connection, f"SELECT value, {listed} FROM {table} {after}", listed, last)


def _first(connection: Any, select: str, order: str, bindings: tuple[Any, ...]) -> list[Any]:
    limited = f"{select} ORDER BY {order} LIMIT {BACKFILL_ROWS}"
    return connection.execute(limited, bindings).fetchall()


def _type(kind: str) -> str:
    return "TEXT" if kind == "text" else "BLOB"


def _another_key(layout: Layout, found: Stored) -> Mistake:
    was = ", ".join(f"{name} ({kind})" for name, kind in found.key)
    now = ", ".join(f"{field.name} ({field.kind})" for field in layout.key)
    return Mistake(
        layout.declared.place,
        f"{layout.codec.place} is stored with the key {was}, declared is {now}",
        "a key cannot change: declare the stored one, or give the new table another name",
    )
