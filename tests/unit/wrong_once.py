"""Mistakes in what is to run once; see `test_declarations.py` for what a case is."""

from __future__ import annotations

Case = tuple[str, str, str]  # source, part of the reason, part of the remedy

ORDER = """\
class Order(Struct):
    request_id: str
    no: int
    price: float
    lines: list[str]
    note: str | None = None
    tenant: str = ""

orders = Queue("orders", Order)
"""


def route(trigger: str) -> str:
    return f"@api.{trigger}  # <-\nasync def handler() -> None: ..."


def finishing(trigger: str, taken: str = "", call: str = "transaction(once=True)") -> str:
    """A handler that ends with its transaction, and is told there."""
    block = f"    async with {call} as tx:  # <-\n        await items.put(Item('a'), tx=tx)"
    return f"{ORDER}@{trigger}\nasync def handler({taken}) -> None:\n{block}"


def keyed(field: str) -> str:
    head = f"{ORDER}@orders.consumer(once_by={field})  # <-\n"
    return f"{head}async def handler(order: Order) -> None: ..."


DECLARED = {
    "a route that is text": (route('post("/x", once="yes")'), "once='yes'", "True or"),
    "a GET": (route('get("/x", once=True)'), "a GET with once=True", "leave it away"),
    "a field that is not there": (
        keyed('"reqest_id"'),
        "once_by='reqest_id' is no field of Order",
        "did you mean 'request_id'?",
    ),
    "a field inside another": (keyed('"lines.0"'), "is no field of Order", ""),
    "a field that may be None": (keyed('"note"'), "once_by='note' is str | None", "never None"),
    "a number that is rounded": (keyed('"price"'), "once_by='price' is float", "an int or a UUID"),
    "a list": (keyed('"lines"'), "once_by='lines' is list[str]", "an int or a UUID"),
    "a default": (keyed('"tenant"'), "once_by='tenant' has a default", "take the default away"),
}
STRAY = {
    "a transaction of a route": (
        finishing('api.post("/x")'),
        "handler(): transaction(once=True), but its trigger does not say once=True",
        "say it there too",
    ),
    "a transaction of a consumer": (
        finishing("orders.consumer", "order: Order", "skylift.transaction(once=True)"),
        "its trigger does not say once=True",
        "say it there too",
    ),
    "a transaction of a batch": (
        finishing("orders.consumer(batch=5, once=True)", "orders: list[Delivery[Order]]"),
        "each message has a record of its own",
        "say batch=1",
    ),
}
GROUPS: dict[str, tuple[str, dict[str, Case]]] = {
    "once": ("{}", DECLARED),
    "once, in the code": ("{}", STRAY),
}

# Nothing is wrong with these.
SOUND = f"""{ORDER}
@orders.consumer(once_by="no")
async def one(order: Order) -> None:
    async with transaction(once=True) as tx:
        await items.put(Item("a"), tx=tx)


@api.post("/x", once=True)
async def two() -> None:
    await helper()
    async with skylift.transaction(once=True):
        pass


@api.delete("/x", once=False)
async def three() -> None:
    async with transaction(once=False):
        pass


@api.get("/x", once=False)
async def four() -> None:
    transaction = len
    transaction([])


async def helper() -> None:
    async with transaction(once=True):
        pass
"""
