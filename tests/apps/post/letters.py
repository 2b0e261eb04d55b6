"""Letters to people who may not be at home: tried again, given up, sent once more."""

from __future__ import annotations

from skylift import Api, Backoff, Context, Queue, Struct, Table

api = Api("api")


class Letter(Struct):
    id: str
    to: str


class Address(Struct):
    name: str


class Receipt(Struct):
    id: str
    attempt: int
    trace: str


class Undelivered(Struct):
    id: str
    reason: str
    error: str
    attempts: int


letters = Queue("letters", Letter)
addresses = Table("addresses", Address, key="name")
receipts = Table("receipts", Receipt, key="id")


@api.put("/addresses/{name}")
async def move_in(name: str) -> None:
    await addresses.put(Address(name))


@api.post("/letters")
async def post(letter: Letter) -> None:
    await letters.send(letter)


@letters.consumer(attempts_max=2, backoff=Backoff(first_s=1, max_s=1))
async def deliver(letter: Letter, context: Context) -> None:
    if await addresses.get(letter.to) is None:
        raise LookupError(f"{letter.to} is not at home")
    await receipts.put(Receipt(letter.id, context.attempt, context.trace))


@api.get("/receipts/{id}")
async def receipt(id: str) -> Receipt:
    return await receipts.require(id)


@api.get("/undelivered")
async def undelivered() -> list[Undelivered]:
    return [
        Undelivered(one.message.id if one.message else "", one.reason, one.error, one.attempts)
        for one in await deliver.dead.peek()
    ]


@api.post("/undelivered/redrive", status=200)
async def send_again() -> int:
    return await deliver.dead.redrive()
