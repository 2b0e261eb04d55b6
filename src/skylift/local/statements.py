"""The SQL of one declared table's verbs."""

from __future__ import annotations

from typing import NamedTuple

from .schema import Layout, column


class Statements(NamedTuple):
    """`found` is where one item lies: the key's values are bound to it, and the time where items
    expire.
    """

    found: str
    get: str
    exists: str
    remove: str
    upsert: str
    sweep: str

    @classmethod
    def of(cls, layout: Layout) -> Statements:
        table, columns = layout.table, layout.columns()
        key = [column(name) for name in layout.declared.key]
        here = f"WHERE {' AND '.join(f'{name} = ?' for name in key)}"
        expires = layout.declared.ttl is not None
        alive = " AND (expires IS NULL OR expires > ?)" if expires else ""
        found = f"FROM {table} {here}{alive}"
        marks = ", ".join("?" * len(columns))
        replaced = ", ".join(f"{name} = excluded.{name}" for name in columns[len(key) :])
        listed = ", ".join(key)
        old = f"SELECT {listed} FROM {table} WHERE expires <= ? LIMIT ?"
        return cls(
            found=found,
            get=f"SELECT value {found}",
            exists=f"SELECT 1 {found}",
            remove=f"DELETE FROM {table} {here}",
            upsert=f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) "
            f"ON CONFLICT DO UPDATE SET {replaced}",
            sweep=f"DELETE FROM {table} WHERE ({listed}) IN ({old})",
        )
