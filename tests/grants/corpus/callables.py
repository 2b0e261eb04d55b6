"""What functions, methods and partials give away when they are asked for their attributes."""

from __future__ import annotations

import contextlib
import functools
from typing import Any

from .. import expecting
from .errands import Count, count, counting
from .resources import Note, api, audit, notes, orders, users

expects, refused = expecting.expects, expecting.refused


async def load(id: str, table: Any = notes) -> Any:
    return await table.get(id)


def shelved(table: Any) -> Any:
    async def inner(id: str) -> Any:
        return await table.get(id)

    return inner


class Shelf:
    def __init__(self, table: Any) -> None:
        self.table = table

    async def keep(self, note: Note) -> None:
        await self.table.put(note)


shelf = Shelf(orders)
from_users = shelved(users)
one_note = functools.partial(load, table=audit)


@expects(notes="get")
@api.get("/callables/1/{x}")
async def a_function_called_by_its_special_name(x: str) -> None:
    await load.__call__(x)


@expects(orders="put", users="get")
@api.get("/callables/2/{x}")
async def methods_and_closures_called_so(x: str) -> None:
    await shelf.keep.__call__(Note(x))
    await from_users.__call__(x)


@expects(notes="get", audit="get")
@api.get("/callables/3/{x}")
async def functions_made_here_called_so(x: str) -> None:
    def chosen() -> Any:
        return notes

    await chosen.__call__().get(x)
    await (lambda: audit).__call__().get(x)


@expects(audit="get")
@api.get("/callables/4/{x}")
async def a_partial_called_so(x: str) -> None:
    await one_note.__call__(x)


@expects(counting="send", notes="require update")
@api.get("/callables/5/{x}")
async def a_verb_and_a_consumer_called_so(x: str) -> None:
    await counting.send.__call__(Count(x))
    await count.__call__(Count(x))


@expects(orders="put delete")
@api.get("/callables/6/{x}")
async def what_a_method_is_bound_to(x: str) -> None:
    keep = shelf.keep
    await keep(Note(x))
    await keep.__self__.table.delete(x)


@expects()
@api.get("/callables/7/{x}")
async def what_a_function_tells_of_itself(x: str) -> dict[str, str]:
    return {load.__name__: load.__doc__ or x, load.__module__: load.__qualname__}


@refused(notes="delete")
@api.get("/callables/8/{x}")
async def the_globals_of_a_function(x: str) -> None:
    await load.__globals__["notes"].delete(x)


@refused(notes="delete")
@api.get("/callables/9/{x}")
async def the_defaults_of_a_function(x: str) -> None:
    assert load.__defaults__
    await load.__defaults__[0].delete(x)


@refused(users="delete")
@api.get("/callables/10/{x}")
async def the_cells_of_a_function(x: str) -> None:
    await from_users.__closure__[0].cell_contents.delete(x)


@refused(audit="delete")
@api.get("/callables/11/{x}")
async def the_arguments_of_a_partial(x: str) -> None:
    await one_note.keywords["table"].delete(x)


@refused(audit="delete")
@api.get("/callables/12/{x}")
async def the_arguments_of_a_partial_made_here(x: str) -> None:
    await functools.partial(load, x, audit).args[1].delete(x)


@refused(orders="delete")
@api.get("/callables/13/{x}")
async def an_attribute_of_a_method_asked_for_by_hand(x: str) -> None:
    await shelf.keep.__getattribute__("__self__").table.delete(x)


@refused(orders="put")
@api.get("/callables/14/{x}")
async def a_method_bound_by_hand(x: str) -> None:
    await Shelf.keep.__get__(shelf)(Note(x))


@refused(notes="delete")
@api.get("/callables/15/{x}")
async def a_table_that_only_looks_like_one(x: str) -> None:
    await contextlib.nullcontext(notes).enter_result.delete(x)
