from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NewType, TypedDict

import pytest

from skylift import DeclarationError, Meta, Struct
from skylift.graph.unsound import REASON, is_unsound
from tests.unit.written_app import loaded, written

Slug = Annotated[str, Meta(pattern="^[a-z]+$")]
Name = NewType("Name", Slug)


class Bad(Struct):
    either: Slug | list[int]


@dataclass
class Around:
    inner: dict[str, Bad | None]


class Typed(TypedDict):
    around: Around


class Tree(Struct):
    children: list[Tree]
    name: Slug | None = None


@pytest.mark.parametrize(
    "hint",
    [
        Slug | list[int],
        Slug | dict[str, int] | None,
        Slug | set[int],
        Slug | tuple[int, ...],
        Slug | Sequence[int],
        Name | list[int],
        Annotated[str | list[int], Meta(pattern="a")],
        list[int | Slug | list[str]],
        Bad,
        Around,
        list[Typed],
    ],
)
def test_a_pattern_beside_a_container_is_found_at_any_depth(hint: Any) -> None:
    assert is_unsound(hint)


@pytest.mark.parametrize(
    "hint",
    [str | list[int], Slug | int | None, list[Slug], dict[Slug, Slug | None], Tree, Slug | Tree],
)
def test_either_alone_is_sound(hint: Any) -> None:
    assert not is_unsound(hint)


def test_an_app_with_such_a_type_is_refused_before_msgspec_meets_it(tmp_path: Any) -> None:
    source = """
        from typing import Annotated
        from skylift import Api, Meta, Struct, Table

        class Item(Struct):
            id: str
            tags: Annotated[str, Meta(pattern="a")] | list[str] = []

        api = Api("api")
        items = Table("items", Item, key="id")

        @api.post("/items")
        async def keep(item: Item) -> None:
            await items.put(item)
    """
    with pytest.raises(DeclarationError) as refused, loaded(written(tmp_path, source)):
        pass
    assert str(refused.value).count(REASON) == 2
