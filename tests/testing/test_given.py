"""Settings and secrets of an app in a test."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from typing import Any

import pytest

from skylift.errors import DeclarationError
from skylift.testing import running
from tests.apps.desk.app import app
from tests.apps.desk.desk import items_max, signing


def test_settings_and_secrets_are_said_when_it_opens() -> None:
    async def play() -> None:
        given: Any = {"settings": {"items_max": "7"}, "secrets": {"signing": "of a test"}}
        async with running(app, **given) as world:
            assert (await world.http.get("/greeting")).json == {"text": "hello", "items_max": 7}
            digest = sha256(b"of a test 1").hexdigest()
            assert (await world.http.post("/signatures/1")).json == {"digest": digest}
            assert (await items_max.value(), await signing.reveal()) == (7, "of a test")

    asyncio.run(play())


@pytest.mark.parametrize(
    ("settings", "error"), [({"items": "7"}, KeyError), ({"items_max": "x"}, DeclarationError)]
)
def test_what_is_not_declared_or_no_value_is_a_mistake(
    settings: dict[str, str], error: type[Exception]
) -> None:
    async def play() -> None:
        with pytest.raises(error, match="items"):
            async with running(app, settings=settings):
                pass

    asyncio.run(play())
