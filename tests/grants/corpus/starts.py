"""Starting functions, in the ways an author passes them around."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from skylift import gather, transaction
from skylift.resources.consumer import Consumer

from .. import expecting
from . import errands
from .errands import FUNCTIONS, Count, Ship, count, mail, ship
from .resources import Note, api, notes

M = TypeVar("M")
expects, refused = expecting.expects, expecting.refused

begin = count.start
STARTS: dict[str, Any] = {"count": count, "ship": ship}
later = partial(count.start, Count("x"))


@dataclass
class Starter(Generic[M]):
    """A function with what it is to be started with."""

    function: Consumer[Any, Any, M]

    async def now(self, payload: M) -> None:
        await self.function.start(payload)


async def started(function: Consumer[Any, Any, M], payload: M) -> None:
    await function.start(payload)


# -- read


@expects(count="start")
@api.get("/starts/1/{x}")
async def a_start(x: str) -> None:
    await count.start(Count(x))


@expects(count="tx.start", notes="tx.create")
@api.post("/starts/2")
async def a_start_in_a_transaction(new: Note) -> None:
    async with transaction() as tx:
        await notes.create(new, tx=tx)
        await count.start(Count(new.id), tx=tx)


@expects(count="start", **{"Worker.ship": "tx.start"})
@api.get("/starts/3/{x}")
async def one_alone_and_one_together(x: str) -> None:
    async with transaction() as tx:
        await ship.start(Ship(x), tx=tx)
    await count.start(Count(x))


@expects(count="start")
@api.get("/starts/4/{x}")
async def a_start_by_another_name(x: str) -> None:
    await begin(Count(x))


@expects(count="start")
@api.get("/starts/5")
async def a_start_that_is_prepared() -> None:
    await later()


@expects(count="start", **{"Worker.ship": "start"})
@api.get("/starts/6/{x}")
async def a_start_through_a_helper(x: str) -> None:
    await started(count, Count(x))
    await started(ship, Ship(x))


@expects(count="start")
@api.get("/starts/7/{x}")
async def a_start_through_an_object(x: str) -> None:
    await Starter(count).now(Count(x))


@expects(count="start", **{"Worker.ship": "start"})
@api.get("/starts/8/{x}")
async def a_start_of_one_in_a_dict(x: str) -> None:
    await STARTS[x].start({"id": x})


@expects(count="start", mail="start")
@api.get("/starts/9/{x}")
async def a_start_of_each(x: str) -> None:
    for function in FUNCTIONS:
        await function.start(Count(x))  # type: ignore[attr-defined]


@expects(count="start")
@api.get("/starts/10/{x}")
async def a_start_of_a_module_s_function(x: str) -> None:
    await errands.count.start(Count(x))


@expects(count="start", mail="start")
@api.get("/starts/11/{x}")
async def starts_at_once(x: str) -> None:
    await gather(count.start(Count(x)), mail.start(errands.Mail(x)))


@expects(count="start")
@api.get("/starts/12/{x}")
async def a_start_of_the_class(x: str) -> None:
    await Consumer.start(count, Count(x))


@expects(count="start")
@api.get("/starts/13/{x}")
async def a_start_that_is_chosen_by_its_name(x: str) -> None:
    await getattr(count, "start")(Count(x))  # noqa: B009


@expects(count="start", **{"count.dead": "peek"})
@api.get("/starts/14/{x}")
async def a_start_of_what_was_given_up(x: str) -> None:
    for letter in await count.dead.peek():
        if letter.message is not None:
            await count.start(letter.message)


@expects(count="start", notes="require update")
@api.get("/starts/15/{x}")
async def a_start_and_a_plain_call(x: str) -> None:
    await count(Count(x))
    await count.start(Count(x))


@expects(notes="get")
@api.get("/starts/16/{x}", uses=(notes.get,))
async def no_start_of_what_is_no_function(x: str) -> None:
    await notes.get(x)
    x.startswith("start")


# -- what no walk can see


@refused(count="start", notes="require update")
@api.get("/starts/17/{x}")
async def a_start_by_a_library(x: str) -> None:
    await operator.methodcaller("start", Count(x))(count)


@refused(count="start")
@api.get("/starts/18/{verb}")
async def a_start_by_a_computed_name(verb: str) -> None:
    await getattr(count, verb)(Count(verb))


@expects(count="start", mail="start", **{"Worker.ship": "start"})
@api.get("/starts/19/{x}")
async def a_start_of_whatever_this_module_holds(x: str) -> None:
    chosen: Any = globals()[x]
    await chosen.start(Count(x))
