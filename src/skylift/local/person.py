"""How users lie in SQLite: persons, codes under way, sessions and tries. What is secret is a hash;
times are in microseconds since the epoch.
"""

from __future__ import annotations

from enum import Enum
from hashlib import sha256
from hmac import digest
from typing import Any

from msgspec import Struct, json

SETUP = """
CREATE TABLE IF NOT EXISTS {users} (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE, password TEXT,
    groups TEXT NOT NULL, is_disabled INTEGER NOT NULL, created INTEGER NOT NULL)
    STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS {codes} (
    key TEXT PRIMARY KEY, owner TEXT NOT NULL, email TEXT NOT NULL, code TEXT NOT NULL,
    password TEXT NOT NULL, tries INTEGER NOT NULL, until INTEGER NOT NULL,
    is_real INTEGER NOT NULL, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS {sessions} (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, secret TEXT NOT NULL, expires INTEGER NOT NULL)
    STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS {by_owner} ON {sessions} (owner);
CREATE TABLE IF NOT EXISTS {turns} (
    session TEXT PRIMARY KEY, secret TEXT NOT NULL, salt BLOB NOT NULL, expires INTEGER NOT NULL)
    STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS {tries} (
    key TEXT PRIMARY KEY, count INTEGER NOT NULL, until INTEGER NOT NULL, expires INTEGER NOT NULL)
    STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS {over_codes} ON {codes} (expires);
CREATE INDEX IF NOT EXISTS {over_sessions} ON {sessions} (expires);
CREATE INDEX IF NOT EXISTS {over_tries} ON {tries} (expires);
CREATE INDEX IF NOT EXISTS {over_turns} ON {turns} (expires);
"""
NAMES = (
    *("users", "codes", "sessions", "turns", "tries"),
    *("by_owner", "over_codes", "over_sessions", "over_turns", "over_tries"),
)
COLUMNS = "id, name, email, password, groups, is_disabled, created"


class Tried(Enum):
    """What became of a code."""

    DONE = "done"
    WRONG = "wrong"
    TAKEN = "taken"


class Person(Struct, frozen=True):
    """A user as he is stored; times in microseconds since the epoch."""

    id: str
    name: str
    email: str | None
    password: str | None  # its hash; a guest has none
    groups: list[str]
    is_disabled: bool
    created: int


class Invitation(Struct, frozen=True):
    """A code under way. One that `is_real` not was made for an address that is somebody else's, or
    nobody's: no code is ever right.
    """

    key: str
    owner: str
    email: str
    code: str
    password: str
    tries: int
    until: int
    is_real: int
    expires: int


class Wanted(Struct, frozen=True):
    """Who wants to have an address: somebody new, or a guest."""

    id: str
    email: str
    password: str  # its hash
    is_guest: bool = False


class Session(Struct, frozen=True):
    """One that begins, and the hash of its first secret."""

    id: str
    secret: str
    lives_s: int


class Turn(Struct, frozen=True):
    """A refresh token that is used, and the salt that makes the next one of it."""

    session: str
    secret: bytes
    salt: bytes

    def next(self) -> bytes:
        """Of a secret and a salt there is one next secret: a repeat finds it again, and neither the
        state, where the secret is not, nor an old token, which has no salt, tells it.
        """
        return digest(self.salt, self.secret, "sha256")


def person_of(found: Any) -> Person | None:
    row = found.fetchone()
    if row is None:
        return None
    id, name, email, password, groups, is_disabled, created = row
    groups = json.decode(groups, type=list[str])
    return Person(id, name, email, password, groups, bool(is_disabled), created)


def hashed(secret: bytes) -> str:
    return sha256(secret).hexdigest()


def sealed(key: str, code: str) -> str:
    return sha256(f"{key} {code}".encode()).hexdigest()
