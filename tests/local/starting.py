"""Functions that others start, and what they do with what they are given."""

from __future__ import annotations

from skylift import Api, Context, Delivery, Queue, Struct, Table, Topic, transaction


class Dish(Struct):
    name: str


class Served(Struct):
    name: str
    attempts: list[int] = []


class Kitchen:
    """What was begun, and by which attempt; which dishes burn."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.begun: list[tuple[str, str, int]] = []
        self.contexts: list[Context] = []
        self.burning: set[str] = set()

    def begin(self, function: str, name: str, attempt: int = 1) -> None:
        self.begun.append((function, name, attempt))
        if name in self.burning:
            raise ValueError(f"{name} burns")

    def of(self, name: str) -> list[tuple[str, int]]:
        return [(function, attempt) for function, one, attempt in self.begun if one == name]


kitchen = Kitchen()
api = Api("api")
orders = Queue("orders", Dish)
trays = Queue("trays", Dish)
menu = Topic("menu", Dish)
served = Table("served", Served, key="name")


@orders.consumer(attempts_max=5)
async def cook(dish: Dish, context: Context) -> None:
    kitchen.contexts.append(context)
    kitchen.begin("cook", dish.name, context.attempt)


@trays.consumer(batch=10)
async def carry(trays: list[Delivery[Dish]]) -> None:
    for one in trays:
        kitchen.begin("carry", one.message.name, one.attempt)


@menu.subscriber(attempts_max=2, once=True)
async def write(dish: Dish) -> None:
    kitchen.begin("write", dish.name)


@api.post("/dishes/{name}")
async def order(name: str) -> None:
    await cook.start(Dish(name))


@api.post("/meals/{name}")
async def dine(name: str) -> None:
    async with transaction() as tx:
        await served.create(Served(name), tx=tx)
        await cook.start(Dish(name), tx=tx)
        await carry.start(Dish(name), tx=tx)
        await write.start(Dish(name), tx=tx)
