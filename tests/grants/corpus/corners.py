"""What a reader meets less often: classes that answer for the interpreter, libraries that call
back, late code.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import functools
import html.parser
import itertools
import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypedDict

from skylift import gather

from ..expecting import expects
from .helpers import borrowed, load_from, locked, save, save_in
from .resources import TABLES, Order, Spec, api, audit, notes, orders, users


class Registry(dict[str, Any]):
    async def save(self, x: str) -> None:
        await notes.put(x)  # type: ignore[arg-type]

    async def load(self, name: str, x: str) -> Any:
        return await self[name].get(x)


class Lazy(dict[str, Any]):
    def __missing__(self, key: str) -> Any:
        return notes


registry = Registry(a=notes, b=orders)


@expects(notes="put get", orders="get")
@api.get("/corners/1/{x}")
async def a_kind_of_dict(x: str) -> None:
    await Registry().save(x)
    await Registry(n=notes).load("n", x)
    await registry.load("b", x)


@expects(notes="get", orders="put")
@api.get("/corners/2/{x}")
async def what_a_dict_lacks(x: str) -> None:
    await Lazy()["q"].get(x)
    await registry["b"].put(x)


class Reading(threading.Thread):
    def run(self) -> None:
        asyncio.run(load_from(notes, "x"))


@expects(notes="get")
@api.get("/corners/3/{x}")
async def a_method_that_a_library_calls(x: str) -> None:
    Reading().start()


class Words(html.parser.HTMLParser):
    def handle_data(self, data: str) -> None:
        asyncio.run(save(data))


@expects(notes="put")
@api.get("/corners/4/{x}")
async def a_method_that_a_parser_calls(x: str) -> None:
    Words().feed(x)


class Missing(Exception):
    async def record(self) -> None:
        await audit.put("x")  # type: ignore[arg-type]


@expects(audit="put")
@api.get("/corners/5/{x}")
async def a_method_of_an_exception(x: str) -> None:
    try:
        raise Missing(x)
    except Missing as error:
        await error.record()


class Kept(NamedTuple):
    table: Any
    count: int = 0

    async def load(self, x: str) -> Any:
        return await self.table.get(x)


@expects(notes="get put", orders="get")
@api.get("/corners/6/{x}")
async def a_named_tuple_made_here(x: str) -> None:
    await Kept(notes).load(x)
    table, _ = Kept(notes, 3)
    await table.put(x)
    await Kept(notes)._replace(table=orders)[0].get(x)


@expects(notes="get", orders="put")
@api.get("/corners/7/{x}")
async def decorators_made_here(x: str) -> None:
    def again(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def inner(*args: Any, **kwargs: Any) -> Any:
            return await function(*args, **kwargs)

        return inner

    @again
    async def work(table: Any) -> None:
        await table.get(x)

    @contextlib.asynccontextmanager
    async def lent(table: Any) -> AsyncIterator[Any]:
        yield table

    await work(notes)
    async with lent(orders) as table:
        await table.put(x)


@expects(notes="get", orders="get", users="get")
@api.get("/corners/8/{x}")
async def classes_made_here(x: str) -> None:
    class First:
        table: Any = users

        async def load(self) -> None:
            await self.table.get(x)

    class Second(First):
        table = notes

    class Third(First):
        table = orders

    for kind in (First, Second, Third):
        await kind().load()


class Pipeline:
    def __init__(self) -> None:
        self.steps: list[Callable[..., Any]] = []

    def step(self, function: Callable[..., Any]) -> Callable[..., Any]:
        self.steps.append(function)
        return function

    async def run(self, x: Any) -> None:
        for step in self.steps:
            x = await step(x)


pipeline = Pipeline()


@pipeline.step
async def first_step(x: str) -> Any:
    return await notes.get(x)


@pipeline.step
async def second_step(x: str) -> Any:
    return await orders.get(x)


@expects(notes="get", orders="get")
@api.get("/corners/9/{x}")
async def steps_registered_by_a_decorator(x: str) -> None:
    await pipeline.run(x)


class Shelf:
    """Answers for operators."""

    def __init__(self, table: Any) -> None:
        self.table = table

    def __rshift__(self, item: Any) -> Any:
        return self.table.put(item)

    def __contains__(self, item: Any) -> bool:
        self.table.scan()
        return True

    def __len__(self) -> int:
        self.table.query("x")
        return 1

    def __enter__(self) -> Any:
        return self.table

    def __exit__(self, *_: object) -> None:
        self.table.page("x")

    def __await__(self) -> Generator[Any, Any, Any]:
        yield from self.table.get("x").__await__()
        return orders


@expects(notes="put scan query")
@api.get("/corners/10/{x}")
async def operators(x: str) -> None:
    shelf = Shelf(notes)
    await (shelf >> x)
    if x in shelf and len(shelf):
        return


@expects(notes="get page delete", orders="put")
@api.get("/corners/11/{x}")
async def awaited_and_entered(x: str) -> None:
    await (await Shelf(notes)).put(x)
    with Shelf(notes) as table:
        await table.delete(x)


@dataclass(frozen=True)
class Policy:
    table: Any
    writes: bool = False
    steps: list[Any] = field(default_factory=lambda: [users])

    async def apply(self, x: str) -> None:
        if self.writes:
            await self.table.put(x)
        await self.table.get(x)


reading, writing = Policy(notes), Policy(orders, writes=True)


@expects(notes="get", orders="get put", users="scan")
@api.get("/corners/12/{x}")
async def flags_of_frozen_objects(x: str) -> None:
    await reading.apply(x)
    await writing.apply(x)
    Policy(notes).steps[0].scan()


@expects(notes="get", orders="put")
@api.get("/corners/13/{kind}")
async def objects_by_pattern(kind: str) -> None:
    match {"n": Spec(notes, "get"), "o": Spec(orders, "put")}[kind]:
        case Spec(table=table, verb="get"):
            await table.get(kind)
        case Spec(table, "put"):
            await table.put(kind)


class Plan(enum.Enum):
    SMALL = notes
    LARGE = orders

    async def load(self, x: str) -> Any:
        return await self.value.get(x)


@expects(notes="get", orders="get")
@api.get("/corners/14/{plan}")
async def members_of_an_enum(plan: str) -> None:
    await Plan.SMALL.load(plan)
    await Plan[plan].load(plan)


class Meta(type):
    def __getattr__(cls, name: str) -> Any:
        return TABLES[name]


class Known(metaclass=Meta):
    pass


@expects(notes="get")
@api.get("/corners/15/{x}")
async def a_metaclass(x: str) -> None:
    await Known.notes.get(x)


class Guarded:
    def __init__(self, table: Any) -> None:
        self.table = table

    def __getattribute__(self, name: str) -> Any:
        return super().__getattribute__(name)


@expects(notes="get")
@api.get("/corners/16/{x}")
async def every_attribute_asked_for(x: str) -> None:
    await Guarded(notes).table.get(x)


class Setter:
    def __init__(self, **given: Any) -> None:
        for name, value in given.items():
            setattr(self, name, value)

    @property
    def spare(self) -> Any:
        return self._spare

    @spare.setter
    def spare(self, table: Any) -> None:
        self._spare = table


@expects(notes="get", orders="put", users="delete")
@api.get("/corners/17/{x}")
async def attributes_set_by_name(x: str) -> None:
    setter: Any = Setter(first=notes, second=orders)
    await setter.first.get(x)
    await setter.second.put(x)
    setter.spare = users
    await setter.spare.delete(x)


@expects(notes="get", orders="get")
@api.get("/corners/18/{x}")
async def defaults_of_lambdas(x: str) -> None:
    for load in [lambda id, table=table: table.get(id) for table in (notes, orders)]:
        await load(x)


@expects(orders="get")
@api.get("/corners/19/{x}")
async def lambdas_that_read_late(x: str) -> None:
    for load in [lambda id: table.get(id) for table in (notes, orders)]:  # noqa: B023
        await load(x)


async def one_by_one(tables: list[Any], x: str) -> None:
    first, *rest = tables
    await first.get(x)
    if rest:
        await one_by_one(rest, x)


@expects(notes="get", orders="get", users="get put")
@api.get("/corners/20/{x}")
async def lists_that_shrink(x: str) -> None:
    await one_by_one([notes, orders, users], x)
    waiting = [notes, users]
    await waiting.pop().put(x)
    while waiting:
        await waiting.pop().get(x)


class Named(TypedDict):
    table: Any


@expects(notes="get", orders="get", users="get")
@api.get("/corners/21/{x}")
async def ways_to_make_a_dict(x: str) -> None:
    named: Named = {"table": notes}
    await named["table"].get(x)
    await dict(zip(("a", "b"), (users, orders), strict=True))["b"].get(x)
    await dict([("a", users)])["a"].get(x)
    await {}.setdefault("t", notes).get(x)


@expects(notes="get", orders="get")
@api.get("/corners/22/{x}")
async def cycles_and_reductions(x: str) -> None:
    for table in itertools.islice(itertools.cycle([notes, orders]), 4):
        await table.get(x)
    await functools.reduce(lambda a, b: a if x else b, [notes, orders]).get(x)


@expects(orders="query update", stock="update")
@api.get("/corners/23/{x}")
async def methods_of_many_items(x: str) -> None:
    async for order in orders.query(x):
        await order.settle()
        await asyncio.gather(*(line.reserve() for line in order.lines))


@expects(orders="update")
@api.post("/corners/24")
async def methods_of_items_found_in_the_body(given: list[Order]) -> None:
    for order in sorted(given, key=lambda order: order.id):
        await order.settle()
    await {order.id: order for order in given}["x"].settle()
    await max(given, key=lambda order: order.id).settle()


@expects(orders="get page update")
@api.get("/corners/25/{x}")
async def methods_of_items_that_were_gathered(x: str) -> None:
    first, _ = await gather(orders.get(x), orders.get(x))
    assert first is not None
    await first.settle()
    page = await orders.page(x)
    await page.items[0].settle()


@expects(notes="get", orders="get")
@api.get("/corners/26/{x}")
async def state_in_a_cell(x: str) -> None:
    state: list[Any] = [notes]

    async def step() -> None:
        await state[0].get(x)
        state[0] = orders

    await step()
    await step()


@expects(notes="tx.check", orders="tx.check")
@api.get("/corners/27/{x}")
async def a_task_that_finds_another_table(x: str) -> None:
    table: Any = notes

    async def check() -> None:
        await asyncio.sleep(0)
        await table.check(x)

    task = asyncio.create_task(check())
    table = orders
    await task


@expects(notes="get", orders="get")
@api.get("/corners/28/{x}")
async def a_generator_that_finds_more(x: str) -> None:
    tables: list[Any] = [notes]
    lazily = (table for table in tables)
    tables.append(orders)
    for table in lazily:
        await table.get(x)


@expects(notes="get", orders="get")
@api.get("/corners/29/{x}")
async def a_list_that_grows_under_its_loop(x: str) -> None:
    tables: list[Any] = [notes]
    for table in tables:
        if table is notes:
            tables.append(orders)
        await table.get(x)


@expects(notes="get", orders="get")
@api.get("/corners/30/{x}")
async def a_view_of_a_dict_that_changes(x: str) -> None:
    held: dict[str, Any] = {"a": notes, "b": notes}
    for table in held.values():
        await table.get(x)
        held["b"] = orders


@expects(orders="create delete put", users="get")
@api.get("/corners/31/{x}")
async def managers_on_a_stack(x: str) -> None:
    async with contextlib.AsyncExitStack() as stack:
        table = await stack.enter_async_context(locked(orders))
        await table.put(x)
        await stack.enter_context(borrowed()).get(x)


def halves() -> Iterator[Any]:
    yield 1
    return notes


@expects(notes="get")
@api.get("/corners/32/{x}")
async def what_a_generator_returns(x: str) -> None:
    def whole() -> Iterator[Any]:
        yield (yield from halves())

    for table in whole():
        await table.get(x)


@expects(notes="put")
@api.get("/corners/33/{x}")
async def a_flag_that_prunes(x: str) -> None:
    async def store(table: Any, *, fast: bool = True) -> None:
        if not fast:
            await table.create(x)
        await table.put(x)

    await store(notes)


@expects(users="get", notes="get")
@api.get("/corners/34/{x}")
async def a_stored_result_of_isinstance(x: str) -> None:
    for held in (notes, [users]):
        if isinstance(held, list):
            await held[0].get(x)
        else:
            await held.get(x)


@expects(orders="put")
@api.get("/corners/35/{x}")
async def forwarded_keywords(x: str) -> None:
    async def forward(**given: Any) -> None:
        await save_in(**{**given, "item": x})

    await forward(table=orders)
