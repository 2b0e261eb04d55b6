"""A message that kills the process ends in the dead letters, and takes no other with it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.crash.client import Client, Lost
from tests.served import NotServed, Served

APP = Path(__file__).parents[1] / "apps" / "poison"
HARMLESS, POISONED = 60, 2
ATTEMPTS_MAX = 3  # of the app's consumer
STARTS_MAX = POISONED * ATTEMPTS_MAX + 4
POLLS_MAX = 100
WAYS = ("topic", "bus", "timer", "change")
ATTEMPTS_OF_A_WAY = 2


def test_a_message_that_kills_the_process_is_buried_and_the_others_are_handled(
    tmp_path: Path,
) -> None:
    harmless = {f"cup-{number}" for number in range(HARMLESS)}
    poisoned = {f"poison-{number}" for number in range(POISONED)}
    ends = 0
    for start in range(STARTS_MAX):
        try:
            served = Served(APP, tmp_path / "state")
        except NotServed as error:  # it died before it said where it listens
            ends += error.code == 1
            continue
        with served:
            if start == 0:
                asyncio.run(_poured(served.port, harmless, poisoned))
            known = asyncio.run(_all_over(served.port, harmless | poisoned))
            if known is not None:
                assert known["dead"] == dict.fromkeys(poisoned, "lost")
                assert set(known["drunk"]) == harmless
                # Those in flight together are charged together, later each one alone.
                assert ATTEMPTS_MAX < ends <= POISONED * ATTEMPTS_MAX
                return
            assert served.ended() == 1
            ends += 1
    raise AssertionError(f"after {STARTS_MAX} starts the poison still kills")


@pytest.mark.parametrize("way", WAYS)
def test_whatever_brings_the_poison_the_other_messages_are_handled(
    tmp_path: Path, way: str
) -> None:
    """Of the item that is poisoned the next change comes, once the first is given up."""
    poison = f"poison-by-{way}"
    tray = [{"id": poison, "is_poisoned": True}, {"id": "tea"}, {"id": "milk"}]
    sipped = {f"{way} {cup['id']}" for way in WAYS for cup in tray}
    awaited = {f"{way} {poison}": "lost"}, sipped - ({f"{way} {poison}"} - {f"change {poison}"})
    ends = 0
    for start in range(STARTS_MAX):
        try:
            served = Served(APP, tmp_path / "state")
        except NotServed as error:  # it died before it said where it listens
            ends += error.code == 1
            continue
        with served:
            known = asyncio.run(_sipped(served.port, tray if start == 0 else [], poison, awaited))
            if known is not None:
                assert ends == ATTEMPTS_OF_A_WAY
                return
            assert served.ended() == 1
            ends += 1
    raise AssertionError(f"after {STARTS_MAX} starts the poison still kills")


async def _sipped(
    port: int, tray: Sequence[object], poison: str, awaited: tuple[dict[str, str], set[str]]
) -> dict[str, Any] | None:
    """What became of all; None when the process has ended first."""
    known: dict[str, Any] = {}
    try:
        async with Client(port) as client:
            if tray:
                await client.ask("POST", "/sips", {"cups": tray})
            await client.ask("PUT", "/shelf", {"id": poison})
            for _ in range(POLLS_MAX):
                _, known = await client.ask("GET", "/sips")
                if (known["dead"], set(known["drunk"])) == awaited:
                    return known
                await asyncio.sleep(0.05)
    except Lost:
        return None
    raise AssertionError(f"neither handled nor dead: {known}")


async def _poured(port: int, harmless: set[str], poisoned: set[str]) -> None:
    tray = [{"id": id} for id in sorted(harmless)]
    for id in sorted(poisoned):
        tray.insert(len(tray) // 2, {"id": id, "is_poisoned": True})
    async with Client(port) as client:
        try:
            await client.ask("POST", "/cups", {"cups": tray})
        except Lost:
            pass  # accepted: the poison was handled before the answer was written


async def _all_over(port: int, ids: set[str]) -> dict[str, Any] | None:
    """What became of all; None when the process has ended first."""
    try:
        async with Client(port) as client:
            for _ in range(POLLS_MAX):
                _, known = await client.ask("GET", "/cups")
                if {*known["drunk"], *known["dead"]} == ids:
                    return known
                await asyncio.sleep(0.05)
    except Lost:
        return None
    raise AssertionError(f"neither handled nor dead: {ids - {*known['drunk'], *known['dead']}}")
