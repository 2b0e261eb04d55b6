"""Tables in lists, dicts, tuples, dataclasses; live ones and those made on the way."""

from __future__ import annotations

import asyncio
import collections
import copy
import itertools
import random
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from ..expecting import expects
from . import resources
from .helpers import ACTIONS, JOBS, load_from, save_in
from .resources import TABLES, Pair, Stores, api, notes, orders, stores, users


@expects(notes="get")
@api.get("/containers/1/{x}")
async def a_constant_key(x: str) -> Any:
    return await TABLES["notes"].get(x)


@expects(notes="get", orders="get")
@api.get("/containers/2/{x}")
async def a_computed_key(x: str) -> Any:
    return await TABLES[x].get(x)


@expects(orders="get")
@api.get("/containers/3/{x}")
async def a_dataclass_field(x: str) -> Any:
    return await stores.second.get(x)


@expects(users="get")
@api.get("/containers/4/{x}")
async def a_dict_in_a_dataclass(x: str) -> Any:
    return await stores.by_name["users"].get(x)


@expects(notes="get", users="put")
@api.get("/containers/5/{x}")
async def a_named_tuple(x: str) -> None:
    await resources.pair.left.get(x)
    await resources.point.x.put(x)
    left, _ = resources.pair
    await left.get(x)


@expects(orders="update", users="get")
@api.get("/containers/6/{kind}")
async def a_dict_of_functions(kind: str) -> None:
    await ACTIONS[kind](kind)


@expects(orders="update")
@api.get("/containers/7/{x}")
async def one_of_a_dict_of_functions(x: str) -> None:
    action = ACTIONS.get("paid")
    if action is not None:
        await action(x)


@expects(notes="get", orders="get")
@api.get("/containers/8/{x}")
async def appended(x: str) -> None:
    found = []
    found.append(notes)
    found.append(orders)
    for table in found:
        await table.get(x)


@expects(notes="get", orders="put")
@api.get("/containers/9/{x}")
async def a_dict_made_here(x: str) -> None:
    made: dict[str, Any] = {"a": notes}
    made["b"] = orders
    await made["a"].get(x)
    await made["b"].put(x)


@expects(notes="get", orders="get")
@api.get("/containers/10/{x}")
async def a_dict_comprehension(x: str) -> None:
    by_name = {table.name: table for table in (notes, orders)}
    await by_name[x].get(x)


@expects(notes="get", orders="put")
@api.get("/containers/11/{x}")
async def items_of_a_dict(x: str) -> None:
    for name, table in TABLES.items():
        if name == "notes":
            await table.get(x)
        else:
            await table.put(x)


@expects(notes="get", orders="put")
@api.get("/containers/12/{x}")
async def live_pairs(x: str) -> None:
    for table, verb in resources.PAIRS:
        await getattr(table, verb)(x)


@expects(notes="get", orders="put")
@api.get("/containers/13/{kind}")
async def a_computed_pair(kind: str) -> None:
    table, verb = resources.ROUTES[kind]
    await getattr(table, verb)(kind)


@expects(notes="get", orders="put")
@api.get("/containers/14/{kind}")
async def a_computed_object(kind: str) -> None:
    spec = resources.SPECS[kind]
    await getattr(spec.table, spec.verb)(kind)


@expects(notes="get delete", orders="create", audit="put")
@api.get("/containers/15/{kind}")
async def objects_with_methods(kind: str) -> None:
    await JOBS[kind].run(kind)


@expects(notes="get", orders="get")
@api.get("/containers/16/{x}")
async def zipped(x: str) -> None:
    for table, id in zip([notes, orders], x, strict=False):
        await table.get(id)


@expects(notes="get", orders="put")
@api.get("/containers/17/{x}")
async def enumerated_and_zipped(x: str) -> None:
    for _, (table, verb) in enumerate(zip((notes, orders), ("get", "put"), strict=True)):
        await getattr(table, verb)(x)


@expects(notes="get", orders="get")
@api.get("/containers/18/{x}")
async def mapped_and_filtered(x: str) -> None:
    found = filter(None, map(lambda name: TABLES.get(name), x))
    await asyncio.gather(*(table.get(x) for table in found))


@expects(notes="get", orders="get")
@api.get("/containers/19/{x}")
async def sorted_and_chosen(x: str) -> None:
    first, *_ = sorted([notes, orders], key=lambda table: table.name)
    await first.get(x)
    await random.choice([notes, orders]).get(x)


@expects(users="get")
@api.get("/containers/20/{x}")
async def a_mapping_proxy(x: str) -> Any:
    return await resources.FROZEN["users"].get(x)


@expects(notes="get", orders="get")
@api.get("/containers/21/{x}")
async def a_chain_map(x: str) -> Any:
    return await resources.LAYERED[x].get(x)


@expects(notes="get", orders="get")
@api.get("/containers/22/{x}")
async def a_deque(x: str) -> Any:
    resources.RING.rotate(1)
    return await resources.RING[0].get(x)


@expects(notes="get", orders="put")
@api.get("/containers/23/{x}")
async def a_namespace(x: str) -> None:
    await resources.space.main.get(x)
    own = SimpleNamespace(table=orders)
    await own.table.put(x)


@expects(users="get")
@api.get("/containers/24/{x}")
async def class_attributes(x: str) -> Any:
    return await resources.Holder.table.get(x)


@expects(notes="get", orders="get")
@api.get("/containers/25/{x}")
async def merged_dicts(x: str) -> None:
    merged = {**{"a": notes}, "b": orders} | {}
    for table in merged.values():
        await table.get(x)


@expects(users="put", notes="put")
@api.get("/containers/26/{x}")
async def queues(x: str) -> None:
    waiting: asyncio.Queue[Any] = asyncio.Queue()
    await waiting.put(users)
    waiting.put_nowait(notes)
    while not waiting.empty():
        table = await waiting.get()
        await table.put(x)


@expects(orders="put")
@api.get("/containers/27/{x}")
async def star_arguments(x: str) -> None:
    given = (orders, x)
    await save_in(*given)
    await save_in(**{"table": orders, "item": x})


@expects(notes="get", orders="get", users="get")
@api.get("/containers/28/{x}")
async def chained(x: str) -> None:
    for table in itertools.chain([notes], (orders, users)):
        await load_from(table, x)


@expects(notes="get", orders="get")
@api.get("/containers/29/{x}")
async def grouped(x: str) -> None:
    by_letter: dict[str, list[Any]] = collections.defaultdict(list)
    for table in (notes, orders):
        by_letter[table.name[0]].append(table)
    for group in by_letter.values():
        for table in group:
            await table.get(x)


@expects(notes="get", users="get")
@api.get("/containers/30/{x}")
async def a_dataclass_changed(x: str) -> None:
    mine = replace(Stores(notes, orders), second=users)  # type: ignore[arg-type]
    await mine.first.get(x)
    await copy.copy(mine).second.get(x)


@expects(notes="get")
@api.get("/containers/31/{x}")
async def a_class_made_here(x: str) -> None:
    @dataclass
    class Job:
        table: Any
        id: str = ""

        async def run(self) -> None:
            await self.table.get(self.id)

    await Job(notes, x).run()


@expects(notes="get", orders="put")
@api.get("/containers/32/{x}")
async def two_objects_of_one_class(x: str) -> None:
    one, other = Pair(notes, 1), Pair(orders, 2)
    await one.left.get(x)
    await other.left.put(x)


@expects(notes="get", orders="get")
@api.get("/containers/33/{x}")
async def sliced(x: str) -> None:
    tables = [users, notes, orders]
    for table in tables[1:]:
        await table.get(x)


@expects(notes="get", orders="get")
@api.get("/containers/34/{x}")
async def sets_and_next(x: str) -> None:
    await next(iter({notes, orders})).get(x)


@expects(notes="get")
@api.get("/containers/35/{x}")
async def nested_containers(x: str) -> None:
    tree = {"a": [{"table": notes}], "b": [{"table": orders}]}
    await tree["a"][0]["table"].get(x)


@expects(users="get")
@api.get("/containers/36/{x}")
async def a_default_entry(x: str) -> None:
    await {"a": 1}.get("t", users).get(x)  # type: ignore[union-attr]


@expects(users="get")
@api.get("/containers/37/{x}")
async def a_factory_entry(x: str) -> Any:
    return await resources.EMPTY[x].get(x)
