"""What no walk can see: the right answer is a refusal."""

from __future__ import annotations

import contextvars
import inspect
import json
import operator
import pickle
import sys
from typing import Any

from ..expecting import expects, refused
from . import resources
from .resources import TABLES, api, notes, orders, stores, users

current: contextvars.ContextVar[Any] = contextvars.ContextVar("current")
outside: dict[str, Any] = {}
chosen: Any = None


def choose_outside(table: Any) -> None:
    global chosen
    chosen = table


@refused(notes="get")
@api.get("/unreadable/1/{verb}")
async def a_computed_verb(verb: str) -> None:
    await getattr(notes, verb)(verb)


@refused(notes="get")
@api.get("/unreadable/2/{x}")
async def a_context_variable(x: str) -> None:
    current.set(notes)
    await current.get().get(x)


@refused(notes="get")
@api.get("/unreadable/3/{x}")
async def a_method_caller(x: str) -> None:
    await operator.methodcaller("get", x)(notes)


@refused(notes="put")
@api.get("/unreadable/4/{x}")
async def attributes_behind_the_back(x: str) -> None:
    class Local:
        def __init__(self) -> None:
            self.__dict__.update(table=notes)

    await Local().table.put(x)  # type: ignore[attr-defined]


@refused(notes="get")
@api.get("/unreadable/5/{x}")
async def handed_to_a_library(x: str) -> Any:
    return json.dumps(notes, default=lambda table: table.get(x))


@refused(notes="get", orders="get", users="get")
@api.get("/unreadable/6/{name}")
async def a_computed_module_attribute(name: str) -> None:
    await getattr(resources, name).get(name)


@refused(notes="get", orders="get", users="get")
@api.get("/unreadable/7/{name}")
async def computed_globals(name: str) -> None:
    await globals()[name].get(name)


@refused(notes="get")
@api.get("/unreadable/8/{x}")
async def evaluated(x: str) -> None:
    await eval(f"notes.{x}")(x)


@refused(users="get")
@api.get("/unreadable/9/{x}")
async def what_another_function_stored(x: str) -> None:
    await chosen.get(x)


@refused(users="get")
@api.get("/unreadable/10/{x}")
async def what_another_function_filled(x: str) -> None:
    await outside[x].get(x)


@expects()
@api.post("/unreadable/10")
async def another_function_that_stores() -> None:
    choose_outside(users)
    outside["x"] = users


@refused(notes="get")
@api.get("/unreadable/11/{x}")
async def a_frame(x: str) -> None:
    found = inspect.currentframe()
    assert found is not None
    await found.f_globals["notes"].get(x)


@refused(notes="get")
@api.get("/unreadable/12/{x}")
async def a_module_by_a_computed_name(x: str) -> None:
    await sys.modules[f"{x}.resources"].notes.get(x)


@refused(notes="get", orders="get")
@api.get("/unreadable/13/{x}")
async def an_object_handed_to_a_library(x: str) -> None:
    for table in vars(pickle.loads(pickle.dumps(stores))).values():
        await table.get(x)


@refused(notes="get")
@api.get("/unreadable/14/{x}")
async def nobody_is_seen_to_call_it(x: str) -> None:
    async def inner() -> None:
        await notes.get(x)

    inner.__qualname__.join(x)


@refused(notes="get")
@api.get("/unreadable/15/{x}")
async def a_private_way(x: str) -> None:
    await notes._reach("get").get((x,))  # pyright: ignore[reportPrivateUsage]


@refused(notes="get")
@api.get("/unreadable/16/{x}")
async def made_of_text(x: str) -> None:
    names: dict[str, Any] = {}
    exec("async def inner(table, x): await table.get(x)", names)
    await names["inner"](notes, x)


@expects()
@api.get("/unreadable/17/{x}")
async def no_resource_can_be_there(x: str) -> Any:
    settings: dict[str, Any] = json.loads(x)
    settings.get("a", {}).get("b")
    settings["c"].update(d=1)
    found = operator.itemgetter("a")(settings)
    return found.get("x") or sys.intern(x)


@expects(notes="get")
@api.get("/unreadable/18/{x}")
async def data_under_computed_names(x: str) -> Any:
    note = await notes.get(x)
    return getattr(note, x), {key: getattr(note, key, None) for key in x}


@refused(orders="get", notes="get")
@api.get("/unreadable/19/{x}")
async def a_lookup_by_a_library(x: str) -> None:
    await operator.getitem(TABLES, x).get(x)


@refused(users="put", orders="put")
@api.get("/unreadable/20/{x}")
async def an_attribute_set_by_a_computed_name(x: str) -> None:
    class Local:
        pass

    local: Any = Local()
    setattr(local, x, users)
    local.other = orders
    await getattr(local, x).put(x)
