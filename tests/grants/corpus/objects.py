"""Objects of the app: methods, properties, inheritance, protocols of the interpreter, decorators,
closures.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from typing import Any

from msgspec.structs import replace

from skylift import Struct, transaction

from ..expecting import expects
from . import helpers
from .helpers import (
    Cells,
    Desk,
    LoudRepository,
    Proxy,
    Repository,
    Slotted,
    Steps,
    audited,
    guarded,
    locked,
    loud,
    note_repository,
    save_in,
)
from .resources import api, audit, notes, orders, users


@expects(notes="put")
@api.get("/objects/1/{x}")
async def a_function(x: str) -> None:
    await helpers.save(x)


@expects(notes="put")
@api.get("/objects/2/{x}")
async def a_recursive_function(x: str) -> None:
    await helpers.deep(3)


@expects(notes="get", orders="get")
@api.get("/objects/3/{x}")
async def functions_that_call_each_other(x: str) -> None:
    await helpers.ping(len(x))


@expects(orders="put")
@api.get("/objects/4/{x}")
async def an_argument(x: str) -> None:
    await save_in(orders, x)


@expects(orders="put", users="put")
@api.get("/objects/5/{x}")
async def keyword_and_default(x: str) -> None:
    await save_in(item=x, table=orders)
    await helpers.with_default(x)


@expects(notes="put")
@api.get("/objects/6/{x}")
async def a_default_that_is_not_used(x: str) -> None:
    await helpers.with_default(x, notes)


@expects(orders="tx.check", users="put")
@api.get("/objects/7/{x}")
async def a_flag_that_chooses(x: str) -> None:
    await helpers.sync_or(orders, x, dry=True)
    await helpers.sync_or(users, x)


@expects(notes="get", orders="get", users="put")
@api.get("/objects/8/{x}")
async def variadic(x: str) -> None:
    await helpers.variadic(notes, orders, spare=users)


@expects(audit="create", orders="get")
@api.get("/objects/9/{x}")
async def a_decorated_function(x: str) -> None:
    await helpers.decorated(x)


@expects(audit="create", notes="get")
@api.get("/objects/10/{x}")
@audited
async def a_decorated_handler(x: str) -> None:
    await notes.get(x)


@expects(users="require", notes="get")
@api.get("/objects/11/{x}")
@guarded(users, "require")
async def a_decorator_with_arguments(x: str) -> None:
    await notes.get(x)


@expects(audit="update", users="get")
@api.get("/objects/12/{x}")
async def a_decorator_that_is_a_class(x: str) -> None:
    await helpers.counted(x)


@expects(notes="get put")
@api.get("/objects/13/{x}")
async def methods(x: str) -> None:
    await note_repository.both(x)


@expects(notes="get")
@api.get("/objects/14/{x}")
async def one_method(x: str) -> Any:
    return await note_repository.load(x)


@expects(orders="get", audit="put")
@api.get("/objects/15/{x}")
async def an_overridden_method(x: str) -> Any:
    return await loud.load(x)


@expects(users="put")
@api.get("/objects/16/{x}")
async def an_object_made_here(x: str) -> None:
    repository = Repository[Any](users)
    await repository.store(x)


@expects(notes="get", orders="put")
@api.get("/objects/17/{x}")
async def two_objects_made_here(x: str) -> None:
    mine, other = Repository[Any](notes), Repository[Any](orders)
    await mine.load(x)
    await other.store(x)


@expects(notes="scan require")
@api.get("/objects/18/{x}")
async def properties_and_private_names(x: str) -> None:
    note_repository.first.scan()
    note_repository.cached.scan()
    await note_repository.hidden()


@expects(users="get")
@api.get("/objects/19/{x}")
async def class_methods(x: str) -> None:
    await Repository.of_users().load(x)


@expects(stock="delete")
@api.get("/objects/20/{x}")
async def static_methods(x: str) -> None:
    await Repository.clear()
    await note_repository.clear()


@expects(notes="update delete get")
@api.get("/objects/21/{x}")
async def a_context_manager(x: str) -> None:
    async with note_repository as entered:
        await entered.load(x)


@expects(orders="create delete put")
@api.get("/objects/22/{x}")
async def a_context_manager_of_a_generator(x: str) -> None:
    async with locked(orders) as table:
        await table.put(x)


@expects(users="get")
@api.get("/objects/23/{x}")
async def a_plain_context_manager(x: str) -> None:
    with helpers.borrowed() as table:
        await table.get(x)


@expects(notes="get require", users="require")
@api.get("/objects/24/{x}")
async def called_and_subscripted(x: str) -> None:
    await note_repository[x]
    await note_repository(x)
    await Repository[Any](users)(x)


@expects(notes="get")
@api.get("/objects/25/{x}")
async def a_proxy(x: str) -> None:
    await Proxy(notes).get(x)


@expects(notes="get", orders="get")
@api.get("/objects/26/{x}")
async def an_iterable(x: str) -> None:
    for table in Cells(notes, orders):
        await table.get(x)


@expects(users="get")
@api.get("/objects/27/{x}")
async def an_asynchronous_iterator(x: str) -> None:
    async for _ in Steps(users):
        pass


@expects(users="get", orders="get")
@api.get("/objects/28/{x}")
async def slots(x: str) -> None:
    await helpers.slotted.table.get(x)
    await Slotted(orders).table.get(x)


@expects(notes="get")
@api.get("/objects/29/{x}")
async def a_descriptor(x: str) -> None:
    await Desk().notes.get(x)


@expects(notes="get", orders="get")
@api.get("/objects/30/{x}")
async def generators(x: str) -> None:
    for table in helpers.tables():
        await table.get(x)


@expects(notes="get", orders="get")
@api.get("/objects/31/{x}")
async def an_asynchronous_generator(x: str) -> None:
    async for _ in helpers.each():
        pass


@expects(notes="get")
@api.get("/objects/32/{x}")
async def cached_functions(x: str) -> None:
    await helpers.pick().get(x)
    await helpers.pick_by("notes").get(x)


@expects(notes="query", orders="query")
@api.get("/objects/33/{x}")
async def returned(x: str) -> None:
    helpers.choose(x).query("i")


@expects(orders="put", notes="put")
@api.get("/objects/34/{x}")
async def partials(x: str) -> None:
    await helpers.save_order(x)
    await functools.partial(save_in, notes)(x)


@expects(orders="put", notes="get", users="get", audit="put")
@api.get("/objects/35/{x}")
async def tasks(x: str) -> None:
    task = asyncio.create_task(save_in(orders, x))
    await task
    async with asyncio.TaskGroup() as group:
        group.create_task(notes.get(x))  # type: ignore[arg-type]
    await asyncio.wait_for(users.get(x), 1)
    await asyncio.to_thread(audit.put, x)  # type: ignore[arg-type]


@expects(notes="get", orders="put")
@api.get("/objects/36/{x}")
async def what_a_task_returns(x: str) -> None:
    async def choose() -> Any:
        await notes.get(x)
        return orders

    task = asyncio.create_task(choose())
    await task
    await task.result().put(x)


@expects(orders="put")
@api.get("/objects/37/{x}")
async def singledispatch(x: str) -> None:
    await helpers.handle(3)


@expects(audit="put", notes="get", orders="create")
@api.get("/objects/38/{x}")
async def a_template_method(x: str) -> None:
    await helpers.CopyJob().run(x)


@expects(notes="tx.create", orders="tx.create")
@api.get("/objects/39/{x}")
async def verbs_as_arguments(x: str) -> None:
    await helpers.in_transaction(x, notes.create, orders.create)


@expects(orders="get")
@api.get("/objects/40/{x}")
async def made_at_first_use(x: str) -> None:
    await helpers.repository().load(x)


@expects(notes="get", users="delete")
@api.get("/objects/41/{x}")
async def an_exit_stack(x: str) -> None:
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(users.delete, x)
        await notes.get(x)


@expects(notes="get", orders="get")
@api.get("/objects/42/{x}")
async def a_closure_reads_late(x: str) -> None:
    table: Any = notes

    async def inner() -> None:
        await table.get(x)

    waiting = inner()
    table = orders
    await waiting
    await asyncio.sleep(0)
    del waiting
    await notes.get(x)


@expects(users="get")
@api.get("/objects/43/{x}")
async def attributes_set_later(x: str) -> None:
    repository = Repository[Any](notes)
    repository.table = users
    await repository.load(x)


@expects(audit="put", users="get")
@api.get("/objects/44/{x}")
async def super_in_a_class_made_here(x: str) -> None:
    class Loud(LoudRepository):
        async def load(self, id: str) -> Any:
            return await super().load(id)

    await Loud(users).load(x)


@expects(notes="get")
@api.get("/objects/45/{x}")
async def code_of_the_library_calls_back(x: str) -> None:
    found = sorted(x, key=lambda letter: letter.upper())
    found.sort(key=functools.cmp_to_key(lambda a, b: (a > b) - (a < b)))
    asyncio.get_running_loop().call_soon(lambda: asyncio.ensure_future(notes.get(x)))  # type: ignore


@expects(notes="tx.put", orders="tx.put")
@api.get("/objects/46/{x}")
async def a_function_made_by_a_function(x: str) -> None:
    def saver(table: Any) -> Any:
        async def inner(item: Any) -> None:
            async with transaction() as tx:
                await table.put(item, tx=tx)

        return inner

    for save in [saver(notes), saver(orders)]:
        await save(x)


class Hall(Struct):
    name: str
    opens: str | None = None


@expects(notes="get put")
@api.get("/objects/47/{x}")
async def a_copy_of_one_of_two(x: str) -> None:
    made = Hall(x)
    hall = replace(made, opens="late") if x > "m" else made
    seen = replace(hall, name="seen")
    if seen.opens is None:
        await notes.get(x)
    else:
        await notes.put({"id": x})
