"""What every backend must do with settings. Bind it with a fixture `open_world` whose worlds have
an `environment`, where what is said to the app stands before a setting is asked for.
"""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import Any

import pytest

from ...errors import DeclarationError
from ...resources.setting import Setting
from ..story import story


class Pace(Enum):
    SLOW = "slow"
    FAST = "fast"


class Level(Enum):
    LOW = 1
    HIGH = 2


greeting = Setting("greeting", str, "hello")
page_size = Setting("page_size", int, 20)
ratio = Setting("ratio", float, 0.5)
is_open = Setting("is_open", bool, True)
price = Setting("price", Decimal, Decimal("9.90"))
pace = Setting("pace", Pace, Pace.SLOW)
level = Setting("level", Level, Level.LOW)
owner = Setting("owner", str)
ALL = (greeting, page_size, ratio, is_open, price, pace, level)


class SettingContract:
    @story(*ALL)
    async def test_what_nobody_says_is_the_default(self, world: Any) -> None:
        found = [await one.value() for one in ALL]
        assert found == ["hello", 20, 0.5, True, Decimal("9.90"), Pace.SLOW, Level.LOW]

    @story(*ALL)
    async def test_what_is_said_has_the_declared_type(self, world: Any) -> None:
        said = ["1 + é\n", "-3", "1e-3", "false", "0.10", "fast", "2"]
        world.environment |= {one.variable: text for one, text in zip(ALL, said, strict=True)}
        found = [await one.value() for one in ALL]
        assert found == ["1 + é\n", -3, 0.001, False, Decimal("0.10"), Pace.FAST, Level.HIGH]
        assert [type(one) for one in found] == [one.type for one in ALL]

    @story(greeting)
    async def test_an_empty_text_is_a_value(self, world: Any) -> None:
        world.environment[greeting.variable] = ""
        assert await greeting.value() == ""

    @story(owner)
    async def test_what_is_required_and_not_said_is_a_mistake(self, world: Any) -> None:
        with pytest.raises(DeclarationError, match="'owner' has no value, and no default"):
            await owner.value()

    @story(page_size)
    async def test_what_is_no_value_is_a_mistake(self, world: Any) -> None:
        world.environment[page_size.variable] = "many"
        with pytest.raises(DeclarationError, match="'many' is no int"):
            await page_size.value()

    @story(ratio)
    async def test_what_is_no_number_is_a_mistake(self, world: Any) -> None:
        world.environment[ratio.variable] = "nan"
        with pytest.raises(DeclarationError, match="'nan' is no number"):
            await ratio.value()
