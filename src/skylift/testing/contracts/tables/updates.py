"""Items changed in place, attribute by attribute."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from ....conditions import attr
from ....errors import Conflict, DeclarationError, Invalid, NotFound
from ....resources.gather import gather
from ...story import World, story
from .stock import Box, City, Colour, Dog, Note, Seat, holding, holdings, notes, seats


class UpdatesContract:
    @story(notes)
    async def test_an_update_gives_the_new_item(self, world: World) -> None:
        await notes.put(Note("a", "text", tags={"kept"}))
        changed = await notes.update("a", set={"text": "new", "words": 1})
        assert changed == Note("a", "new", words=1, tags={"kept"})
        assert await notes.get("a") == changed

    @story(notes)
    async def test_an_update_without_changes_gives_the_item(self, world: World) -> None:
        await notes.put(Note("a", "text"))
        assert await notes.update("a", if_=attr("text") == "text") == Note("a", "text")

    @story(seats)
    async def test_an_absent_item_cannot_be_updated(self, world: World) -> None:
        for if_ in (None, attr("owner").missing(), attr("owner") == "ann"):
            with pytest.raises(NotFound, match="seats: there is no 'r', 1"):
                await seats.update("r", 1, set={"owner": "ann"}, if_=if_)
        assert await seats.get("r", 1) is None

    @story(notes)
    async def test_an_update_whose_condition_is_false_changes_nothing(self, world: World) -> None:
        await notes.put(Note("a", words=1))
        with pytest.raises(Conflict):
            await notes.update("a", set={"words": 5}, if_=attr("words") == 2)
        assert await notes.get("a") == Note("a", words=1)

    @story(notes)
    async def test_every_update_at_once_counts(self, world: World) -> None:
        await notes.put(Note("a", marks={"seen": 0}))
        await gather(*(notes.update("a", add={"words": 1, "marks.seen": 2}) for _ in range(40)))
        found = await notes.require("a")
        assert (found.words, found.marks) == (40, {"seen": 80})

    @story(holdings)
    async def test_every_kind_of_value_can_be_set(self, world: World) -> None:
        await holdings.put(holding())
        values: dict[str, Any] = {
            "whole": 10**30,
            "exact": Decimal("0.10"),
            "raw": b"\xff",
            "made_at": datetime(2030, 1, 1, tzinfo=UTC),
            "colour": Colour.RED,
            "words": ["x"],
            "sizes": {"x": Decimal(9)},
            "home": City("Bern"),
            "box": Box(9),
            "pet": Dog("Fido"),
            "tags": {"green"},
            "raws": frozenset({b"9"}),
        }
        assert await holdings.update("h", set=values) == holding(**values)

    @story(holdings)
    async def test_dotted_paths_lead_into_nested_values(self, world: World) -> None:
        await holdings.put(holding())
        changes: dict[str, object] = {
            "home.post_code": "1",
            "box.size": 4,
            "sizes.new": Decimal(8),
            "pet.name": "Max",
        }
        found = await holdings.update("h", set=changes, remove=["sizes.small", "extra.b"])
        assert found.home == City("Madrid", "1")
        assert found.box == Box(4, ["fragile"])
        assert found.sizes == {'it\'s "odd"': Decimal(3), "new": Decimal(8)}
        assert found.pet == Dog("Max", ["sit"])
        assert found.extra == {"a": 1}

    @story(holdings)
    async def test_what_is_removed_or_set_to_none_is_absent(self, world: World) -> None:
        await holdings.put(holding())
        found = await holdings.update(
            "h", set={"box": None, "home.post_code": None, "tags": set[str]()}
        )
        assert found == holding(box=None, home=City("Madrid"), tags=set())
        found = await holdings.update("h", remove=["either", "raws", "pet"])
        assert (found.either, found.raws, found.pet) == (None, frozenset(), None)
        gone = ["box", "home.post_code", "tags", "either", "raws", "pet"]
        for path in gone:
            assert await holdings.update("h", if_=attr(path).missing()) == found
        assert await holdings.update("h", remove=["either"]) == found

    @story(notes, holdings)
    async def test_a_required_field_cannot_be_removed(self, world: World) -> None:
        await holdings.put(holding())
        with pytest.raises(Invalid, match=r"a"):
            await holdings.update("h", remove=["extra.a"])
        with pytest.raises(Invalid, match="name"):
            await holdings.update("h", set={"home.name": None})
        assert await holdings.get("h") == holding()

    @story(holdings)
    async def test_there_must_be_something_to_change_inside_of(self, world: World) -> None:
        await holdings.put(holding(box=None, pet=None))
        with pytest.raises(Invalid, match=r"box\.size: there is nothing at 'box'"):
            await holdings.update("h", set={"box.size": 1})
        with pytest.raises(Invalid, match=r"box\.size"):
            await holdings.update("h", add={"box.size": 1})
        with pytest.raises(Invalid, match=r"pet\.name"):
            await holdings.update("h", remove=["pet.name"])

    @story(notes)
    async def test_an_absent_number_counts_as_zero(self, world: World) -> None:
        await notes.put(Note("a"))
        assert (await notes.update("a", add={"words": 3, "marks.new": -2})).words == 3
        assert (await notes.require("a")).marks == {"new": -2}

    @story(holdings)
    async def test_sums_are_exact(self, world: World) -> None:
        await holdings.put(holding(whole=2**62, exact=Decimal("0.1"), real=0.1))
        adds: dict[str, object] = {"whole": 2**62, "exact": Decimal("0.2"), "real": 0.2}
        found = await holdings.update("h", add=adds)
        assert (found.whole, found.exact, found.real) == (2**63, Decimal("0.3"), 0.3)
        found = await holdings.update("h", add={"exact": 1, "real": -0.3})
        assert (found.exact, found.real) == (Decimal("1.3"), 0.0)

    @story(holdings)
    async def test_a_sum_outside_the_domain_is_invalid(self, world: World) -> None:
        most = Decimal("9.9999999999999999999999999999999999999E+125")
        kept = holding(whole=10**38 - 1, exact=most)
        await holdings.put(kept)
        with pytest.raises(Invalid, match="whole: expected a number of at most 38 digits"):
            await holdings.update("h", add={"whole": 2})
        with pytest.raises(Invalid, match="exact: expected a number"):
            await holdings.update("h", add={"exact": most})
        with pytest.raises(Invalid, match="exact: expected a number"):
            await holdings.update("h", add={"exact": Decimal("1E-130")})
        assert await holdings.get("h") == kept

    @story(holdings)
    async def test_add_unites_with_a_set(self, world: World) -> None:
        await holdings.put(holding(tags={"a"}, numbers={Decimal(1)}, raws=frozenset()))
        found = await holdings.update(
            "h",
            add={"tags": {"a", "b"}, "numbers": {Decimal("1.0"), Decimal(2)}, "raws": {b"x"}},
        )
        assert found.tags == {"a", "b"}
        assert found.numbers == {Decimal(1), Decimal(2)}
        assert found.raws == frozenset({b"x"})
        assert (await holdings.update("h", add={"tags": set[str]()})).tags == {"a", "b"}

    @story(holdings)
    async def test_a_value_that_does_not_fit_is_invalid_and_named(self, world: World) -> None:
        await holdings.put(holding())
        wrong: list[tuple[dict[str, object], str]] = [
            ({"whole": "7"}, "whole: expected int, got str"),
            ({"made_at": datetime(2026, 1, 1)}, "made_at: expected an aware datetime"),
            ({"home.post_code": 28001}, "home.post_code: expected str | None, got int"),
            ({"words": ["a", 1]}, r"words\[1\]: expected str, got int"),
            ({"sizes.x": 1.5}, "sizes.x: expected Decimal, got float"),
            ({"text": "\ud800"}, "surrogate"),
        ]
        for values, said in wrong:
            with pytest.raises(Invalid, match=said):
                await holdings.update("h", set=values)
        with pytest.raises(Invalid, match="whole"):
            await holdings.update("h", add={"whole": 0.5})
        with pytest.raises(Invalid, match="whole: expected a number, got str"):
            await holdings.update("h", add={"whole": "1"})
        with pytest.raises(Invalid, match=r"tags\[0\]: expected str, got int"):
            await holdings.update("h", add={"tags": {1}})
        with pytest.raises(Invalid, match="level"):
            await holdings.update("h", add={"level": 7})
        assert await holdings.get("h") == holding()

    @story(seats, holdings)
    async def test_a_path_that_cannot_be_meant_is_refused(self, world: World) -> None:
        await seats.put(Seat("r", 1))
        for verb in (
            seats.update("r", 1, set={"no": 2}),
            seats.update("r", 1, add={"no": 2}),
            seats.update("r", 1, remove=["room"]),
        ):
            with pytest.raises(DeclarationError, match="a key field stays what it is"):
                await verb
        with pytest.raises(DeclarationError, match=r"(?s)'ownr'.*did you mean 'owner'"):
            await seats.update("r", 1, set={"ownr": "ann"})
        with pytest.raises(DeclarationError, match="no attribute 'x'"):
            await seats.update("r", 1, remove=["owner.x"])
        with pytest.raises(DeclarationError, match="add takes numbers and sets"):
            await seats.update("r", 1, add={"owner": 1})
        for changes in (
            {"set": {"home": City("x"), "home.name": "y"}},
            {"set": {"whole": 1}, "add": {"whole": 1}},
            {"set": {"sizes.a": Decimal(1)}, "remove": ["sizes"]},
        ):
            both: dict[str, Any] = changes
            with pytest.raises(DeclarationError, match=r"changes .* already"):
                await holdings.update("h", **both)

    @story(seats)
    async def test_an_index_follows_an_update(self, world: World) -> None:
        await seats.put(Seat("r", 1, "ann"))
        await seats.update("r", 1, set={"owner": "bob"})
        await world.settle()
        assert [seat async for seat in seats.query("ann", index="owned")] == []
        assert [seat.no async for seat in seats.query("bob", index="owned")] == [1]
        await seats.update("r", 1, remove=["owner"])
        await world.settle()
        assert [seat async for seat in seats.query("bob", index="owned")] == []
