"""Secrets in SQLite, each sealed by itself. A value is in clear only while it is sealed or
revealed; to tell names and times needs no key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import apsw

from ..errors import DeclarationError, Mistake
from ..ports import Clock, Entropy
from ..resources.secret import Secret
from .database import Database
from .failure import translated
from .vault import NONCE_BYTES, Vault

SETUP = """
CREATE TABLE IF NOT EXISTS secrets (
    name TEXT PRIMARY KEY, nonce BLOB NOT NULL, sealed BLOB NOT NULL, set_at INTEGER NOT NULL)
    STRICT, WITHOUT ROWID;
"""
EXISTS = "SELECT 1 FROM sqlite_schema WHERE name = 'secrets'"
SELECT = "SELECT nonce, sealed FROM secrets WHERE name = ?"
LIST = "SELECT name, set_at FROM secrets ORDER BY name"
INSERT = "INSERT OR REPLACE INTO secrets VALUES (?, ?, ?, ?)"
DELETE = "DELETE FROM secrets WHERE name = ?"


class SqliteSecret:
    """The SecretPort of one declaration."""

    def __init__(self, secrets: Secrets, secret: Secret) -> None:
        self._secrets, self._secret = secrets, secret

    async def reveal(self) -> str:
        found = self._secrets.revealed(self._secret.name)
        if found is None and self._secret.optional:
            return ""
        if found is None:
            raise DeclarationError(unset(self._secret, self._secrets.app))
        return found


class Secrets:
    """All of one app."""

    def __init__(self, database: Database, vault: Vault, clock: Clock, entropy: Entropy) -> None:
        self._database, self._vault = database, vault
        self._clock, self._entropy = clock, entropy  # the table is made with the first secret

    @property
    def app(self) -> str:
        return self._vault.app

    def revealed(self, name: str) -> str | None:
        execute = self._database.execute
        try:
            row = execute(SELECT, (name,)).fetchone() if is_there(execute) else None
        except apsw.Error as error:
            raise translated(error) from error
        return self._vault.opened(name, *row) if row is not None else None

    async def set(self, name: str, value: str) -> None:
        nonce = self._entropy.token_bytes(NONCE_BYTES)
        sealed = self._vault.sealed(name, value, nonce)
        row = (name, nonce, sealed, int(self._clock.time() * 1e6))
        await self._database.write(self._insert, row)

    async def remove(self, name: str) -> bool:
        """Whether there was one."""
        return await self._database.write(self._delete, name)

    def names(self) -> dict[str, float]:
        return names_in(self._database.execute)

    def _insert(self, row: tuple[Any, ...]) -> None:
        self._database.execute(SETUP)
        self._database.execute(INSERT, row)

    def _delete(self, name: str) -> bool:
        if not is_there(self._database.execute):
            return False
        self._database.execute(DELETE, (name,))
        return bool(self._database.connection.changes())


def names_in(execute: Callable[..., Any]) -> dict[str, float]:
    """When each was set, in seconds since the epoch; it may be a state that has no secrets yet."""
    if not is_there(execute):
        return {}
    return {str(name): set_at / 1e6 for name, set_at in execute(LIST).fetchall()}


def is_there(execute: Callable[..., Any]) -> bool:
    return execute(EXISTS).fetchone() is not None


def unset(secret: Secret, app: str) -> Mistake:
    reason = f"secret {secret.name!r} has no value"
    return Mistake(secret.place, reason, f"skylift secret set {app} {secret.name}")
