"""Names, aliases, branches, loops: everything in the handler itself."""

from __future__ import annotations

import asyncio
from typing import Any

from skylift import attr, gather, in_thread, new_id, now, transaction

from .. import expecting
from . import helpers, resources
from .resources import Kind, Note, Order, api, audit, notes, orders, stock, users

expects, refused = expecting.expects, expecting.refused


@expects(notes="get put")
@api.get("/direct/1/{x}")
async def by_global(x: str) -> None:
    await notes.get(x)
    await notes.put(Note(x))


@expects(notes="get", users="put")
@api.get("/direct/2/{x}")
async def by_module_attribute(x: str) -> None:
    await resources.notes.get(x)
    await helpers.users.put(x)  # type: ignore[arg-type]


@expects(notes="tx.create", orders="tx.update")
@api.post("/direct/3")
async def in_a_transaction(new: Note) -> Note:
    note = Note(new_id(), new.text)
    async with transaction() as tx:
        await notes.create(note, tx=tx)
        await orders.update(new.id, set={"at": now()}, if_=attr("open") == True, tx=tx)  # noqa: E712
    return note


@expects(notes="get", orders="put")
@api.get("/direct/4/{x}")
async def in_comprehensions(x: str) -> None:
    found = [await notes.get(id) for id in x]
    await asyncio.gather(*(orders.put(one) for one in found))  # type: ignore[arg-type]


@expects(notes="delete")
@api.get("/direct/5/{x}")
async def in_nested_code(x: str) -> None:
    async def inner(id: str) -> None:
        await notes.delete(id)

    await inner(x)


@expects(orders="get")
@api.get("/direct/6/{x}")
async def in_a_lambda(x: str) -> None:
    load = lambda id: orders.get(id)  # noqa: E731
    await load(x)


@expects(notes="get", orders="put")
@api.get("/direct/7/{x}")
async def by_an_alias_set_twice(x: str) -> None:
    table: Any = notes
    await table.get(x)
    table = orders
    await table.put(x)


@expects(notes="get", orders="get")
@api.get("/direct/8/{x}")
async def by_a_conditional_alias(x: str) -> None:
    table: Any = notes if x else orders
    await table.get(x)


@expects(notes="get", orders="put")
@api.get("/direct/9/{x}")
async def a_branch_that_returns_is_left(x: str) -> None:
    table: Any = orders
    if x == "special":
        table = notes
        await table.get(x)
        return
    await table.put(x)


@expects(notes="get", orders="get")
@api.get("/direct/10/{x}")
async def over_a_literal_tuple(x: str) -> None:
    for table in (notes, orders):
        await table.get(x)


@expects(notes="get", orders="put")
@api.get("/direct/11/{x}")
async def over_literal_pairs(x: str) -> None:
    for table, verb in ((notes, "get"), (orders, "put")):
        await getattr(table, verb)(x)


@expects(users="get")
@api.get("/direct/12/{x}")
async def by_match(x: str) -> None:
    match {"kind": x}:
        case {"kind": kind} if table := users:
            await table.get(kind)
        case _:
            pass


@expects(users="get")
@api.get("/direct/13/{x}")
async def through_try(x: str) -> None:
    try:
        table = users
    except KeyError:
        raise
    finally:
        print(x)
    while True:
        await table.get(x)
        break


@expects(notes="get", orders="delete")
@api.get("/direct/14/{x}")
async def in_handlers_of_exceptions(x: str) -> None:
    try:
        await notes.get(x)
    except (KeyError, ValueError):
        await orders.delete(x)


@expects(notes="get", audit="put")
@api.get("/direct/15/{x}")
async def in_finally_after_return(x: str) -> Any:
    try:
        return await notes.get(x)
    finally:
        await audit.put(Note(x))


@expects(notes="get", orders="get")
@api.get("/direct/16/{x}")
async def what_an_exception_may_have_left(x: str) -> None:
    table: Any = notes
    try:
        table = orders
        int(x)
    except ValueError:
        await table.get(x)
    else:
        table = notes
        await table.get(x)


@expects(notes="get")
@api.get("/direct/17/{x}")
async def by_import_inside(x: str) -> None:
    from .resources import notes as inner

    await inner.get(x)


@expects(orders="put")
@api.get("/direct/18/{x}")
async def by_module_import_inside(x: str) -> None:
    import tests.grants.corpus.resources as inner

    await inner.orders.put(x)  # type: ignore[arg-type]


@expects(notes="get")
@api.get("/direct/19/{x}")
async def by_getattr(x: str) -> None:
    await getattr(notes, "get")(x)  # noqa: B009


@expects(notes="get_many")
@api.get("/direct/20/{x}")
async def by_getattr_of_a_computed_constant(x: str) -> None:
    suffix = "many"
    await getattr(notes, f"get_{suffix}")([(x,)])


@expects(notes="get")
@api.get("/direct/21/{x}")
async def a_verb_as_a_value(x: str) -> None:
    load = notes.get
    await asyncio.gather(*map(load, x))


@expects(notes="get", orders="get")
@api.get("/direct/22/{x}")
async def gathered(x: str) -> None:
    await gather(notes.get(x), orders.get(x))


@expects()
@api.get("/direct/23/{x}")
async def nothing_of_ours(x: str) -> dict[str, Any]:
    found: dict[str, Any] = {"a": 1}
    found.get("a")
    found.update(b=2)
    return found


@expects(users="require")
@api.get("/direct/24/{x}")
async def a_walrus(x: str) -> Any:
    if (table := users) is not None:
        return await table.require(x)


@expects(notes="query", orders="scan")
@api.get("/direct/25/{x}")
async def asynchronous_loops(x: str) -> list[Any]:
    found = [note async for note in notes.query(x)]
    async for order in orders.scan(limit=3):
        found.append(order)
    return found


@expects(users="put")
@api.get("/direct/26/{x}")
async def a_default_of_nested_code(x: str) -> None:
    async def inner(id: str, table: Any = users) -> None:
        await table.put(id)

    await inner(x)


@expects(notes="get", orders="get", users="get")
@api.get("/direct/27/{x}")
async def nonlocal_names(x: str) -> None:
    table: Any = notes

    def advance() -> None:
        nonlocal table
        table = orders if table is notes else users

    for _ in range(3):
        await table.get(x)
        advance()


@expects(notes="get", orders="put")
@api.get("/direct/28/{x}")
async def unpacked(x: str) -> None:
    first, second = notes, orders
    await first.get(x)
    (_, *rest), last = ((1, second), first)
    await rest[0].put(x)
    await last.get(x)


@expects(notes="get", orders="put")
@api.get("/direct/29/{kind}")
async def correlated_by_branch(kind: str) -> None:
    table: Any
    if kind == "n":
        table, verb = notes, "get"
    else:
        table, verb = orders, "put"
    await getattr(table, verb)(kind)


@expects(notes="put")
@api.get("/direct/30/{x}")
async def deleted_and_shadowed(x: str) -> None:
    table: Any = notes
    await table.put(x)
    del table
    table = {}
    table.get(x)


@expects(orders="require update")
@api.post("/direct/31/{id}")
async def a_method_of_an_item(id: str) -> None:
    order = await orders.require(id)
    await order.settle()


@expects(orders="update", stock="update")
@api.post("/direct/32")
async def methods_of_the_body(order: Order) -> None:
    await order.settle()
    await order.ship()


@expects(notes="get")
@api.get("/direct/33/{x}")
async def a_chain_of_conditions(x: str) -> Any:
    return (x and await notes.get(x)) or None


@expects(notes="get", orders="get")
@api.get("/direct/34/{kind}")
async def by_enum(kind: str) -> Any:
    return await resources.BY_KIND[Kind(kind)].get(kind)


@expects(notes="get")
@api.get("/direct/35/{x}")
async def by_enum_member(x: str) -> Any:
    return await resources.BY_KIND[Kind.NOTE].get(x)


@expects(notes="get", orders="put")
@api.get("/direct/36/{x}")
async def break_and_else(x: str) -> None:
    table: Any = notes
    for letter in x:
        if letter == "a":
            break
    else:
        table = orders
        await table.put(x)
        return
    await table.get(x)


@expects(users="get put delete")
@api.get("/direct/37/{verb}")
async def match_on_constants(verb: str) -> None:
    match verb:
        case "get" | "load":
            await users.get(verb)
        case "put":
            await users.put(verb)  # type: ignore[arg-type]
        case _:
            await users.delete(verb)


@expects(notes="put")
@api.get("/direct/38/{x}")
async def another_function(x: str) -> None:
    await by_match_on(x)


@expects(notes="put")
@api.get("/direct/39/{x}")
async def by_match_on(x: str) -> None:
    await notes.put(Note(x))


@expects(notes="get", users="put")
@api.get("/direct/40/{x}")
async def a_table_class_verb(x: str) -> None:
    from skylift import Table

    await Table.get(notes, x)
    await type(users).put(users, x)  # type: ignore[arg-type]


@expects()
@api.get("/direct/41/{x}")
async def a_resource_looked_at(x: str) -> dict[str, Any]:
    print(notes, repr(orders), isinstance(users, object), len(x))
    return {"name": notes.name, "key": notes.key, "same": notes is orders}


@expects(notes="get")
@api.get("/direct/42/{x}")
def plain(x: str) -> Any:
    return asyncio.run(notes.get(x))  # type: ignore[arg-type]


@expects(stock="get put", audit="create")
@api.get("/direct/43/{x}")
async def a_while_with_state(x: str) -> None:
    table: Any = stock
    verb = table.get
    while x:
        await verb(x)
        verb = table.put
    await audit.create(Note(x))


@expects(notes="update", orders="update")
@api.get("/direct/44/{x}")
async def conditional_expression_calls(x: str) -> None:
    await (notes if x else orders).update(x, set={"a": 1})


@expects(users="get")
@api.get("/direct/45/{x}")
async def a_string_is_no_resource(x: str) -> Any:
    parts = x.split(",")
    text = ",".join(part.strip() for part in parts).format(x)
    return await users.get(text)


@expects(audit="put", stock="get")
@api.get("/direct/46/{x}")
async def in_a_thread_of_ours(x: str) -> None:
    await (await in_thread(lambda: audit.put(Note(x))))
    await (await in_thread(lambda table, id: table.get(id), stock, id=x))
