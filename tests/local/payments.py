"""An app that takes payments once: routes and consumers whose runs a test holds up, fails and
repeats.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from skylift import (
    Api,
    Backoff,
    Conflict,
    Context,
    Delivery,
    Header,
    Queue,
    Response,
    Struct,
    Table,
    attr,
    transaction,
)

api = Api("api")


class Account(Struct):
    id: str
    paid: int = 0


class Payment(Struct):
    account: str
    request_id: str = "?"
    amount: int = 1


class Ordered(Struct, kw_only=True):
    request_id: str
    account: str


accounts = Table("accounts", Account, key="id")
plain = Queue("plain", Payment)
asked = Queue("asked", Ordered)
sure = Queue("sure", Ordered)
many = Queue("many", Ordered)
inturn = Queue("inturn", Ordered, fifo=True)
receipts = Queue("receipts", Payment)


Said = list[tuple[str, Exception]]  # what becomes of the runs of a name, in their order


class Runs:
    """What ran. A test says beforehand whose runs wait for it, and whose fail; the others succeed
    at once.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.begun: list[str] = []
        self.attempts: list[int] = []
        self.holds: set[str] = set()
        self.held: list[tuple[str, asyncio.Future[Exception | None]]] = []
        self.fails: Said = []
        self.fails_late: Said = []  # after all that a run does

    async def step(self, name: str) -> None:
        """Where a run may be held up, or fail."""
        self.begun.append(name)
        if name in self.holds:
            future = asyncio.get_running_loop().create_future()
            self.held.append((name, future))
            error = await future
            if error is not None:
                raise error
        raise_next(self.fails, name)

    def end(self, name: str) -> None:
        raise_next(self.fails_late, name)

    def let(self, name: str, error: Exception | None = None) -> None:
        """Let the oldest run of this name that waits go on, or fail."""
        _, future = next(one for one in self.held if one[0] == name and not one[1].done())
        future.set_result(error)


def raise_next(said: Said, name: str) -> None:
    for one in said:
        if one[0] == name:
            said.remove(one)
            raise one[1]


runs = Runs()


@api.post("/pay/{account}", status=201, once=True)
async def pay(account: str, new: Payment, limit: int = 0) -> Account:
    await runs.step("pay")
    if new.amount < 0:
        raise Conflict("nothing is paid back")
    paid = Account(account, new.amount)
    await accounts.put(paid)
    runs.end("pay")
    return paid


@api.put("/sure/{account}", once=True)
async def pay_surely(account: str) -> Account:
    await runs.step("sure")
    await ensure(account)
    async with transaction(once=True) as tx:
        await accounts.update(account, add={"paid": 1}, tx=tx)
        await receipts.send(Payment(account), tx=tx)
    await runs.step("answer")
    runs.end("sure")
    return await accounts.require(account)


@api.delete("/refused/{account}", once=True)
async def refuse(account: str) -> None:
    runs.begun.append("refuse")
    async with transaction(once=True) as tx:
        await accounts.update(account, add={"paid": 1}, if_=attr("paid") < 0, tx=tx)


@api.patch("/said/{status}", once=True)
async def say(status: int) -> Response:
    runs.begun.append("say")
    return Response(f"run {len(runs.begun)}", status, {"x-run": "1"}, ["seen=1"])


@api.post("/large/{size}", once=True)
async def answer_much(size: int) -> str:
    runs.begun.append("large")
    return "x" * size


@api.post("/slow", once=True, timeout_s=0.05)
async def wait() -> str:
    await runs.step("slow")
    return "done"


@api.post("/keyed", once=True)
async def tell_the_key(key: Annotated[str, Header("Idempotency-Key")]) -> str:
    return key


@api.post("/thread", once=True)
def compute(context: Context) -> str:
    runs.begun.append("thread")
    return context.invocation_id


@api.post("/careless")
async def record_nothing(account: str) -> None:
    await finish(account)


async def ensure(account: str) -> None:
    if await accounts.get(account) is None:
        await accounts.put(Account(account))


async def finish(account: str) -> None:
    """Its callers run once, or should."""
    async with transaction(once=True) as tx:
        await accounts.put(Account(account, 1), tx=tx)


@api.post("/twice/{account}", once=True)
async def finish_twice(account: str) -> None:
    await finish(account)
    await finish(f"{account} again")


@api.get("/accounts/{account}")
async def read(account: str) -> Account:
    return await accounts.require(account)


@api.post("/send/{queue}")
async def send(queue: str, orders: list[Ordered]) -> None:
    match queue:
        case "plain":
            await plain.send_many([Payment(one.account, one.request_id) for one in orders])
        case "asked":
            await asked.send_many(orders)
        case "sure":
            await sure.send_many(orders)
        case "many":
            await many.send_many(orders)
        case _:
            await inturn.send_many(orders, group="all")


BACK = Backoff(first_s=1, max_s=1)


@plain.consumer(once=True, timeout_s=5, backoff=BACK)
async def take(payment: Payment, context: Context) -> None:
    runs.attempts.append(context.attempt)
    await runs.step(f"plain {payment.request_id}")


@asked.consumer(once_by="request_id", timeout_s=5, backoff=BACK)
async def take_asked(order: Ordered, context: Context) -> None:
    runs.attempts.append(context.attempt)
    await runs.step(f"asked {order.request_id}")


@sure.consumer(once_by="request_id", timeout_s=5, attempts_max=100, backoff=BACK)
async def take_surely(order: Ordered) -> None:
    await runs.step(f"sure {order.request_id}")
    await ensure(order.account)
    async with transaction(once=True) as tx:
        await accounts.update(order.account, add={"paid": 1}, tx=tx)
    runs.end(f"sure {order.request_id}")


@many.consumer(batch=10, once_by="request_id", timeout_s=5, backoff=BACK)
async def take_many(deliveries: list[Delivery[Ordered]]) -> None:
    await took(deliveries)


@inturn.consumer(batch=10, once_by="request_id", timeout_s=5, backoff=BACK)
async def take_in_turn(deliveries: list[Delivery[Ordered]]) -> None:
    await took(deliveries)


async def took(deliveries: list[Delivery[Any]]) -> None:
    for one in deliveries:
        runs.attempts.append(one.attempt)
    names = [one.message.request_id for one in deliveries]
    await runs.step(" ".join(names))
    for one in deliveries:
        try:
            runs.end(one.message.request_id)
        except ValueError as error:
            one.fail(str(error))
