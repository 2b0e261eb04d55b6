"""Users against a model: whoever joins, signs in, refreshes with whatever token there ever was, is
shut out or restarted meanwhile, the tokens of whom the model knows as signed in are taken, and no
others.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from skylift import NotFound, TooManyRequests, Unauthorized, Users
from skylift.local.password import CHEAP, Passwords
from skylift.local.tries import FORGIVEN_S, waited_s
from skylift.resources.users import REPEAT_S
from skylift.testing.contracts.accounts.stock import code_for
from skylift.testing.stand import Stand

pytestmark = pytest.mark.long  # left out of `make check`

T = TypeVar("T")
DAY_S = 86_400.0
IN_MEMORY = Path("/dev/shm")  # where there are files without a disk below them
WORDS = ("the first password", "the second one", "a third password")
EMAILS = ("ann@example.com", "bob@example.com", "cat@example.com")

members = Users("members", refresh_days=2)


@dataclass
class Person:
    id: str
    email: str
    word: str
    is_disabled: bool = False


@dataclass
class Session:
    owner: str
    current: str
    until: float
    before: str = ""
    repeated_until: float = 0.0

    def is_repeat(self, token: str, now: float) -> bool:
        return token == self.before and now < self.repeated_until


@dataclass
class Tries:
    count: int = 0
    until: float = 0.0
    last: float = 0.0


@dataclass
class Model:
    people: dict[str, Person] = field(default_factory=dict[str, Person])  # by address
    sessions: list[Session] = field(default_factory=list[Session])  # that have not ended
    tokens: list[tuple[str, Session]] = field(default_factory=list[tuple[str, Session]])
    tries: dict[str, Tries] = field(default_factory=dict[str, Tries])

    def sign_out(self, owner: str) -> None:
        self.sessions = [one for one in self.sessions if one.owner != owner]

    def may_try(self, email: str, now: float) -> bool:
        tries = self.tries.setdefault(email, Tries())
        if tries.count and now - tries.last >= FORGIVEN_S:
            tries = self.tries[email] = Tries()
        if tries.until > now:
            return False
        tries.count, tries.last = tries.count + 1, now
        tries.until = now + waited_s(tries.count)
        return True


class UsersMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(dir=IN_MEMORY if IN_MEMORY.exists() else None))
        self.model, self.elapsed, self.runs = Model(), 0.0, 0

    def run(self, told: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(self._inside(told))

    async def _inside(self, told: Coroutine[Any, Any, T]) -> T:
        """Each rule in a life of its own: all that is known lies in the state."""
        self.runs += 1
        async with Stand(members, path=self.folder / "state.db") as self.world:
            self.world.clock.advance(seconds=self.elapsed)
            self.world.entropy._drawn = self.runs * 1_000  # pyright: ignore[reportPrivateUsage]
            self.world.ports.adapters["members"]._passwords = Passwords(CHEAP)
            return await told

    @property
    def now(self) -> float:
        return self.elapsed

    @initialize()
    def begin(self) -> None:
        self.join(EMAILS[0], WORDS[0])
        self.sign_in(EMAILS[0], WORDS[0])

    @rule(email=st.sampled_from(EMAILS), word=st.sampled_from(WORDS))
    def join(self, email: str, word: str) -> None:
        async def told() -> str | None:
            try:
                id = await members.register(email, word)
            except TooManyRequests:
                return None
            if email in self.model.people:
                return None
            await members.confirm(id, await code_for(self.world, email))
            return id

        id = self.run(told())
        if id is not None:
            self.model.people[email] = Person(id, email, word)

    @rule(email=st.sampled_from(EMAILS), word=st.sampled_from(WORDS))
    def sign_in(self, email: str, word: str) -> None:
        person = self.model.people.get(email)
        is_right = person is not None and person.word == word and not person.is_disabled
        if not self.model.may_try(email, self.now):
            self.refused(TooManyRequests, members.login(email, word))
        elif person is None or not is_right:
            self.refused(Unauthorized, members.login(email, word))
        else:
            tokens = self.run(members.login(email, word))
            assert tokens.id == person.id
            del self.model.tries[email]
            session = Session(email, tokens.refresh, self.now + 2 * DAY_S)
            self.model.sessions.append(session)
            self.model.tokens.append((tokens.refresh, session))

    @precondition(lambda self: self.model.tokens)
    @rule(data=st.data())
    def refresh(self, data: st.DataObject) -> None:
        token, session = data.draw(st.sampled_from(self.model.tokens[-12:]))
        if not any(one is session for one in self.model.sessions):
            self.refused(Unauthorized, members.refresh(token))
        elif session.current != token and not session.is_repeat(token, self.now):
            self.refused(Unauthorized, members.refresh(token))
            self.model.sign_out(session.owner)
        elif session.until <= self.now:
            self.refused(Unauthorized, members.refresh(token))
        elif session.current != token:
            assert self.run(members.refresh(token)).refresh == session.current
        else:
            session.before, session.repeated_until = token, self.now + REPEAT_S
            session.current = self.run(members.refresh(token)).refresh
            self.model.tokens.append((session.current, session))

    @precondition(lambda self: self.model.tokens)
    @rule(data=st.data())
    def log_out(self, data: st.DataObject) -> None:
        token, session = data.draw(st.sampled_from(self.model.tokens[-12:]))
        self.run(members.logout(token))
        self.model.sessions = [one for one in self.model.sessions if one is not session]

    @rule(email=st.sampled_from(EMAILS), old=st.sampled_from(WORDS), new=st.sampled_from(WORDS))
    def change(self, email: str, old: str, new: str) -> None:
        person = self.model.people.get(email)
        if person is None:
            return
        if not self.model.may_try(email, self.now):
            self.refused(TooManyRequests, members.change_password(person.id, old, new))
        elif person.word != old or person.is_disabled:
            self.refused(Unauthorized, members.change_password(person.id, old, new))
        else:
            self.run(members.change_password(person.id, old, new))
            person.word = new
            self.model.sign_out(email)
            self.model.tries.pop(email, None)

    @rule(email=st.sampled_from(EMAILS))
    def disable(self, email: str) -> None:
        person = self.model.people.get(email)
        if person is None:
            self.refused(NotFound, members.disable("0" * 32))
            return
        self.run(members.disable(person.id))
        person.is_disabled = True
        self.model.sign_out(email)

    @rule(email=st.sampled_from(EMAILS))
    def delete(self, email: str) -> None:
        person = self.model.people.pop(email, None)
        if person is not None:
            self.run(members.delete(person.id))
            self.model.sign_out(email)

    @rule(seconds=st.sampled_from([1.0, 4.9, 19.7, 61.0, 3_700.0, 1.2 * DAY_S]))
    def wait(self, seconds: float) -> None:
        self.elapsed += seconds

    @rule()
    def sweep(self) -> None:
        async def told() -> None:
            await self.world.ports.adapters["members"].sweep(self.world.clock.time())

        self.run(told())
        self.model.sessions = [one for one in self.model.sessions if one.until > self.now]

    def refused(self, kind: type[Exception], told: Coroutine[Any, Any, Any]) -> None:
        with pytest.raises(kind):
            self.run(told)

    def teardown(self) -> None:
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        shutil.rmtree(self.folder)


TestUsersMachine = UsersMachine.TestCase
TestUsersMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
