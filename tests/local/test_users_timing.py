"""Whether an address is known cannot be told by time: known and unknown ones are asked in turns,
many times, and their times must not be told apart by rank. That the measure would see a difference
is shown on one that there is.
"""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from time import perf_counter, thread_time
from typing import TypeAlias

import pytest

from skylift import Users
from skylift.errors import SkyliftError
from skylift.local.person import Person
from skylift.local.users import SqliteUsers
from skylift.testing.stand import Stand

Ask: TypeAlias = Callable[[str], Awaitable[object]]

members = Users("members")
WRONG, CODE = "not the password", "123456"
ODDS_MIN, ODDS_MAX = 0.40, 0.60  # of being the slower one, in a pair of chance
SHIFT_MAX = 0.02  # of the median: less is nothing over a network
WARM = 10
VERBS: dict[str, tuple[Ask, int]] = {
    "login": (lambda email: members.login(email, WRONG), 60),
    "register": (lambda email: members.register(email, WRONG), 60),
    "forgot": (members.forgot, 500),
    "reset": (lambda email: members.reset(email, CODE, WRONG), 500),
}


def odds(slower: Sequence[float], faster: Sequence[float]) -> float:
    """How often one of the first takes longer than one of the second (Mann and Whitney's U)."""
    ranked = sorted([(one, 1) for one in slower] + [(one, 0) for one in faster])
    below = wins = 0
    for _, is_slower in ranked:
        wins, below = (wins + below, below) if is_slower else (wins, below + 1)
    return wins / (len(slower) * len(faster))


async def known_to(stand: Stand, count: int) -> None:
    """Users are there; they did not come by the door, for that takes its time."""
    port: SqliteUsers = stand.ports.adapters["members"]
    stored = await port._passwords.hashed("the password", b"s" * 16)  # pyright: ignore[reportPrivateUsage]
    for number in range(count):
        email = f"{number:06}@known.example"
        person = Person(f"{number:032}", email, email, stored, [], False, 0)
        await stand.database.write(port._accounts._add, person)  # pyright: ignore[reportPrivateUsage]


async def timed(ask: Ask, email: str, clock: Callable[[], float]) -> float:
    began = clock()
    try:
        await ask(email)
    except SkyliftError:
        pass
    return clock() - began


async def times_of(
    stand: Stand, ask: Ask, count: int, clock: Callable[[], float]
) -> tuple[list[float], list[float]]:
    """Of known and of unknown addresses, each asked once; who is first changes."""
    found: dict[str, list[float]] = {"known": [], "other": []}
    for number in range(count + WARM):
        stand.clock.advance(seconds=1)
        for kind in ("known", "other") if number % 2 else ("other", "known"):
            took = await timed(ask, f"{number:06}@{kind}.example", clock)
            found[kind].append(took)
    return found["known"][WARM:], found["other"][WARM:]


@pytest.mark.long
@pytest.mark.parametrize("verb", VERBS)
def test_who_is_known_is_answered_as_fast_as_who_is_not(verb: str, tmp_path: Path) -> None:
    """Three looks at most: a busy machine may blur one of them, a leak shows in each."""
    ask, count = VERBS[verb]
    # What is done on the loop is measured by its own processor time, which others do not disturb.
    clock = perf_counter if verb in ("login", "register") else thread_time

    async def test() -> list[tuple[float, float]]:
        looks: list[tuple[float, float]] = []
        for look in range(3):
            async with Stand(members, path=tmp_path / f"{look}.db") as stand:
                await known_to(stand, count + WARM)
                known, other = await times_of(stand, ask, count, clock)
                shift = statistics.median(known) / statistics.median(other) - 1
                looks.append((odds(known, other), shift))
                if is_even(*looks[-1]):
                    break
        return looks

    looks = asyncio.run(test())
    print(f"{verb}: {looks}")
    assert is_even(*looks[-1]), looks


def is_even(chance: float, shift: float) -> bool:
    return ODDS_MIN < chance < ODDS_MAX or abs(shift) < SHIFT_MAX


@pytest.mark.long
def test_the_measure_tells_apart_who_waits_and_whose_password_is_looked_at(tmp_path: Path) -> None:
    async def test() -> float:
        async with Stand(members, path=tmp_path / "state.db") as stand:
            await known_to(stand, 1)
            looked, locked = list[float](), list[float]()
            for _ in range(30):
                stand.clock.advance(seconds=4_000)
                email = "000000@known.example"
                for _ in range(5):
                    looked.append(await timed(VERBS["login"][0], email, perf_counter))
                locked.append(await timed(VERBS["login"][0], email, perf_counter))
            return odds(looked, locked)

    assert asyncio.run(test()) > 0.95
