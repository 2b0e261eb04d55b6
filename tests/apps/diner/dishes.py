"""Dishes: cooked from an order that waits in line, or at once because somebody starts the cook;
what lacks something is tried again, given up, and cooked when it was bought.
"""

from __future__ import annotations

from skylift import Api, Context, Queue, Struct, Table, Topic, transaction

api = Api("api")


class Dish(Struct):
    name: str
    needs: str


class Stock(Struct):
    name: str


class Served(Struct):
    name: str
    by: str
    attempt: int
    attempts_max: int
    trace: str


class Meal(Struct):
    name: str
    dishes: int


class Spoiled(Struct):
    name: str
    reason: str
    error: str
    attempts: int


orders = Queue("orders", Dish)
specials = Topic("specials", Dish)
larder = Table("larder", Stock, key="name")
served = Table("served", Served, key="name")
meals = Table("meals", Meal, key="name")


@api.put("/larder/{name}")
async def buy(name: str) -> None:
    await larder.put(Stock(name))


async def made(dish: Dish, by: str, context: Context) -> None:
    if await larder.get(dish.needs) is None:
        raise LookupError(f"no {dish.needs} for {dish.name}")
    most = context.attempts_max or 0
    await served.put(Served(dish.name, by, context.attempt, most, context.trace))


@orders.consumer(attempts_max=5)
async def cook(dish: Dish, context: Context) -> None:
    await made(dish, "cook", context)


@specials.subscriber(attempts_max=2)
async def bake(dish: Dish, context: Context) -> None:
    await made(dish, "bake", context)


@specials.subscriber(attempts_max=3)
async def plate(dish: Dish) -> None:
    """Does not ask which attempt it is: Lambda tells what it gave up."""
    if await larder.get(dish.needs) is None:
        raise LookupError(f"no {dish.needs} to plate {dish.name}")


@api.post("/dishes")
async def ask_for(dish: Dish) -> None:
    await cook.start(dish)


@api.post("/bakes")
async def ask_for_a_bake(dish: Dish) -> None:
    await bake.start(dish)


@api.post("/plates")
async def ask_for_a_plate(dish: Dish) -> None:
    await plate.start(dish)


@api.post("/orders")
async def order(dish: Dish) -> None:
    await orders.send(dish)


@api.post("/meals/{name}")
async def dine(name: str) -> None:
    """Everything, or nothing: a meal that is there already starts nobody."""
    async with transaction() as tx:
        await meals.create(Meal(name, 2), tx=tx)
        await cook.start(Dish(f"{name}.soup", "water"), tx=tx)
        await bake.start(Dish(f"{name}.bread", "water"), tx=tx)


@api.get("/served/{name}")
async def look(name: str) -> Served:
    return await served.require(name)


@api.get("/spoiled")
async def spoiled() -> list[Spoiled]:
    letters = [*await cook.dead.peek(), *await bake.dead.peek(), *await plate.dead.peek()]
    return [
        Spoiled(one.message.name if one.message else "", one.reason, one.error, one.attempts)
        for one in letters
    ]


@api.post("/spoiled/redrive", status=200)
async def try_again() -> int:
    return await cook.dead.redrive() + await bake.dead.redrive() + await plate.dead.redrive()
