"""What is stored of users, and how it changes: each change is one transaction, and a refusal that
costs a try is an outcome, because what raises leaves nothing behind.

Codes, refresh tokens and passwords lie here as hashes. Tries are counted before anything is looked
at, so that many at once are no more than one after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from hmac import compare_digest
from typing import Any

from msgspec import json

from ..resources.users import CODE_S, CODE_TRIES, GUEST, REPEAT_S
from .database import Database
from .mail import MailStore
from .person import (
    COLUMNS,
    NAMES,
    SETUP,
    Invitation,
    Person,
    Session,
    Tried,
    Turn,
    Wanted,
    hashed,
    person_of,
    sealed,
)
from .schema import quoted
from .tries import SECOND, Tries

INVITED_S = 86_400
EXPIRING = {"codes": "key", "sessions": "id", "turns": "session", "tries": "key"}


class Accounts:
    """The rows of one declaration. Its methods run inside a transaction; the last argument is the
    time.
    """

    def __init__(self, database: Database, name: str, mail: MailStore) -> None:
        self._name, self._mail = name, mail
        self._connection, self._execute = database.connection, database.execute
        self._names = {one: quoted(f"{one}:{name}") for one in NAMES}
        self._run(SETUP)
        self._tries = Tries(self._run)

    def _run(self, sql: str, given: Sequence[object] = ()) -> Any:
        """With the names of this declaration in it."""
        return self._execute(sql.format(**self._names), given)

    # -- persons

    def person(self, id: str) -> Person | None:
        return person_of(self._run(f"SELECT {COLUMNS} FROM {{users}} WHERE id = ?", (id,)))

    def _addressed(self, email: str) -> Person | None:
        return person_of(self._run(f"SELECT {COLUMNS} FROM {{users}} WHERE email = ?", (email,)))

    def _owner(self, email: str, unless: str = "") -> str | None:
        """The id alone: what is unpacked for some and not for others takes time."""
        return self._run(f"SELECT id FROM {{users}} WHERE email = ? {unless}", (email,)).get

    def _add(self, person: Person) -> None:
        groups = json.encode(person.groups).decode()
        row = (person.id, person.name, person.email, person.password, groups)
        self._run("INSERT INTO {users} VALUES (?, ?, ?, ?, ?, 0, ?)", (*row, person.created))

    def add_guest(self, id: str, name: str, session: Session, now: int) -> Person:
        person = Person(id, name, None, None, [GUEST], False, now)
        self._add(person)
        self._open(id, session, now)
        return person

    def set_groups(self, id: str, groups: list[str]) -> None:
        self._run("UPDATE {users} SET groups = ? WHERE id = ?", (json.encode(groups).decode(), id))

    def set_password(self, id: str, password: str, old: str | None, now: int) -> bool:
        """Unless it is another than `old` by now. Who was signed in signs in again."""
        person = self.person(id)
        if person is None or person.is_disabled or old not in (None, person.password):
            return False
        self._run("UPDATE {users} SET password = ? WHERE id = ?", (password, id))
        self._tries.forgive(person.email or id)
        self._close_all(id)
        return True

    def disable(self, id: str, now: int) -> bool:
        self._run("UPDATE {users} SET is_disabled = 1 WHERE id = ?", (id,))
        known = self._connection.changes() == 1
        self._close_all(id)
        return known

    def delete(self, id: str, now: int) -> None:
        self._run("DELETE FROM {users} WHERE id = ?", (id,))
        self._run("DELETE FROM {codes} WHERE key = ?", (f"confirm:{id}",))
        self._close_all(id)

    # -- codes

    def invite(self, wanted: Wanted, code: str, now: int) -> None:
        """Somebody wants this address; where it is known, its owner is told instead."""
        email = wanted.email
        self._tries.mail(email, now)
        is_new = self._owner(email) is None
        key, owner = f"confirm:{wanted.id}", wanted.id if wanted.is_guest else ""
        given = (key, owner, email, sealed(key, code), wanted.password, 0)
        times = (now + CODE_S * SECOND, is_new, now + INVITED_S * SECOND)
        self._put(Invitation(*given, *times))
        self._mail_invitation(email, code, is_new=is_new)

    def resend(self, id: str, code: str, now: int) -> None:
        found = self._invitation(f"confirm:{id}", now)
        if found is None:
            return
        self._tries.mail(found.email, now)
        self._run(
            "UPDATE {codes} SET code = ?, tries = 0, until = ? WHERE key = ?",
            (sealed(found.key, code), now + CODE_S * SECOND, found.key),
        )
        self._mail_invitation(found.email, code, is_new=bool(found.is_real))

    def confirm(self, id: str, code: str, now: int) -> Tried:
        found = self._tried(f"confirm:{id}", code, now)
        if found is None:
            return Tried.WRONG
        if self._owner(found.email) is not None:
            return Tried.TAKEN
        if not found.owner:
            self._add(Person(id, found.email, found.email, found.password, [], False, now))
            return Tried.DONE
        guest = self.person(id)
        if guest is None or guest.is_disabled:
            return Tried.WRONG
        self._run(
            "UPDATE {users} SET name = ?1, email = ?1, password = ?2 WHERE id = ?3",
            (found.email, found.password, id),
        )
        self.set_groups(id, [group for group in guest.groups if group != GUEST])
        return Tried.DONE

    def forgot(self, email: str, code: str, now: int) -> None:
        self._tries.mail(email, now)
        owner = self._owner(email, "AND NOT is_disabled")
        is_known, key, until = owner is not None, f"reset:{email}", now + CODE_S * SECOND
        owner = owner or ""
        self._put(Invitation(key, owner, email, sealed(key, code), "", 0, until, is_known, until))
        told = (f"{code} is your code for {self._name}", FORGOT.format(code=code))
        self._mail.insert(self._name, email, told, is_meant=is_known)

    def try_reset(self, email: str, code: str, now: int) -> str | None:
        """Whose password may be set, once the code was right; it is used up."""
        found = self._tried(f"reset:{email}", code, now)
        return found.owner if found is not None else None

    def _put(self, one: Invitation) -> None:
        row = (one.key, one.owner, one.email, one.code, one.password, one.tries, one.until)
        sql = "INSERT OR REPLACE INTO {codes} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        self._run(sql, (*row, one.is_real, one.expires))

    def _invitation(self, key: str, now: int) -> Invitation | None:
        sql = "SELECT * FROM {codes} WHERE key = ? AND expires > ?"
        row = self._run(sql, (key, now)).fetchone()
        return Invitation(*row) if row is not None else None

    def _tried(self, key: str, code: str, now: int) -> Invitation | None:
        """What this code was made for, which is then over; None, and a try less, when it is
        wrong.
        """
        found = self._invitation(key, now)
        if found is None or found.tries >= CODE_TRIES or found.until <= now:
            return None
        if compare_digest(found.code, sealed(key, code)) and found.is_real:
            self._run("DELETE FROM {codes} WHERE key = ?", (key,))
            return found
        self._run("UPDATE {codes} SET tries = tries + 1 WHERE key = ?", (key,))
        return None

    def _mail_invitation(self, email: str, code: str, *, is_new: bool) -> None:
        told = (f"{code} is your code for {self._name}", CONFIRM.format(code=code))
        known = (f"You are a user of {self._name} already", KNOWN)
        self._mail.insert(self._name, email, told if is_new else known, is_meant=True)

    # -- tries

    def try_password(self, email: str, now: int) -> Person | None:
        """Who has this address and may sign in; TooManyRequests after too many failures."""
        self._tries.password(email, now)
        person = self._addressed(email)
        return person if person is not None and not person.is_disabled else None

    def try_password_of(self, id: str, now: int) -> Person | None:
        person = self.person(id)
        self._tries.password(person.email or id if person is not None else id, now)
        return person if person is not None and not person.is_disabled else None

    # -- sessions

    def sign_in(self, person: Person, session: Session, now: int) -> bool:
        """Open a session, unless the password is another by now, or he may not sign in any more."""
        found = self.person(person.id)
        if found is None or found.is_disabled or found.password != person.password:
            return False
        self._tries.forgive(found.email or found.id)
        self._open(found.id, session, now)
        return True

    def rotate(self, turn: Turn, now: int) -> tuple[Person, bytes] | None:
        """Whose session goes on, and with which secret. One that was used before is a repeat for a
        moment; later it signs its user out, for somebody else has it.
        """
        sql = "SELECT owner, secret, expires FROM {sessions} WHERE id = ?"
        row = self._run(sql, (turn.session,)).fetchone()
        if row is None:
            return None
        owner, kept, expires = row
        person = self.person(owner)
        known = turn if compare_digest(kept, hashed(turn.secret)) else self._repeated(turn, now)
        if known is None or person is None or person.is_disabled:
            self._close_all(owner)
            return None
        if expires <= now:
            return None
        if known is turn:
            self._turn(turn, now)
        return person, known.next()

    def _repeated(self, turn: Turn, now: int) -> Turn | None:
        """The same turn as it was taken before, if that was just now."""
        sql = "SELECT secret, salt FROM {turns} WHERE session = ? AND expires > ?"
        row = self._run(sql, (turn.session, now)).fetchone()
        if row is None or not compare_digest(row[0], hashed(turn.secret)):
            return None
        return Turn(turn.session, turn.secret, row[1])

    def _turn(self, turn: Turn, now: int) -> None:
        fresh = (hashed(turn.next()), turn.session)
        self._run("UPDATE {sessions} SET secret = ? WHERE id = ?", fresh)
        used = (turn.session, hashed(turn.secret), turn.salt, now + REPEAT_S * SECOND)
        self._run("INSERT OR REPLACE INTO {turns} VALUES (?, ?, ?, ?)", used)

    def sign_out(self, session: str, now: int) -> None:
        """A token that was used before ends its session too."""
        self._run("DELETE FROM {sessions} WHERE id = ?", (session,))

    def _open(self, id: str, session: Session, now: int) -> None:
        row = (session.id, id, session.secret, now + session.lives_s * SECOND)
        self._run("INSERT INTO {sessions} VALUES (?, ?, ?, ?)", row)

    def _close_all(self, id: str) -> None:
        self._run("DELETE FROM {sessions} WHERE owner = ?", (id,))

    # -- what is over

    def sweep(self, now: int, limit: int) -> int:
        count = 0
        for table, key in EXPIRING.items():
            rows = f"SELECT {key} FROM {{{table}}} WHERE expires <= ? LIMIT ?"
            self._run(f"DELETE FROM {{{table}}} WHERE {key} IN ({rows})", (now, limit - count))
            count += self._connection.changes()
        return count + self._mail.sweep(now, limit - count)


CONFIRM = "{code} confirms your address. It is good for 10 minutes."
FORGOT = "{code} lets you set another password. It is good for 10 minutes."
KNOWN = (
    "Somebody wanted to register with this address, which is registered already. "
    "If it was you: sign in, or ask for another password."
)
