"""What every backend must do with secrets. Bind it with a fixture `open_world` whose worlds have
`set_secret` and `remove_secret`, which do what the commands do, and a `clock` to be moved.
"""

from __future__ import annotations

from typing import Any

import pytest

from ...errors import DeclarationError
from ...resources.secret import KEPT_S, VALUE_BYTES_MAX, Secret
from ..story import story

stripe = Secret("stripe")
other = Secret("other")
rotated = Secret("rotated", rotate=True)
spare = Secret("spare", optional=True)
rotated_spare = Secret("rotated_spare", rotate=True, optional=True)
CANARY = "canary-7f3a"


class SecretContract:
    @story(stripe, other, rotated)
    async def test_what_was_set_is_revealed(self, world: Any) -> None:
        for one in (stripe, other, rotated):
            await world.set_secret(one.name, f"{CANARY} of {one.name}")
        for one in (stripe, other, rotated):
            assert await one.reveal() == f"{CANARY} of {one.name}"

    @story(stripe)
    async def test_any_text_comes_back_as_it_was(self, world: Any) -> None:
        for text in ("é\n\t\"'\\ ${x}", VALUE_BYTES_MAX * "x"):
            await world.set_secret("stripe", text)
            world.clock.advance(seconds=KEPT_S + 1)
            assert await stripe.reveal() == text

    @story(stripe, rotated)
    async def test_what_was_set_last_is_revealed_within_minutes(self, world: Any) -> None:
        for one in (stripe, rotated):
            await world.set_secret(one.name, "the first")
            assert await one.reveal() == "the first"
            await world.set_secret(one.name, "the second")
        world.clock.advance(seconds=KEPT_S + 1)
        for one in (stripe, rotated):
            assert await one.reveal() == "the second"

    @story(stripe, rotated)
    async def test_what_was_never_set_is_a_mistake_that_says_the_command(self, world: Any) -> None:
        for one in (stripe, rotated):
            with pytest.raises(DeclarationError, match=f"skylift secret set .*{one.name}"):
                await one.reveal()

    @story(spare, rotated_spare)
    async def test_an_optional_one_is_empty_until_it_is_set_and_again_when_it_is_removed(
        self, world: Any
    ) -> None:
        for one in (spare, rotated_spare):
            assert await one.reveal() == ""
            await world.set_secret(one.name, CANARY)
        world.clock.advance(seconds=KEPT_S + 1)
        for one in (spare, rotated_spare):
            assert await one.reveal() == CANARY
            await world.remove_secret(one.name)
        world.clock.advance(seconds=KEPT_S + 1)
        for one in (spare, rotated_spare):
            assert await one.reveal() == ""

    @story(stripe, rotated)
    async def test_what_was_removed_is_gone_within_minutes(self, world: Any) -> None:
        for one in (stripe, rotated):
            await world.set_secret(one.name, CANARY)
            assert await one.reveal() == CANARY
            await world.remove_secret(one.name)
        world.clock.advance(seconds=KEPT_S + 1)
        for one in (stripe, rotated):
            with pytest.raises(DeclarationError, match="has no value"):
                await one.reveal()

    @story(stripe)
    async def test_one_that_was_missing_is_there_once_it_is_set(self, world: Any) -> None:
        with pytest.raises(DeclarationError):
            await stripe.reveal()
        await world.set_secret("stripe", CANARY)
        assert await stripe.reveal() == CANARY

    @story(stripe)
    async def test_a_declaration_shows_no_value(self, world: Any) -> None:
        await world.set_secret("stripe", CANARY)
        await stripe.reveal()
        assert CANARY not in f"{stripe} {stripe!r} {vars(stripe)}"
        adapter: object = world.ports.adapters["stripe"]
        assert CANARY not in f"{adapter!r} {vars(adapter)}"
