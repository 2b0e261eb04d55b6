"""What conditions say about an item, in writes and in queries alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import reduce
from typing import Any
from uuid import UUID

import pytest

from ....conditions import Condition, attr
from ....errors import Conflict, DeclarationError, Invalid
from ....resources.transaction import transaction
from ...story import World, story
from .stock import Box, City, Colour, Dog, Holding, Level, Note, holding, holdings, notes

MOMENT = datetime(2026, 11, 20, 9, 30, 15, 123456, tzinfo=UTC)


async def holds(id: str, condition: Condition) -> bool:
    """By a check in a transaction, and by a filter: they must agree."""
    filtered = [found async for found in holdings.query(id, where=condition)]
    try:
        async with transaction() as tx:
            await holdings.check(id, if_=condition, tx=tx)
    except Conflict:
        assert filtered == [], condition
        return False
    assert filtered, condition
    return True


def both(one: Condition, other: Condition) -> Condition:
    return one & other


def whole(path: str) -> Any:
    """An attribute to compare with a whole object, which the types do not offer."""
    return attr(path)


class ConditionsContract:
    @story(holdings)
    async def test_conditions_that_hold(self, world: World) -> None:
        await holdings.put(holding())
        for condition in TRUE:
            assert await holds("h", condition), condition
            assert not await holds("h", ~condition), condition

    @story(holdings)
    async def test_conditions_that_do_not_hold(self, world: World) -> None:
        await holdings.put(holding())
        for condition in FALSE:
            assert not await holds("h", condition), condition
            assert await holds("h", ~condition), condition

    @story(holdings)
    async def test_an_absent_attribute_is_only_unequal_and_missing(self, world: World) -> None:
        await holdings.put(holding(either=None, tags=set(), box=None, home=City("x")))
        for path in ("either", "tags", "box", "box.size", "home.post_code", "unset"):
            assert await holds("h", attr(path).missing())
            assert await holds("h", attr(path) != "x")
            for condition in (
                attr(path).present(),
                attr(path) == "x",
                attr(path) < "x",
                attr(path) >= "",
                attr(path).between("", "x"),
                attr(path).begins_with(""),
                attr(path).contains(""),
                attr(path).one_of("x", 1),
            ):
                assert not await holds("h", condition), condition

    @story(holdings)
    async def test_numbers_are_compared_by_value_to_the_last_digit(self, world: World) -> None:
        close = Decimal("0.10000000000000000001")
        await holdings.put(holding(exact=close, whole=2**60 + 1, real=0.1))
        for condition in (
            attr("exact") == close,
            attr("exact") != 0.1,
            attr("exact") > 0.1,
            attr("exact") > Decimal("0.1"),
            attr("whole") == 2**60 + 1,
            attr("whole") > 2**60,
            attr("whole") > 1.5e18 - 4e17,
            attr("real") < 2**60,
            attr("whole") < 2**60 + 2,
            attr("whole") == Decimal(2**60 + 1),
            attr("real") == Decimal("0.1"),
            attr("real") < close,
            attr("real").one_of(Decimal("0.1")),
            attr("real").between(Decimal("0.1"), 0.1),
        ):
            assert await holds("h", condition), condition

    @story(holdings)
    async def test_attributes_go_by_the_names_of_the_declaration(self, world: World) -> None:
        """They may be stored under others, and defaults are stored too."""
        await holdings.put(Holding("h"))
        assert await holds("h", attr("made_at").present() & (attr("colour") == Colour.RED))
        assert await holds("h", attr("home.name") == "Nowhere")
        with pytest.raises(DeclarationError, match="did you mean 'made_at'"):
            await holds("h", attr("madeAt").present())

    @story(holdings, notes)
    async def test_an_unknown_attribute_is_refused_with_a_hint(self, world: World) -> None:
        for verb in (
            notes.put(Note("a"), if_=attr("wrods") == 1),
            notes.delete("a", if_=~(attr("wrods") == 1)),
            notes.update("a", set={"words": 1}, if_=(attr("id") == "a") & (attr("wrods") == 1)),
            notes.page("a", where=attr("wrods") == 1),
        ):
            with pytest.raises(DeclarationError, match=r"(?s)wrods.*did you mean 'words'"):
                await verb
        with pytest.raises(DeclarationError, match=r"'text\.x': text has no attribute 'x'"):
            await notes.delete("a", if_=attr("text.x") == 1)
        for path in ("", ".", "home.", ".home", "home..name"):
            with pytest.raises(DeclarationError):
                await holdings.delete("h", if_=attr(path).present())

    @story(notes)
    async def test_what_cannot_be_compared_is_invalid(self, world: World) -> None:
        words: Any = attr("words")
        for condition in (
            words < True,
            words > [1],
            words.between(1, "z"),
            words.begins_with(5),
            words == float("nan"),
            words == datetime(2026, 1, 1),
            words == 10**200,
            words == "\ud800",
            words == object(),
            words.contains([None]),
        ):
            with pytest.raises(Invalid, match="table 'notes'"):
                await notes.delete("a", if_=condition)

    @story(notes)
    async def test_a_condition_obeys_the_limits_of_an_expression(self, world: World) -> None:
        await notes.put(Note("a", words=1))
        small = [attr("words") != number for number in range(2, 152)]
        await notes.update("a", if_=reduce(both, small))
        with pytest.raises(Invalid, match="300 operators"):
            reduce(both, [*small, attr("words") != 0])
        hundred = [attr("text").one_of(*map(str, range(100))) for _ in range(9)]
        with pytest.raises(Invalid, match="4,096 bytes"):
            reduce(both, hundred)
        with pytest.raises(ValueError, match="1 to 100 values"):
            attr("words").one_of(*range(101))


def _all(make: Callable[[Any], list[Condition]], *values: Any) -> list[Condition]:
    return [condition for value in values for condition in make(value)]


TRUE: list[Any] = [
    attr("text") == "naïve 🚀",
    attr("text") != "naïve",
    attr("text") > "naiz",
    attr("text").begins_with("naï"),
    attr("text").contains("ve 🚀"),
    attr("text").one_of(1, "naïve 🚀"),
    attr("text").between("n", "o"),
    *_all(lambda seven: [attr("whole") == seven, attr("whole") <= seven], 7, 7.0, Decimal("7.00")),
    attr("whole") != "7",
    attr("whole") > -1,
    attr("whole").between(7, 7),
    attr("real") == 1.5,
    attr("real") == Decimal("1.50"),
    attr("real") > 1,
    attr("exact") > 12345678901234567890,
    attr("exact") < 12345678901234567891,
    attr("yes") == True,  # noqa: E712
    attr("yes") != False,  # noqa: E712
    attr("yes") != 1,
    attr("raw") == b"\x00\xffraw",
    attr("raw") != "AP9yYXc=",
    attr("raw").begins_with(b"\x00\xff"),
    attr("raw").contains(b"ra"),
    attr("raw") > b"\x00\xfe\xff",
    attr("made_at") == MOMENT,
    attr("made_at") < MOMENT.replace(microsecond=123457),
    attr("made_at").begins_with("2026-11"),
    attr("day") == date(2026, 11, 20),
    attr("day") >= date(2026, 11, 20),
    attr("ident") == UUID("a5a5a5a5-0000-4000-8000-00000000000a"),
    attr("colour") == Colour.GREEN,
    attr("colour").one_of(Colour.RED, Colour.GREEN),
    attr("level") == Level.HIGH,
    attr("level") >= 2,
    attr("words") == ["one", "two"],
    attr("words").contains("one"),
    attr("sizes.small") == 0.5,
    attr("sizes") == {"small": Decimal("0.50"), 'it\'s "odd"': 3},
    attr('sizes.it\'s "odd"') == 3,
    attr("sizes.nothing").missing(),
    whole("home") == City("Madrid", "28001"),
    attr("home.post_code") > "28",
    whole("cities").contains(City("Oslo")),
    attr("box.labels").contains("fragile"),
    whole("box") == Box(3, ["fragile"]),
    attr("extra.a") == 1,
    whole("pet") == Dog("Rex", ["sit"]),
    attr("pet.name") == "Rex",
    attr("pet.type") == "dog",
    attr("pet.lives").missing(),
    attr("tags") == {"blue", "red"},
    attr("tags") != ["blue", "red"],
    attr("tags").contains("red"),
    attr("numbers") == {1.5, 2},
    attr("numbers").contains(Decimal("1.50")),
    attr("raws").contains(b"\x02"),
    attr("some").contains("bc"),
    attr("some") == ["a", "bc"],
    attr("either").present() & attr("unset").missing(),
    (attr("whole") == 8) | (attr("whole") == 7),
    ~((attr("whole") == 7) & (attr("text") == "x")),
]

FALSE: list[Any] = [
    attr("text") == "naïve",
    attr("text") == "NAÏVE 🚀",
    attr("text") > 5,
    attr("text") < 5,
    attr("text") == b"na",
    attr("text").contains("x"),
    attr("text").begins_with("aï"),
    attr("text").between("o", "n"),
    attr("whole") == "7",
    attr("whole") == 7.000001,
    attr("whole") > 7,
    attr("whole") < "8",
    attr("whole").contains(7),
    attr("whole").one_of("7", True),
    attr("yes") == 1,
    attr("yes") == "true",
    attr("yes") > 0,
    attr("level") == True,  # noqa: E712
    attr("raw") == "AP9yYXc=",
    attr("raw") < "z",
    attr("raw").begins_with("A"),
    attr("raw").contains("A"),
    attr("made_at") > MOMENT,
    attr("words") == ["two", "one"],
    attr("words") == {"one", "two"},
    attr("words").contains("on"),
    attr("words").contains(["one"]),
    attr("sizes") == {"small": 0.5},
    whole("home") == City("Madrid"),
    attr("home.name") == "madrid",
    whole("cities").contains(City("Rome")),
    attr("tags") == {"red"},
    attr("tags").contains("re"),
    attr("tags").contains(1),
    attr("raws").contains("AQ=="),
    attr("box").missing(),
    attr("some").contains("b"),
    attr("some").begins_with("a"),
    attr("unset").present(),
    attr("unset") == "None",
    attr("either") > 0,
]
